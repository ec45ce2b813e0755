"""Processes that are killed at any moment, on both sides: what was said to be done is done."""

import json
import random
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.e2e.lines import Line, harvest, held, make_line
from tests.nodes import ROOT, Node

pytestmark = pytest.mark.e2e

ROUNDS = 5
SEEDS = 5
"""Each round of each seed kills a reader and a publisher: fifty moments in all."""


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    with make_line(tmp_path_factory.mktemp("line"), records=130) as made:
        yield made


def start(node: Node, out: Path, *words: str) -> "subprocess.Popen[bytes]":
    """Run a command that prints into a file."""
    with out.open("wb") as file:
        return subprocess.Popen(
            node.command(*words),
            env=node.environment,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.DEVNULL,
        )


def wait_for(happened: Callable[[], bool], process: "subprocess.Popen[bytes]") -> None:
    """Wait until something has happened, or cannot happen any more."""
    until = time.monotonic() + 30
    while not happened() and process.poll() is None and time.monotonic() < until:
        time.sleep(0.01)


def kill(process: "subprocess.Popen[bytes]") -> None:
    with suppress(ProcessLookupError):
        process.kill()
    process.wait()


@pytest.mark.parametrize("seed", range(SEEDS))
def test_kills_at_any_moment_lose_nothing_and_break_nothing(
    line: Line, tmp_path: Path, seed: int
) -> None:
    dice = random.Random(seed)
    reader, source = line.new_reader(tmp_path / "reader"), line.source
    line.proxy.spoil("delay", rate=1.0)  # so that there is time to be killed in the middle
    printed: list[str] = []
    for number in range(ROUNDS):
        file, out = tmp_path / f"{number}.jsonl", tmp_path / f"{number}.out"
        file.write_text("\n".join(json.dumps(one) for one in line.drafts(150)), "utf-8")
        wanted = line.proxy.asked + dice.randrange(1, 8)  # of the reader's requests
        writing = start(source, out, "publish", str(file))
        reading = start(reader, tmp_path / "ledger", "harvest", "--json")
        wait_for(lambda wanted=wanted: line.proxy.asked >= wanted, reading)  # type: ignore[misc]
        time.sleep(dice.uniform(0, 0.3))
        kill(reading)
        if number % 2:  # anywhere; the other times after it has begun to say what is published
            time.sleep(dice.uniform(0, 0.5))
        else:
            wait_for(lambda out=out: out.stat().st_size > 0, writing)  # type: ignore[misc]
            time.sleep(dice.uniform(0, 0.6))
        kill(writing)
        printed += out.read_text("utf-8").split("\n")[:-1]
    assert printed
    line.proxy.heal()
    runs = harvest(reader, source.url, 2)
    assert runs[-1]["state"] == "unchanged"
    assert all(run["refused"] == 0 for run in runs)
    log = held(source, source)
    assert held(reader, source) == log
    signed = [json.loads(one) for one in log]
    assert [one["seq"] for one in signed] == list(range(1, len(log) + 1))
    assert set(printed) <= {one["isVersionOf"] for one in signed}
    for node in (source, reader):
        report = node.ok("verify", "--json").json
        assert (report["faults"], report["gaps"]) == ([], {})
    shown = reader.ok("search", "", "--json", "--limit", "1").json["total"]
    withdrawn = sum(one["type"] == "Tombstone" for one in signed)
    records = {one["isVersionOf"] for one in signed if one["type"] != "Organisation"}
    assert shown == len(records) - withdrawn
