"""Writing a Whoosh index: changes are gathered and written in one transaction."""

from collections.abc import Iterable
from typing import Any, Final

from search.api import IndexBusyError, SearchEntry
from search.document import prepared
from search.engines.whoosh.library import Index, SegmentReader
from search.engines.whoosh.schema import POSITION, POSITION_URI, RECORD, ROW, URI
from search.engines.whoosh.table import row
from search.query.terms import twin

MEMORY_MB: Final = 32
MAX_SEGMENTS: Final = 10


class WhooshWriter:
    """The writer of an index; whoever has it holds a lock until it is closed.

    Whoosh's own writer cannot replace a record that it has just added. So changes wait in memory,
    the last one for each URI, until they are committed: callers commit every thousand or so.
    """

    def __init__(self, index: Index) -> None:
        self._index = index
        self._pending: dict[str, SearchEntry | None] = {}
        self._owner = index.lock("OWNER")
        if not self._owner.acquire(blocking=False):
            self._owner = None
            raise IndexBusyError("another process writes this index")

    def upsert(self, entries: Iterable[SearchEntry]) -> None:
        """Add entries, each replacing an earlier one with the same URI."""
        self._pending.update((entry.uri, entry) for entry in entries)

    def delete(self, uris: Iterable[str]) -> None:
        """Remove records."""
        self._pending.update((uri, None) for uri in uris)

    def commit(self, position: int) -> None:
        """Make everything so far durable and visible, together with the position."""
        # A compound file would be read into memory whole; separate files are mapped.
        writer = self._index.writer(limitmb=MEMORY_MB, timeout=10.0, compound=False)
        try:
            for uri in (*self._pending, POSITION_URI):
                writer.delete_by_term(URI, uri)
            for entry in self._pending.values():
                if entry is not None:
                    writer.add_document(**document(entry))
            writer.add_document(**{URI: POSITION_URI, POSITION: position})
        except BaseException:
            writer.cancel()
            raise
        writer.commit(mergetype=_few_segments)
        self._pending.clear()

    def close(self) -> None:
        """Give up the writer; what was not committed is lost."""
        self._pending.clear()
        if self._owner is not None:
            self._owner.release()
            self._owner = None


def document(entry: SearchEntry) -> dict[str, object]:
    """Return the fields of an entry."""
    ready = prepared(entry)
    made: dict[str, object] = {
        URI: entry.uri,
        ROW: row(entry, ready),
        RECORD: ready.stored,
    }
    for field, text in ready.exact.items():
        if text:
            made[field] = text
        if ready.stems[field]:
            made[twin(field)] = ready.stems[field]
    return made


def _few_segments(writer: Any, segments: list[Any]) -> list[Any]:
    """Merge the smaller half once there are too many segments: queries visit each of them.

    Whoosh's own policy never merges segments of some hundred records.
    """
    if len(segments) < MAX_SEGMENTS:
        return segments
    by_size = sorted(segments, key=lambda segment: int(segment.doc_count()))
    half = len(by_size) // 2
    for segment in by_size[:half]:
        reader = SegmentReader(writer.storage, writer.schema, segment)
        writer.add_reader(reader)
        reader.close()
    return by_size[half:]
