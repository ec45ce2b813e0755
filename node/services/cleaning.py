"""Cleaning: an index built anew beside the old one, and nothing left of what was erased.

Needed after an erasure, whose traces may be in many files, and when the operator has changed what
is shown.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from node.index_site import index_site
from node.runtime import Runtime
from node.services.backup import remove_unfinished
from node.services.catch_up import catch_up
from node.services.shown import WANTED
from search.api import IndexWriter

_CHOSEN: Final = "shown:done"
"""Cursor: for which choice of what is shown the index was built."""
_ERASED: Final = "erased"
"""Cursor of this reader of the journal: for how many erasures it has cleaned the files."""


def owes_cleaning(runtime: Runtime) -> bool:
    """Say whether something was erased whose traces may still be in the node's files.

    Also when the operator has changed what is shown: the index holds what was wanted before.
    """
    erased = runtime.journal.erasures() > runtime.journal.cursor(_ERASED)
    return erased or has_chosen(runtime)


def has_chosen(runtime: Runtime) -> bool:
    """Say whether the operator has changed what is shown since the index was built."""
    return runtime.journal.cursor(WANTED) > runtime.journal.cursor(_CHOSEN)


def clean(
    runtime: Runtime, writer: IndexWriter, *, stopping: Callable[[], bool] = lambda: False
) -> None:
    """Take erased texts out of the index and of all else that was made from the journal.

    Closes the writer when it exchanges its index. The caller owns the index. The cursor moves at
    the end: after a crash all of it is done again.
    """
    counted = Counted.now(runtime)
    if _exchange_index(runtime, writer, stopping):
        sweep(runtime, counted)


def _exchange_index(runtime: Runtime, writer: IndexWriter, stopping: Callable[[], bool]) -> bool:
    """Put an index that is built anew in the place of the old one; say whether it was."""
    site = index_site(runtime.settings)
    site.sweep()
    anew = site.beside()
    fresh = anew.open()
    try:
        building = fresh.writer()
        try:
            # The old index must not fall behind: commands wait until it has what they wrote.
            follow = partial(catch_up, runtime, writer)
            catch_up(runtime, building, engine=fresh, stopping=stopping, between=follow)
        finally:
            building.close()
    finally:
        fresh.close()
    if not stopping():
        writer.close()
        site.exchange()
        runtime.engine.close()
        return True
    site.sweep()
    return False


@dataclass(frozen=True, slots=True)
class Counted:
    """What an index that is built from now on has seen."""

    erasures: int
    choices: int

    @classmethod
    def now(cls, runtime: Runtime) -> "Counted":
        """Return what there is to see now."""
        return cls(runtime.journal.erasures(), runtime.journal.cursor(WANTED))


def sweep(runtime: Runtime, counted: Counted) -> None:
    """Clean everything but the index, and note for how many erasures it was done."""
    index_site(runtime.settings).sweep()
    runtime.feed.forget_erased()
    remove_unfinished(runtime.settings)
    runtime.journal.scrub()
    runtime.journal.set_cursor(_ERASED, counted.erasures)
    runtime.journal.set_cursor(_CHOSEN, counted.choices)
