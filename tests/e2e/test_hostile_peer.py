"""A real node harvests peers that lie: each lie is in the ledger, nothing else is lost."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.nodes import Node
from tests.peers import TestPeer, serving

pytestmark = [pytest.mark.e2e, pytest.mark.abuse]

Make = Callable[..., list[Node]]


@pytest.fixture
def peer(tmp_path: Path) -> Iterator[TestPeer]:
    with serving(tmp_path / "peer") as peer:
        peer.publish(*[f"Practice number {i}" for i in range(250)])
        yield peer


@pytest.fixture
def node(nodes: Make, peer: TestPeer) -> Node:
    (node,) = nodes("reader")
    node.allow.append(peer.url.removeprefix("http://"))
    node.ok("peer", "add", peer.url, "--accept")
    return node


def harvest(node: Node) -> dict[str, Any]:
    """Harvest and return the ledger, which must balance and speak both languages."""
    (run,) = node.run("harvest", "--json").json["runs"]
    parts = sum(run[key] for key in ("new", "changed", "unchanged", "deleted", "refused"))
    assert run["announced"] == parts
    assert len(run["refusals"]) == run["refused"]
    for refusal in run["refusals"]:
        assert refusal["message"]
        assert refusal["rule"]
    assert node.ok("verify", "--json").json["faults"] == []
    return dict(run)


def test_a_tampered_member_is_refused_and_the_others_are_kept(node: Node, peer: TestPeer) -> None:
    page = peer.page(0)
    page["member"][7]["title"] = {"en": "Changed on the way"}
    peer.lie("/feed/0", page)
    run = harvest(node)
    assert (run["new"], run["refused"]) == (249, 1)
    assert run["refusals"][0]["rule"] == "bad-proof"
    assert run["refusals"][0]["record"] == page["member"][7]["id"]
    del peer.lies["/feed/0"]
    peer.publish("One more, so that the feed changes")
    assert harvest(node)["new"] == 2  # the new one, and the one that was refused


def test_a_member_of_a_foreign_origin_is_refused(
    node: Node, peer: TestPeer, tmp_path: Path
) -> None:
    with serving(tmp_path / "stranger") as stranger:
        stranger.publish("Nobody vouches for me")
        page = peer.page(0)
        page["member"].insert(3, stranger.page(0)["member"][0])
        peer.lie("/feed/0", page)
        run = harvest(node)
    assert (run["new"], run["refused"]) == (250, 1)
    assert run["refusals"][0]["rule"] == "unknown-origin"


def test_a_page_that_is_not_json_does_not_hide_the_others(node: Node, peer: TestPeer) -> None:
    peer.lie("/feed/1", b"<html>maintenance</html>")
    run = harvest(node)
    assert run["state"] == "failed"
    assert (run["new"], run["refused"]) == (150, 1)
    assert run["refusals"][0]["record"] == f"{peer.url}/feed/1"
    del peer.lies["/feed/1"]
    again = harvest(node)
    assert (again["state"], again["new"]) == ("done", 100)


def test_an_endless_chain_of_pages_ends(node: Node, peer: TestPeer) -> None:
    for number in range(3, 60):
        further = {"type": "tree:Relation", "node": f"{peer.url}/feed/{number + 1}"}
        page = {"member": [], "entries": [{"id": f"{peer.url}/feed/{number}"}]}
        page["entries"][0]["relation"] = [further]  # type: ignore[index]  # an object, as made above
        peer.lie(f"/feed/{number}", page)
    last = peer.page(2)
    last["entries"][0]["relation"] = [{"type": "tree:Relation", "node": f"{peer.url}/feed/3"}]
    peer.lie("/feed/2", last)
    run = harvest(node)
    assert run["new"] == 250
    assert [refusal["rule"] for refusal in run["refusals"]] == ["endless-pages"]
    assert len(peer.asked) < 30


def test_a_hundred_megabytes_are_not_read_to_the_end(node: Node, peer: TestPeer) -> None:
    peer.lie("/feed/1", b'{"member":["' + b"x" * 100_000_000 + b'"]}')
    run = harvest(node)
    assert (run["state"], run["new"]) == ("failed", 150)
    assert run["refusals"][0]["rule"] == "too-large"
    assert run["bytes"] < 50_000_000


@pytest.mark.timeout(180)
def test_a_slow_drip_is_cut_off(node: Node, peer: TestPeer) -> None:
    peer.drip("/feed/1", seconds=150)
    run = harvest(node)
    assert (run["state"], run["new"]) == ("failed", 150)
    assert run["refusals"][0]["rule"] == "too-slow"
    assert run["seconds"] < 100


def test_an_empty_answer_deletes_nothing(node: Node, peer: TestPeer) -> None:
    assert harvest(node)["new"] == 250
    root = peer.answer("/feed")[1]
    peer.lie("/feed", root.replace(b'"position":250', b'"position":1'))
    run = harvest(node)
    assert run["deleted"] == 0
    assert any("shrunk" in warning for warning in run["warnings"])
    assert node.ok("search", "", "--json", "--limit", "1").json["total"] == 250
