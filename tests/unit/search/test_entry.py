"""From records, however ragged, to search entries."""

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.card import SUMMARY_CHARACTERS
from search.entry import from_record
from search.facets import facets_of
from search.values import seconds
from tests.bench.corpus import records
from vocab.findings import violations
from vocab.headline import shortened
from vocab.validate import check

pytestmark = pytest.mark.unit

BUS: dict[str, Any] = {
    "type": "BestPractice",
    "title": {"en": "On-demand bus", "es": "Autobús a demanda"},
    "summary": {"en": "word " * 200},
    "problem": {"en": "Empty lines."},
    "keyword": {"en": ["bus"], "es": ["autobús"]},
    "theme": ["mobility", "health-care"],
    "targetGroup": ["older-people"],
    "sdg": ["11"],
    "place": {
        "name": {"es": "Vallalta"},
        "region": "Miño",
        "country": "ES",
        "population": 4120,
        "settlement": "village",
        "lat": 43.01,
        "long": -7.55,
    },
    "publisher": "https://lugo.example/organisations/1",
    "lead": "https://lugo.example/organisations/2",
    "partner": ["https://lugo.example/organisations/3"],
    "adaptedFrom": ["https://porto.example/practices/9"],
    "organisationName": ["Concello"],
    "license": "https://creativecommons.org/licenses/by/4.0/",
    "costBand": "c2",
    "evidenceLevel": "monitored",
    "maturity": "operational",
    "startDate": "2023-09-01",
    "modified": "2026-02-01T10:30:00Z",
    "coCreation": {
        "participation": [
            {"level": "consult", "method": ["survey"]},
            {"level": "collaborate", "method": ["outreach", "survey"]},
            {"level": "inform"},
        ]
    },
    "result": [{"indicator": {"en": "Trips"}, "measureMethod": {"es": "Registro"}}],
}
SECTORS = {
    "https://lugo.example/organisations/1": "business",
    "https://lugo.example/organisations/2": "government",
    "https://lugo.example/organisations/3": "academia",
}


def made(document: dict[str, Any], **options: Any) -> Any:
    return from_record(
        document,
        uri="https://lugo.example/practices/1",
        digest="zQm1",
        origin="did:web:lugo.example",
        **options,
    )


def test_texts_facets_and_links() -> None:
    entry = made(BUS, helix=SECTORS.get)
    assert entry.title == BUS["title"]
    assert entry.body == {"en": "Empty lines.\nTrips", "es": "Registro"}
    assert entry.keywords == {
        "": ["Vallalta", "Miño", "Concello"],
        "en": ["bus"],
        "es": ["autobús"],
    }
    assert entry.facets == {
        "theme": ["mobility", "health-care"],
        "settlement": ["village"],
        "population": ["under-5k"],
        "country": ["ES"],
        "region": ["Miño"],
        "cost": ["c2"],
        "target_group": ["older-people"],
        "level": ["collaborate"],
        "evidence": ["monitored"],
        "maturity": ["operational"],
        "sector": ["government", "academia"],
        "method": ["survey", "outreach"],
        "language": ["en", "es"],
        "sdg": ["11"],
        "type": ["BestPractice"],
        "licence": ["https://creativecommons.org/licenses/by/4.0/"],
        "origin": ["did:web:lugo.example"],
    }
    assert entry.links == {
        "adapted_from": ["https://porto.example/practices/9"],
        "publisher": ["https://lugo.example/organisations/1"],
        "lead": ["https://lugo.example/organisations/2"],
        "partner": ["https://lugo.example/organisations/3"],
    }
    assert (entry.modified, entry.started) == (1_769_941_800, 1_693_526_400)
    assert (entry.latitude, entry.longitude) == (43.01, -7.55)


def test_card_shows_what_is_known_and_nothing_else() -> None:
    card = made(BUS).card
    assert card["title"] == BUS["title"]
    assert card["place"] == {
        "name": {"es": "Vallalta"},
        "region": "Miño",
        "country": "ES",
        "settlement": "village",
        "population": 4120,
    }
    assert card["costBand"] == "c2"
    assert card["evidence"] == "monitored"
    assert card["adaptedFrom"] == ["https://porto.example/practices/9"]
    assert len(card["summary"]["en"]) <= SUMMARY_CHARACTERS + 1
    assert card["summary"]["en"].endswith("word…")
    bare = made({"type": "Practice", "title": {"fr": "Seul"}}).card
    assert bare == {
        "type": "Practice",
        "title": {"fr": "Seul"},
        "language": ["fr"],
        "origin": "did:web:lugo.example",
    }


@pytest.mark.parametrize(
    ("people", "band"),
    [(0, "under-5k"), (4_999, "under-5k"), (5_000, "5k-20k"), (999_999, "250k-1m"),
     (1_000_000, "over-1m"), (37_000_000, "over-1m")],
)  # fmt: skip
def test_population_bands(people: int, band: str) -> None:
    assert made({**BUS, "place": {"population": people}}).facets["population"] == [band]


def test_sector_of_the_publisher_counts_only_when_nobody_else_is_known() -> None:
    alone = {"type": "Practice", "title": {"en": "x"}, "publisher": BUS["publisher"]}
    assert made(alone, helix=SECTORS.get).facets["sector"] == ["business"]
    assert "sector" not in made(alone).facets
    started = {**alone, "coCreation": {"initiatedBy": "civil-society"}}
    assert made(started, helix=SECTORS.get).facets["sector"] == ["civil-society"]


def test_stage_of_an_adaptation_is_said_as_maturity() -> None:
    adaptation = {"type": "Adaptation", "title": {"en": "x"}}
    assert made({**adaptation, "stage": "piloting"}).facets["maturity"] == ["pilot"]
    assert made({**adaptation, "stage": "abandoned"}).facets["maturity"] == ["abandoned"]
    assert "maturity" not in made({**adaptation, "stage": "interested"}).facets


def test_organisations_are_listed_by_name() -> None:
    entry = made({"type": "Organisation", "name": {"gl": "Concello"}, "helix": "government"})
    assert entry.title == {"gl": "Concello"}
    assert entry.facets["sector"] == ["government"]
    assert entry.facets["language"] == ["gl"]


@pytest.mark.parametrize("kind", ["Tombstone", "Membership", None])
def test_what_is_no_record_for_readers_is_not_listed(kind: str | None) -> None:
    assert made({"type": kind, "title": {"en": "x"}}) is None


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(key=st.sampled_from(sorted(BUS)), value=JUNK)
def test_values_of_another_shape_are_left_out(key: str, value: Any) -> None:
    document = copy.deepcopy(BUS)
    document[key] = value
    entry = made(document)
    if key != "type":
        assert entry is not None
        assert all(isinstance(code, str) for codes in entry.facets.values() for code in codes)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1970", 0),
        ("1970-02", 31 * 86_400),
        ("1970-01-02", 86_400),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1970-01-01T00:00:10", 10),
        ("1969-12-31", -86_400),
        ("yesterday", None),
        ("", None),
        (1970, None),
    ],
)
def test_seconds(text: object, expected: int | None) -> None:
    assert seconds(text) == expected


def test_shortened() -> None:
    assert shortened("A  short\ntext.", 320) == "A short text."
    assert shortened("one two three", 9) == "one two…"
    assert shortened("x" * 50, 10) == "x" * 10 + "…"


def test_bench_records_are_valid_and_repeatable() -> None:
    first, again = list(records(60)), list(records(60))
    assert first == again
    for document in first:
        assert violations(check(document, authoring=True)) == []
        assert made(document) is not None


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, (None, None)),
        ({"mentoring": {"available": True}}, (["yes"], None)),
        ({"mentoring": {"available": "true"}}, (None, None)),
        (
            {"asset": {"license": "https://creativecommons.org/licenses/by-sa/3.0/es/"}},
            (None, ["yes"]),
        ),
        (
            {"asset": [{"url": "x"}, {"license": "https://spdx.org/licenses/EUPL-1.2"}]},
            (None, ["yes"]),
        ),
        ({"asset": [{"license": "https://creativecommons.org/licenses/by-nc/4.0/"}]}, (None, None)),
        ({"asset": [{"license": "https://spdx.org/licenses/CC-BY-ND-4.0.html"}]}, (None, None)),
        ({"asset": [{"license": 3}, "x"], "mentoring": ["x"]}, (None, None)),
    ],
)
def test_help_and_open_material_are_facets(said: dict[str, Any], expected: object) -> None:
    facets = facets_of({"type": "Practice", **said}, "did:web:x.example", lambda _uri: None)
    assert (facets.get("offers_help"), facets.get("open_material")) == expected
