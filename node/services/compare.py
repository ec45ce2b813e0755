"""Practices that somebody puts side by side, as their addresses name them."""

from collections.abc import Iterable
from typing import Final

from federation.records import Entry, EntryState
from node.runtime import Runtime
from vocab.terms import PRACTICE_TYPES

MOST: Final = 3
"""Practices that stand side by side: more would not fit a screen."""


def compared(runtime: Runtime, uris: Iterable[str]) -> list[Entry]:
    """Return the first practices that are held here, in the order in which they were chosen."""
    found = (runtime.journal.current(uri) for uri in list(dict.fromkeys(uris))[: 2 * MOST])
    return [
        entry
        for entry in found
        if entry is not None and entry.state is EntryState.HELD and entry.type in PRACTICE_TYPES
    ][:MOST]
