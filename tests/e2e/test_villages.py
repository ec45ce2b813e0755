"""Villages: behind NAT by push, without a server at a hub, and out to a node of their own."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.test_erase import traces
from tests.nodes import Node, free_port, practice

pytestmark = pytest.mark.e2e

Make = Callable[..., list[Node]]


def village_of(folder: Path, *around: Node) -> Node:
    """Return a node that is not made yet; it may reach some others, and nobody may reach it."""
    return Node(folder / "village", free_port(), [f"127.0.0.1:{one.port}" for one in around])


def joined(hub: Node, village: Node) -> dict[str, Any]:
    """Let a village join a hub whose operator approves; return what `join` printed."""
    asked = dict(village.ok("join", hub.url, "--name", "Vilafranca", "--accept", "--json").json)
    (pending,) = hub.ok("peer", "list", "--json").json["peers"]
    assert (pending["state"], pending["name"]) == ("pending", "Vilafranca")
    shown = hub.ok("peer", "show", pending["did"], "--json").json
    assert shown["fingerprint"] == asked["fingerprint"]
    assert [one["kind"] for one in hub.ok("alerts", "--json").json["alerts"]] == ["join-request"]
    hub.ok("peer", "accept", pending["did"])
    assert hub.ok("alerts", "--json").json["alerts"] == []
    return asked


def balanced(run: dict[str, Any]) -> bool:
    parts = ("new", "changed", "unchanged", "deleted", "refused")
    return bool(run["announced"] == sum(run[part] for part in parts))


def until(check: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.2)


def test_a_village_behind_nat_publishes_through_a_hub(nodes: Make, tmp_path: Path) -> None:
    hub, city = nodes("hub", "city")
    hub.start()
    village = village_of(tmp_path, hub)
    asked = joined(hub, village)
    assert asked["state"] == "asked"
    assert asked["base"].startswith(f"{hub.url}/n/")
    assert village.ok("join", hub.url, "--json").json["state"] == "joined"

    (uri,) = village.publish(practice("Shared minibus in Vilafranca"))
    assert uri.startswith(asked["base"] + "/practices/")
    pushed = village.ok("push", "--json").json
    assert (pushed["refused"], pushed["reached"]) == ([], 3)
    again = village.ok("push", "--json").json
    assert (again["sent"], again["requests"]) == (0, 1)

    until(lambda: hub.find("?q=minibus")["total"] == 1)
    status, _headers, body = hub.get(uri.removeprefix(hub.url), Accept="application/ld+json")
    assert status == 200
    assert json.loads(body)["proof"]["verificationMethod"].startswith("did:key:")
    status, _headers, page = hub.get(uri.removeprefix(hub.url), Accept="text/html")
    assert (status, b"Shared minibus" in page) == (200, True)
    assert hub.get(uri.removeprefix(hub.url) + "/v/1")[0] == 200
    place = asked["base"].removeprefix(hub.url)
    assert json.loads(hub.get(place + "/did.json")[2])["alsoKnownAs"] == [asked["base"]]

    city.ok("peer", "add", hub.url, "--accept")
    (run,) = city.ok("harvest", "--json").json["runs"]
    assert (run["state"], run["refused"], balanced(run)) == ("done", 0, True)
    assert city.ok("search", "minibus", "--json").json["total"] == 1
    runs = hub.ok("peer", "show", "Vilafranca", "--json").json["runs"]
    assert all(balanced(one) for one in runs)
    for node in (hub, city, village):
        report = node.ok("verify", "--json").json
        assert (report["faults"], report["gaps"]) == ([], {})


def test_a_running_village_pushes_by_itself(nodes: Make, tmp_path: Path) -> None:
    (hub,) = nodes("hub")
    hub.start()
    village = village_of(tmp_path, hub)
    joined(hub, village)
    village.start()
    try:
        village.publish(practice("A bench at the bus stop"))
        until(lambda: bool(hub.find("?q=bench")["total"] == 1))
        assert village.find("?q=bench")["total"] == 1
        hub.stop()
        village.publish(practice("A lamp beside the bench"))
        hub.start()
        until(lambda: bool(hub.find("?q=lamp")["total"] == 1), seconds=90)
    finally:
        village.stop()


def test_a_village_moves_to_its_own_address_and_its_uris_stay(nodes: Make, tmp_path: Path) -> None:
    hub, city = nodes("hub", "city")
    hub.start()
    village = village_of(tmp_path, hub)
    asked = joined(hub, village)
    (before,) = village.publish(practice("Before the move"))
    village.ok("push")

    village.port = free_port()
    hub.stop()
    hub.allow.append(f"127.0.0.1:{village.port}")
    hub.start()
    village.ok("init", "--base-url", village.url)
    village.start()
    try:
        added = hub.ok("peer", "add", village.url, "--accept", "--json").json
        assert added["did"] == village.ok("key", "show", "--json").json["did"]
        (one,) = hub.ok("peer", "list", "--json").json["peers"]  # the same, at another address
        assert (one["url"], one["state"]) == (village.url, "accepted")
        (after,) = village.publish(practice("After the move"))
        assert after.startswith(asked["base"])
        (run,) = hub.ok("harvest", village.url, "--json").json["runs"]
        assert (run["state"], run["refused"], balanced(run)) == ("done", 0, True)
        city.ok("peer", "add", hub.url, "--accept")
        city.ok("harvest")
        for uri in (before, after):
            assert hub.get(uri.removeprefix(hub.url), Accept="text/html")[0] == 200
            assert city.run("show", uri).code == 0
    finally:
        village.stop()


def test_a_hub_signs_for_a_village_until_it_takes_over(nodes: Make, tmp_path: Path) -> None:
    hub, city = nodes("hub", "city")
    hub.start()
    made = hub.ok("origin", "add", "Aldea", "--sector", "government", "--json").json
    body = json.dumps(practice("Village shop run by its neighbours")).encode()
    done = hub.ok("publish", "-", "--as", "Aldea", "--json", stdin=body).json
    (shop,) = done["published"]
    assert shop.startswith(made["base"] + "/practices/")
    city.ok("peer", "add", hub.url, "--accept")
    (run,) = city.ok("harvest", "--json").json["runs"]
    assert (run["refused"], balanced(run)) == (0, True)
    assert city.ok("search", "neighbours", "--json").json["hits"][0]["origin"] == made["did"]

    stick = tmp_path / "stick"
    moved = hub.ok("origin", "move", "Aldea", str(stick), "--json").json
    assert moved["moved"] is True
    assert (stick / "identity.json").stat().st_mode & 0o077 == 0
    assert hub.run("publish", "-", "--as", "Aldea", stdin=body).code == 2

    aldea = village_of(tmp_path, hub)
    aldea.ok("origin", "import", str(stick), "--json")
    (garden,) = aldea.publish(practice("Garden behind the school"))
    assert garden.startswith(made["base"] + "/practices/")
    assert aldea.ok("push", "--json").json["refused"] == []
    aldea.ok("retract", shop, "--reason", "The shop has closed")
    assert aldea.ok("push", "--json").json["refused"] == []
    until(lambda: bool(hub.find("?q=garden")["total"] == 1))
    assert hub.get(shop.removeprefix(hub.url), Accept="text/html")[0] == 410
    (run,) = city.ok("harvest", "--json").json["runs"]
    assert (run["new"], run["deleted"], run["refused"]) == (1, 1, 0)
    for node in (hub, city, aldea):
        report = node.ok("verify", "--json").json
        assert (report["faults"], report["gaps"]) == ([], {})


def test_a_hub_cannot_speak_for_a_village_that_has_its_own_key(nodes: Make, tmp_path: Path) -> None:
    (hub,) = nodes("hub")
    hub.start()
    village = village_of(tmp_path, hub)
    asked = joined(hub, village)
    forged = practice("Forged by the hub", id=asked["base"] + "/practices/x")
    done = hub.run("publish", "-", "--json", stdin=json.dumps(forged).encode())
    assert (done.code, done.json["published"]) == (1, [])


def test_a_bundle_carries_a_thousand_records_without_a_network(nodes: Make, tmp_path: Path) -> None:
    city, farm = nodes("city", "farm")
    city.publish(*(practice(f"Practice number {n}") for n in range(1000)))
    stick = tmp_path / "stick.ndjson.gz"
    written = city.ok("bundle", "export", str(stick), "--json").json
    assert written["entries"] == 1001

    refused = farm.run("bundle", "import", str(stick), "--json").json
    assert (refused["new"], refused["refused"], balanced(refused)) == (0, 1001, True)
    city.start()
    farm.ok("peer", "add", city.url, "--accept")  # the fingerprint was compared on the phone
    city.stop()
    first = farm.ok("bundle", "import", str(stick), "--json").json
    assert (first["new"], first["refused"], balanced(first)) == (1001, 0, True)
    again = farm.ok("bundle", "import", str(stick), "--json").json
    assert (again["unchanged"], again["announced"], balanced(again)) == (1001, 1001, True)
    assert farm.ok("search", "practice", "--json").json["total"] == 1000
    own = set(city.ok("export", "--format", "ndjson").out.splitlines())
    assert own <= set(farm.ok("export", "--format", "ndjson").out.splitlines())

    cut = tmp_path / "cut.ndjson.gz"
    cut.write_bytes(stick.read_bytes()[:-2000])
    damaged = farm.run("bundle", "import", str(cut), "--json")
    assert (damaged.code, damaged.json["error"]) == (1, "bundle-damaged")
    assert balanced(damaged.json)
    (later,) = city.publish(practice("Later"))
    more = tmp_path / "more.ndjson"
    assert (
        city.ok("bundle", "export", str(more), "--since", str(written["position"]), "--json").json[
            "entries"
        ]
        == 1
    )
    assert farm.ok("bundle", "import", str(more), "--json").json["new"] == 1
    assert farm.run("show", later).code == 0
    assert farm.ok("verify", "--json").json["faults"] == []


def test_a_restored_village_asks_its_hub_before_it_publishes(nodes: Make, tmp_path: Path) -> None:
    (hub,) = nodes("hub")
    hub.start()
    village = village_of(tmp_path, hub)
    joined(hub, village)
    village.ok("backup", str(tmp_path / "old.tar.zst"))
    (lost,) = village.publish(practice("Published after the backup"))
    village.ok("push")

    again = Node(tmp_path / "again", village.port, village.allow)
    again.ok("restore", str(tmp_path / "old.tar.zst"))
    forked = again.run("publish", "-", stdin=json.dumps(practice("A fork")).encode())
    assert (forked.code, "lonja push" in forked.err) == (2, True)
    asked = again.run("push")
    assert (asked.code, "Harvest" in asked.err) == (2, True)
    assert again.run("publish", "-", stdin=json.dumps(practice("A fork")).encode()).code == 2
    again.ok("harvest")
    assert again.run("show", lost).code == 0
    assert again.ok("push", "--json").json["sent"] == 0
    again.publish(practice("Life goes on"))
    assert again.ok("push", "--json").json["refused"] == []
    assert hub.ok("verify", "--json").json["faults"] == []


def test_what_a_village_erases_is_gone_at_its_hub(nodes: Make, tmp_path: Path) -> None:
    (hub,) = nodes("hub")
    hub.start()
    village = village_of(tmp_path, hub)
    joined(hub, village)
    (uri,) = village.publish(practice("A name that must go: zyxcanaryqv"))
    village.ok("push")
    assert hub.get(uri.removeprefix(hub.url), Accept="text/html")[0] == 200
    hub.get("/feed/0")
    village.ok("erase", uri, "--yes")
    (row,) = village.ok("erase", "--status", "--json").json["erasures"]
    assert [(peer["peer"], peer["state"]) for peer in row["peers"]] == [(hub.url, "behind")]
    village.ok("push")
    (row,) = village.ok("erase", "--status", "--json").json["erasures"]
    assert [peer["state"] for peer in row["peers"]] == ["confirmed"]
    for node in (village, hub):
        until(lambda folder=node.data: not traces(folder))  # type: ignore[misc]  # bound at once
    assert hub.get(uri.removeprefix(hub.url), Accept="text/html")[0] == 410
