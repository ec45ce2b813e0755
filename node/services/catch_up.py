"""Catching up: from the journal's entries to the search index, batch by batch.

While thousands of harvested records wait, this node's own go first: whoever publishes finds the
practice at once. They are indexed again when their turn comes.
"""

import logging
from collections.abc import Callable
from typing import Final

import orjson

from federation.journal.journal import Journal
from federation.records import Entry, EntryState
from node.runtime import Runtime
from node.services.families import Families
from node.services.shown import Chooser
from search.api import IndexWriter, SearchEngine, SearchEntry
from search.entry import from_record

log = logging.getLogger(__name__)

BATCH: Final = 500
OWN: Final = "own-indexed"
"""Cursor: up to where own records are in the index, which may itself not be there yet."""


def catch_up(
    runtime: Runtime,
    writer: IndexWriter,
    *,
    engine: SearchEngine | None = None,
    stopping: Callable[[], bool] = lambda: False,
    between: Callable[[], object] = lambda: None,
) -> int:
    """Index everything after the index's own position and return how many entries were read.

    Idempotent: after a crash a batch is read again. The caller owns the index.

    Args:
        runtime: of the node.
        writer: of the index.
        engine: whose index it is, by default the node's.
        stopping: says after each batch whether to stop.
        between: called after each batch.
    """
    read = 0
    engine = engine or runtime.engine
    position = engine.position()
    sectors = _Sectors(runtime.journal)
    chooser = Chooser(runtime.journal, runtime.peers)
    live = engine is runtime.engine
    if live and position == 0 and runtime.journal.cursor(OWN):
        runtime.journal.set_cursor(OWN, 0)  # the index was made anew
    while not stopping():
        if live and runtime.journal.position() - position > BATCH:
            _own_first(runtime, writer, position, sectors, chooser)
        entries = runtime.journal.changes(position, BATCH, current_only=True)
        target = entries.position
        if target == position:
            break
        read += len(entries.entries)
        families = Families(runtime.journal, engine, entries.entries)
        _index(writer, [*entries.entries, *families.touched()], sectors, chooser, families)
        writer.commit(target)
        position = target
        between()
    return read


def reached(runtime: Runtime) -> int:
    """Return up to which position own records are found."""
    return max(runtime.engine.position(), runtime.journal.cursor(OWN))


def _own_first(
    runtime: Runtime, writer: IndexWriter, position: int, sectors: "_Sectors", chooser: Chooser
) -> None:
    """Index own records that were published while others wait, without moving the position."""
    journal = runtime.journal
    own = journal.own_changes(max(position, journal.cursor(OWN)), BATCH)
    if own.entries:
        families = Families(journal, runtime.engine, own.entries)
        _index(writer, [*own.entries, *families.touched()], sectors, chooser, families)
        writer.commit(position)
        journal.set_cursor(OWN, own.position)


class _Sectors:
    """Finds the sector of an organisation by its record URI; remembers it for one catching up."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._known: dict[str, str | None] = {}

    def __call__(self, uri: str) -> str | None:
        """Return the code of the sector, None when the organisation is not held here."""
        if uri not in self._known:
            held = self._journal.current(uri)
            document = orjson.loads(held.body) if held is not None and held.body else {}
            sector = document.get("helix")
            self._known[uri] = sector if isinstance(sector, str) else None
        return self._known[uri]


def _index(
    writer: IndexWriter,
    entries: list[Entry],
    sectors: _Sectors,
    chooser: Chooser,
    families: Families,
) -> None:
    chooser.begin(entries)
    found: list[SearchEntry] = []
    gone: list[str] = []
    for entry in entries:
        document = _searchable(entry, sectors, families)
        if document is None or not chooser.shows(entry, document):
            gone.append(entry.uri)
        else:
            found.append(document)
    writer.delete(gone)
    writer.upsert(found)


def _searchable(entry: Entry, sectors: _Sectors, families: Families) -> SearchEntry | None:
    """Return what the index keeps of an entry, None when it is not to be found."""
    if entry.state is not EntryState.HELD or entry.type == "Tombstone":
        return None
    try:
        document = orjson.loads(entry.body)
        return from_record(
            document,
            uri=entry.uri,
            digest=entry.digest,
            origin=entry.origin,
            helix=sectors,
            family=families.of(entry.uri, document),
        )
    except Exception:  # one strange record of a stranger must not stop the search for all others
        log.exception("%s cannot be indexed; it is left out of the search", entry.version_uri)
        return None
