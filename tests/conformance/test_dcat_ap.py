"""The DCAT view against the official SHACL shapes of DCAT-AP 3.0.1, read where they lie.

The release names property shapes that none of its files defines; an engine must refuse such a
graph, so those references are dropped, and nothing else is.
"""

import json
import random
from pathlib import Path
from typing import Any, Final

import orjson
import pyoxigraph as ox
import pyshacl
import pytest
from pyld import jsonld
from rdflib import RDF, Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCTERMS

from tests.unit.vocab.view_cases import RECORDS, VALUES
from vocab.views import dcat, dcat_bytes, record_as_dcat

pytestmark = pytest.mark.conformance

Record = dict[str, Any]

SH: Final = Namespace("http://www.w3.org/ns/shacl#")
DCAT: Final = Namespace("http://www.w3.org/ns/dcat#")
FOLDER: Final = "dcat-ap-3.0.1"
CATALOG: Final[Record] = {
    "catalog_uri": "https://lugo.example/catalog",
    "title": {"en": "Practices of Lugo", "es": "Prácticas de Lugo"},
    "description": "What the node of Lugo holds.",
    "publisher_uri": "https://lugo.example/r/org/concello",
    "publisher_name": "Concello de Vallalta",
}
PUBLIC: Final = (
    "adaptation",
    "best-practice",
    "challenge",
    "citizen-observation",
    "cluster",
    "co-creation-process",
    "organisation",
    "procurement-model",
    "proposal",
    "recognition",
    "self-assessment",
    "training-resource",
)


@pytest.fixture(scope="module")
def shapes(shared: Path) -> Graph:
    folder = shared / "conformance" / FOLDER
    if not folder.is_dir():
        pytest.skip(f"the shapes of DCAT-AP ({FOLDER}) are not on this machine")
    graph = Graph()
    for file in sorted(folder.glob("*.ttl")):
        graph.parse(file)
    for shape, part in list(graph.subject_objects(SH.property)):
        if (part, SH.path, None) not in graph:
            graph.remove((shape, SH.property, part))
    assert len(set(graph.objects(None, SH.property))) > 200
    return graph


def example(shared: Path, name: str) -> Record:
    found: Record = json.loads((shared / "vocabulary" / "examples" / f"{name}.jsonld").read_bytes())
    return found


def entry(document: Record) -> Record:
    """Return a draft of the examples as a node would publish it."""
    uri = document["id"]
    envelope = {"id": f"{uri}/v/1", "isVersionOf": uri, "version": 1, "seq": 1}
    return {"issued": "2026-11-23T08:00:00Z", **document, **envelope}


def graph_of(view: Record) -> Graph:
    return Graph().parse(data=dcat_bytes(view, "turtle"), format="turtle")


def violations(graph: Graph, shapes: Graph) -> list[str]:
    """Return what the shapes say against a graph, one line for each result."""
    conforms, report, text = pyshacl.validate(graph, shacl_graph=shapes)
    assert isinstance(report, Graph), text
    found = [
        f"{report.value(result, SH.focusNode)} {report.value(result, SH.resultPath)}: "
        f"{report.value(result, SH.resultMessage)}"
        for result in report.subjects(RDF.type, SH.ValidationResult)
    ]
    assert conforms is not bool(found)
    return sorted(found)


@pytest.mark.parametrize("published", [True, False])
def test_a_catalogue_of_all_examples_conforms(shared: Path, shapes: Graph, published: bool) -> None:
    drafts = [example(shared, name) for name in PUBLIC]
    documents = [entry(draft) for draft in drafts] if published else drafts
    graph = graph_of(dcat(documents, **CATALOG))
    listed = set(graph.objects(URIRef(CATALOG["catalog_uri"]), DCAT.resource))
    assert listed == {URIRef(draft["id"]) for draft in drafts}
    assert len(list(graph.subjects(RDF.type, DCAT.Dataset))) == 1  # the one that is named
    records = len(list(graph.subjects(RDF.type, DCAT.CatalogRecord)))
    dated = [document for document in documents if "issued" in document]
    assert records == len(dated)
    assert violations(graph, shapes) == []


@pytest.mark.parametrize("name", PUBLIC)
def test_each_example_conforms_by_itself(shared: Path, shapes: Graph, name: str) -> None:
    graph = graph_of(record_as_dcat(entry(example(shared, name))))
    assert list(graph.subjects(RDF.type, DCAT.CatalogRecord))
    assert violations(graph, shapes) == []


def test_the_consent_record_is_not_in_the_catalogue(shared: Path) -> None:
    consent = example(shared, "consent-record.LOCAL-ONLY")
    assert record_as_dcat(consent) == {}
    assert b"3c1d5f6e" not in dcat_bytes(dcat([consent], **CATALOG), "jsonld")


def test_an_empty_catalogue_conforms(shapes: Graph) -> None:
    assert violations(graph_of(dcat([], **CATALOG)), shapes) == []


@pytest.mark.parametrize(
    ("kind", "predicate"),
    [
        (DCAT.Catalog, DCTERMS.title),
        (DCAT.Catalog, DCTERMS.publisher),
        (DCAT.CatalogRecord, DCTERMS.modified),
        (DCAT.Dataset, DCTERMS.description),
        (DCAT.Distribution, DCAT.accessURL),
    ],
)
def test_the_shapes_do_judge(shared: Path, shapes: Graph, kind: URIRef, predicate: URIRef) -> None:
    graph = graph_of(dcat([entry(example(shared, "best-practice"))], **CATALOG))
    focus = next(graph.subjects(RDF.type, kind))
    graph.remove((focus, predicate, None))
    assert violations(graph, shapes)


def test_a_publisher_must_be_an_agent(shared: Path, shapes: Graph) -> None:
    graph = graph_of(dcat([entry(example(shared, "best-practice"))], **CATALOG))
    graph.remove((None, DCTERMS.publisher, URIRef(CATALOG["publisher_uri"])))
    graph.add((URIRef(CATALOG["catalog_uri"]), DCTERMS.publisher, Literal("somebody")))
    assert violations(graph, shapes)


ADDRESSES: Final = (
    CATALOG["catalog_uri"],
    CATALOG["publisher_uri"],
    "https://w3id.org/lonja/cs/theme",
    "https://w3id.org/lonja/cs/theme/mobility",
    *(record["isVersionOf"] for record in RECORDS),
    *(record["id"] for record in RECORDS),
)


@pytest.mark.parametrize("seed", range(6))
def test_no_peer_can_make_the_catalogue_of_a_node_invalid(shapes: Graph, seed: int) -> None:
    chance = random.Random(seed)
    documents = []
    for record in [*RECORDS, *chance.sample(RECORDS, 4)]:
        document = dict(record)
        for key in chance.sample(sorted(document), 4):
            document[key] = chance.choice(
                (chance.choice(ADDRESSES), [*chance.sample(ADDRESSES, 2)], chance.choice(VALUES))
            )
        document["openData"] = [*chance.sample(ADDRESSES, 2), f"https://z.example/{seed}"]
        document["type"] = record["type"]
        documents.append(document)
    assert violations(graph_of(dcat(documents, **CATALOG)), shapes) == []


def canonical(quads: Any) -> set[str]:
    dataset = ox.Dataset(quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return {str(quad) for quad in dataset}


def test_all_formats_and_both_libraries_say_the_same(shared: Path) -> None:
    view = dcat([entry(example(shared, name)) for name in PUBLIC], **CATALOG)
    read = {
        "ntriples": ox.RdfFormat.N_TRIPLES,
        "rdfxml": ox.RdfFormat.RDF_XML,
        "jsonld": ox.RdfFormat.JSON_LD,
    }
    wanted = canonical(ox.parse(dcat_bytes(view, "turtle"), format=ox.RdfFormat.TURTLE))
    for form, rdf_format in read.items():
        assert canonical(ox.parse(dcat_bytes(view, form), format=rdf_format)) == wanted
    plain = orjson.loads(dcat_bytes(view, "jsonld"))
    quads = jsonld.to_rdf(plain, {"format": "application/n-quads"})  # would fetch no context
    assert canonical(ox.parse(quads.encode(), format=ox.RdfFormat.N_QUADS)) == wanted
