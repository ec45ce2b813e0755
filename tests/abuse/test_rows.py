"""Rows of docs/reference/abuse.md that no other file tries: one test a row, named after it."""

import json
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path
from typing import Any

import orjson
import pyoxigraph
import pytest
from pyld import jsonld

from federation.errors import IdentityError, JournalError
from federation.fetch import Fetcher, FetchError
from federation.harvest import discover
from federation.journal.journal import Draft
from federation.records import RunState
from federation.trust import Candidate
from node.services.export import export
from tests.abuse.test_hostile_peer import resign
from tests.peers import Handler, TestPeer, serving
from tests.reader import Reader, make_reader, rules
from tests.unit.federation.world import World, document
from tests.unit.web.conftest import build, town
from tests.unit.web.towns import Town, make_town, practice
from vocab import rdf

pytestmark = pytest.mark.abuse
__all__ = ["build", "town"]

BOMB = b"""<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaaaaaaaaaaaaaaaaaa">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">
<!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;"><!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;">
<!ENTITY x SYSTEM "file:///etc/hostname">]>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">&e;&x;</rdf:RDF>"""


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    made = make_reader(tmp_path / "reader")
    yield made
    assert made.faults() == []
    made.store.close()


@pytest.fixture
def peer(tmp_path: Path, reader: Reader) -> Iterator[TestPeer]:
    with serving(tmp_path / "peer") as made:
        reader.accept(made)
        yield made


# -- graph injection -----------------------------------------------------------------------


@pytest.mark.parametrize("place", ["place", "coCreation", "about"])
def test_graph_injection(world: World, place: str) -> None:
    """A genuine document that speaks of another's record is neither shown nor relayed."""
    city, village = world.two()
    harbour = world.town("harbour")
    village.accept(harbour)
    victim = harbour.publish_one("Boats for everybody")
    village.receive(victim)
    said = {"id": victim.uri, "title": {"en": "Closed down"}, "type": "Practice"}
    attack = city.publish_one("Green roofs", **{place: said})
    (verdict,) = village.receive(attack)
    assert verdict in ("foreign-subject", "misplaced-type")
    assert village.shown(attack) is None
    assert village.shown(victim) == "Boats for everybody"
    assert attack.uri not in {one.uri for one in village.relayed()}
    quads = rdf.to_nquads(document(victim))
    assert b"Closed down" not in quads


def test_graph_injection_leaves_the_page_of_the_victim_as_it_was(
    town: Town, tmp_path: Path
) -> None:
    attacker = make_town(tmp_path / "attacker", "https://attacker.example")
    (victim,) = town.publish(practice("Street meetings"))
    path = victim.uri.removeprefix(town.base)
    before = {kind: town.client.get(path + kind).data for kind in (".jsonld", ".ttl", ".nt")}
    said = {"id": victim.uri, "title": {"en": "Closed down"}}
    (attack,) = attacker.publish(practice("Innocent", coCreation=said))
    identity = attacker.runtime.identity
    journal = town.runtime.journal
    key, method = identity.key.public_multikey, identity.method
    journal.pin(did=identity.did, base=identity.base, key=key, method=method)
    checked = journal.verifier().check_member(orjson.loads(attack.body))
    assert isinstance(checked, Candidate)
    journal.append_foreign([checked])
    assert {kind: town.client.get(path + kind).data for kind in before} == before
    for form in ("ndjson", "nquads", "csv", "geojson", "dcat"):
        assert b"Closed down" not in b"".join(export(town.runtime, form))
    attacker.runtime.close()


# -- poison graph --------------------------------------------------------------------------


def test_poison_graph(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight blank nodes that all link to each other: refused, and never canonicalised."""

    def never(*_words: object, **_more: object) -> None:
        raise AssertionError("a graph of a peer was canonicalised")

    monkeypatch.setattr(jsonld, "normalize", never)
    monkeypatch.setattr(pyoxigraph.Dataset, "canonicalize", never, raising=False)
    city, village = world.two()
    nodes: dict[str, dict[str, Any]] = {f"_:b{n}": {"id": f"_:b{n}"} for n in range(8)}
    for one, other in permutations(nodes, 2):
        nodes[one].setdefault("about", []).append({"id": other})
    (clique,) = city.publish("Green roofs", about=list(nodes.values()))
    (verdict,) = village.receive(clique)
    assert verdict not in ("new", "changed")
    assert village.shown(clique) is None
    hidden = city.publish_one("Roofs", ours=list(nodes.values()))  # under a key that nobody knows
    assert village.receive(hidden) == ["new"]
    plain = {key: value for key, value in document(hidden).items() if key != "ours"}
    assert len(rdf.to_nquads(document(hidden)).splitlines()) == len(
        rdf.to_nquads(plain).splitlines()
    )


# -- XML from peers ------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/feed", "/feed/0", "/feed/heads"])
@pytest.mark.parametrize("kind", ["application/rdf+xml", "application/ld+json"])
def test_rdf_xml_with_entity_bomb(reader: Reader, peer: TestPeer, path: str, kind: str) -> None:
    """Nothing that a peer sends is ever read as XML, whatever it calls it."""
    peer.publish("One", "Two")
    peer.lie(path, BOMB, kind)
    run = reader.harvest(peer)
    wrong = "bad-type" if kind == "application/rdf+xml" else "not-json"
    if path == "/feed":
        assert (run.state, run.error) == (RunState.FAILED, wrong)
    elif path == "/feed/0":
        assert rules(run) == {wrong: 1}
    else:
        assert run.new == 2


def test_rdf_xml_with_entity_bomb_as_identity(peer: TestPeer) -> None:
    fetcher = Fetcher(allow_hosts=[peer.url.removeprefix("http://")])
    for kind in ("application/rdf+xml", "application/json"):
        peer.lie("/.well-known/did.json", BOMB, kind)
        with pytest.raises((IdentityError, FetchError)):
            discover(peer.url, fetcher)
    fetcher.close()


# -- SPARQL --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * {{ SERVICE <{victim}> {{ ?s ?p ?o }} }}",
        "LOAD <{victim}>",
        "SELECT * FROM <{victim}> {{ ?s ?p ?o }}",
    ],
)
def test_sparql_service_load_from(town: Town, tmp_path: Path, query: str) -> None:
    """There is no query language that makes requests, and none is understood by accident."""
    with serving(tmp_path / "victim") as victim:
        said = query.format(victim=victim.url)
        for path in ("/sparql", "/query", "/api/v1/sparql"):
            assert town.client.get(path, query_string={"query": said}).status_code == 404
            posted = town.client.post(path, data={"query": said, "update": said})
            assert posted.status_code in (404, 405)
        assert town.client.get("/api/v1/search", query_string={"q": said}).status_code == 200
        assert victim.asked == []


# -- deletes that did not arrive -----------------------------------------------------------


def test_delete_missed_while_offline(reader: Reader, peer: TestPeer, tmp_path: Path) -> None:
    """Who was away when a record was withdrawn learns of it later; no relay brings it back."""
    (entry,) = peer.publish("To be withdrawn")
    reader.harvest(peer)
    relay_reader = make_reader(tmp_path / "relay")
    relay_reader.accept(peer)
    relay_reader.harvest(peer)
    tombstone = peer.withdraw(entry)
    peer.publish(*[f"Practice number {number}" for number in range(250)])  # two pages later
    assert reader.title(entry) == "To be withdrawn"
    assert reader.harvest(peer).deleted == 1
    assert reader.title(entry) is None
    verifier = reader.journal.verifier()
    old = [verifier.check_member(orjson.loads(one)) for one in relay_reader.entries().values()]
    reader.journal.append_foreign([one for one in old if isinstance(one, Candidate)])
    current = reader.journal.current(entry.uri)
    assert current is not None
    assert current.version_uri == tombstone.version_uri
    draft = Draft(orjson.loads(entry.body), entry.uri, "Practice")
    with pytest.raises(JournalError, match="never used again"):
        peer.journal.append_local([draft], peer.identity)
    relay_reader.store.close()


# -- what is not public --------------------------------------------------------------------


@pytest.mark.parametrize("visibility", ["internal", "private", "draft"])
def test_what_is_not_public_is_not_shown_even_when_a_peer_leaks_it(
    reader: Reader, peer: TestPeer, visibility: str
) -> None:
    entries = peer.publish("Public", "Leaked")
    page = peer.page(0)
    page["member"][1] = resign(peer, page["member"][1], visibility=visibility)
    peer.lie("/feed/0", page)
    run = reader.harvest(peer)
    assert (run.new, run.refused) == (1, 1)
    assert reader.title(entries[1]) is None
    assert entries[1].uri not in {one.uri for one in reader.journal.feed_slice(0, 100)}


def test_what_is_refused_when_publishing_is_kept_nowhere(town: Town) -> None:
    """There are no drafts on a node: what is checked and not published leaves no trace."""
    secret = practice("A plan that is not public yet", visibility="internal")
    answer = town.client.post("/api/v1/check", json=secret)
    assert answer.status_code == 422
    assert "/visibility" in {error["pointer"] for error in answer.get_json(force=True)["errors"]}
    for file in town.runtime.settings.data.rglob("*"):
        assert not file.is_file() or b"not public yet" not in file.read_bytes()
    assert b"not public yet" not in town.client.get("/feed/0").data
    assert town.client.get("/api/v1/search?q=plan").get_json()["total"] == 0


# -- a flood -------------------------------------------------------------------------------


def test_spam_or_huge_peer_is_bounded_in_one_run(
    reader: Reader, peer: TestPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refusals, pages that fail and idle pages end a run; what came from others is untouched."""
    monkeypatch.setattr("federation.harvest.reading.MAX_REFUSALS", 150)
    peer.publish(*[f"Spam number {number}" for number in range(400)])

    def flood(handler: Handler) -> None:
        page = json.loads(peer.answer(handler.path)[1])
        page["member"] = [{**one, "title": {"en": "Spam"}} for one in page["member"]]
        handler.say(200, orjson.dumps(page))

    for number in range(4):
        peer.lies[f"/feed/{number}"] = flood
    run = reader.harvest(peer)
    assert (run.state, run.error, run.new) == (RunState.FAILED, "too-many-refusals", 0)
    assert len(peer.asked) <= 5
