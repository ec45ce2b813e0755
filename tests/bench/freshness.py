"""How soon what was published is found, on a node that is busy harvesting thousands of records.

A serving node harvests other real nodes, one after the other, with `lonja harvest`. Meanwhile
practices are published on it one by one, by a process of its own and by `lonja publish`, and each
is searched for over HTTP until it is found.
"""

import argparse
import json
import random
import string
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from tests.bench.figures import load_average
from tests.bench.harvest import append
from tests.bench.rivals.program import Line
from tests.bench.rivals.report import quantiles
from tests.nodes import ROOT, Node, make_nodes, practice

_PAUSE: Final = 0.005
_LONGEST: Final = 120.0

Publish = Callable[[str], str]
"""Publishes a practice with a title and returns its URI once it is acknowledged."""


@dataclass
class Series:
    """What became of practices that were published in the same way.

    Attributes:
        published: seconds from the order to the acknowledgement.
        found: seconds from the acknowledgement to the first search that finds the practice.
    """

    published: list[float] = field(default_factory=list)
    found: list[float] = field(default_factory=list)


class Harvests(threading.Thread):
    """Runs `lonja harvest` on one source after the other until told to stop.

    Attributes:
        running: set while a harvest runs.
        runs: the ledgers of the harvests that ended.
    """

    def __init__(self, reader: Node, sources: Sequence[Node]) -> None:
        super().__init__(daemon=True)
        self.running = threading.Event()
        self.enough = threading.Event()
        self.runs: list[dict[str, Any]] = []
        self._reader = reader
        self._sources = list(sources)

    def run(self) -> None:
        """Harvest."""
        while self._sources and not self.enough.is_set():
            source = self._sources.pop(0)
            self.running.set()
            done = self._reader.run("harvest", source.url, "--json", timeout=3600)
            self.runs += json.loads(done.out)["runs"]
        self.running.clear()


def run(folder: Path, arguments: Sequence[str] = ()) -> None:
    """Print how long it takes from an acknowledged publication to its first hit."""
    options = _options(arguments)
    before = load_average()
    reader, *sources = make_nodes(folder, "town", *(f"source{n}" for n in range(options.sources)))
    started: list[Node] = []
    try:
        for source in sources:
            append(source, options.records)
        for node in (reader, *sources):
            node.start()
            started.append(node)
        for source in sources:
            reader.ok("peer", "add", source.url, "--accept")
        harvests = Harvests(reader, sources)
        series = _published(reader, harvests, options)
        found = _figures(series, harvests, before)
    finally:
        for node in started:
            node.stop()
    print(json.dumps(found, indent=1) if options.json else _text(found))


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tests.bench freshness", description=__doc__)
    parser.add_argument("--records", type=int, default=5000, help="records of each source")
    parser.add_argument("--sources", type=int, default=6, help="most nodes that are harvested")
    parser.add_argument("--publishes", type=int, default=60, help="by a program")
    parser.add_argument("--commands", type=int, default=10, help="by `lonja publish`")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args(list(arguments))


def _published(reader: Node, harvests: Harvests, options: argparse.Namespace) -> dict[str, Series]:
    program = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.publisher", str(reader.data)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env=reader.environment,
        text=True,
    )
    line = Line(reader.port)
    try:
        assert program.stdin is not None
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"
        lines, answers = program.stdin, program.stdout

        def by_program(title: str) -> str:
            lines.write(title + "\n")
            lines.flush()
            return answers.readline().strip()

        def by_command(title: str) -> str:
            (uri,) = reader.publish(practice(title))
            return uri

        ways: list[tuple[str, Publish, int]] = [
            ("a program", by_program, options.publishes),
            ("lonja publish", by_command, options.commands),
        ]
        series: dict[str, Series] = {}
        harvests.start()
        harvests.running.wait()
        time.sleep(1)  # until the command has started and asked for the first page
        for name, way, count in ways:
            for _ in range(count):
                _one(name, way, line, harvests, series)
        return series
    finally:
        harvests.enough.set()
        if harvests.ident is not None:
            harvests.join()
        line.close()
        assert program.stdin is not None
        program.stdin.close()
        program.wait(timeout=60)


def _one(
    name: str, way: Publish, line: Line, harvests: Harvests, series: dict[str, Series]
) -> None:
    """Publish one, look until it is found, and note it under what the node was doing."""
    word = "".join(random.choices(string.ascii_lowercase, k=12))
    path = f"/api/v1/search?{urlencode({'q': word, 'facets': '', 'literal': '1', 'limit': '1'})}"
    loaded = harvests.running.is_set()
    began = time.perf_counter()
    uri = way(f"Proof of freshness {word}")
    acknowledged = time.perf_counter()
    while not any(hit["uri"] == uri for hit in json.loads(line.get(path))["hits"]):
        assert time.perf_counter() - acknowledged < _LONGEST, f"{uri} is not found"
        time.sleep(_PAUSE)
    found = time.perf_counter()
    busy = loaded and harvests.running.is_set()
    one = series.setdefault(f"{name}, {'during' if busy else 'outside'} a harvest", Series())
    one.published.append(acknowledged - began)
    one.found.append(found - acknowledged)


def _figures(series: dict[str, Series], harvests: Harvests, before: str) -> dict[str, Any]:
    def told(seconds: Sequence[float]) -> dict[str, float]:
        return {**quantiles(seconds), "max": round(max(seconds) * 1000, 3)}

    return {
        "load": {"before": before, "after": load_average()},
        "harvested": sum(run["new"] for run in harvests.runs),
        "harvests": len(harvests.runs),
        "harvest_seconds": round(sum(run["seconds"] for run in harvests.runs), 1),
        "ways": {
            name: {
                "published": len(one.found),
                "order_to_acknowledged_ms": told(one.published),
                "acknowledged_to_found_ms": told(one.found),
            }
            for name, one in series.items()
        },
    }


def _text(found: dict[str, Any]) -> str:
    load = found["load"]
    lines = [
        f"load before {load['before']}, after {load['after']}",
        f"harvested meanwhile: {found['harvested']} records in {found['harvests']} harvests "
        f"({found['harvest_seconds']} s in their ledgers)",
    ]
    for name, one in found["ways"].items():
        lines.append(f"by {name}: {one['published']} published; p50 / p95 / max in ms")
        for what in ("order_to_acknowledged_ms", "acknowledged_to_found_ms"):
            times = one[what]
            said = what.removesuffix("_ms").replace("_", " ")
            lines.append(
                f"  {said:<24}{times['p50']:>10.0f} / {times['p95']:.0f} / {times['max']:.0f}"
            )
    return "\n".join(lines)
