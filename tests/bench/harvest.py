"""First, unchanged and incremental harvest between two real nodes over HTTP, index included."""

import json
import os
import time
from pathlib import Path

from tests.bench.corpus import records
from tests.bench.figures import memory_mb, row
from tests.nodes import Node, make_nodes


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


def _harvest(reader: Node) -> tuple[dict[str, float], float]:
    began = time.perf_counter()
    (run,) = reader.ok("harvest", "--json", timeout=3600).json["runs"]
    return run, time.perf_counter() - began


def _first(reader: Node, count: int) -> None:
    run, seconds = _harvest(reader)
    row(
        f"first harvest of {count}, stored (ledger)",
        f"{run['new'] / run['seconds']:.0f}/s",
        ">= 1,500/s; stretch 3,000/s",
    )
    row("  the whole command until searchable", f"{run['new'] / seconds:.0f}/s ({seconds:.1f} s)")
    row("  requests, megabytes received", f"{run['requests']}, {run['bytes'] / 1e6:.1f}")


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
