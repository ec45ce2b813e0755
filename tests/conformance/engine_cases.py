"""Entries for the suite that every search engine must pass."""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from search.api import FACETS, SearchEngine, SearchEntry, SearchRequest
from search.engines import open_engine
from search.engines.cluster import Cluster

NAMES = ("tantivy", "whoosh")


@dataclass(frozen=True)
class Place:
    """An engine by name, and the folder of its index or where it is on a cluster."""

    name: str
    folder: Path
    cluster: Cluster | None = None

    def open(self) -> SearchEngine:
        return open_engine(self.name, self.folder, self.cluster)


def entry(number: int | str, title: str | Mapping[str, str] = "", **more: Any) -> SearchEntry:
    """Return an entry; its number is its URI, its title English unless said otherwise."""
    titles = {"en": title or f"Practice {number}"} if isinstance(title, str) else title
    uri = f"https://lugo.example/practices/{number}"
    more.setdefault("card", {"title": dict(titles), "number": str(number)})
    return SearchEntry(uri=uri, digest=f"zQm{number}", title=titles, **more)


def fill(engine: SearchEngine, entries: Iterable[SearchEntry], position: int = 1) -> None:
    """Index entries in one commit."""
    writer = engine.writer()
    try:
        writer.upsert(entries)
        writer.commit(position)
    finally:
        writer.close()


def numbers(engine: SearchEngine, text: str = "", **options: Any) -> list[str]:
    """Return the numbers of the hits, in their order."""
    options.setdefault("facets", ())
    options.setdefault("limit", 200)
    found = engine.search(SearchRequest(text, **options))
    return [str(hit.card["number"]) for hit in found.hits]


def found(engine: SearchEngine, text: str = "", **options: Any) -> set[str]:
    """Return the numbers of the hits."""
    return set(numbers(engine, text, **options))


def many(count: int, seed: int = 7) -> list[SearchEntry]:
    """Return entries with random facets, dates and places; some dates and titles tie."""
    rng = random.Random(seed)
    vocabulary = {name: [f"{name}-{n}" for n in range(rng.randint(2, 9))] for name in FACETS}
    made = []
    for number in range(count):
        facets = {
            name: rng.sample(codes, k=rng.randint(0, min(3, len(codes))))
            for name, codes in vocabulary.items()
            if name != "sdg"  # a facet without any value
        }
        made.append(
            entry(
                number,
                f"{rng.choice(['Bus', 'Garden', 'Repair café', 'École'])} {rng.randint(1, 9)}",
                summary={"en": " ".join(rng.choices(["water", "street", "energy", "school"], k=3))},
                facets=facets,
                modified=1_600_000_000 + rng.randint(0, 20) * 86_400,
                latitude=round(rng.uniform(-60, 70), 3),
                longitude=round(rng.uniform(-179.9, 179.9), 3),
            )
        )
    return made


def oracle_counts(
    entries: Sequence[SearchEntry], filters: Mapping[str, Sequence[str]], facet: str
) -> list[tuple[str, int]]:
    """Count a facet the slow, plain way, as if nothing were chosen in it."""
    counts: dict[str, int] = {}
    for item in entries:
        if all(
            set(item.facets.get(name, ())) & set(codes)
            for name, codes in filters.items()
            if name != facet
        ):
            for code in item.facets.get(facet, ()):
                counts[code] = counts.get(code, 0) + 1
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
