"""Ten thousand random and hostile queries over HTTP: none may fail, none may take half a second."""

import os
import random
import string
import time
from pathlib import Path
from typing import Final

import requests

from search.expand import concepts
from tests.bench.figures import quantiles, row
from tests.bench.search import fill
from tests.nodes import make_nodes

QUERIES: Final = 10_000
RECORDS: Final = 5_000
SLOWEST: Final = 0.5

_PIECES: Final = (
    "AND", "OR", "NOT", "-", "(", ")", '"', "*", "?", "title:", "theme:", "country:", "~2", "^9",
    "[", "]", ":", "population:>", "modified:[", "TO", "\x00", "\ud800", "é", "城", "…", "<script>",
    "%00", "' OR 1=1 --", "𝕬", "\u202e", "٣", "a" * 300,
)  # fmt: skip


def run(folder: Path) -> None:
    """Print how many answers were no success, and how long the slowest took."""
    count = int(os.environ.get("LONJA_BENCH_QUERIES", QUERIES))
    (node,) = make_nodes(folder, "town")
    fill(node, RECORDS)
    node.start()
    try:
        took, failed = _ask(f"{node.url}/api/v1/search", count)
    finally:
        node.stop()
    slow = sum(seconds > SLOWEST for seconds, _ in took)
    row(f"{count} hostile queries, {RECORDS} records", quantiles([seconds for seconds, _ in took]))
    row("slowest", f"{max(took)[0] * 1000:.0f} ms: {max(took)[1][:80]!r}", "under 500 ms")
    row("over half a second; no success", f"{slow}; {failed}", "0; 0")


def _ask(url: str, count: int) -> tuple[list[tuple[float, str]], int]:
    rng = random.Random(20261123)
    labels = [name.label for concept in concepts() for name in concept.names]
    took, failed = [], 0
    with requests.Session() as session:
        session.trust_env = False
        session.get(url, timeout=60)
        for _ in range(count):
            text = query(rng, labels)
            parameters = {"q": text.encode("utf-8", "surrogatepass")}
            for name in ("highlight", "collapse", "explain"):
                if rng.random() < 0.3:
                    parameters[name] = b"1"
            began = time.perf_counter()
            answer = session.get(url, params=parameters, timeout=60)
            took.append((time.perf_counter() - began, text))
            failed += answer.status_code != 200
    return took, failed


def query(rng: random.Random, labels: list[str]) -> str:
    """Return something that a stranger may type: noise, many words, many names, beginnings."""
    kind = rng.random()
    words = [word for label in rng.sample(labels, 30) for word in label.split()]
    if kind < 0.25:
        return "".join(rng.choices(string.printable, k=rng.randint(0, 400)))
    if kind < 0.45:
        return " ".join(rng.choices(words, k=rng.randint(1, 40)))
    if kind < 0.65:
        return " OR ".join(rng.choices(labels, k=rng.randint(1, 20)))
    if kind < 0.8:
        return " ".join(f"{word[: rng.randint(3, 5)]}*" for word in rng.choices(words, k=12))
    return " ".join(rng.choices([*words, *_PIECES], k=rng.randint(1, 40)))
