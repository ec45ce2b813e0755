"""Six nodes with cycles, one away, one restored, one relay that lies, one stolen key."""

import json
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from federation import proof
from federation.identity import SigningKey
from node import clock
from node.runtime import running
from node.services.publish import Submission, publish
from node.settings import load
from tests.e2e.meshes import SIZE, Mesh, make_mesh
from tests.fault_proxy import Answer
from tests.nodes import Node, practice

pytestmark = [pytest.mark.e2e, pytest.mark.abuse]

HONEST = range(SIZE - 1)
"""Everybody but the last, whose line lies."""


@pytest.fixture(scope="module")
def mesh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mesh]:
    with make_mesh(tmp_path_factory.mktemp("mesh")) as made:
        yield made


def check_same(mesh: Mesh, *origins: int) -> None:
    """Every node holds the same entries, each once, and all signatures and chains are good."""
    first, *others = (mesh.held(number, *origins) for number in range(SIZE))
    assert len({json.loads(line)["id"] for line in first}) == len(first)
    for number, other in enumerate(others, 1):
        assert other == first, f"node {number}"
    for number in range(SIZE):
        assert mesh.faults(number) == []


def test_everybody_gets_everything_once(mesh: Mesh) -> None:
    for number in range(SIZE):
        mesh.publish(number, *[f"Practice {i} of town {number}" for i in range(12)])
    assert mesh.spread() <= 5
    check_same(mesh)
    assert len(mesh.titles(0)) >= 12 * SIZE
    runs = [run for number in range(SIZE) for run in mesh.harvest(number)]
    assert {run.state for run in runs} == {"unchanged"}
    assert {run.requests for run in runs} == {1}
    assert all(mesh.alerts(number) == set() for number in range(SIZE))


def test_a_node_that_was_away_catches_up_and_is_caught_up_with(mesh: Mesh) -> None:
    away = 2
    mesh.spread()
    before = mesh.held(0)
    mesh.nodes[away].stop()
    mesh.publish(away, "Written while nobody could read it")
    mesh.publish(0, "Written while one was away")
    others = [number for number in range(SIZE) if number != away]
    mesh.spread(*others)
    assert set(before) <= set(mesh.held(0))  # nothing is deleted because somebody is silent
    assert "Written while one was away" in mesh.titles(4)
    assert "Written while nobody could read it" not in mesh.titles(4)
    mesh.nodes[away].start()
    mesh.spread()
    assert "Written while nobody could read it" in mesh.titles(4)
    check_same(mesh)


def test_a_node_from_an_old_backup_gets_its_entries_back_before_it_publishes(
    mesh: Mesh, tmp_path: Path
) -> None:
    number = 3
    lost = mesh.nodes[number]
    mesh.spread()
    lost.ok("backup", str(tmp_path / "old.tar.zst"))
    mesh.publish(number, "Newer than the backup", "Newer still")
    mesh.spread()
    whole = mesh.held(0, number)
    lost.stop()
    back = Node(tmp_path / "back", lost.port, lost.allow)
    back.ok("restore", str(tmp_path / "old.tar.zst"))
    mesh.nodes[number] = back
    assert len(mesh.held(number, number)) == len(whole) - 2
    draft = json.dumps(practice("Would take a number twice")).encode()
    refused = back.run("publish", "-", stdin=draft)
    assert refused.code == 2
    assert "restored from a backup" in refused.err
    assert "lonja harvest" in refused.err
    (alert,) = back.ok("alerts", "--json").json["alerts"]
    assert alert["kind"] == "restored-backup"
    back.start()
    back.ok("harvest", "--json")
    assert mesh.held(number, number) == whole
    back.ok("alerts", "--settle", str(alert["number"]))
    back.publish(practice("After the restore"))
    mesh.spread()
    check_same(mesh)
    assert "After the restore" in mesh.titles(0)
    assert not any(mesh.alerts(other) for other in range(SIZE))


class Liar:
    """What an evil relay makes of the pages of an honest node."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)
        self._key = SigningKey.generate()
        self._seen: list[dict[str, Any]] = []
        self.told: set[str] = set()

    def __call__(self, path: str, answer: Answer) -> Answer:
        if answer.status != 200 or not path.startswith("/feed"):
            return answer
        page = orjson.loads(answer.body)
        if not isinstance(page, dict) or "member" not in page:
            return self._root(answer, page) if path == "/feed" else answer
        members = page["member"]
        self._seen += members
        page["member"] = [lie for one in members for lie in self._lies(one)]
        if self._dice.random() < 0.5:
            page["entries"] = page["entries"][:1]
        return Answer(200, answer.headers, orjson.dumps(page))

    def _root(self, answer: Answer, page: dict[str, Any]) -> Answer:
        """Empty the feed now and then."""
        if self._dice.random() < 0.3:
            self.told.add("emptied")
            page["entries"], page["position"] = [], 0
        etag = f'"{self._dice.random()}"'
        return Answer(200, answer.headers, orjson.dumps(page)).with_header("ETag", etag)

    def _lies(self, member: dict[str, Any]) -> list[dict[str, Any]]:
        lie = self._dice.choice(("", "", "changed", "withheld", "replayed", "forged", "re-signed"))
        self.told.add(lie)
        forged = {**member, "title": {"en": "A lie"}}
        match lie:
            case "changed":
                return [forged]
            case "withheld":
                return []
            case "replayed":
                return [member, self._dice.choice(self._seen)]
            case "forged":  # with a number that its origin has not used yet
                number = 1000 + self._dice.randrange(1000)
                return [member, {**forged, "seq": number, "id": f"{member['isVersionOf']}/v/9"}]
            case "re-signed":
                body = {key: value for key, value in forged.items() if key != "proof"}
                method = member["proof"]["verificationMethod"]
                return [dict(proof.sign(body, self._key, method, clock.now())), member]
        return [member]


def test_an_evil_relay_can_neither_forge_nor_lose_anything(mesh: Mesh) -> None:
    mesh.spread()
    liar = Liar(7)
    mesh.line.change = liar
    for round_ in range(3):
        for number in HONEST:
            mesh.publish(number, f"Round {round_} of town {number}")
        for number in HONEST:
            mesh.harvest(number)
    mesh.spread()
    assert liar.told >= {"changed", "withheld", "replayed", "forged", "re-signed"}
    honest = [mesh.held(number, *HONEST) for number in range(SIZE)]
    assert all(one == honest[0] for one in honest)
    for number in range(SIZE):
        assert "A lie" not in mesh.titles(number)
        assert mesh.faults(number) == []
        assert not {kind for kind, _origin in mesh.alerts(number)} & {"equivocation", "new-key"}
    mesh.line.heal()
    mesh.publish(SIZE - 1, "The line is good again")
    mesh.spread()
    check_same(mesh)


def test_a_stolen_key_freezes_its_origin_and_what_was_held_first_stays(
    mesh: Mesh, tmp_path: Path
) -> None:
    number = 1
    victim = mesh.nodes[number]
    mesh.spread()
    shutil.copytree(victim.data, tmp_path / "thief", ignore=shutil.ignore_patterns("index*"))
    thief = Node(tmp_path / "thief", victim.port, victim.allow)
    (genuine,) = mesh.publish(number, "By the town itself")
    mesh.spread()
    victim.stop()
    with running(load(thief.data, environment=thief.environment)) as runtime:
        drafts = [Submission(name, practice(name)) for name in ("By the thief", "And more")]
        (forged, *_more) = publish(runtime, drafts)
    assert forged.entry is not None
    thief.start()
    try:
        others = [other for other in range(SIZE) if other != number]
        mesh.spread(*others)
        for other in others:
            assert "By the town itself" in mesh.titles(other, number)
            assert not mesh.titles(other) & {"By the thief", "And more"}
            assert mesh.faults(other) == []
        for other in mesh.neighbours(number):  # who has heard the thief itself
            assert ("equivocation", number) in mesh.alerts(other)
            kinds = [one["kind"] for one in mesh.nodes[other].ok("alerts", "--json").json["alerts"]]
            assert "equivocation" in kinds
        same = [mesh.held(other) for other in others]
        assert all(one == same[0] for one in same)
        assert any(genuine in line for line in same[0])
    finally:
        thief.stop()
