"""Real processes that publish at once, and are killed while they do."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from federation.identity import save
from tests.unit.federation.world import Town, World

ROOT = Path(__file__).parents[3]

pytestmark = pytest.mark.integration


@pytest.fixture
def city(world: World) -> Town:
    town = world.town("city")
    save(town.identity, town.folder / "keys")
    return town


def publisher(town: Town, count: int, at_once: int) -> subprocess.Popen[bytes]:
    """Start a process that publishes in a town, and return it once it is about to."""
    command = [sys.executable, "-m", "tests.unit.federation.publisher"]
    process = subprocess.Popen(
        [*command, str(town.folder), str(count), str(at_once)],
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return process


def printed(process: subprocess.Popen[bytes]) -> dict[int, str]:
    """Return number -> digest of the entries that a process said are durable."""
    assert process.stdout is not None
    with process.stdout as output:
        lines = [line.split() for line in output.read().decode().splitlines(keepends=True)]
    process.wait()
    return {int(line[0]): line[1] for line in lines if len(line) == 2}


def test_two_processes_that_publish_at_once_lose_nothing(city: Town) -> None:
    processes = [publisher(city, 40, 3) for _ in range(2)]
    first, second = (printed(process) for process in processes)
    assert not first.keys() & second.keys()
    assert sorted(first | second) == list(range(1, 241))
    held = {one.seq: one.digest for one in city.log()}
    assert held == first | second
    assert city.journal.feed_size() == 240
    report = city.journal.verify_all()
    assert (report.entries, report.faults, report.gaps) == (240, [], {})


def test_what_was_said_to_be_durable_survives_a_kill(city: Town) -> None:
    moments = random.Random(11)
    said: dict[int, str] = {}
    for at_once in (1, 1, 7, 20):
        process = publisher(city, 100_000, at_once)
        time.sleep(moments.uniform(0.05, 0.4))
        process.send_signal(signal.SIGKILL)
        said |= printed(process)
        held = {one.seq: one.digest for one in city.log()}
        assert said.items() <= held.items()
        assert sorted(held) == list(range(1, len(held) + 1))
    assert said
    assert city.faults() == []
    assert city.publish_one("Life goes on").seq == len(city.log())
