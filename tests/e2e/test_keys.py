"""A node changes its key: peers follow by themselves, newcomers take in the past."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

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


def test_a_stolen_key_is_recovered_and_the_thief_s_work_is_disowned(
    nodes: Make, tmp_path: Path
) -> None:
    town, reader = nodes("town", "reader")
    (genuine,) = town.publish(practice("Genuine"))
    offline = tmp_path / "usb" / "recovery-key.json"
    offline.parent.mkdir()
    shutil.move(town.data / "recovery-key.json", offline)
    stolen = Node(tmp_path / "thief", town.port, town.allow)
    shutil.copytree(town.data, stolen.data)

    (invented,) = stolen.publish(practice("Invented by the thief"))
    stolen.start()
    reader.ok("peer", "add", stolen.url, "--accept")
    assert run_of(reader)["new"] == 3
    stolen.stop()
    (mine,) = town.publish(practice("Mine, under the same number"))
    town.start()
    assert int(str(run_of(reader)["refused"])) >= 1  # number 3 is taken: the origin is frozen
    told = [one["kind"] for one in reader.ok("alerts", "--json").json["alerts"]]
    assert told == ["equivocation"]

    assert town.run("key", "recover", str(offline), "--last-good", "2").code == 2  # it is running
    town.stop()
    wrong = town.run("key", "recover", str(stolen.data / "keys" / "identity.json"))
    assert (wrong.code, "Traceback" in wrong.err) == (2, False)
    done = town.ok("key", "recover", str(offline), "--last-good", "2", "--json").json
    assert (done["last_good"], done["reissued"]) == (2, 1)
    assert Path(done["recovery_file"]).parent == offline.parent
    town.start()
    assert run_of(reader)["state"] == "done"

    assert reader.run("show", invented).code != 0
    assert "Mine, under" in reader.ok("show", mine).out
    assert "Genuine" in reader.ok("show", genuine).out
    assert reader.ok("search", "thief", "--json").json["total"] == 0
    assert reader.ok("search", "number", "--json").json["total"] == 1
    for node in (town, reader):
        report = node.ok("verify", "--json").json
        assert (report["faults"], report["gaps"]) == ([], {})
    town.publish(practice("Life goes on"))
    assert run_of(reader)["new"] == 1
