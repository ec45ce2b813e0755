"""The query language: what is typed becomes a tree, whatever it is."""

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.query import parse
from search.query.concepts import meanings
from search.query.dates import day_span
from search.query.limits import MAX_CHARACTERS, MAX_WORDS
from search.query.terms import word_terms
from search.query.tree import (
    And,
    Between,
    Code,
    Everything,
    Link,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Word,
    leaves,
)

pytestmark = pytest.mark.unit

BUS, TRAM = Word("bus"), Word("tram")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", Everything()),
        ("   ", Everything()),
        ("*", Everything()),
        ("Bus", BUS),
        ("bus tram", And((BUS, TRAM))),
        ("bus AND tram", And((BUS, TRAM))),
        ("bus OR tram", Or((BUS, TRAM))),
        ("bus NOT tram", And((BUS, Not(TRAM)))),
        ("bus ANDNOT tram", And((BUS, Not(TRAM)))),
        ("bus -tram", And((BUS, Not(TRAM)))),
        ("-tram", Not(TRAM)),
        ("bus - tram", And((BUS, TRAM))),
        ('"Night Bus"', Phrase(("night", "bus"))),
        ("“night bus”", Phrase(("night", "bus"))),
        ('"autobús"', Phrase(("autobus",))),
        ('"night bus"~3', Phrase(("night", "bus"), slop=2)),
        ("movil*", Prefix("movil")),
        ("título:autobús", Word("autobús", "title")),
        ("title: bus", Word("bus", "title")),
        ("title:(bus tram)", And((Word("bus", "title"), Word("tram", "title")))),
        ("theme:mobility", Code("theme", ("mobility",))),
        ("tema:movilidad", Code("theme", ("mobility",))),
        ('theme:"Mobilität und Verkehr"', Code("theme", ("mobility",))),
        ("country:pt", Code("country", ("PT",))),
        ("país:Alemania", Code("country", ("DE",))),
        ("type:bestpractice", Code("type", ("BestPractice",))),
        ("population:under-5k", Code("population", ("under-5k",))),
        ("sdg:11", Code("sdg", ("11",))),
        ('origin:"did:web:lugo.example"', Code("origin", ("did:web:lugo.example",))),
        ('lead:"https://a.example/1"', Link("lead", ("https://a.example/1",))),
        ("modified:2024-02", Between("modified", 1_706_745_600, 1_709_251_199)),
        ("start:>2019", Between("started", 1_577_836_800, None)),
        ("start:[TO 1969]", Between("started", None, -1)),
        ("bus^2 tram~1", And((BUS, TRAM))),
        ("l'autobus", Word("autobus")),
        ("城市", Phrase(("城", "市"))),
    ],
)
def test_tree(text: str, tree: Node) -> None:
    assert parse(text) == (tree, [])


def test_words_without_meaning_are_optional_beside_others() -> None:
    tree, _ = parse("la movilidad de los mayores")
    assert tree == And((Word("movilidad"), Word("mayores")), (Word("la"), Word("de"), Word("los")))
    assert parse("the")[0] == Word("the")


@pytest.mark.parametrize(
    ("text", "tree", "code"),
    [
        ("*bus", BUS, "leading-wildcard"),
        ("?bus", BUS, "leading-wildcard"),
        ("buses?tram", Prefix("buses"), "inner-wildcard"),
        ("tr*", Word("tr"), "short-prefix"),
        ('"bus', BUS, "unbalanced-quote"),
        ("(bus", BUS, "unbalanced-parenthesis"),
        ("bus)", BUS, "unbalanced-parenthesis"),
        ("bus AND", BUS, "dangling-operator"),
        ("colour:bus", And((Word("colour"), BUS)), "unknown-field"),
        ("theme:nonsense", Word("nonsense"), "unknown-value"),
        ("modified:soon", Everything(), "bad-date"),
        ("[bus TO tram]", And((BUS, TRAM)), "bad-range"),
        ("((((((((bus))))))))", BUS, "too-deep"),
    ],
)
def test_diagnostics(text: str, tree: Node, code: str) -> None:
    found, diagnostics = parse(text)
    assert found == tree
    assert [diagnostic.code for diagnostic in diagnostics] == [code]
    assert all(diagnostics[0].messages[language] for language in ("en", "es"))


def test_addresses_and_times_are_words() -> None:
    assert parse("https://a.example/x")[1] == []
    assert parse("10:30")[1] == []


def test_bounds() -> None:
    tree, found = parse("bus " * 500)
    assert len(leaves(tree)) <= MAX_WORDS
    assert {"too-long", "too-many-words"} == {diagnostic.code for diagnostic in found}
    assert len(str(parse("x" * 10 * MAX_CHARACTERS)[0])) < 2 * MAX_CHARACTERS


@settings(max_examples=500, deadline=None)
@given(
    st.text(max_size=100)
    | st.text(alphabet=string.printable, max_size=100)
    | st.text(alphabet='ab "()[]{}*?:-+~^<>ORANDT', max_size=60)
)
def test_anything_can_be_typed(text: str) -> None:
    tree, diagnostics = parse(text)
    assert len(leaves(tree)) <= MAX_WORDS
    assert all(set(diagnostic.messages) == {"en", "es"} for diagnostic in diagnostics)


def test_terms_of_a_word() -> None:
    terms = word_terms(Word("autobuses", "title"), ["es", "en"])
    assert [(term.field, term.text) for term in terms] == [
        ("title", "autobuses"),
        ("title_stems", "es~autobus"),
        ("title_stems", "en~autobus"),
    ]
    assert terms[0].weight > terms[1].weight
    assert len(word_terms(Word("bus"), [])) == 4


def said(leaf: Word | Phrase | Prefix, languages: list[str]) -> dict[str, tuple[str, ...]]:
    return {named.facet: named.codes for named in meanings(leaf, languages)}


def test_meanings_of_words() -> None:
    everywhere = ["es", "fr", "de"]
    assert said(Word("viviendas"), everywhere) == {"theme": ("housing",)}
    assert said(Word("viviendas"), ["de"]) == {}
    assert said(Word("wohnen", "keywords"), []) == {"theme": ("housing",)}
    assert said(Word("wohnen", "title"), everywhere) == {}
    assert said(Phrase(("older", "people")), []) == {"target_group": ("older-people",)}
    assert said(Prefix("portug"), []) == {"country": ("PT",)}
    assert said(Word("de"), everywhere) == {}
    (named,) = meanings(Word("housing"), [])
    (everyday,) = meanings(Word("autobús"), [])
    assert (everyday.facet, everyday.codes) == ("theme", ("mobility",))
    assert everyday.weight < named.weight
    assert said(Word("canteen"), []) == {}  # not every canteen is one of a school
    assert said(Phrase(("school", "canteen")), []) == {"theme": ("food-agriculture",)}


@pytest.mark.parametrize(
    ("text", "days"),
    [("2024", 366), ("2023", 365), ("2024-02", 29), ("2024-2-29", 1), ("2024-02-29T10:00:00Z", 1)],
)
def test_day_span(text: str, days: int) -> None:
    span = day_span(text)
    assert span is not None
    assert span[1] - span[0] + 1 == days * 86_400


@pytest.mark.parametrize("text", ["", "24", "2024-13", "2023-02-29", "0000", "20240101", "soon"])
def test_no_date(text: str) -> None:
    assert day_span(text) is None
