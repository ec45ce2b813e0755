"""Checks: the fast path of a harvest and SHACL when publishing."""

import time
from pathlib import Path

from tests.bench.corpus import records
from tests.bench.figures import row
from vocab.validate import check


def run(_folder: Path) -> None:
    """Print records per second of the strict gate with the compiled schema."""
    documents = list(records(2000, seed=5))
    check(documents[0], authoring=True)
    began = time.perf_counter()
    for document in documents:
        check(document, authoring=True)
    row("gate and JSON Schema", f"{len(documents) / (time.perf_counter() - began):.0f}/s")
