"""Processes that are killed at any moment, on both sides: what was said to be done is done."""

import json
import random
import subprocess
import time
from collections.abc import Iterator
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


def start(node: Node, *words: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        node.command(*words),
        env=node.environment,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def kill(process: "subprocess.Popen[bytes]") -> list[str]:
    """Kill a process and return the lines that it had printed whole."""
    with suppress(ProcessLookupError):
        process.kill()
    printed = process.communicate()[0].decode()
    return printed.split("\n")[:-1]


@pytest.mark.parametrize("seed", range(SEEDS))
def test_kills_at_any_moment_lose_nothing_and_break_nothing(
    line: Line, tmp_path: Path, seed: int
) -> None:
    dice = random.Random(seed)
    reader, source = line.new_reader(tmp_path / "reader"), line.source
    line.proxy.spoil("delay", rate=1.0)  # so that there is time to be killed in the middle
    printed: list[str] = []
    for number in range(ROUNDS):
        file = tmp_path / f"{number}.jsonl"
        file.write_text("\n".join(json.dumps(one) for one in line.drafts(130)), "utf-8")
        asked = line.proxy.asked
        writing = start(source, "publish", str(file))
        reading = start(reader, "harvest", "--json")
        until = time.monotonic() + 20
        while line.proxy.asked == asked and time.monotonic() < until:
            time.sleep(0.01)
        wounds = [(dice.uniform(0, 0.7), reading), (dice.uniform(0, 1.6), writing)]
        began = time.monotonic()
        for moment, process in sorted(wounds, key=lambda pair: pair[0]):
            time.sleep(max(0.0, began + moment - time.monotonic()))
            lines = kill(process)
            printed += lines if process is writing else []
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
