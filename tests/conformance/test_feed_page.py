"""Root and pages as Linked Data Event Streams (LDES, TREE), read by JSON-LD processors.

What outside clients rely on: one view, members named by version URI, bounds that hold exactly,
receipt times beside the members and not inside them, the same statements in both formats.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import pyoxigraph as ox
import pytest
from pyld import jsonld

from federation.feed import PAGE_SIZE, Feed
from federation.identity import Identity, SigningKey, did_of
from federation.journal.journal import Draft, Journal
from federation.journal.store import open_store
from federation.proof import verify
from tests.unit.federation.world import Clock, practice
from vocab.context import loader
from vocab.terms import CONTEXT_URL, NAMESPACE

pytestmark = pytest.mark.conformance

TREE = "https://w3id.org/tree#"
LDES = "https://w3id.org/ldes#"
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
XSD = "http://www.w3.org/2001/XMLSchema#"
BASE = "https://hub.example"
STREAM = f"{BASE}/feed#stream"


@pytest.fixture(scope="module")
def feed(tmp_path_factory: pytest.TempPathFactory) -> Feed:
    """A feed of two closed pages and an open one; bulk imports tie at the microsecond before."""
    folder = tmp_path_factory.mktemp("hub")
    clock = Clock()
    did = did_of(BASE)
    identity = Identity(did, BASE, f"{did}#key-1", SigningKey.generate())
    store = open_store(folder / "journal.sqlite3", lock=folder / "write.lock")
    store.create_tables()
    journal = Journal(store, clock)
    journal.ensure_local_origin(identity, "Hub")
    for start in range(0, 2 * PAGE_SIZE + 30, 46):
        clock.advance(seconds=0.25)
        wanted = min(46, 2 * PAGE_SIZE + 30 - start)
        titles = [f'Practice {start + number} 🌳 \u2028 "x"' for number in range(wanted)]
        drafts = [
            Draft(practice(title, cost=[{"type": "Cost", "amount": 10}]), None, "Practice")
            for title in titles
        ]
        journal.append_local(drafts, identity)
    return Feed(journal, identity, folder / "cache", clock)


def body(feed: Feed, number: int | None) -> bytes:
    if number is None:
        return feed.root().body
    page = feed.page(number)
    assert page is not None
    return page.body


def as_quads(data: bytes) -> set[str]:
    """Return the statements that pyld reads, with canonical names for blank nodes."""
    options = {"documentLoader": loader, "format": "application/n-quads"}
    written = jsonld.to_rdf(orjson.loads(data), options)
    return canonical(written.encode())


def canonical(nquads: bytes) -> set[str]:
    dataset = ox.Dataset(ox.parse(nquads, format=ox.RdfFormat.N_QUADS))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return {str(quad) for quad in dataset}


def objects(quads: set[str], subject: str, predicate: str) -> list[str]:
    start = f"<{subject}> <{predicate}> "
    return sorted(quad.removeprefix(start) for quad in quads if quad.startswith(start))


def test_the_root_is_one_view_of_the_stream(feed: Feed) -> None:
    quads = as_quads(body(feed, None))
    assert objects(quads, STREAM, TYPE) == [f"<{LDES}EventStream>"]
    assert objects(quads, STREAM, f"{TREE}view") == [f"<{BASE}/feed>"]
    assert len([quad for quad in quads if f"<{TREE}view>" in quad]) == 1
    assert objects(quads, STREAM, f"{LDES}timestampPath") == [f"<{NAMESPACE}received>"]
    assert objects(quads, STREAM, f"{LDES}versionOfPath") == [
        "<http://purl.org/dc/terms/isVersionOf>"
    ]
    assert objects(quads, f"{BASE}/feed", TYPE) == [f"<{TREE}Node>"]
    assert objects(quads, STREAM, f"{TREE}member") == []
    assert objects(quads, STREAM, f"{NAMESPACE}position") == [f'"230"^^<{XSD}integer>']


def relations(feed: Feed) -> list[dict[str, str]]:
    """Return the relations as the expanded root says them."""
    (root,) = [
        node
        for node in jsonld.flatten(
            jsonld.expand(orjson.loads(body(feed, None)), {"documentLoader": loader})
        )
        if node["@id"] == f"{BASE}/feed"
    ]
    listed = {
        node["@id"]: node
        for node in jsonld.flatten(
            jsonld.expand(orjson.loads(body(feed, None)), {"documentLoader": loader})
        )
    }
    found = []
    for reference in root[f"{TREE}relation"]:
        node = listed[reference["@id"]]
        (value,) = node[f"{TREE}value"]
        assert value["@type"] == f"{XSD}dateTime"
        assert node[f"{TREE}path"] == [{"@id": f"{NAMESPACE}received"}]
        found.append(
            {
                "node": node[f"{TREE}node"][0]["@id"],
                "kind": node["@type"][0].removeprefix(TREE),
                "value": value["@value"],
            }
        )
    return found


def test_bounds_hold_for_every_member_ties_included(feed: Feed) -> None:
    listed = relations(feed)
    nodes = {one["node"] for one in listed}
    assert nodes == {f"{BASE}/feed/{number}" for number in range(3)}
    for number in range(3):
        times = [
            datetime.fromisoformat(one["received"])
            for one in orjson.loads(body(feed, number))["entries"]
            if "received" in one
        ]
        assert times == sorted(times)
        bounds = {
            one["kind"]: datetime.fromisoformat(one["value"])
            for one in listed
            if one["node"] == f"{BASE}/feed/{number}"
        }
        assert bounds["GreaterThanOrEqualToRelation"] == times[0]
        assert ("LessThanOrEqualToRelation" in bounds) == (number < 2)
        if number < 2:
            assert bounds["LessThanOrEqualToRelation"] == times[-1]


@pytest.mark.parametrize("number", [0, 1, 2])
def test_members_are_named_by_version_and_stand_verbatim(feed: Feed, number: int) -> None:
    data = body(feed, number)
    listed = orjson.loads(data)["member"]
    quads = as_quads(data)
    assert objects(quads, STREAM, f"{TREE}member") == sorted(f"<{one['id']}>" for one in listed)
    for one in listed:
        assert orjson.dumps(one, option=orjson.OPT_SORT_KEYS) in data
        key = one["proof"]["verificationMethod"].partition("#")[0]
        assert key == did_of(BASE)


@pytest.mark.parametrize("number", [0, 2])
def test_receipts_stand_beside_the_members(feed: Feed, number: int) -> None:
    data = orjson.loads(body(feed, number))
    quads = as_quads(body(feed, number))
    for place, one in enumerate(data["member"], 1):
        seq = number * PAGE_SIZE + place
        assert objects(quads, one["id"], f"{NAMESPACE}receivedSeq") == [f'"{seq}"^^<{XSD}integer>']
        (received,) = objects(quads, one["id"], f"{NAMESPACE}received")
        assert received.endswith(f"^^<{XSD}dateTime>")
        assert "received" not in one
        assert one["@context"] == CONTEXT_URL


def test_what_the_page_calls_member_means_nothing_inside_a_member(feed: Feed) -> None:
    data = orjson.loads(body(feed, 2))
    document = data["member"][0]
    alone = as_quads(orjson.dumps(document))
    within = {quad for quad in as_quads(body(feed, 2)) if quad.startswith(f"<{document['id']}>")}
    own = {quad for quad in alone if quad.startswith(f"<{document['id']}>") and "_:" not in quad}
    assert len(own) > 5
    assert own <= within


@pytest.mark.parametrize("number", [0, 2])
def test_closed_pages_say_that_they_are_immutable(feed: Feed, number: int) -> None:
    said = objects(as_quads(body(feed, number)), f"{BASE}/feed/{number}", f"{LDES}immutable")
    assert said == ([f'"true"^^<{XSD}boolean>'] if number < 2 else [])


@pytest.mark.parametrize("number", [None, 0, 2])
def test_n_quads_are_the_same_graph(feed: Feed, number: int | None) -> None:
    page = feed.root(nquads=True) if number is None else feed.page(number, nquads=True)
    assert page is not None
    assert canonical(page.body) == as_quads(body(feed, number))


def test_the_head_in_the_root_can_be_verified_as_it_stands(feed: Feed) -> None:
    root = orjson.loads(body(feed, None))
    head: dict[str, Any] = root["head"]
    multikey = feed._identity.key.public_multikey
    verify(head, multikey)
    assert (head["seq"], head["origin"]) == (230, did_of(BASE))


def test_an_ordinary_json_parser_is_enough(feed: Feed) -> None:
    for number in (None, 0, 2):
        data = body(feed, number)
        assert json.loads(data) == orjson.loads(data)


def test_the_context_of_pages_is_inline(feed: Feed) -> None:
    page = orjson.loads(body(feed, 0))
    assert isinstance(page["@context"], dict)
    text = json.dumps(page["@context"])
    assert "@protected" not in text
    assert CONTEXT_URL not in text


def test_pages_are_small_compressed(feed: Feed, tmp_path: Path) -> None:
    plain, packed = feed.page(0), feed.page(0, encoding="zstd")
    assert plain is not None
    assert packed is not None
    assert len(packed.body) < len(plain.body) / 3
