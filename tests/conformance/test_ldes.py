"""The feed is what LDES and TREE ask for, read as RDF by parsers that know nothing of this program.

What a client relies on (SEMIC, Linked Data Event Streams and TREE, 2026): one view, relations of
the page that was asked for, bounds on the timestamp path, members that are addresses, versions of
something, immutable pages that say so.
"""

from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import pyoxigraph as ox
import pytest
from pyld import jsonld

from federation.feed import PAGE_SIZE
from tests.unit.federation.world import Town, World
from vocab.context import loader

pytestmark = pytest.mark.conformance

TREE = "https://w3id.org/tree#"
LDES = "https://w3id.org/ldes#"
DCT = "http://purl.org/dc/terms/"
LONJA = "https://w3id.org/lonja/ns#"
RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
DATE_TIME = "http://www.w3.org/2001/XMLSchema#dateTime"
RESULT = [{"type": "Result", "indicator": {"en": "degrees cooler"}, "value": 2.5}]
Triple = tuple[str, str, str]


@pytest.fixture
def hub(tmp_path: Path) -> Any:
    """A hub that relays entries of two towns, with versions and a tombstone, on three pages."""
    world = World(tmp_path)
    made = world.town("hub")
    towns = [world.town("city"), world.town("village")]
    for town in towns:
        made.accept(town)
        first = town.publish_one("Green roofs", result=RESULT)
        town.publish("Green roofs, later", uri=first.uri)
        town.withdraw(town.publish_one("By mistake"))
        town.publish(*[f"Practice {number}" for number in range(PAGE_SIZE)])
        for start in range(0, PAGE_SIZE + 4, 50):
            made.receive(*town.relayed()[start : start + 50])
    yield made
    world.close()


def by_n_quads(body: bytes) -> list[Triple]:
    """Return the statements of N-Quads, whatever their graph."""
    return [_triple(quad) for quad in ox.parse(body, format=ox.RdfFormat.N_QUADS)]


def by_json_ld(body: bytes) -> list[Triple]:
    """Return the statements of JSON-LD, by a processor that is not the program's own."""
    options = {"documentLoader": loader, "format": "application/n-quads"}
    return by_n_quads(jsonld.to_rdf(orjson.loads(body), options).encode())


def _triple(quad: ox.Quad) -> Triple:
    return (str(quad.subject), str(quad.predicate), str(quad.object))


def objects(triples: list[Triple], subject: str, predicate: str) -> list[str]:
    return [o for s, p, o in triples if (s, p) == (subject, f"<{predicate}>")]


def subjects(triples: list[Triple], predicate: str) -> set[str]:
    return {s for s, p, _o in triples if p == f"<{predicate}>"}


def pages(town: Town, form: str) -> dict[str, list[Triple]]:
    """Follow the relations from the root, as a client does; return statements by address."""
    nquads = form == "n-quads"
    read = by_n_quads if nquads else by_json_ld
    found = {f"<{town.feed.url}>": read(town.feed.root(nquads=nquads).body)}
    queue = list(found)
    while queue:
        here = queue.pop()
        for relation in objects(found[here], here, TREE + "relation"):
            (node,) = objects(found[here], relation, TREE + "node")
            if node not in found:
                number = int(node.rstrip(">").rsplit("/", 1)[1])
                page = town.feed.page(number, nquads=nquads)
                assert page is not None
                found[node] = read(page.body)
                queue.append(node)
    return found


@pytest.fixture(params=["n-quads", "json-ld"])
def served(request: pytest.FixtureRequest, hub: Town) -> dict[str, list[Triple]]:
    return pages(hub, request.param)


def test_the_root_has_one_view_and_says_the_paths(
    hub: Town, served: dict[str, list[Triple]]
) -> None:
    url = f"<{hub.feed.url}>"
    root = served[url]
    (stream,) = subjects(root, TREE + "view")
    assert objects(root, stream, TREE + "view") == [url]
    assert objects(root, stream, RDF_TYPE) == [f"<{LDES}EventStream>"]
    assert objects(root, stream, LDES + "timestampPath") == [f"<{LONJA}received>"]
    assert objects(root, stream, LDES + "sequencePath") == [f"<{LONJA}receivedSeq>"]
    assert objects(root, stream, LDES + "versionOfPath") == [f"<{DCT}isVersionOf>"]
    tombstone = "<https://www.w3.org/ns/activitystreams#Tombstone>"
    assert objects(root, stream, LDES + "versionDeleteObject") == [tombstone]


def test_every_relation_starts_at_the_page_and_bounds_the_timestamp_path(
    hub: Town, served: dict[str, list[Triple]]
) -> None:
    url = f"<{hub.feed.url}>"
    root = served[url]
    kinds: dict[str, set[str]] = {}
    for relation in objects(root, url, TREE + "relation"):
        (node,) = objects(root, relation, TREE + "node")
        (kind,) = objects(root, relation, RDF_TYPE)
        (value,) = objects(root, relation, TREE + "value")
        assert objects(root, relation, TREE + "path") == [f"<{LONJA}received>"]
        assert value.endswith(f"^^<{DATE_TIME}>")
        moment = datetime.fromisoformat(value.split('"')[1])
        inside = [received(served[node], member) for member in members(served[node])]
        if kind.endswith("GreaterThanOrEqualToRelation>"):
            assert moment <= min(inside)
        else:
            assert kind.endswith("#LessThanOrEqualToRelation>")
            assert moment >= max(inside)
        kinds.setdefault(node, set()).add(kind)
    assert [len(kinds[f"<{hub.feed.url}/{number}>"]) for number in range(3)] == [2, 2, 1]


def members(triples: list[Triple]) -> list[str]:
    return [o for _s, p, o in triples if p == f"<{TREE}member>"]


def received(triples: list[Triple], member: str) -> datetime:
    (value,) = objects(triples, member, LONJA + "received")
    return datetime.fromisoformat(value.split('"')[1])


def test_a_client_finds_every_member_once_in_the_order_of_receipt(
    hub: Town, served: dict[str, list[Triple]]
) -> None:
    listed = [
        (member, received(triples, member), page)
        for page, triples in served.items()
        for member in members(triples)
    ]
    assert Counter(member for member, _moment, _page in listed) == Counter(
        f"<{entry.version_uri}>" for entry in hub.relayed()
    )
    assert len(listed) == 2 * (PAGE_SIZE + 4)
    moments = [moment for _member, moment, _page in listed]
    assert len(set(moments)) == len(moments)
    in_order = [member for member, _moment, _page in sorted(listed, key=lambda one: one[1])]
    assert in_order == [f"<{entry.version_uri}>" for entry in hub.relayed()]


def test_members_are_versions_and_tombstones_say_so(served: dict[str, list[Triple]]) -> None:
    tombstones = 0
    for triples in served.values():
        for member in members(triples):
            assert member.startswith("<https://")
            (record,) = objects(triples, member, DCT + "isVersionOf")
            assert member.startswith(record[:-1] + "/v/")
            assert len(objects(triples, member, LONJA + "receivedSeq")) == 1
            assert objects(triples, member, "https://w3id.org/security#proof")
            kinds = objects(triples, member, RDF_TYPE)
            tombstones += "<https://www.w3.org/ns/activitystreams#Tombstone>" in kinds
    assert tombstones == 2


def test_only_full_pages_are_immutable(hub: Town, served: dict[str, list[Triple]]) -> None:
    immutable = {page for page, triples in served.items() if subjects(triples, LDES + "immutable")}
    assert immutable == {f"<{hub.feed.url}/0>", f"<{hub.feed.url}/1>"}
    for page in immutable:
        assert subjects(served[page], LDES + "immutable") == {page}


def test_terms_of_the_page_do_not_reach_into_members(served: dict[str, list[Triple]]) -> None:
    """A result has a `value` too, but it bounds no page."""
    for page, triples in served.items():
        relations = set(objects(triples, page, TREE + "relation"))
        assert subjects(triples, TREE + "value") == relations
        assert subjects(triples, TREE + "node") == relations


def test_both_forms_say_the_same(hub: Town) -> None:
    """As statements without blank nodes, and as the number of those with them."""
    quads, linked = pages(hub, "n-quads"), pages(hub, "json-ld")
    assert quads.keys() == linked.keys()
    for page, triples in quads.items():
        assert _named(triples) == _named(linked[page])
        assert len(set(triples)) == len(set(linked[page]))


def _named(triples: list[Triple]) -> set[Triple]:
    return {one for one in triples if not any(term.startswith("_:") for term in one)}


def test_an_empty_feed_is_a_view_without_relations(world_town: Town) -> None:
    for nquads, read in ((True, by_n_quads), (False, by_json_ld)):
        root = read(world_town.feed.root(nquads=nquads).body)
        assert len(subjects(root, TREE + "view")) == 1
        assert subjects(root, TREE + "relation") == set()


@pytest.fixture
def world_town(tmp_path: Path) -> Any:
    world = World(tmp_path)
    yield world.town("city")
    world.close()
