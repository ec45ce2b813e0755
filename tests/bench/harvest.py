"""First, unchanged and incremental harvest between two real nodes over HTTP, index included."""

import json
import os
import subprocess
import time
from contextlib import suppress
from itertools import islice
from pathlib import Path

import psutil

from federation.journal.journal import Draft
from node.runtime import running
from node.settings import load
from tests.bench.corpus import records
from tests.bench.figures import memory_mb, row
from tests.nodes import ROOT, Node, make_nodes
from vocab.terms import type_of

MOST_BY_COMMAND = 10_000


def run(folder: Path) -> None:
    """Print the figures of ARCHITECTURE section 8 that concern harvesting."""
    count = int(os.environ.get("LONJA_BENCH_RECORDS", "5000"))
    source, reader = make_nodes(folder, "source", "reader")
    _fill(source, folder, count)
    source.start()
    reader.start()
    try:
        reader.ok("peer", "add", source.url, "--accept")
        _first(reader, count)
        _unchanged(reader)
        _ten_changes(source, reader)
        assert source.server is not None
        assert reader.server is not None
        row(
            "memory of the reading node, serving (PSS)",
            f"{memory_mb(reader.server.pid):.0f} MB",
            "<= 250 MB at 10,000",
        )
    finally:
        source.stop()
        reader.stop()


def _fill(source: Node, folder: Path, count: int) -> None:
    if count > MOST_BY_COMMAND:
        row(f"sign and append {count} records", f"{append(source, count):.0f}/s")
        return
    file = folder / "records.jsonl"
    with file.open("w", encoding="utf-8") as lines:
        for document in records(count, seed=1):
            lines.write(json.dumps(document) + "\n")
    began = time.perf_counter()
    done = source.run("publish", str(file), "--json", timeout=3600)
    seconds = time.perf_counter() - began
    report = done.json
    row(f"publish {count} records (SHACL, sign, append, index)", f"{count / seconds:.0f}/s")
    row("refused", str(report["refused"]))


def append(source: Node, count: int) -> float:
    """Sign and append without judging by the shapes, which would take hours; return the rate."""
    began = time.perf_counter()
    with running(load(source.data, environment=source.environment)) as runtime:
        everything = records(count, seed=1)
        publisher = runtime.settings.organisation_uri
        while batch := list(islice(everything, 500)):
            bodies = [{"publisher": publisher, **body} for body in batch]
            drafts = [Draft(body, None, type_of(body)) for body in bodies]
            runtime.journal.append_local(drafts, runtime.identity)
    seconds = time.perf_counter() - began
    source.ok("reindex", timeout=3600)
    return count / seconds


def _harvest(reader: Node) -> tuple[dict[str, float], float]:
    run, seconds, _memory = _watched(reader)
    return run, seconds


def _watched(reader: Node) -> tuple[dict[str, float], float, list[float]]:
    """Harvest, and return the ledger, the seconds, and the memory in MB twice a second."""
    began, memory = time.perf_counter(), []
    command = subprocess.Popen(
        reader.command("harvest", "--json"),
        env=reader.environment,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    while command.poll() is None:
        time.sleep(0.5 if memory else 0.05)
        with suppress(OSError, psutil.Error):
            memory.append(memory_mb(command.pid) or memory[-1])
    assert command.stdout is not None
    (run,) = json.loads(command.stdout.read())["runs"]
    return run, time.perf_counter() - began, memory


def _first(reader: Node, count: int) -> None:
    run, seconds, memory = _watched(reader)
    row(
        f"first harvest of {count}, stored (ledger)",
        f"{run['new'] / run['seconds']:.0f}/s",
        ">= 1,500/s; stretch 3,000/s",
    )
    row("  the whole command until searchable", f"{run['new'] / seconds:.0f}/s ({seconds:.1f} s)")
    megabytes = f"{run['bytes'] / 1e6:.1f}, {run['wire_bytes'] / 1e6:.1f}"
    row("  requests, megabytes received, on the wire", f"{run['requests']}, {megabytes}")
    quarters = [memory[len(memory) * part // 4 - 1] for part in (1, 2, 3, 4)]
    row("  memory after each quarter", ", ".join(f"{mb:.0f}" for mb in quarters) + " MB", "flat")


def _unchanged(reader: Node) -> None:
    run, seconds = _harvest(reader)
    row("unchanged harvest, requests", str(run["requests"]), "1")
    row(
        "  the run, the whole command",
        f"{run['seconds'] * 1000:.0f} ms, {seconds * 1000:.0f} ms",
        "< 50 ms",
    )


def _ten_changes(source: Node, reader: Node) -> None:
    listed = source.ok("search", "", "--json", "--limit", "10").json["hits"]
    edits = []
    for number, hit in enumerate(listed):
        document = json.loads(source.ok("show", hit["uri"]).out)
        kept = {k: v for k, v in document.items() if k not in ("id", "proof", "seq", "version")}
        kept["id"] = kept.pop("isVersionOf")
        for key in ("origin", "previous", "issued", "modified"):
            kept.pop(key, None)
        kept["keyword"] = {"en": [f"changed {number}"]}
        edits.append(kept)
    source.publish(*edits)
    run, _seconds = _harvest(reader)
    row("10 changes: requests, changed", f"{run['requests']}, {run['changed']}", "<= 3, 10")
