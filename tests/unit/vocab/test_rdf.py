"""RDF of records and of feed pages."""

import re
from typing import Any

import pyoxigraph as ox
import pytest

from vocab import rdf
from vocab.context import expand

pytestmark = pytest.mark.unit

Record = dict[str, Any]

TREE = "https://w3id.org/tree#"
PROOF = {
    "type": "DataIntegrityProof",
    "cryptosuite": "eddsa-jcs-2022",
    "@context": "https://w3id.org/lonja/context/v1",
    "created": "2026-11-23T08:00:00Z",
    "verificationMethod": "did:web:lugo.example#key-1",
    "proofPurpose": "assertionMethod",
    "proofValue": "z" + "4" * 87,
}
PAGE_CONTEXT = {
    "@version": 1.1,
    "id": "@id",
    "type": "@type",
    "tree": TREE,
    "ldes": "https://w3id.org/ldes#",
    "lonja": "https://w3id.org/lonja/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "member": {"@id": "tree:member", "@type": "@id", "@context": None},
    "entries": "@included",
    "received": {"@id": "lonja:received", "@type": "xsd:dateTime"},
    "receivedSeq": {"@id": "lonja:receivedSeq", "@type": "xsd:integer"},
}


def statements(data: bytes, form: ox.RdfFormat) -> set[tuple[str, str, str]]:
    """Return the statements in a file, whatever their graph."""
    return {
        (str(quad.subject), str(quad.predicate), str(quad.object))
        for quad in ox.parse(data, format=form)
    }


def iri(compact: str) -> str:
    return f"<{expand(compact)}>"


def test_statements_are_about_the_record_and_provenance_about_the_version(best: Record) -> None:
    record, version = f"<{best['isVersionOf']}>", f"<{best['id']}>"
    found = statements(rdf.to_ntriples({**best, "proof": PROOF}), ox.RdfFormat.N_TRIPLES)
    assert (record, iri("dct:title"), '"Autobús a demanda"@es') in found
    assert (record, iri("dcat:theme"), "<https://w3id.org/lonja/cs/theme/mobility>") in found
    assert (version, iri("dct:isVersionOf"), record) in found
    assert (version, iri("lonja:origin"), "<did:web:lugo.example>") in found
    about_version = {predicate for subject, predicate, _ in found if subject == version}
    expected = ("dct:isVersionOf", "lonja:origin", "lonja:seq", "dcat:version")
    assert about_version == set(map(iri, expected))
    assert not any("security" in predicate for _, predicate, _ in found)


def test_all_triple_formats_say_the_same(best: Record) -> None:
    turtle = canonical(rdf.to_turtle(best), ox.RdfFormat.TURTLE)
    assert turtle == canonical(rdf.to_ntriples(best), ox.RdfFormat.N_TRIPLES)
    assert turtle == canonical(rdf.to_rdfxml(best), ox.RdfFormat.RDF_XML)
    assert b"\n@prefix dct: <http://purl.org/dc/terms/> .\n" in rdf.to_turtle(best)


def canonical(data: bytes, form: ox.RdfFormat) -> set[str]:
    graph = ox.Dataset(ox.parse(data, format=form))
    graph.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return {str(quad) for quad in graph}


def test_the_same_record_gives_the_same_bytes(best: Record) -> None:
    for write in (rdf.to_ntriples, rdf.to_nquads, rdf.to_turtle, rdf.to_rdfxml):
        assert len({write(best) for _ in range(5)}) == 1


def test_records_in_one_file_share_no_blank_node(best: Record) -> None:
    second = {**best, "id": best["id"].replace("/v/1", "/v/2"), "version": 2}
    for write in (rdf.to_nquads, rdf.to_ntriples):
        names = [set(re.findall(rb"_:\w+", write(record))) for record in (best, second)]
        assert names[0]
        assert not names[0] & names[1]


def test_nquads_keep_the_version_as_a_graph_and_the_proof(best: Record) -> None:
    quads = list(ox.parse(rdf.to_nquads({**best, "proof": PROOF}), format=ox.RdfFormat.N_QUADS))
    graphs = {str(quad.graph_name) for quad in quads if "title" in str(quad.predicate)}
    assert graphs == {f"<{best['id']}>"}
    [value] = [quad for quad in quads if str(quad.predicate) == iri("sec:proofValue")]
    [link] = [quad for quad in quads if str(quad.predicate) == iri("sec:proof")]
    assert value.graph_name == link.object
    assert str(link.subject) == f"<{best['id']}>"
    assert isinstance(link.graph_name, ox.DefaultGraph)


def test_codes_become_the_addresses_of_their_concepts(imported: Record) -> None:
    imported |= {"language": ["es", "ast"], "sdg": ["11"]}
    found = {value for _, _, value in statements(rdf.to_ntriples(imported), ox.RdfFormat.N_TRIPLES)}
    assert "<http://publications.europa.eu/resource/authority/language/SPA>" in found
    assert "<http://id.loc.gov/vocabulary/iso639-1/ast>" in found
    assert "<https://metadata.un.org/sdg/11>" in found
    assert "<http://publications.europa.eu/resource/authority/language/GLG>" in found


def test_a_language_spelt_like_a_key_stays_a_language(practice: Record) -> None:
    practice["title"] = {"sdg": "x", "lat": "y"}
    found = rdf.to_ntriples(practice).decode()
    assert '"x"@sdg' in found
    assert '"y"@lat' in found


def test_tombstones_name_the_class_that_the_record_had(tombstone: Record) -> None:
    found = statements(rdf.to_ntriples(tombstone), ox.RdfFormat.N_TRIPLES)
    record = f"<{tombstone['isVersionOf']}>"
    assert (record, iri("as:formerType"), iri("lonja:BestPractice")) in found


def test_a_draft_without_an_address_can_be_shown(practice: Record) -> None:
    body = {key: practice[key] for key in ("@context", "type", "title")}
    assert b'"Autob\xc3\xbas a demanda"@es' in rdf.to_turtle(body)


def test_a_feed_page_gives_members_receipts_and_proofs(best: Record) -> None:
    members = []
    for number in (1, 2, 3):
        uri = f"https://lugo.example/practices/{number}"
        members.append({**best, "id": f"{uri}/v/1", "isVersionOf": uri, "proof": PROOF})
    page = {
        "@context": PAGE_CONTEXT,
        "id": "https://hub.example/feed#stream",
        "type": "ldes:EventStream",
        "member": members,
        "entries": [
            {"id": member["id"], "received": "2026-11-23T09:00:00Z", "receivedSeq": place}
            for place, member in enumerate(members, 1)
        ],
    }
    quads = list(ox.parse(rdf.page_to_nquads(page), format=ox.RdfFormat.N_QUADS))
    default = [quad for quad in quads if isinstance(quad.graph_name, ox.DefaultGraph)]
    addresses = {f"<{member['id']}>" for member in members}

    def objects(predicate: str) -> dict[str, str]:
        return {str(q.subject): str(q.object) for q in default if str(q.predicate) == predicate}

    listed = {str(q.object) for q in default if str(q.predicate) == f"<{TREE}member>"}
    assert listed == addresses
    for predicate in ("lonja:received", "lonja:receivedSeq", "dct:isVersionOf", "sec:proof"):
        assert set(objects(iri(predicate))) == addresses
    titles = [q for q in default if str(q.predicate) == iri("dct:title")]
    assert {str(q.subject) for q in titles} == addresses
    proofs = {str(q.graph_name) for q in quads if str(q.predicate) == iri("sec:proofValue")}
    assert proofs == set(objects(iri("sec:proof")).values())
    assert len(proofs) == 3


def test_the_page_itself_is_left_as_it_was(best: Record) -> None:
    page = {"@context": PAGE_CONTEXT, "id": "https://hub.example/feed", "member": [dict(best)]}
    rdf.page_to_nquads(page)
    assert page == {
        "@context": PAGE_CONTEXT,
        "id": "https://hub.example/feed",
        "member": [best],
    }
