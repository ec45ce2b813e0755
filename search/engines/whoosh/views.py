"""Opening the newest committed state of a Whoosh index, whole, while others may be committing."""

import contextlib
import re
import weakref
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from search.engines.whoosh.library import Index, Reader, Searcher, open_dir
from search.engines.whoosh.schema import POSITION, POSITION_URI, URI, schema
from search.engines.whoosh.table import Segment, Table, read_segment
from search.query.fields import TEXT_FIELDS
from search.query.terms import twin

_TRIES: Final = 10
_COMMIT_FILE: Final = re.compile(r"_MAIN_(\d+)\.toc")

_Stamp = tuple[int, int, int]


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class State:
    """One committed state of the index, with all of its files open until nobody uses it."""

    stamp: _Stamp
    searcher: Searcher
    table: Table
    position: int


class Viewer:
    """Keeps the newest state open. Not safe for threads: the engine sees to that.

    A new searcher is made for every commit: `Searcher.refresh()` of this library brings deleted
    records back. What was read of a segment is kept, because segments never change.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._current: State | None = None
        self._segments: dict[str, Segment] = {}

    def newest(self) -> State | None:
        """Return the newest state, None when there is no index or it cannot be read.

        Each commit deletes files of the one before. A state counts as opened only if no commit
        was made meanwhile; if commits come too fast, the last state that was opened serves.
        """
        for _ in range(_TRIES):
            stamp = self._stamp()
            if stamp is None:
                self.close()
            if self._current is None or stamp != self._current.stamp:
                fresh = self._opened(stamp) if stamp is not None else None
                if self._stamp() != stamp:
                    continue
                self._current = fresh
            return self._current
        return self._current

    def close(self) -> None:
        """Let go of the newest state and of what was read."""
        self._current = None
        self._segments = {}

    def _stamp(self) -> _Stamp | None:
        """Return what tells the newest commit from all others, None when there is no index.

        Its number alone would not do: an index that was cleared counts from 0 again.
        """
        newest: _Stamp | None = None
        with contextlib.suppress(FileNotFoundError):
            for file in self._folder.iterdir():
                match = _COMMIT_FILE.fullmatch(file.name)
                if match:
                    found = file.stat()
                    stamp = (int(match[1]), found.st_mtime_ns, found.st_ino)
                    newest = max(newest or stamp, stamp)
        return newest

    def _opened(self, stamp: _Stamp) -> State | None:
        searcher: Searcher = None
        try:
            searcher = opened(self._folder).searcher()
            return self._viewed(stamp, searcher)
        except Exception:  # noqa: BLE001 - a torn file may raise anything when it is unpickled
            if searcher is not None:
                searcher.close()
            return None

    def _viewed(self, stamp: _Stamp, searcher: Searcher) -> State:
        parts = []
        kept: dict[str, Segment] = {}
        for reader, first in searcher.reader().leaf_readers():
            segment = reader.segment()
            if segment is not None:  # it is None in an index without any commit
                name = segment.segment_id()
                kept[name] = self._segments.get(name) or read_segment(reader)
                parts.append((kept[name], first, reader.deleted_docs_set))
                _open_files(reader)
        self._segments = kept
        marks = searcher.documents(**{URI: POSITION_URI})
        position = max((int(mark[POSITION]) for mark in marks), default=0)
        state = State(stamp, searcher, Table(parts), position)
        weakref.finalize(state, searcher.close)
        return state


def opened(folder: Path) -> Index:
    """Open an index; this unpickles its list of segments, so the folder must be private.

    Raises:
        Exception: of any kind, when there is no index or it is torn.
    """
    return open_dir(str(folder), schema=schema())


def _open_files(reader: Reader) -> None:
    """Open the files of a segment that Whoosh would open later, when they may be gone."""
    reader.stored_fields(0)
    for field in TEXT_FIELDS:
        for name in (field, twin(field)):
            reader.doc_field_length(0, name)
