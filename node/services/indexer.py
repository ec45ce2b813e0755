"""The search index follows the journal; whoever holds `index.lock` owns it.

It also takes erased texts out of the files. Both engines only mark a deleted record: its words and
its stored text stay in a segment until that is merged, and neither engine can be told when to merge
which. So the index is built anew beside the old one, which goes on answering and following, and
the two folders are exchanged: no file of the old one is left. That costs what `reindex` costs, once
for all erasures that wait, and never more than a tenth of the worker's time.
"""

import fcntl
import logging
import shutil
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import IO, Final

import orjson

from federation.journal.journal import Journal
from federation.records import Entry, EntryState
from node.runtime import Runtime
from node.services.backup import remove_unfinished
from node.services.errors import ServiceError
from search.api import IndexWriter, SearchEngine, SearchEntry
from search.engines import open_engine
from search.entry import from_record

log = logging.getLogger(__name__)

BATCH: Final = 1000
POLL_SECONDS: Final = 0.15
WAIT_SECONDS: Final = 10.0
FORGET_SECONDS: Final = 60.0
_ERASED: Final = "erased"
"""Cursor of this reader of the journal: for how many erasures it has cleaned the files."""
_REST: Final = 9
"""Rest after a rebuilding, in times of what that took: a peer that erases daily or every minute
must not keep the machine busy."""


class IndexLock:
    """Ownership of the index: an advisory lock that dies with its process."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._handle: IO[bytes] | None = None

    def acquire(self) -> bool:
        """Take the index and return True, or return False when somebody else owns it."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        handle = self._file.open("ab")
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            handle.close()
            return False
        self._handle = handle
        return True

    def release(self) -> None:
        """Give the index up."""
        if self._handle is not None:
            self._handle.close()
            self._handle = None


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
    position = (engine or runtime.engine).position()
    sectors = _Sectors(runtime.journal)
    while not stopping():
        entries = runtime.journal.changes(position, BATCH, current_only=True)
        target = entries.position
        if target == position:
            break
        read += len(entries.entries)
        _index(writer, entries.entries, sectors)
        writer.commit(target)
        position = target
        between()
    return read


def owes_cleaning(runtime: Runtime) -> bool:
    """Say whether something was erased whose traces may still be in the node's files."""
    return runtime.journal.erasures() > runtime.journal.cursor(_ERASED)


def clean(
    runtime: Runtime, writer: IndexWriter, *, stopping: Callable[[], bool] = lambda: False
) -> None:
    """Take erased texts out of the index and of all else that was made from the journal.

    Closes the writer when it exchanges its index. The caller owns the index. The cursor moves at
    the end: after a crash all of it is done again.
    """
    counted = runtime.journal.erasures()
    if _exchange_index(runtime, writer, stopping):
        _sweep(runtime, counted)


def _exchange_index(runtime: Runtime, writer: IndexWriter, stopping: Callable[[], bool]) -> bool:
    """Put an index that is built anew in the place of the old one; say whether it was."""
    current = runtime.settings.index_folder
    anew, gone = (current.with_name(f"{current.name}.{word}") for word in ("anew", "gone"))
    _remove_beside(current)
    fresh = open_engine(runtime.settings.search, anew)
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
        # For some microseconds there is none: a search then finds nothing, as before a first one.
        current.rename(gone)
        anew.rename(current)
        runtime.engine.close()
        return True
    _remove_beside(current)
    return False


def _sweep(runtime: Runtime, counted: int) -> None:
    """Clean everything but the index, and note for how many erasures it was done."""
    _remove_beside(runtime.settings.index_folder)
    runtime.feed.forget_erased()
    remove_unfinished(runtime.settings)
    runtime.journal.scrub()
    runtime.journal.set_cursor(_ERASED, counted)


def _remove_beside(current: Path) -> None:
    """Remove the indexes beside the current one, of other engines too: all can be made anew."""
    for other in current.parent.iterdir():
        if other != current:
            shutil.rmtree(other, ignore_errors=True)


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


def _index(writer: IndexWriter, entries: list[Entry], sectors: _Sectors) -> None:
    found: list[SearchEntry] = []
    gone: list[str] = []
    for entry in entries:
        document = _searchable(entry, sectors)
        if document is None:
            gone.append(entry.uri)
        else:
            found.append(document)
    writer.delete(gone)
    writer.upsert(found)


def _searchable(entry: Entry, sectors: _Sectors) -> SearchEntry | None:
    """Return what the index keeps of an entry, None when it is not to be found."""
    if entry.state is not EntryState.HELD or entry.type == "Tombstone":
        return None
    try:
        return from_record(
            orjson.loads(entry.body),
            uri=entry.uri,
            digest=entry.digest,
            origin=entry.origin,
            helix=sectors,
        )
    except Exception:  # one strange record of a stranger must not stop the search for all others
        log.exception("%s cannot be indexed; it is left out of the search", entry.version_uri)
        return None


class Indexer:
    """A thread that keeps the index up with the journal for as long as it owns it."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._lock = IndexLock(runtime.settings.index_lock)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="indexer", daemon=True)
        self._rest_until = 0.0
        self.owns = False

    def start(self) -> None:
        """Begin to follow; when another process owns the index, ask for it again and again."""
        self.owns = self._lock.acquire()
        self._thread.start()

    def drain(self) -> None:
        """Return once the index has what the journal holds now."""
        target = self._runtime.journal.position()
        while self._thread.is_alive() and self._runtime.engine.position() < target:
            time.sleep(0.02)

    def stop(self) -> None:
        """Finish the batch at hand and give up the index."""
        self._stop.set()
        self._thread.join(timeout=60)
        self._lock.release()

    def _follow(self) -> None:
        while not self.owns and not self._stop.wait(0.5):
            self.owns = self._lock.acquire()
        while not self._stop.is_set():
            try:
                self._work()
            except Exception:  # the boundary of a background job: log, try again
                log.exception("the index could not follow the journal; trying again")
                self._stop.wait(2)

    def _work(self) -> None:
        """Follow the journal until told to stop, or until the index was exchanged."""
        writer = self._runtime.engine.writer()
        changed = True
        try:
            while not self._stop.is_set():
                if self._runtime.journal.position() > self._runtime.engine.position():
                    catch_up(self._runtime, writer, stopping=self._stop.is_set)
                    changed = True
                if changed and time.monotonic() >= self._rest_until:
                    changed = False
                    if owes_cleaning(self._runtime):
                        self._clean(writer)
                        return
                self._stop.wait(POLL_SECONDS)
        finally:
            writer.close()

    def _clean(self, writer: IndexWriter) -> None:
        began = time.monotonic()
        clean(self._runtime, writer, stopping=self._stop.is_set)
        ended = time.monotonic()
        self._rest_until = ended + _REST * (ended - began)


def follow_once(runtime: Runtime) -> bool:
    """Bring the index up to date now if nobody else owns it; say whether this process did."""
    lock = IndexLock(runtime.settings.index_lock)
    if not lock.acquire():
        return False
    try:
        owes = owes_cleaning(runtime)
        if owes or runtime.journal.position() > runtime.engine.position():
            writer = runtime.engine.writer()
            try:
                catch_up(runtime, writer)
                if owes:
                    clean(runtime, writer)
            finally:
                writer.close()
    finally:
        lock.release()
    return True


def wait_until_searchable(runtime: Runtime, position: int, seconds: float = WAIT_SECONDS) -> bool:
    """Return once the index has passed a journal position; False when that takes too long.

    Brings the index up to date itself where no server owns it.
    """
    until = time.monotonic() + seconds
    while runtime.engine.position() < position:
        if follow_once(runtime):
            return True
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    if owes_cleaning(runtime):
        follow_once(runtime)  # where a server owns the index, that does it when it comes to it
    return True


def wait_until_clean(runtime: Runtime, seconds: float = FORGET_SECONDS) -> bool:
    """Return once erased texts are out of the files; False when that takes too long."""
    until = time.monotonic() + seconds
    while owes_cleaning(runtime):
        if not follow_once(runtime):
            if time.monotonic() > until:
                return False
            time.sleep(0.05)
    return True


def rebuild(runtime: Runtime) -> int:
    """Empty the index, fill it again from the journal, and return how many records it holds.

    Records that were put aside because an older program did not understand them are tried again.

    Raises:
        ServiceError: another process owns the index.
    """
    lock = IndexLock(runtime.settings.index_lock)
    if not lock.acquire():
        raise ServiceError("a running node owns the index; stop it first, then: lonja reindex")
    try:
        runtime.journal.retry_stubs()
        counted = runtime.journal.erasures()
        runtime.engine.clear()
        writer = runtime.engine.writer()
        try:
            read = catch_up(runtime, writer)
        finally:
            writer.close()
        _sweep(runtime, counted)
        return read
    finally:
        lock.release()
