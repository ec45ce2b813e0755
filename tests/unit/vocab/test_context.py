"""Context v1: what records are written with for good."""

from collections import Counter

import orjson
import pyoxigraph as ox
import pytest

from vocab import context
from vocab.context import Kind
from vocab.terms import COLLECTIONS, CONTEXT_URL, ENVELOPE_KEYS, NAMESPACE

pytestmark = pytest.mark.unit

PAGE_TERMS = ("received", "receivedSeq", "head", "heads", "position")  # of feed pages only
NODE_TERMS = ("reads", "writes")  # of the catalogue of interfaces only
PROOF_KEYS = ("created", "cryptosuite", "verificationMethod", "proofPurpose", "proofValue")


def test_it_defines_envelope_proof_types_and_import_keys() -> None:
    known = context.terms()
    imports = ("source", "credit", "identifier", "importNote", "originalLanguage", "seeAlso")
    head = ("last", "generated", "validUntil")
    for key in (*ENVELOPE_KEYS, *PROOF_KEYS, *imports, *head, "formerType", "erases", "reason"):
        assert key in known
    assert {*COLLECTIONS, "Tombstone", "FeedHead", "DataIntegrityProof"} <= set(context.classes())


def test_proof_terms_are_those_of_data_integrity() -> None:
    definition = context.definitions()["proof"]
    assert definition["@container"] == "@graph"
    assert context.terms()["proof"].iri == "https://w3id.org/security#proof"
    assert context.terms()["proofValue"].datatype == "https://w3id.org/security#multibase"
    assert context.terms()["created"].iri == "http://purl.org/dc/terms/created"


def test_every_property_has_one_key() -> None:
    counted = Counter(term.iri for term in context.terms().values())
    assert [iri for iri, count in counted.items() if count > 1] == []


def test_every_term_of_our_own_is_defined_in_the_ontology_and_the_other_way_round() -> None:
    data = (context.ONTOLOGY_FOLDER / "ontology.ttl").read_bytes()
    defined = {
        quad.subject.value
        for quad in ox.parse(data, format=ox.RdfFormat.TURTLE)
        if isinstance(quad.subject, ox.NamedNode) and quad.subject.value.startswith(NAMESPACE)
    }
    used = {term.iri for term in context.terms().values()} | set(context.classes().values())
    in_pages = {NAMESPACE + name for name in (*PAGE_TERMS, *NODE_TERMS)}
    assert {iri for iri in used if iri.startswith(NAMESPACE)} == defined - in_pages


def test_texts_are_untyped_and_lists_are_always_lists() -> None:
    # an explicit xsd:string would make the two RDF libraries disagree
    for key, value in context.definitions().items():
        if isinstance(value, dict):
            assert value.get("@type") != "xsd:string", key
            assert "@list" not in str(value.get("@container", "")), key
    assert context.terms()["theme"].many
    assert not context.terms()["lead"].many


def test_kinds_follow_the_definitions() -> None:
    kinds = {key: context.terms()[key].kind for key in ("title", "lead", "theme", "value", "unit")}
    assert kinds == {
        "title": Kind.TEXTS,
        "lead": Kind.LINK,
        "theme": Kind.CODE,
        "value": Kind.TYPED,
        "unit": Kind.PLAIN,
    }


def test_the_loader_knows_the_bundled_context_and_nothing_else() -> None:
    loaded = context.loader(CONTEXT_URL, {})
    assert loaded["document"] == orjson.loads(context.context_bytes())
    for url in ("https://w3id.org/lonja/context/v2", "file:///etc/passwd", "http://127.0.0.1/"):
        with pytest.raises(ValueError, match="never fetched"):
            context.loader(url, {})


def test_a_copy_of_the_context_may_be_changed_freely() -> None:
    context.context_document().clear()
    assert "@context" in context.context_document()
