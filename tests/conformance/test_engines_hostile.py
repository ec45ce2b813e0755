"""Every engine: whatever is typed, there is an answer; no query is an error or a burden."""

import string

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search.api import BoundingBox, Circle, SearchEngine, SearchRequest, Sort
from tests.conformance.engine_cases import entry, fill, many

pytestmark = pytest.mark.conformance

PIECES = [
    "bus", "école", "AND", "OR", "NOT", "ANDNOT", "ANDMAYBE", "REQUIRE", "title:", "theme:",
    "modified:", "country:*", "foo:", "(", ")", "[", "]", "{", "}", "TO", '"', "'", "*", "?", "-",
    "+", "^2", "~3", "<", ">", ">=", "*:*", "http://a.example/?q=1", "\\", "/.*/", "water*", "*w",
    "w*r", "2024-02-30", "\x00", "\u202e", "🚲", "城市", "नमस्ते", "İ", "ß", "­", "&&", "||", "!",
]  # fmt: skip
HOSTILE = [
    "(" * 300,
    ")" * 300,
    '"' * 299,
    "(" * 100 + "a" + ")" * 100,
    "NOT " * 90 + "bus",
    "-" * 400,
    "a OR " * 80,
    "bus AND " * 50,
    "*" * 400,
    "a*" * 200,
    "title:" * 60,
    "title:(" * 50,
    "[a TO " * 60,
    "modified:[9999999999 TO -1]",
    "modified:[2024 TO 2020]",
    "start:>99999",
    "x" * 100_000,
    "bus " * 50_000,
    "\ud800\udfff\x00\x1b[31m",
    "e\u0301" * 150,
    "\u0300" * 300,
    "' OR 1=1; --",
    "${jndi:ldap://x}",
    "<script>alert(1)</script>",
    "%00%ff",
    "theme:(a b c d e f g h i j)",
    "re* gr* wa* st* sc* te* ga* ca*",
    '"water street"~999999999999',
    "bus~99999 bus^9e999",
    "NOT NOT NOT (NOT (NOT bus))",
    "{{7*7}}",
    "~", "^", ":", "::", "a:b:c:d", "TO", "[TO]", "{TO}", "[ TO ]", '""', "()", "-()", "(*)",
]  # fmt: skip


@pytest.fixture
def filled(engine: SearchEngine) -> SearchEngine:
    fill(engine, [*many(60), entry("z", {"zh": "城市交通", "hi": "नमस्ते दुनिया"})])
    return engine


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_list_of_hostile_queries(filled: SearchEngine, number: int) -> None:
    text = HOSTILE[number]
    for sort in (Sort.RELEVANCE, Sort.TITLE):
        result = filled.search(SearchRequest(text, sort=sort, highlight=True))
        assert 0 <= result.total <= 61
        assert len(result.suggestion) < 2_000


@settings(
    max_examples=500,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    text=st.one_of(
        st.lists(st.sampled_from(PIECES), max_size=40).map(" ".join),
        st.lists(st.sampled_from(PIECES), max_size=40).map("".join),
        st.text(max_size=120),
        st.text(alphabet=string.printable, max_size=120),
    )
)
def test_random_queries(filled: SearchEngine, text: str) -> None:
    result = filled.search(SearchRequest(text, highlight=True))
    for hit in result.hits:
        for snippet in hit.snippets:
            assert all(0 <= start < end <= len(snippet.text) for start, end in snippet.marks)
            assert list(snippet.marks) == sorted(snippet.marks)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    area=st.one_of(
        st.builds(
            BoundingBox,
            st.floats(-720, 720),
            st.floats(-200, 200),
            st.floats(-720, 720),
            st.floats(-200, 200),
        ),
        st.builds(Circle, st.floats(-90, 90), st.floats(-180, 180), st.floats(0, 50_000)),
    ),
    values=st.lists(st.text(max_size=20), max_size=3),
)
def test_random_areas_and_filters(
    filled: SearchEngine, area: BoundingBox | Circle, values: list[str]
) -> None:
    request = SearchRequest(
        area=area,
        filters={"theme": values, "origin": values},
        links={"lead": values},
        languages=values,
        cursor="".join(values),
    )
    assert filled.search(request).total >= 0
