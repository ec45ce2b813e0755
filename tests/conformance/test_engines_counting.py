"""Every engine: facets as a plain count would give them, and pages without gaps or repeats."""

import itertools

import pytest

from search.api import CHOICES, FACETS, MAX_OFFSET, BoundingBox, SearchEngine, SearchRequest, Sort
from tests.conformance.engine_cases import entry, fill, many, numbers, oracle_counts

pytestmark = pytest.mark.conformance


@pytest.mark.parametrize(
    "filters",
    [
        {},
        {"theme": ["theme-0"]},
        {"theme": ["theme-0", "theme-1"]},
        {"theme": ["theme-1"], "country": ["country-0", "country-1"], "cost": ["cost-0"]},
        {"sector": ["unheard-of"]},
        {"sdg": ["sdg-1"], "theme": ["theme-0"]},
    ],
)
def test_facets_equal_a_plain_count(engine: SearchEngine, filters: dict[str, list[str]]) -> None:
    entries = many(300)
    fill(engine, entries[:200])
    fill(engine, entries[150:])  # some are replaced, in another segment
    result = engine.search(SearchRequest(filters=filters))
    assert list(result.facets) == list(CHOICES)
    for facet in FACETS:
        assert result.facets[facet] == oracle_counts(entries, filters, facet), facet
    expected = [
        item
        for item in entries
        if all(set(item.facets.get(name, ())) & set(codes) for name, codes in filters.items())
    ]
    assert result.total == len(expected)


def test_facets_of_a_text_query_and_an_area(engine: SearchEngine) -> None:
    entries = many(300)
    fill(engine, entries)
    box = BoundingBox(-100, -40, 100, 60)
    filters = {"level": ["level-0"]}
    result = engine.search(SearchRequest("water NOT school", area=box, filters=filters))
    matching = [
        item
        for item in entries
        if "water" in item.summary["en"].split()
        and "school" not in item.summary["en"].split()
        and "École" not in item.title["en"]
        and -100 <= (item.longitude or 0) <= 100
        and -40 <= (item.latitude or 0) <= 60
    ]
    for facet in FACETS:
        counted = dict(oracle_counts(matching, filters, facet))
        # "school" names the French "École" no more than any other word: stems keep languages apart
        assert {code for code, _ in result.facets[facet]} >= set(counted), facet


def test_facet_size_and_choice(engine: SearchEngine) -> None:
    entries = many(120)
    fill(engine, entries)
    result = engine.search(SearchRequest(facets=("theme", "country", "nonsense"), facet_size=2))
    assert list(result.facets) == ["theme", "country"]
    assert result.facets["theme"] == oracle_counts(entries, {}, "theme")[:2]
    assert engine.search(SearchRequest(facets=())).facets == {}


def test_unknown_filters_are_ignored_and_empty_ones_too(engine: SearchEngine) -> None:
    fill(engine, many(10))
    assert engine.search(SearchRequest(filters={"nonsense": ["x"], "theme": []})).total == 10


@pytest.mark.parametrize("sort", list(Sort))
@pytest.mark.parametrize("size", [1, 7, 50])
def test_cursor_visits_every_record_once(engine: SearchEngine, sort: Sort, size: int) -> None:
    entries = many(60)
    fill(engine, entries[:40])
    fill(engine, entries[40:])
    text = "water OR street OR energy OR school" if sort is Sort.RELEVANCE else ""
    everything = numbers(engine, text, sort=sort, limit=200)
    seen: list[str] = []
    cursor = ""
    for _ in itertools.repeat(None, 100):
        page = engine.search(SearchRequest(text, sort=sort, limit=size, cursor=cursor))
        assert page.total == len(everything)
        seen += [str(hit.card["number"]) for hit in page.hits]
        cursor = page.next
        if not cursor:
            break
    assert seen == everything
    assert len(set(seen)) == len(everything)


@pytest.mark.parametrize("sort", list(Sort))
def test_numbered_pages_agree_with_cursors(engine: SearchEngine, sort: Sort) -> None:
    fill(engine, many(60))
    everything = numbers(engine, sort=sort)
    for offset in (0, 13, 59, 60, 500):
        assert numbers(engine, sort=sort, offset=offset, limit=10) == everything[offset:][:10]
    middle = engine.search(SearchRequest(sort=sort, offset=13, limit=10))
    assert numbers(engine, sort=sort, cursor=middle.next, limit=10) == everything[23:33]


def test_records_that_share_a_date_and_the_beginning_of_a_title(engine: SearchEngine) -> None:
    fill(engine, [entry(n, "Participatory budgeting", modified=5) for n in range(50)])
    for sort in (Sort.NEWEST, Sort.TITLE):
        seen: list[str] = []
        cursor, offset = "", 4
        while True:
            page = engine.search(SearchRequest(sort=sort, limit=3, cursor=cursor, offset=offset))
            seen += [str(hit.card["number"]) for hit in page.hits]
            cursor = page.next
            if not cursor:
                break
        assert seen == numbers(engine, sort=sort)[4:]


def test_cursor_survives_reopening(place: object, engine: SearchEngine) -> None:
    fill(engine, many(20))
    first = engine.search(SearchRequest(limit=5))
    engine.close()
    assert numbers(engine, cursor=first.next, limit=5) == numbers(engine)[5:10]


@pytest.mark.parametrize(
    "cursor",
    ["x", "!!!", "bnVsbA", "WyJuIiwxXQ", "W251bGxd", "WyJuIiwtMSwtMV0", "é", "A" * 5000,
     "WyJuIiwxZTQwMCwwXQ", "WyJuIiwiYSIsMF0", "WyJuIiwxODQ0Njc0NDA3MzcwOTU1MTYxNiwwXQ"],
)  # fmt: skip
def test_mangled_cursor_is_the_first_page(engine: SearchEngine, cursor: str) -> None:
    fill(engine, many(5))
    assert numbers(engine, cursor=cursor) == numbers(engine)


def test_limits_are_bounded(engine: SearchEngine) -> None:
    fill(engine, many(5))
    assert len(engine.search(SearchRequest(limit=10**9)).hits) == 5
    assert len(engine.search(SearchRequest(limit=-5)).hits) == 1
    assert numbers(engine, offset=-3) == numbers(engine)
    assert numbers(engine, offset=10 * MAX_OFFSET) == []
