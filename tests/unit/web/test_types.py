"""Every type of record has a page, a list and formats; the vocabulary explains itself."""

import orjson
import pyoxigraph as ox
import pytest
from markupsafe import escape
from rdflib import Graph

from node.web.negotiate import SUFFIXES
from tests.samples import COUNCIL, DOCUMENTS
from tests.unit.web.towns import Town, practice
from vocab import concepts, glossary
from vocab.context import classes, terms
from vocab.terms import COLLECTIONS

pytestmark = pytest.mark.unit


def path(town: Town, uri: str) -> str:
    return uri.removeprefix(town.base)


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_every_type_has_a_page_in_words(town: Town, kind: str) -> None:
    (entry,) = town.publish(DOCUMENTS[kind])
    page = town.page(f"{path(town, entry.uri)}?lang=es")
    shown = glossary.entries()
    assert shown[kind].label("es") in page
    for key in DOCUMENTS[kind].keys() & {"observation", "theme", "opens", "route"}:
        assert shown[key].label("es") in page, key
    assert "{'" not in page  # no Python in a page
    assert "</dl>" in page


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_every_type_is_listed_and_found(town: Town, kind: str) -> None:
    (entry,) = town.publish(DOCUMENTS[kind])
    listing = town.page(f"/{COLLECTIONS[kind]}")
    assert path(town, entry.uri) in listing
    found = orjson.loads(town.client.get(f"/api/v1/search?type={kind}").data)
    assert [hit["uri"] for hit in found["hits"]] == [entry.uri]
    assert found["hits"][0]["type"] == kind


@pytest.mark.parametrize("ending", SUFFIXES)
def test_every_type_has_every_format(town: Town, ending: str) -> None:
    for entry in town.publish(*DOCUMENTS.values()):
        answer = town.client.get(path(town, entry.uri) + ending)
        assert answer.status_code == 200, entry.type
        assert answer.data


def test_a_practice_shows_what_is_said_of_it(town: Town) -> None:
    (entry,) = town.publish(practice("On demand"))
    town.publish(
        DOCUMENTS["CitizenObservation"] | {"about": entry.uri},
        DOCUMENTS["Recognition"] | {"recipient": entry.uri},
    )
    page = town.page(path(town, entry.uri))
    assert "Los domingos nadie contesta" in page
    assert "Repeated practice of the year" in page


def test_a_self_assessment_without_title_is_called_what_it_is(town: Town) -> None:
    (entry,) = town.publish(DOCUMENTS["SelfAssessment"])
    name = glossary.label("SelfAssessment", "en")
    assert f"<bdi>{name}</bdi></h1>" in town.page(path(town, entry.uri))


def test_numbers_of_few_people_are_on_no_page(town: Town) -> None:
    process = DOCUMENTS["CoCreationProcess"]
    (phase,) = process["participation"]
    few = {**process, "participation": [{**phase, "participants": 3, "womenPercent": 67}]}
    (entry,) = town.publish(few)
    fewer = {**few, "participation": [{**phase, "participants": 2, "womenPercent": 50}]}
    town.publish(fewer, uri=entry.uri)
    page = town.page(f"{path(town, entry.uri)}?lang=en")
    assert "fewer than 5 people" in page
    assert glossary.label("womenPercent", "en") not in page
    history = town.page(f"/history?uri={entry.uri}&from=1&to=2&lang=en")
    assert "No differences." in history
    (single,) = town.publish(DOCUMENTS["CitizenObservation"] | {"rating": 2})
    page = town.page(f"{path(town, single.uri)}?lang=en")
    assert glossary.label("rating", "en") not in page
    assert "reviewRating" not in page


def test_every_term_has_a_page_and_rdf(town: Town) -> None:
    for key in {*classes(), *terms()}:
        page = town.page(f"/ns/{key}?lang=es")
        assert escape(glossary.label(key, "es")) in page
        answer = town.client.get(f"/ns/{key}", headers={"Accept": "text/turtle"})
        said = list(ox.parse(answer.data, format=ox.RdfFormat.TURTLE))
        assert any(quad.subject == ox.NamedNode(glossary.entries()[key].iri) for quad in said), key


def test_every_list_has_a_page_and_rdf(town: Town) -> None:
    for name in concepts.scheme_names():
        page = town.page(f"/cs/{name}")
        assert all(f"<code>{code}</code>" in page for code in concepts.codes(name))
        answer = town.client.get(f"/cs/{name}", headers={"Accept": "application/rdf+xml"})
        said = {quad.subject for quad in ox.parse(answer.data, format=ox.RdfFormat.RDF_XML)}
        for code in concepts.codes(name):
            assert ox.NamedNode(concepts.concept_iri(name, code)) in said


def test_the_vocabulary_is_one_page_and_three_files(town: Town) -> None:
    page = town.page("/ns")
    assert glossary.version() in page
    for address in ("/ns", "/ns/shapes", "/ns/schemes"):
        for kind, form in (("text/turtle", "turtle"), ("application/n-triples", "nt")):
            answer = town.client.get(address, headers={"Accept": kind})
            assert len(Graph().parse(data=answer.data, format=form)) > 400
    assert town.client.get("/ns/1.0.0").headers["Location"].endswith("/ns")
    assert town.client.get("/ns/nothing").status_code == 404
    assert town.client.get("/cs/nothing").status_code == 404
    assert town.client.get("/ns", headers={"Accept": "image/png"}).status_code == 406


def test_the_node_says_which_vocabulary_it_reads_and_writes(town: Town) -> None:
    linkset = orjson.loads(town.client.get("/.well-known/api-catalog").data)["linkset"]
    (node,) = [links for links in linkset if "https://w3id.org/lonja/ns#writes" in links]
    assert node["https://w3id.org/lonja/ns#writes"] == [{"href": glossary.conforms_to()}]
    (entry,) = town.publish(practice("On demand"))
    assert orjson.loads(entry.body)["conformsTo"] == glossary.conforms_to()


def test_a_document_can_be_checked_without_publishing_it(town: Town) -> None:
    document = practice("On demand", publisher=COUNCIL)
    good = town.client.post("/api/v1/check?lang=de", data=orjson.dumps(document))
    assert good.status_code == 200
    body = orjson.loads(good.data)
    assert body["valid"]
    assert {answer["question"] for answer in body["gaps"]} >= {"need", "evidence", "help"}
    assert len(body["gaps"]) == 10

    bad = town.client.post(
        "/api/v1/check",
        data=orjson.dumps(DOCUMENTS["CitizenObservation"] | {"rating": 9}),
        headers={"Accept-Language": "pt"},
    )
    assert (bad.status_code, bad.content_type) == (422, "application/problem+json")
    (error,) = orjson.loads(bad.data)["errors"]
    assert (error["pointer"], error["rule"]) == ("/rating", "out-of-range")
    assert error["fix"] == "Pontue de 1 a 5, ou retire-o."
    assert bad.headers["Content-Language"] == "pt"


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"a":1,"a":2}', b"\xff", b"x" * 300_000])
def test_what_is_no_document_is_a_problem_too(town: Town, data: bytes) -> None:
    answer = town.client.post("/api/v1/check", data=data)
    assert answer.status_code == 422
    assert orjson.loads(answer.data)["errors"]
