"""Queries in one language, records in another: how many of the right ones are found, and how early.

Reads real records with the judgements of people (74 concepts, named in eight languages) from the
folder that LONJA_SHARED names; nothing is printed where it is absent. Untagged records may be right
too, so only recall is measured.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import mean
from typing import Any, Final

from search.api import SearchEngine, SearchEntry, SearchRequest
from search.engines import open_engine
from tests.bench.figures import row

LANGUAGES: Final = ("en", "es", "fr", "de", "pt", "it")
DEPTHS: Final = (10, 50, 100)


def run(folder: Path) -> None:
    """Print recall per language of the query, with the tags indexed and without."""
    data = Path(os.environ.get("LONJA_SHARED", "../shared")) / "data"
    if not data.is_dir():
        row("crosslingual", "skipped: the folder of real records is not here (LONJA_SHARED)")
        return
    queries = list(_lines(data / "queries-crosslingual.jsonl"))
    for tags in (False, True):
        engine = _filled(folder / str(tags), _lines(data / "practices.jsonl"), tags=tags)
        for literal in (True, False):
            how = ("tags, " if tags else "no tags, ") + ("as typed" if literal else "expanded")
            for language in LANGUAGES:
                _measure(engine, queries, language, how, literal=literal)
        engine.close()


def _lines(file: Path) -> Iterator[dict[str, Any]]:
    with file.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _filled(folder: Path, records: Iterator[dict[str, Any]], *, tags: bool) -> SearchEngine:
    engine = open_engine("tantivy", folder)
    writer = engine.writer()
    writer.upsert(_entry(record, tags=tags) for record in records)
    writer.commit(1)
    writer.close()
    return engine


def _entry(record: Mapping[str, Any], *, tags: bool) -> SearchEntry:
    """Return a record as an import would index it; its tags are English keywords."""
    title = record.get("title", {})
    words = [
        tag.replace("_", " ")
        for key in ("themes", "target_groups", "methods")
        for tag in record.get(key, ())
    ]
    return SearchEntry(
        uri=f"{record['source']}:{record['source_id']}",
        digest="z",
        title=title,
        summary=record.get("summary", {}),
        body=record.get("body", {}),
        keywords={"en": words} if tags else {},
        facets={"language": sorted(title)},
        card={"language": sorted(title)},
    )


def _measure(
    engine: SearchEngine,
    queries: Sequence[Mapping[str, Any]],
    language: str,
    how: str,
    *,
    literal: bool,
) -> None:
    found: dict[int, list[float]] = {depth: [] for depth in DEPTHS}
    possible: dict[int, list[float]] = {depth: [] for depth in DEPTHS}
    languages, empty = [], 0
    for query in queries:
        request = SearchRequest(
            query["labels"][language], reader=language, limit=max(DEPTHS), facets=()
        )
        hits = engine.search(replace(request, literal=literal, names=not literal)).hits
        empty += not hits
        right = set(query["relevant"])
        for depth in DEPTHS:
            good = sum(hit.uri in right for hit in hits[:depth])
            found[depth].append(good / len(right))
            possible[depth].append(min(depth, len(right)) / len(right))
        cards: list[Any] = [hit.card["language"] for hit in hits[:10]]
        languages.append(len({one for card in cards for one in card}))
    recall = ", ".join(
        f"@{depth} {mean(found[depth]):.3f} of {mean(possible[depth]):.2f}" for depth in DEPTHS
    )
    row(f"{how}: {language}", f"recall {recall}; nothing found {empty}; languages in the first "
        f"ten {mean(languages):.1f}")  # fmt: skip
