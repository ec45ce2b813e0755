"""Calls of the tantivy library whose types it does not tell."""

from typing import Any

import tantivy

from search.engines.tantivy.schema import STORED


def count(searcher: tantivy.Searcher, query: tantivy.Query) -> int:
    """Return how many documents fit a query."""
    found: Any = searcher.search(query, 1, count=True)  # its type lacks the count
    total: int = found.count
    return total


def stored_of(searcher: tantivy.Searcher, address: tantivy.DocAddress) -> bytes:
    """Return the stored bytes of a record."""
    data: bytes = searcher.doc(address).get_first(STORED) or b""
    return data
