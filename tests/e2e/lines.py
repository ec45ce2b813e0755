"""A publisher behind a line that can be spoilt, and readers that harvest it over that line."""

import json
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count, islice
from pathlib import Path
from typing import Any

from tests.fault_proxy import FaultProxy, faulty_line
from tests.nodes import Node, free_port, make_nodes, practice

TEXT = {"en": "What was done, and what became of it. " * 20}


@dataclass
class Line:
    """A publisher, the line to it, and the folder of a reader that has accepted it.

    Attributes:
        uris: the records of the publisher that are not withdrawn.
        entries: how many entries the publisher has signed.
    """

    source: Node
    proxy: FaultProxy
    reader: Node
    uris: list[str] = field(default_factory=list)
    entries: int = 1  # its organisation
    numbers: Iterator[int] = field(default_factory=count)
    _log: list[str] = field(default_factory=list)

    def new_reader(self, folder: Path) -> Node:
        """Return a reader that has read nothing yet."""
        self.proxy.heal()
        shutil.copytree(self.reader.data, folder)
        return replace(self.reader, data=folder)

    def log(self) -> list[str]:
        """Return what the publisher has signed, in its order."""
        if len(self._log) != self.entries:
            self._log = held(self.source, self.source)
        return self._log

    def drafts(self, amount: int) -> list[dict[str, Any]]:
        """Return practices that were not published before."""
        return [practice(f"Practice {n}", description=TEXT) for n in islice(self.numbers, amount)]

    def work_on(self) -> None:
        """Let the publisher edit, add and withdraw some records."""
        dice = self.proxy.number
        edited = sorted({self.uris[dice(len(self.uris))] for _ in range(12)})
        edits = [
            {**draft, "id": uri}
            for draft, uri in zip(self.drafts(len(edited)), edited, strict=True)
        ]
        published = self.source.publish(*edits, *self.drafts(3))
        self.uris += published[len(edits) :]
        withdrawn = self.uris.pop(dice(len(self.uris)))
        self.source.ok("retract", withdrawn, "--reason", "published by mistake")
        self.entries += len(published) + 1


@contextmanager
def make_line(folder: Path, *, records: int) -> Iterator[Line]:
    """Make a publisher that serves behind a line, and a reader that has accepted it."""
    source, reader = make_nodes(folder, "source", "reader")
    source.listen = free_port()
    with faulty_line(source.port, source.listen) as proxy:
        line = Line(source, proxy, reader)
        line.uris += source.publish(*line.drafts(records))
        line.entries += records
        line.work_on()
        source.start()
        try:
            reader.ok("peer", "add", source.url, "--accept")
            yield line
        finally:
            source.stop()


def harvest(node: Node, url: str, times: int = 1) -> list[dict[str, Any]]:
    """Harvest a peer some times over and return the ledgers, which all must balance."""
    runs: list[dict[str, Any]] = node.run("harvest", "--json", *[url] * times).json["runs"]
    runs.sort(key=lambda run: int(run["run"]))  # they wait for each other, in any order
    for run in runs:
        parts = sum(run[key] for key in ("new", "changed", "unchanged", "deleted", "refused"))
        assert run["announced"] == parts, run
        assert run["state"] in ("done", "unchanged", "failed"), run
        assert run["state"] != "failed" or run["message"], run
        assert len(run["refusals"]) == run["refused"]
    return runs


def settle(node: Node, line: Line, *, most: int) -> list[dict[str, Any]]:
    """Harvest over the bad line until a run has nothing to complain of, or often enough.

    Something must have gone wrong meanwhile: a line that was good shows nothing.
    """
    runs: list[dict[str, Any]] = []
    while len(runs) < most:
        runs += harvest(node, line.source.url, 4)
        good = any(run["state"] != "failed" and not run["refused"] for run in runs[-4:])
        if good and line.proxy.done:
            break
    assert line.proxy.done
    return runs


def held(node: Node, origin: Node) -> list[str]:
    """Return every entry of an origin that a node holds, in the order of the origin's log."""
    lines = node.ok("export", "--format", "ndjson").out.splitlines()
    entries = [(json.loads(line), line) for line in lines]
    own = [(one["seq"], line) for one, line in entries if one["id"].startswith(f"{origin.url}/")]
    return [line for _seq, line in sorted(own)]


def check_equal(node: Node, line: Line, runs: Iterable[dict[str, Any]]) -> None:
    """Hold a reader to the promise: the publisher's very bytes, and deleted what it withdrew."""
    log = line.log()
    assert held(node, line.source) == log
    assert len(log) == line.entries
    tombstones = sum('"type":"Tombstone"' in one for one in log)
    assert sum(run["deleted"] for run in runs) == tombstones
    report = node.ok("verify", "--json").json
    assert (report["faults"], report["gaps"]) == ([], {})
