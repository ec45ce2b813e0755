"""The vocabulary against its examples, its broken records, real catalogues and chance.

The two halves of the check are held together here: what the fast one accepts, the SHACL shapes
accept; and the two JSON-LD libraries read every accepted record as the same graph.
"""

import json
import logging
import random
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import orjson
import pyoxigraph as ox
import pytest
from pyld import jsonld
from rdflib import Graph

from node.demo.sample import NODES, records, resolve
from tests.conformance.mutations import EXAMPLES, STRICTER, Record, entry, example, mutated, run
from tests.samples import DOCUMENTS
from vocab import rdf
from vocab.accept import faultless
from vocab.canonical import canonical_bytes
from vocab.context import ONTOLOGY_FOLDER, loader
from vocab.document import parse
from vocab.findings import violations
from vocab.language import LANGUAGES
from vocab.shapes import SH, read_shapes
from vocab.terms import CONTEXT_URL
from vocab.validate import check, check_carefully, check_for_publishing, check_local

pytestmark = pytest.mark.conformance

BROKEN: Final = {
    "bad-date": ("bad-date", "/startDate"),
    "data-no-privacy-basis": ("incomplete", "/privacy"),
    "end-before-start": ("end-before-start", "/endDate"),
    "http-js-url": ("bad-link", "/asset/0/url"),
    "lead-text": ("bad-link", "/lead"),
    "negative-cost": ("out-of-range", "/cost/0/amount"),
    "no-licence": ("required", "/license"),
    "no-result": ("required", "/result"),
    "no-title": ("required", "/title"),
    "observation-named-person": ("forbidden-key", "/dct:creator"),
    "observation-rating9": ("out-of-range", "/rating"),
    "person-inside": ("forbidden-key", "/dct:contributor"),
    "personal-email": ("incomplete", "/contact"),
    "pop-text": ("wrong-shape", "/place/population"),
    "private-leak": ("bad-value", "/visibility"),
    "procurement-no-accountable": ("incomplete", "/accountable"),
    "proposal-rejected-no-reason": ("incomplete", "/reason"),
    "sdg-18": ("unknown-concept", "/sdg/0"),
    "self-adapted": ("self-lineage", "/adaptedFrom/0"),
    "theme-javascript": ("wrong-concept", "/theme/0"),
    "title-no-lang": ("forbidden-key", "/title/@none"),
    "unknown-theme": ("unknown-concept", "/theme/0"),
    "women-140": ("out-of-range", "/coCreation/participation/0/womenPercent"),
}
NEWER: Final = ("sdg-18", "unknown-theme")  # right list, unknown code: a peer may be newer
MUTANTS: Final = 2000
DOUBLE: Final = ox.NamedNode("http://www.w3.org/2001/XMLSchema#double")
CONSENT: Final = "consent-record.LOCAL-ONLY"


def graph(quads: Iterable[ox.Quad]) -> set[str]:
    """Return statements with canonical names for blank nodes (RDFC-1.0).

    Doubles are compared as numbers: pyld writes fifteen decimals, pyoxigraph the shortest form
    that is the same number. They are made alike first, since the names depend on them.
    """
    dataset = ox.Dataset([_alike(quad) for quad in quads])
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return {str(quad) for quad in dataset}


def _alike(quad: ox.Quad) -> ox.Quad:
    value = quad.object
    if not isinstance(value, ox.Literal) or value.datatype != DOUBLE:
        return quad
    try:
        number = ox.Literal(repr(float(value.value)), datatype=DOUBLE)
    except ValueError:  # a key in a record of another type, whose value nobody has judged
        return quad
    return ox.Quad(quad.subject, quad.predicate, number, quad.graph_name)


def as_pyld_reads(document: Record) -> set[str]:
    options = {"documentLoader": loader, "format": "application/n-quads"}
    quads = jsonld.to_rdf(document, options)
    return graph(ox.parse(quads.encode(), format=ox.RdfFormat.N_QUADS))


def as_the_node_writes(document: Record) -> set[str]:
    page: Record = {"@context": {"@version": 1.1}, "@included": [document]}
    return graph(ox.parse(rdf.page_to_nquads(page), format=ox.RdfFormat.N_QUADS))


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_pass_all_three_checks_without_a_warning(shared: Path, name: str) -> None:
    document = example(shared, name)
    assert parse(canonical_bytes(document)) == document
    assert faultless(document)
    assert check_carefully(document) == []
    assert [item for item in check_for_publishing(document) if item.severity != "info"] == []


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_survive_expansion_and_compaction_unchanged(shared: Path, name: str) -> None:
    document = example(shared, name)
    options = {"documentLoader": loader}
    expanded = jsonld.expand(document, options)
    assert jsonld.compact(expanded, CONTEXT_URL, options) == document


def test_consent_stays_on_the_node(shared: Path) -> None:
    consent = parse((shared / "vocabulary" / "examples" / f"{CONSENT}.jsonld").read_bytes())
    assert check_local(consent) == []
    for found in (check(entry(consent)), check(consent, authoring=True)):
        assert [(item.rule, item.pointer) for item in found] == [("local-only", "/type")]
    inside = {**example(shared, "organisation"), "place": {"type": "ConsentRecord"}}
    assert ("local-only", "/place/type") in {(i.rule, i.pointer) for i in check(inside)}


def test_every_example_is_tried(shared: Path) -> None:
    files = {path.stem for path in (shared / "vocabulary" / "examples").iterdir()}
    assert files == {*EXAMPLES, CONSENT}
    files = {path.stem for path in (shared / "vocabulary" / "broken").iterdir()}
    assert files == {*BROKEN, "CONTROL-valid-comparison"}


def test_the_control_among_the_broken_records_passes(shared: Path) -> None:
    control = shared / "vocabulary" / "broken" / "CONTROL-valid-comparison.jsonld"
    assert not violations(check_for_publishing(entry(parse(control.read_bytes()))))


@pytest.mark.parametrize(("name", "meant"), BROKEN.items(), ids=list(BROKEN))
def test_broken_records_are_refused_by_the_one_finding_meant_for_them(
    shared: Path, name: str, meant: tuple[str, str]
) -> None:
    data = (shared / "vocabulary" / "broken" / f"{name}.jsonld").read_bytes()
    document = entry(parse(data))
    (refused,) = violations(check_for_publishing(document))
    assert (refused.rule, refused.pointer) == meant
    harvested = [(item.rule, item.pointer) for item in violations(check(document))]
    assert harvested == ([] if name in NEWER else [meant])
    said = {language: refused.message(language) for language in LANGUAGES}
    mended = {language: refused.fix(language) for language in LANGUAGES}
    # "Falta" is both Spanish and Portuguese
    assert len(set(said.values())) >= len(LANGUAGES) - 1
    assert len(set(mended.values())) == len(LANGUAGES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_both_libraries_read_the_same_graph(shared: Path, name: str) -> None:
    document = example(shared, name)
    assert as_the_node_writes(document) == as_pyld_reads(document)


@pytest.mark.parametrize("node", [node.key for node in NODES])
def test_both_libraries_read_the_sample_records_alike(node: str) -> None:
    names = [f"{one.key}/{slug}" for one in NODES for slug, _document in records(one.key)]
    addresses = {name: f"https://sample.example/practices/{name}" for name in names}
    for slug, document in records(node):
        uri = f"https://sample.example/practices/{slug}"
        resolved = resolve(document, addresses)
        assert isinstance(resolved, dict)
        written = entry({**resolved, "id": uri, "publisher": uri})
        assert as_the_node_writes(written) == as_pyld_reads(written), slug


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_both_libraries_read_every_type_alike(kind: str) -> None:
    written = entry({**DOCUMENTS[kind], "id": "https://lugo.example/records/1"})
    assert as_the_node_writes(written) == as_pyld_reads(written)


def test_a_proof_is_read_alike_too(shared: Path) -> None:
    proof = {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "@context": CONTEXT_URL,
        "created": "2026-11-23T08:00:00Z",
        "verificationMethod": "did:web:lugo.example#key-1",
        "proofPurpose": "assertionMethod",
        "proofValue": "z4",
    }
    document = {**example(shared, "adaptation"), "proof": proof}
    assert as_the_node_writes(document) == as_pyld_reads(document)


def test_the_shapes_are_shapes_by_shacls_own_account() -> None:
    import pyshacl

    conforms, _, report = pyshacl.validate(
        Graph(), shacl_graph=Graph() + read_shapes(), meta_shacl=True
    )
    assert conforms, report


def test_every_shape_is_reached_by_a_target() -> None:
    data = (ONTOLOGY_FOLDER / "shapes.ttl").read_bytes()
    quads = list(ox.parse(data, format=ox.RdfFormat.TURTLE))
    shapes = {q.subject for q in quads if str(q.object) == f"<{SH}NodeShape>"}
    targets = {f"<{SH}target{kind}>" for kind in ("Class", "ObjectsOf", "SubjectsOf")}
    assert {q.subject for q in quads if str(q.predicate) in targets} == shapes


def listing(row: Record, number: int) -> Record:
    """Return a row of a real catalogue as the practice that an import would list."""
    uri = f"https://lugo.example/practices/{number}"
    place = {"countryName": row.get("country"), "region": row.get("region")}
    place |= {"lat": row.get("lat"), "long": row.get("lon")}
    return {
        "@context": CONTEXT_URL,
        "id": f"{uri}/v/1",
        "isVersionOf": uri,
        "type": "Practice",
        "origin": "did:web:lugo.example",
        "seq": number,
        "version": 1,
        "issued": "2026-11-23T08:00:00Z",
        "publisher": "https://lugo.example/organisations/1",
        "license": "https://creativecommons.org/licenses/by/4.0/",
        "credit": f"{row['source']}, {row['licence']}",
        "identifier": f"{row['source']}:{row['source_id']}",
        "source": row["url"],
        "title": row["title"],
        **({"summary": row["summary"]} if "summary" in row else {}),
        **({"description": row["body"]} if "body" in row else {}),
        **({"startDate": row["start"]} if "start" in row else {}),
        **({"endDate": row["end"]} if "end" in row else {}),
        **({"keyword": {"und": row["themes"]}} if row.get("themes") else {}),
        **({"organisationName": row["organisations"]} if row.get("organisations") else {}),
        "place": {"type": "Place", **{key: value for key, value in place.items() if value}},
    }


def test_a_real_catalogue_with_all_its_gaps_passes(shared: Path) -> None:
    lines = (shared / "data" / "practices.jsonl").read_bytes().splitlines()
    records = [listing(json.loads(line), number) for number, line in enumerate(lines, 1)]
    assert len(records) == 2792
    for record in records:
        found = check(record)
        assert {item.rule for item in found} <= {"end-before-start"}
        assert not violations(found)
    for record in records[::40]:
        assert not violations(check_for_publishing(record))


@pytest.mark.parametrize("seed", range(8))
def test_the_fast_check_never_accepts_what_the_shapes_refuse(
    shared: Path, seed: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, "rdflib")
    tally = run([example(shared, name) for name in EXAMPLES], MUTANTS // 8, seed)
    assert tally.forbidden == []
    assert tally.hasty == []
    assert tally.stricter.keys() <= STRICTER.keys()
    assert tally.fast > tally.mutants / 10
    assert tally.faultless > tally.mutants / 20


@pytest.mark.parametrize("seed", range(4))
def test_what_the_fast_check_accepts_can_be_written_as_rdf(shared: Path, seed: int) -> None:
    chance = random.Random(seed)
    originals = [example(shared, name) for name in EXAMPLES]
    for _ in range(200):
        document = mutated(chance.choice(originals), chance)
        if not violations(check(document)):
            stored = orjson.loads(canonical_bytes(document))
            assert as_the_node_writes(stored) == as_pyld_reads(stored)
