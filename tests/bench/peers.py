"""Many peers at once: one reader harvests small nodes, each with its own identity and feed."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from node.runtime import running
from node.services.federate import accept_peer, add_peer
from node.settings import load
from tests.bench.figures import row
from tests.nodes import ROOT, Node, free_port, free_ports

RECORDS = 30


def run(folder: Path) -> None:
    """Print how long it takes to harvest LONJA_BENCH_PEERS nodes (64) for the first time."""
    count = int(os.environ.get("LONJA_BENCH_PEERS", "64"))
    first = free_ports(count)
    towns = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.towns", folder / "towns", str(first), str(count),
         str(RECORDS)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    try:
        assert towns.stdout is not None
        assert towns.stdout.readline() == b"ready\n"
        _harvest(folder, [f"127.0.0.1:{first + number}" for number in range(count)])
    finally:
        towns.terminate()
        towns.wait()


def _harvest(folder: Path, hosts: list[str]) -> None:
    reader = Node(folder / "reader", free_port(), hosts)
    reader.ok("init", "--name", "Reader", "--json")
    with running(load(reader.data, environment=reader.environment)) as runtime:
        for host in hosts:
            accept_peer(runtime, add_peer(runtime, f"http://{host}").peer)
    for workers in (16, 16, 1):
        _once(reader, workers, len(hosts))


def _once(reader: Node, workers: int, count: int) -> None:
    began = time.perf_counter()
    done = subprocess.run(
        reader.command("harvest", "--json"),
        env={**reader.environment, "LONJA_HARVEST_WORKERS": str(workers)},
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    seconds = time.perf_counter() - began
    runs = json.loads(done.stdout)["runs"]
    new, failed = sum(run["new"] for run in runs), sum(run["state"] == "failed" for run in runs)
    what = "first harvest of" if new else "unchanged harvest of"
    row(f"{what} {count} peers, {workers} at a time", f"{seconds:.1f} s, {failed} failed")
    row("  new records, per second until searchable", f"{new}, {new / seconds:.0f}/s")
