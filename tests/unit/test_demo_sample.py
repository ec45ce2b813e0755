"""The sample of the demo is real content: many practices, varied, sourced and valid."""

import pytest

from node.demo.sample import FOLDER, NODES, PLACEHOLDER, records, resolve
from vocab.concepts import codes
from vocab.terms import PRACTICE_TYPES, JsonObject
from vocab.validate import check

pytestmark = pytest.mark.unit

ALL: dict[str, JsonObject] = {
    f"{node.key}/{slug}": document for node in NODES for slug, document in records(node.key)
}
SAMPLE = {name: document for name, document in ALL.items() if document["type"] in PRACTICE_TYPES}
ADDRESSES = {name: f"https://sample.example/practices/{name}" for name in ALL}
PUBLISHER = "https://sample.example/organisation"
TEXTS = ("title", "summary", "problem", "solution")
SMALL = {
    "rural",
    "village",
    "dispersed-rural",
    "town-suburb",
    "dense-town",
    "semi-dense-town",
}

each = pytest.mark.parametrize("name", sorted(ALL))
each_practice = pytest.mark.parametrize("name", sorted(SAMPLE))


def _of_place(key: str) -> list[object]:
    places = [document["place"] for document in SAMPLE.values()]
    return [place[key] for place in places if isinstance(place, dict) and key in place]


def _items(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def test_there_are_many_practices_from_many_countries() -> None:
    assert len(SAMPLE) >= 40
    assert len(set(_of_place("country"))) >= 12


def test_every_node_of_the_demo_has_practices_and_no_file_is_left_out() -> None:
    assert {name.split("/")[0] for name in SAMPLE} == {node.key for node in NODES}
    assert len(list(FOLDER.rglob("*.jsonld"))) == len(ALL)


def test_villages_and_small_towns_are_well_represented() -> None:
    assert set(codes("settlement")) > SMALL
    assert sum(settlement in SMALL for settlement in _of_place("settlement")) >= 12


def test_most_practices_can_be_put_on_the_map() -> None:
    assert len(_of_place("lat")) == len(_of_place("long"))
    assert len(_of_place("lat")) >= 40


def test_what_ended_or_failed_is_told_too() -> None:
    ended = [one for one in SAMPLE.values() if one.get("maturity") in {"ended", "abandoned"}]
    assert len(ended) >= 4
    failed = [one for one in ended if one["maturity"] == "abandoned"]
    assert failed
    assert all("difficulty" in one for one in failed)


def test_all_four_sectors_begin_practices() -> None:
    processes = [document.get("coCreation") for document in SAMPLE.values()]
    sectors = {process["initiatedBy"] for process in processes if isinstance(process, dict)}
    assert sectors == set(codes("helix"))


def test_there_are_adaptations_of_other_practices() -> None:
    adapted = [one for one in SAMPLE.values() if one["type"] == "Adaptation"]
    assert len(adapted) >= 5
    assert all(
        isinstance(source, str) and source.startswith(PLACEHOLDER)
        for one in adapted
        for source in _items(one["adaptedFrom"])
    )


def test_challenges_are_open_and_closed_and_their_proposals_fared_differently() -> None:
    challenges = [one for one in ALL.values() if one["type"] == "Challenge"]
    proposals = [one for one in ALL.values() if one["type"] == "Proposal"]
    assert {"closes" in one for one in challenges} == {True, False}
    assert {one["citizenDesigned"] for one in proposals} == {True, False}
    assert {one["proposalStatus"] for one in proposals} >= {
        "selected",
        "implemented",
        "not-selected",
    }
    answered = {str(one["answers"]).removeprefix(PLACEHOLDER) for one in proposals}
    assert answered == {name for name, one in ALL.items() if one["type"] == "Challenge"}


@each
def test_a_record_is_told_in_english_and_spanish(name: str) -> None:
    document = ALL[name]
    assert document["language"] == ["en", "es"]
    for text in document.values():
        assert not (isinstance(text, dict) and "en" in text) or text.get("es")


@each_practice
def test_a_practice_says_what_searches_need(name: str) -> None:
    document = SAMPLE[name]
    for key in (*TEXTS, "keyword"):
        text = document[key]
        assert isinstance(text, dict)
        assert text.get("en"), key
        assert text.get("es"), key


@each_practice
def test_a_summary_is_short(name: str) -> None:
    summary = SAMPLE[name]["summary"]
    assert isinstance(summary, dict)
    assert all(isinstance(text, str) and len(text) <= 300 for text in summary.values())


@each
def test_a_record_links_to_its_sources_and_the_list_of_sources_names_it(name: str) -> None:
    links = _items(ALL[name]["seeAlso"])
    assert links
    listed = (FOLDER.parent / "SOURCES.md").read_text(encoding="utf-8")
    assert f"| {name} |" in listed
    assert all(str(link) in listed for link in links)


@each
def test_a_record_names_no_publisher_because_the_node_does(name: str) -> None:
    assert "publisher" not in ALL[name]


@each
def test_a_record_can_be_published(name: str) -> None:
    document = resolve(ALL[name], ADDRESSES)
    assert isinstance(document, dict)
    found = check({**document, "publisher": PUBLISHER}, authoring=True)
    assert [one for one in found if one.severity == "violation"] == []
