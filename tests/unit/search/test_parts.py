"""The small parts: highlighting, areas, paging, suggestions."""

import itertools
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.api import BoundingBox, Circle, SearchRequest, Sort
from search.engines import open_engine
from search.geo import distance_km, inner_ranges, inside, ranges
from search.highlight import MAX_SNIPPETS, PIECE_CHARACTERS, Highlighter
from search.paging import Place, next_cursor, place_of, time_bounds, time_key, title_number
from search.query import parse
from search.query.tree import Word, leaves
from search.suggest import suggestion

pytestmark = pytest.mark.unit

SECONDS = st.integers(0, 2**33 - 1)


def marked(query: str, text: str, language: str = "en", field: str = "body") -> list[str]:
    highlighter = Highlighter(leaves(parse(query)[0]), ["en", "es", "fr"])
    return [
        snippet.text[start:end]
        for snippet in highlighter.snippets({field: {language: text}})
        for start, end in snippet.marks
    ]


@pytest.mark.parametrize(
    ("query", "language", "text", "expected"),
    [
        ("buses", "en", "The BUS and the Buses", ["BUS", "Buses"]),
        ("autobus", "es", "Un autobús, dos autobuses", ["autobús", "autobuses"]),
        ("autobuses", "de", "Der autobús", []),
        ("eau", "fr", "L'eau et l’Eau", ["eau", "Eau"]),
        ("eco*", "fr", "Écologie et économie", ["Écologie", "économie"]),
        ('"night bus"', "en", "A night bus; a bus at night", ["night", "bus"]),
        ('"night bus"~3', "en", "night and day bus", ["night", "bus"]),
        ("bus NOT tram", "en", "bus and tram", ["bus"]),
        ("title:bus", "en", "bus", []),
        ("the bus", "en", "the bus", ["bus"]),
        ("ecole", "fr", "une e\u0301cole", ["école"]),
        ("theme:mobility", "en", "mobility", []),
    ],
)
def test_marks(query: str, language: str, text: str, expected: list[str]) -> None:
    assert marked(query, text, language) == expected


@given(st.lists(st.sampled_from(["bus", "tram", "a", "longish", "x" * 50]), max_size=200))
def test_pieces_are_short_and_marks_lie_inside(found: list[str]) -> None:
    text = " ".join(found)
    highlighter = Highlighter([Word("bus")], ["en"])
    for snippet in highlighter.snippets({"body": {"en": text}}):
        assert len(snippet.text) <= PIECE_CHARACTERS + 60
        assert snippet.marks
        assert all(snippet.text[start:end] == "bus" for start, end in snippet.marks)


def test_snippets_are_few() -> None:
    texts = {"summary": {f"l{n}": "bus" for n in range(30)}, "title": {"en": "bus"}}
    snippets = Highlighter([Word("bus")], ["en"]).snippets(texts)
    assert len(snippets) == MAX_SNIPPETS
    assert snippets[0].field == "title"


def test_distance() -> None:
    assert distance_km(40.4168, -3.7038, 41.1579, -8.6291) == pytest.approx(421, abs=5)
    assert distance_km(0, 179.5, 0, -179.5) == pytest.approx(111.2, abs=0.1)


@given(
    st.builds(Circle, st.floats(-90, 90), st.floats(-180, 180), st.floats(0, 20_100)),
    st.floats(-90, 90),
    st.floats(-180, 180),
)
def test_boxes_in_and_around_a_circle(circle: Circle, latitude: float, longitude: float) -> None:
    def within(boxes: Iterable[object]) -> bool:
        return any(
            box.south <= latitude <= box.north and box.west <= longitude <= box.east  # type: ignore[attr-defined]
            for box in boxes
        )

    if inside(circle, latitude, longitude):
        assert within(ranges(circle))
    if within(inner_ranges(circle)):
        wider = Circle(circle.latitude, circle.longitude, circle.radius_km + 0.05)
        assert inside(wider, latitude, longitude)


def test_box_across_the_antimeridian_is_two() -> None:
    assert len(ranges(BoundingBox(170, -10, -170, 10))) == 2
    assert len(ranges(BoundingBox(-170, -10, 170, 10))) == 1


@given(
    st.integers(0, 2**33 - 1), st.integers(0, 2**33 - 1), st.text(max_size=9), st.text(max_size=9)
)
def test_time_keys_sort_by_second_first(one: int, other: int, uri: str, uri2: str) -> None:
    if one < other:
        assert time_key(one, uri) < time_key(other, uri2)
    low, high = time_bounds(one, one)
    assert low is not None
    assert high is not None
    assert low <= time_key(one, uri) <= high
    assert (low <= time_key(other, uri) <= high) == (one == other)


@given(st.text(max_size=12), st.text(max_size=12))
def test_title_numbers_grow_with_titles(one: str, other: str) -> None:
    if one <= other:
        assert title_number(one) <= title_number(other)


@given(
    keys=st.lists(st.integers(0, 3), max_size=40),
    size=st.integers(1, 9),
    start=st.integers(0, 30),
)
def test_cursors_lead_through_any_list(keys: list[int], size: int, start: int) -> None:
    keys = sorted(keys)
    place = Place(None, start)
    seen: list[int] = []
    for _ in itertools.repeat(None, 60):
        first = 0 if place.key is None else keys.index(place.key)
        begin = first + place.skip
        page = keys[begin : begin + size]
        seen += range(begin, begin + len(page))
        cursor = next_cursor(Sort.OLDEST, place, page, more=begin + size < len(keys))
        if not cursor:
            break
        place = place_of(SearchRequest(cursor=cursor), Sort.OLDEST)
    assert seen == list(range(start, len(keys)))


def test_cursor_of_another_order_is_the_first_page() -> None:
    cursor = next_cursor(Sort.NEWEST, Place(None, 0), [5, 4], more=True)
    assert place_of(SearchRequest(cursor=cursor), Sort.NEWEST) == Place(4, 1)
    assert place_of(SearchRequest(cursor=cursor), Sort.TITLE) == Place(None, 0)


class Known:
    """A dictionary of three words."""

    terms = ("autobus", "village", "villages")

    def knows(self, word: Word) -> bool:
        return word.text in self.terms

    def beginning(self, letter: str) -> Iterable[str]:
        return [term for term in self.terms if term.startswith(letter)]

    def records(self, folded: str) -> int:
        return self.terms.index(folded)

    def spelling(self, folded: str) -> str:
        return {"autobus": "autobús"}.get(folded, folded)


@pytest.mark.parametrize(
    ("text", "better"),
    [
        ("vilage", "village"),
        ("Vilage  OR autbous", "village OR autobús"),
        ("ivllage", "village"),
        ("villlllage", "village"),
        ("autob", ""),  # two of five letters would make another word of any
        ("title:vilage", "title:village"),
        ("village", ""),
        ("qwertyuiop", ""),
        ("ab", ""),
        ("", ""),
    ],
)
def test_suggestion(text: str, better: str) -> None:
    assert suggestion(text, leaves(parse(text)[0]), Known(), lambda _: 1) == better
    assert suggestion(text, leaves(parse(text)[0]), Known(), lambda _: 0) == ""


def test_unknown_engine_is_refused(tmp_path: object) -> None:
    with pytest.raises(ValueError, match="tantivy, whoosh or opensearch"):
        open_engine("lucene", tmp_path)  # type: ignore[arg-type]
