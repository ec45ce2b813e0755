"""Search over HTTP with facets, at several sizes; the index is filled from generated records."""

import os
import time
from pathlib import Path

import requests

from search.engines import open_engine
from search.entry import from_record
from tests.bench.corpus import records
from tests.bench.figures import memory_mb, quantiles, row
from tests.nodes import Node, make_nodes

WORDS = ("energy", "bus", "participation", "agua", "mobilité", "Wohnen", "library", "bicycle")
FACETS8 = "theme,settlement,country,cost,evidence,maturity,language,population"


def run(folder: Path) -> None:
    """Print p50 and p95 of searches in process and over HTTP, and the node's memory."""
    sizes = os.environ.get("LONJA_BENCH_SEARCH", "5000,50000").split(",")
    for size in map(int, sizes):
        (node,) = make_nodes(folder / str(size), "town")
        fill(node, size)
        node.start()
        try:
            _ask(node, size)
        finally:
            node.stop()


def fill(node: Node, size: int) -> None:
    """Fill the node's index alone: the journal stays small, the search is the same."""
    engine = open_engine("tantivy", node.data / "index" / "tantivy")
    position = engine.position()
    writer = engine.writer()
    began = time.perf_counter()
    batch = []
    for number, document in enumerate(records(size, seed=2)):
        uri = f"https://bench.example/practices/{number}"
        entry = from_record(document, uri=uri, digest=f"z{number}", origin="did:web:bench.example")
        assert entry is not None
        batch.append(entry)
        if len(batch) == 1000:
            writer.upsert(batch)
            batch = []
    writer.upsert(batch)
    writer.commit(position)
    seconds = time.perf_counter() - began
    writer.close()
    engine.close()
    folder = node.data / "index" / "tantivy"
    megabytes = sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()) / 1e6
    row(f"index {size} records", f"{size / seconds:.0f}/s, {megabytes:.0f} MB")


def _ask(node: Node, size: int) -> None:
    with requests.Session() as session:
        session.trust_env = False
        _series(
            session, node, f"{size}: words, 8 facets", [f"q={w}&facets={FACETS8}" for w in WORDS]
        )
        _series(session, node, f"{size}: words, 16 facets", [f"q={word}" for word in WORDS])
        _series(session, node, f"{size}: everything, 8 facets", [f"facets={FACETS8}"])
        _series(
            session,
            node,
            f"{size}: word, 2 filters, 8 facets",
            [f"q={w}&theme=mobility&country=ES&facets={FACETS8}" for w in WORDS],
        )
        _series(session, node, f"{size}: no facets", [f"q={word}&facets=" for word in WORDS])
        _pages(session, node, size)
    assert node.server is not None
    row(f"{size}: memory of the node (PSS)", f"{memory_mb(node.server.pid):.0f} MB")


def _series(session: requests.Session, node: Node, name: str, queries: list[str]) -> None:
    for query in queries:
        session.get(f"{node.url}/api/v1/search?{query}", timeout=60).raise_for_status()
    took = []
    for number in range(200):
        began = time.perf_counter()
        answer = session.get(
            f"{node.url}/api/v1/search?{queries[number % len(queries)]}", timeout=60
        )
        took.append(time.perf_counter() - began)
        answer.raise_for_status()
    target = "p50 <= 15 ms, p95 <= 50 ms at 100,000" if "8 facets" in name else ""
    row(name, quantiles(took), target)


def _pages(session: requests.Session, node: Node, size: int) -> None:
    """Compare the first page with one deep in the results, by cursor."""
    first, deep, cursor = [], [], ""
    for number in range(60):
        began = time.perf_counter()
        url = f"{node.url}/api/v1/search?facets=&limit=50&sort=newest&cursor={cursor}"
        answer = session.get(url, timeout=60).json()
        (first if number < 5 else deep).append(time.perf_counter() - began)
        cursor = answer["next"] or ""
        if not cursor:
            break
    row(f"{size}: first pages, pages 6 to 60 by cursor", f"{quantiles(first)}; {quantiles(deep)}")
