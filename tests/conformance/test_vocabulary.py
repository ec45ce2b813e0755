"""The vocabulary against its examples, its broken records, real catalogues and chance.

The two halves of the check are held together here: what the fast one accepts, the SHACL shapes
accept; and the two JSON-LD libraries read every accepted record as the same graph.
"""

import copy
import json
import logging
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import orjson
import pyoxigraph as ox
import pytest
from pyld import jsonld
from rdflib import Graph

from vocab import rdf
from vocab.canonical import canonical_bytes
from vocab.context import ONTOLOGY_FOLDER, loader, terms
from vocab.document import parse
from vocab.findings import violations
from vocab.shacl import judge
from vocab.shapes import SH, read_shapes
from vocab.terms import CONTEXT_URL
from vocab.validate import check, check_for_publishing

pytestmark = pytest.mark.conformance

Record = dict[str, Any]

SUPPORTED: Final = ("best-practice", "adaptation", "organisation", "cluster")
BROKEN: Final = {
    "bad-date": "/startDate",
    "data-no-privacy-basis": "/privacy",
    "end-before-start": "/endDate",
    "http-js-url": "/asset/0/url",
    "lead-text": "/lead",
    "negative-cost": "/cost/0/amount",
    "no-licence": "/license",
    "no-result": "/result",
    "no-title": "/title",
    "person-inside": "/dct:contributor",
    "personal-email": "/contact",
    "pop-text": "/place/population",
    "private-leak": "/visibility",
    "sdg-18": "/sdg/0",
    "self-adapted": "/adaptedFrom/0",
    "theme-javascript": "/theme/0",
    "title-no-lang": "/title/@none",
    "unknown-theme": "/theme/0",
    "women-140": "/coCreation/participation/0/womenPercent",
}
NEWER: Final = ("sdg-18", "unknown-theme")  # right list, unknown code: a peer may be newer
MUTATIONS: Final = 600


def entry(document: Record, version: int = 1) -> Record:
    """Return a draft record of the examples as a full entry: envelope terms replace its own."""
    own = {key: value for key, value in document.items() if key != "previousVersion"}
    uri = document["id"]
    envelope = {
        "id": f"{uri}/v/{version}",
        "isVersionOf": uri,
        "origin": "did:web:lugo.example",
        "seq": 1,
        "version": version,
    }
    return {"issued": "2026-11-23T08:00:00Z", **own, **envelope}


def example(shared: Path, name: str) -> Record:
    return entry(parse((shared / "vocabulary" / "examples" / f"{name}.jsonld").read_bytes()))


def graph(quads: Any) -> set[str]:
    """Return statements with canonical names for blank nodes (RDFC-1.0)."""
    dataset = ox.Dataset(quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return {str(quad) for quad in dataset}


def as_pyld_reads(document: Record) -> set[str]:
    options = {"documentLoader": loader, "format": "application/n-quads"}
    quads = jsonld.to_rdf(document, options)
    return graph(ox.parse(quads.encode(), format=ox.RdfFormat.N_QUADS))


def as_the_node_writes(document: Record) -> set[str]:
    page = {"@context": {"@version": 1.1}, "@included": [document]}
    return graph(ox.parse(rdf.page_to_nquads(page), format=ox.RdfFormat.N_QUADS))


@pytest.mark.parametrize("name", SUPPORTED)
def test_examples_pass_without_a_warning(shared: Path, name: str) -> None:
    found = check_for_publishing(example(shared, name))
    assert [item for item in found if item.severity != "info"] == []


def test_the_control_among_the_broken_records_passes(shared: Path) -> None:
    control = shared / "vocabulary" / "broken" / "CONTROL-valid-comparison.jsonld"
    assert not violations(check_for_publishing(entry(parse(control.read_bytes()))))


@pytest.mark.parametrize(("name", "pointer"), BROKEN.items())
def test_broken_records_are_refused_by_one_finding_that_names_the_field(
    shared: Path, name: str, pointer: str
) -> None:
    data = (shared / "vocabulary" / "broken" / f"{name}.jsonld").read_bytes()
    document = entry(parse(data))
    refused = violations(check_for_publishing(document))
    assert [item.pointer for item in refused] == [pointer]
    harvested = [item.pointer for item in violations(check(document))]
    assert harvested == ([] if name in NEWER else [pointer])
    assert refused[0].fix("es")


@pytest.mark.parametrize("name", SUPPORTED)
def test_both_libraries_read_the_same_graph(shared: Path, name: str) -> None:
    document = example(shared, name)
    assert as_the_node_writes(document) == as_pyld_reads(document)


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
    targets = {f"<{SH}targetClass>", f"<{SH}targetObjectsOf>"}
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


# Anything that somebody could put anywhere; the seed makes each run the same.
VALUES: Final[list[Any]] = [
    *(None, True, False, 0, 1, -5, 1.5, 38000.0, -0.0, 1e300, 2**53 - 1),
    *("", "  ", "x", "X Y", "\u0001", "é\u2028", "18", "es", "lat", "title", "lonja", "Practice"),
    *("javascript:alert(1)", "energy", "c1", "setup", "ES", "EUR", "dpv:Consent"),
    *("application/pdf", "BestPractice", "mailto:a@b.example", "did:web:a.example", "urn:x:1"),
    *("2024-02-29", "2023-02-30", "0000-01-01", "2026-01-01T00:00:00Z", "2024-02-29T23:59:60Z"),
    *("2024-02-29T24:00:00Z", "https://a.example/", "https://a.example/%zz", "http://"),
    *("https://[x]/", "https://w3id.org/lonja/cs/theme/energy"),
    *([], ["a"], ["energy", "energy"], [["a"]], ["BestPractice", "Adaptation"]),
    *({}, {"en": "x"}, {"en": ""}, {"en": ["a", "b"]}, {"pt-br": "x"}, {"x": "y"}),
    *({"type": "Place"}, {"id": "https://z.example/"}, {"type": "Result", "value": 1}),
]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every value in a document."""
    if path:
        yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for step, item in inner:
        if isinstance(item, dict | list):
            yield from places(item, (*path, step))
        else:
            yield (*path, step)


def mutated(document: Record, chance: random.Random) -> Record:
    """Return a copy with one thing removed, replaced, added or repeated."""
    result = copy.deepcopy(document)
    *outer, last = chance.choice(list(places(result)))
    owner: Any = result
    for step in outer:
        owner = owner[step]
    act = chance.random()
    if act < 0.15:
        del owner[last]
    elif act < 0.75:
        owner[last] = copy.deepcopy(chance.choice(VALUES))
    elif isinstance(owner, list):
        owner.append(copy.deepcopy(owner[last]))
    else:
        source = owner[last] if act > 0.9 else chance.choice(VALUES)
        owner[chance.choice(sorted(terms()))] = copy.deepcopy(source)
    return result


@pytest.mark.parametrize("seed", range(4))
def test_the_fast_check_never_accepts_what_the_shapes_refuse(
    shared: Path, seed: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, "rdflib")
    chance = random.Random(seed)
    originals = [example(shared, name) for name in SUPPORTED]
    accepted = 0
    for _ in range(MUTATIONS // 4):
        document = mutated(chance.choice(originals), chance)
        if violations(check(document)):
            continue
        accepted += 1
        stored = orjson.loads(canonical_bytes(document))
        assert violations(judge(stored)) == [], document
        assert rdf.to_nquads(stored)
    assert accepted > MUTATIONS / 4 / 10
