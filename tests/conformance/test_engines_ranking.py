"""Every engine ranks alike: languages mixed, families together, mistakes forgiven."""

import pytest

from search.api import SearchEngine, SearchEntry, SearchRequest, Sort
from tests.conformance.engine_cases import entry, fill, found, numbers

pytestmark = pytest.mark.conformance

NOW = 1_800_000_000
DAY = 86_400

BIKES = {
    "en": "The bike lane of the old town",
    "es": "El carril bici del casco antiguo",
    "fr": "La piste cyclable de la vieille ville",
    "de": "Der Radweg der Altstadt",
    "it": "La pista ciclabile del centro storico",
    "pt": "A ciclovia do centro antigo",
}


def spoken(number: int | str, language: str, title: str, **more: object) -> SearchEntry:
    facets = {"language": [language], **more.pop("facets", {})}  # type: ignore[dict-item]
    return entry(number, {language: title}, facets=facets, **more)


def test_the_first_ten_mix_languages_whatever_is_rare(engine: SearchEngine) -> None:
    made = [spoken(f"en{n}", "en", f"{BIKES['en']} {n}") for n in range(60)]
    made += [spoken(f"fr{n}", "fr", f"{BIKES['fr']} {n}") for n in range(30)]
    made += [spoken(f"es{n}", "es", f"{BIKES['es']} {n}") for n in range(20)]
    made += [spoken(f"de{n}", "de", f"{BIKES['de']} {n}") for n in range(3)]
    fill(engine, made)
    for query in ("carril bici", "bike lane", "piste cyclable", "Radweg"):
        first = numbers(engine, query, reader="es", limit=10)
        languages = [number[:2] for number in first]
        assert set(languages) == {"en", "fr", "es", "de"}, query
        assert max(map(languages.count, languages)) <= 5, query
    assert numbers(engine, "bike lane", reader="en")[0].startswith("en")


@pytest.mark.parametrize("language", list(BIKES))
def test_a_name_in_one_language_finds_the_records_of_all(
    engine: SearchEngine, language: str
) -> None:
    fill(engine, [spoken(one, one, title) for one, title in BIKES.items()])
    query = {"en": "bike lanes", "es": "carriles bici", "fr": "pistes cyclables", "de": "Radwege",
             "it": "piste ciclabili", "pt": "ciclovias"}[language]  # fmt: skip
    assert set(BIKES) >= found(engine, query) >= {language, "en", "fr", "de"}
    assert numbers(engine, query, names=False) == [language]


def test_a_hit_says_by_what_other_name_it_was_found(engine: SearchEngine) -> None:
    fill(
        engine,
        [
            spoken("es", "es", BIKES["es"]),
            spoken("de", "de", BIKES["de"]),
            spoken("tag", "en", "Meeting", facets={"target_group": ["older-people"]}),
        ],
    )
    result = engine.search(SearchRequest("carril bici", highlight=True, reader="en"))
    through = {str(hit.card["number"]): hit.through for hit in result.hits}
    assert through["es"] == ()
    (one,) = through["de"]
    assert (one.typed, one.label, one.language, one.facet) == ("carril bici", "Radweg", "de", "")
    marked = next(hit for hit in result.hits if hit.card["number"] == "de").snippets[0]
    assert [marked.text[start:end] for start, end in marked.marks] == ["Radweg"]
    tagged = engine.search(SearchRequest("personas mayores", highlight=True, reader="en"))
    (one,) = tagged.hits[0].through
    assert (one.facet, one.code, one.label) == ("target_group", "older-people", "Older people")


def test_two_words_meet_across_languages(engine: SearchEngine) -> None:
    fill(engine, [spoken("de", "de", "Radweg zur Schule"), spoken("fr", "fr", "Piste cyclable")])
    assert found(engine, "bicycle school", literal=True) == set()
    assert found(engine, "carril bici escuela", literal=True) == {"de"}


def test_what_is_not_wanted_is_meant_as_it_was_typed(engine: SearchEngine) -> None:
    fill(engine, [spoken(one, one, title) for one, title in BIKES.items()])
    assert "de" in found(engine, "NOT bike")


FAMILY = "https://lugo.example/practices/first"


def test_adaptations_are_listed_under_the_first_of_their_family(engine: SearchEngine) -> None:
    made = [entry("first", "Village bus", family=FAMILY)]
    made += [entry(f"a{n}", f"Village bus again {n}", family=FAMILY) for n in range(3)]
    made += [entry(f"o{n}", "Another village bus", body={"en": "x " * n}) for n in range(30)]
    fill(engine, made)
    result = engine.search(SearchRequest("village bus", collapse=True, limit=200))
    listed = [str(hit.card["number"]) for hit in result.hits]
    (head,) = [hit for hit in result.hits if hit.relatives]
    family = {str(head.card["number"]), *(str(one.card["number"]) for one in head.relatives)}
    assert family == {"first", "a0", "a1", "a2"}
    assert len(listed) == len(set(listed)) == result.listed == 31
    assert result.total == 34
    assert len(engine.search(SearchRequest("village bus", limit=200)).hits) == 34


@pytest.mark.parametrize("size", [1, 7])
def test_pages_of_mixed_and_collapsed_lists_have_no_gaps(engine: SearchEngine, size: int) -> None:
    made = [spoken(f"{language}{n}", language, f"{title} {n}", family=FAMILY if n == 3 else "")
            for language, title in BIKES.items() for n in range(8)]  # fmt: skip
    fill(engine, made)
    everything = numbers(engine, "bike lane", collapse=True)
    assert len(everything) == len(set(everything)) == 6 * 8 - 5
    seen: list[str] = []
    cursor = ""
    for _ in range(60):
        page = engine.search(
            SearchRequest("bike lane", collapse=True, limit=size, cursor=cursor, facets=())
        )
        seen += [str(hit.card["number"]) for hit in page.hits]
        cursor = page.next
        if not cursor:
            break
    assert seen == everything


def test_rows_behind_the_mixed_ones_follow_without_repeats(
    engine: SearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("search.finder.attempt.DEPTH", 10)
    fill(engine, [spoken(n, "en", f"Bike lane {n}") for n in range(45)])
    everything = numbers(engine, "carril bici")
    assert sorted(map(int, everything)) == list(range(45))
    for offset in (0, 5, 10, 12, 44):
        assert numbers(engine, "carril bici", offset=offset, limit=6) == everything[offset:][:6]


def test_evidence_repetition_and_news_decide_among_equals(engine: SearchEngine) -> None:
    old = NOW - 2_000 * DAY
    fill(
        engine,
        [
            entry("plain", "Village bus", modified=old),
            entry("new", "Village bus", modified=NOW - 10 * DAY),
            entry("often", "Village bus", modified=old, facets={"adapted": ["5+"]}),
            entry("proved", "Village bus", modified=old,
                  facets={"evidence": ["replicated"], "adapted": ["5+"]}),
            *(entry(n, "Something else") for n in range(20)),
        ],
    )  # fmt: skip
    result = engine.search(SearchRequest("village bus", now=NOW, explain=True))
    assert [str(hit.card["number"]) for hit in result.hits] == ["proved", "often", "new", "plain"]
    for hit in result.hits:
        assert sum(one.score for one in hit.reasons) == pytest.approx(hit.score, abs=0.05)
        assert {one.text for one in hit.reasons if one.kind == "words"} == {"village", "bus"}
    proved = {one.kind: one.text for one in result.hits[0].reasons}
    assert (proved["evidence"], proved["adapted"]) == ("replicated", "5+")


def test_what_is_fresh_is_counted_and_chosen(engine: SearchEngine) -> None:
    ages = {"week": 7, "season": 100, "years": 800, "decade": 4_000}
    fill(engine, [entry(name, modified=NOW - days * DAY) for name, days in ages.items()])
    result = engine.search(SearchRequest(now=NOW))
    assert dict(result.facets["fresh"]) == {"30d": 1, "1y": 2, "3y": 3}
    assert found(engine, now=NOW, filters={"fresh": ["1y"]}) == {"week", "season"}
    chosen = engine.search(SearchRequest(now=NOW, filters={"fresh": ["30d"]}))
    assert dict(chosen.facets["fresh"]) == {"30d": 1, "1y": 2, "3y": 3}
    assert found(engine, now=NOW, filters={"fresh": ["nonsense"]}) == set()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("population:>5000", {"town", "city"}),
        ("population:>=1900", {"village", "town", "city"}),
        ("population:[1000 TO 20000]", {"village", "town"}),
        ("habitantes:<2.000", {"village"}),
        ("population:1900", {"village"}),
        ("population:[many TO]", {"village", "town", "city", "unknown"}),
    ],
)
def test_numbers(engine: SearchEngine, query: str, expected: set[str]) -> None:
    people = {"village": 1_900, "town": 15_000, "city": 640_000, "unknown": None}
    fill(engine, [entry(name, population=number) for name, number in people.items()])
    assert found(engine, query) == expected


TYPOS = [
    ("en", "vilage", "village"),
    ("en", "particpation", "participation"),
    ("en", "hosuing", "housing"),
    ("es", "Teruell", "Teruel"),
    ("es", "movildiad", "movilidad"),
    ("es", "bibliotca", "biblioteca"),
    ("fr", "mobilte", "mobilité"),
    ("fr", "equipemnet", "équipement"),
    ("de", "Nachbarschft", "Nachbarschaft"),
    ("de", "Mobilitat", "Mobilität"),
    ("it", "biblitoeca", "biblioteca"),
    ("it", "cittadnii", "cittadini"),
    ("pt", "habitacão", "habitação"),
    ("pt", "freugesia", "freguesia"),
    ("nl", "fietsr", "fiets"),
    ("pl", "misato", "miasto"),
]


@pytest.mark.parametrize(("language", "typed", "meant"), TYPOS)
def test_a_mistake_is_forgiven_and_said(
    engine: SearchEngine, language: str, typed: str, meant: str
) -> None:
    fill(engine, [spoken("wanted", language, f"{meant} xx"), spoken("other", "en", "Nothing")])
    result = engine.search(SearchRequest(typed))
    assert [str(hit.card["number"]) for hit in result.hits] == ["wanted"]
    if result.corrected:
        assert result.suggestion.lower() == meant.lower()
    else:  # only accents were missing
        assert typed in ("Mobilitat", "habitacão")


def test_a_misspelt_name_finds_records_of_another_language(engine: SearchEngine) -> None:
    fill(engine, [spoken("en", "en", "A bike lane"), spoken("no", "en", "Nothing")])
    assert found(engine, "ciclovai") == {"en"}


def test_most_words_will_do_when_no_record_has_all(engine: SearchEngine) -> None:
    titles = ["green school roof", "green school", "roof terrace", "nothing"]
    fill(engine, [entry(title, title) for title in titles])
    result = engine.search(SearchRequest("green school garden"))
    assert {str(hit.card["number"]) for hit in result.hits} == set(titles[:2])
    assert [one.code for one in result.diagnostics] == ["most-words"]
    assert engine.search(SearchRequest("green AND school AND terrace")).total == 0
    assert engine.search(SearchRequest("green school terrace", literal=True)).total == 0


def test_records_like_one(engine: SearchEngine) -> None:
    bus = {"theme": ["mobility"], "target_group": ["older-people"]}
    fill(
        engine,
        [
            spoken("one", "en", "A bus on demand for villages", facets=bus),
            spoken("near", "en", "Dial-a-bus between villages", facets=bus),
            spoken("tongue", "de", "Rufbus für Dörfer", facets=bus),
            spoken("theme", "en", "Bicycles for students", facets={"theme": ["mobility"]}),
            *(spoken(n, "en", f"Energy cooperative {n}", facets={"theme": ["energy"]})
              for n in range(20)),
        ],
    )  # fmt: skip
    uri = "https://lugo.example/practices/one"
    assert numbers(engine, like=uri)[:3] in (
        ["near", "tongue", "theme"],
        ["tongue", "near", "theme"],
    )
    assert "one" not in numbers(engine, like=uri)
    assert found(engine, like="https://lugo.example/practices/unheard-of") == set()
    assert found(engine, "Rufbus", like=uri, names=False) == {"tongue"}


def test_records_by_their_uris(engine: SearchEngine) -> None:
    fill(engine, [entry(n) for n in range(5)])
    wanted = [f"https://lugo.example/practices/{n}" for n in (1, 3, 9)]
    assert found(engine, uris=wanted) == {"1", "3"}
    assert found(engine, uris=wanted, sort=Sort.TITLE) == {"1", "3"}


def test_ways_to_go_on_typing(engine: SearchEngine) -> None:
    fill(engine, [spoken(1, "es", "Movilidad en Teruel"), spoken(2, "es", "Móviles para mayores")])
    offered = engine.complete("movil", "es")
    assert {"movilidad", "móviles"} <= {one.text.lower() for one in offered}
    assert any(one.kind == "concept" for one in offered)
    titles = [one for one in engine.complete("teru", "es") if one.kind == "title"]
    assert [one.uri for one in titles] == ["https://lugo.example/practices/1"]
    assert [one.text for one in engine.complete("carril b", "es")][:1] == ["carril bici"]
    for text in ("", "x", "(((", '"', "*", "a" * 10_000, "\x00", "città…"):
        assert len(engine.complete(text, "es")) <= 8
