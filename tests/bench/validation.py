"""The three speeds of the check: gate and JSON Schema as a harvest uses them, SHACL to publish."""

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from tests.bench.corpus import records
from tests.bench.figures import row
from vocab.canonical import canonical_bytes
from vocab.document import parse
from vocab.shacl import judge
from vocab.terms import JsonObject, type_of
from vocab.validate import check, check_carefully

_SLOW = 100


def run(_folder: Path) -> None:
    """Print records per second of each check, for listed practices and for complete ones."""
    documents = [_entry(body, number) for number, body in enumerate(records(2000, seed=5), 1)]
    for kind in ("Practice", "BestPractice"):
        chosen = [document for document in documents if type_of(document) == kind]
        data = [canonical_bytes(document) for document in chosen]
        size = sum(map(len, data)) / len(data) / 1000
        print(f"{kind}, {len(chosen)} records of {size:.1f} kB")
        row("  (a) strict gate: bytes to a checked document", _rate(parse, data))
        row("  (b) schema and named rules", _rate(check, chosen), ">= 50000/s")
        row("  (a) + (b), the path of a harvest", _rate(lambda item: check(parse(item)), data))
        row("  (b) with words for what is wrong", _rate(check_carefully, chosen))
        row("  (c) SHACL, the authority when publishing", _rate(judge, chosen[:_SLOW]))


def _entry(body: JsonObject, number: int) -> JsonObject:
    uri = f"https://node.example/practices/{number}"
    return {
        **body,
        "id": f"{uri}/v/1",
        "isVersionOf": uri,
        "origin": "did:web:node.example",
        "seq": number,
        "version": 1,
        "issued": "2026-11-23T08:00:00Z",
    }


def _rate(work: Callable[[Any], object], items: Iterable[object]) -> str:
    listed = list(items)
    work(listed[0])  # compiles and reads what is needed once
    began = time.perf_counter()
    for item in listed:
        work(item)
    return f"{len(listed) / (time.perf_counter() - began):.0f}/s"
