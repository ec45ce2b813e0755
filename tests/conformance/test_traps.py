"""Traps of JSON-LD and SHACL, each found the hard way, each kept shut by a test."""

import concurrent.futures
import copy
from pathlib import Path
from typing import Any

import orjson
import pyoxigraph as ox
import pytest
from pyld import jsonld
from rdflib import XSD, Literal

from tests.conformance.mutations import EXAMPLES, example
from vocab import concepts, rdf, shacl
from vocab.canonical import canonical_bytes
from vocab.context import Kind, classes, context_document, definitions, loader, prefixes, terms
from vocab.document import parse
from vocab.findings import violations
from vocab.terms import CONTEXT_URL
from vocab.validate import check

pytestmark = pytest.mark.conformance

Record = dict[str, Any]
RELEASED = Path(__file__).parent / "released" / "context-v1.jsonld"


def practice(**more: Any) -> Record:
    uri = "https://lugo.example/practices/1"
    return {
        "@context": CONTEXT_URL,
        "id": f"{uri}/v/1",
        "isVersionOf": uri,
        "type": "Practice",
        "origin": "did:web:lugo.example",
        "seq": 1,
        "version": 1,
        "issued": "2026-11-23T08:00:00Z",
        "title": {"en": "A bus that comes when it is called"},
        "publisher": "https://lugo.example/organisations/1",
        "license": "https://creativecommons.org/licenses/by/4.0/",
        **more,
    }


def rules(document: Record) -> set[tuple[str, str]]:
    return {(item.pointer, item.rule) for item in violations(check(document))}


def test_the_context_only_grows() -> None:
    released = orjson.loads(RELEASED.read_bytes())["@context"]
    now = context_document()["@context"]
    assert isinstance(now, dict)
    assert {key: now.get(key) for key in released} == released


def test_an_older_reader_accepts_what_was_added_and_refuses_what_was_altered() -> None:
    options = {"documentLoader": loader}
    added = {"@context": [CONTEXT_URL, {"x": "https://a.example/x"}], "x": "1"}
    assert jsonld.expand(added, options)
    altered = {"@context": [CONTEXT_URL, {"title": "https://a.example/title"}], "title": "1"}
    with pytest.raises(jsonld.JsonLdError):
        jsonld.expand(altered, options)
    with pytest.raises(jsonld.JsonLdError):
        jsonld.expand({"@context": [CONTEXT_URL, None], "title": {"en": "x"}}, options)


def test_no_code_of_any_list_is_a_name_of_the_context() -> None:
    names = definitions().keys() | classes().keys() | prefixes().keys() | terms().keys()
    codes = {code for scheme in concepts.scheme_names() for code in concepts.codes(scheme)}
    assert not codes & names


def test_a_code_that_is_a_name_is_refused_before_the_libraries_disagree() -> None:
    assert rules(practice(theme=["title"])) == {("/theme/0", "wrong-concept")}
    assert rules(practice(theme=["Practice"])) == {("/theme/0", "wrong-concept")}


def test_an_address_in_the_place_of_a_code_is_refused() -> None:
    for value in ("javascript:alert(1)", "https://w3id.org/lonja/cs/theme/energy"):
        assert rules(practice(theme=[value])) == {("/theme/0", "wrong-concept")}


def test_unknown_keys_are_told_before_expansion_drops_them() -> None:
    document = practice(titel={"en": "x"})
    assert [item.rule for item in check(document)] == ["unknown-key"]
    (expanded,) = jsonld.expand(document, {"documentLoader": loader})
    assert not any("titel" in key for key in expanded)


def test_relative_addresses_never_reach_the_graph() -> None:
    assert rules(practice(lead="the council")) == {("/lead", "bad-link")}
    assert rules(practice(lead="../organisations/2")) == {("/lead", "bad-link")}


def test_numbers_have_a_datatype_that_fractions_cannot_break() -> None:
    kinds = {term.datatype.rsplit("#", 1)[-1] for term in terms().values() if term.datatype}
    assert "decimal" not in kinds
    assert rules(practice(staff=0.62)) == set()
    cost = {"type": "Cost", "costKind": "setup", "amount": 38000.5, "currency": "EUR"}
    assert rules(practice(cost=[cost])) == {("/cost/0/amount", "wrong-shape")}
    written = rdf.to_ntriples(practice(staff=0.62)).decode()
    assert '"6.2E-1"^^<http://www.w3.org/2001/XMLSchema#double>' in written


def test_texts_have_no_datatype_of_their_own() -> None:
    for key, value in definitions().items():
        if isinstance(value, dict):
            assert value.get("@type") != "xsd:string", key


def test_a_list_of_one_stays_a_list(shared: Path) -> None:
    many = {term.key for term in terms().values() if term.many and term.kind is not Kind.TEXTS}
    for name in EXAMPLES:
        document = example(shared, name)
        options = {"documentLoader": loader}
        expanded = jsonld.expand(document, options)
        compacted = jsonld.compact(expanded, CONTEXT_URL, options)
        for key in many & compacted.keys():
            assert isinstance(compacted[key], list), (name, key)


def test_rdflib_reads_dates_too_kindly_so_the_check_does_not_ask_it() -> None:
    day = Literal("2020-01-01", datatype=XSD.dateTime, normalize=False)
    assert day.value is not None  # the trap: a day passes as a time
    assert rules(practice(issued="2020-01-01")) == {("/issued", "bad-time")}
    stored = orjson.loads(canonical_bytes(practice(issued="2020-01-01")))
    assert violations(shacl.judge(stored))


def test_signed_bytes_never_pass_through_a_library_that_mends_literals(shared: Path) -> None:
    document = example(shared, "best-practice")
    data = canonical_bytes(document)
    assert canonical_bytes(parse(data)) == data


def test_records_are_judged_one_by_one(shared: Path) -> None:
    """In one graph two records that name the same organisation would break each other."""
    first = example(shared, "organisation")
    second = copy.deepcopy(first)
    second["helix"] = "academia"
    for document in (first, second):
        assert not violations(shacl.judge(orjson.loads(canonical_bytes(document))))
    graph = ox.Dataset()
    for document in (first, second):
        for quad in ox.parse(rdf.to_ntriples(document), format=ox.RdfFormat.N_TRIPLES):
            graph.add(quad)
    sectors = [quad for quad in graph if quad.predicate.value.endswith("#helix")]
    assert len(sectors) == 2  # the trap: together they have two sectors, alone one each


def test_many_threads_may_publish_at_once(shared: Path) -> None:
    documents = [orjson.loads(canonical_bytes(example(shared, name))) for name in EXAMPLES]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        found = list(pool.map(shacl.judge, documents * 4))
    assert [violations(one) for one in found] == [[]] * len(found)
