"""A node changes its key: peers follow by themselves, newcomers take in the past."""

import json
from collections.abc import Callable

import pytest

from tests.nodes import Node, practice

pytestmark = pytest.mark.e2e

Make = Callable[..., list[Node]]


def run_of(node: Node) -> dict[str, object]:
    (run,) = node.run("harvest", "--json").json["runs"]
    return dict(run)


def test_a_key_is_replaced_and_everybody_follows(nodes: Make) -> None:
    town, reader, newcomer = nodes("town", "reader", "newcomer")
    town.start()
    town.publish(*[practice(f"Before {number}") for number in range(120)])
    reader.ok("peer", "add", town.url, "--accept")
    assert run_of(reader)["new"] == 121
    assert town.run("key", "rotate").code != 0  # its processes would go on with the old key

    town.stop()
    before = json.loads(town.ok("key", "show", "--json").out)["keys"]
    after = json.loads(town.ok("key", "rotate", "--json").out)
    shown = json.loads(town.ok("key", "show", "--json").out)["keys"]
    assert [key["fingerprint"] for key in shown] == [after["new"], before[0]["fingerprint"]]
    assert shown[1]["revoked"]
    town.start()
    town.publish(practice("After"))

    run = run_of(reader)
    assert (run["state"], run["new"], run["changed"], run["refused"]) == ("done", 2, 1, 0)
    newcomer.ok("peer", "add", town.url, "--accept")
    run_of(newcomer)
    lines = [set(one.ok("export").out.splitlines()) for one in (town, reader, newcomer)]
    own, read, new = lines
    assert own <= read
    assert own <= new
    for node in (town, reader, newcomer):
        report = json.loads(node.ok("verify", "--json").out)
        assert (report["faults"], report["gaps"]) == ([], {})


def test_a_change_of_key_is_not_published_like_a_record(nodes: Make) -> None:
    (town,) = nodes("town")
    body = {
        "@context": "https://w3id.org/lonja/context/v1",
        "type": "KeyRotation",
        "newKey": "z6Mk" + "r" * 44,
        "newMethod": "did:web:thief.example#key-1",
    }
    done = town.run("publish", "-", "--json", stdin=json.dumps(body).encode())
    assert [finding["rule"] for finding in done.json["findings"]] == ["key-command"]
