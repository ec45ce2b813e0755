"""The search index follows the journal; whoever holds `index.lock` owns it."""

import fcntl
import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Final

import orjson

from federation.journal.journal import Journal
from federation.records import Entry, EntryState
from node.runtime import Runtime
from node.services.errors import ServiceError
from search.api import IndexWriter, SearchEntry
from search.entry import from_record

log = logging.getLogger(__name__)

BATCH: Final = 1000
POLL_SECONDS: Final = 0.15
WAIT_SECONDS: Final = 10.0


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
    runtime: Runtime, writer: IndexWriter, *, stopping: Callable[[], bool] = lambda: False
) -> int:
    """Index everything after the index's own position and return how many entries were read.

    Idempotent: after a crash a batch is read again. The caller owns the index.
    """
    read = 0
    position = runtime.engine.position()
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
    return read


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
        writer = self._runtime.engine.writer()
        try:
            while not self._stop.is_set():
                if self._runtime.journal.position() > self._runtime.engine.position():
                    catch_up(self._runtime, writer, stopping=self._stop.is_set)
                self._stop.wait(POLL_SECONDS)
        finally:
            writer.close()


def follow_once(runtime: Runtime) -> bool:
    """Bring the index up to date now if nobody else owns it; say whether this process did."""
    lock = IndexLock(runtime.settings.index_lock)
    if not lock.acquire():
        return False
    try:
        if runtime.journal.position() > runtime.engine.position():
            writer = runtime.engine.writer()
            try:
                catch_up(runtime, writer)
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
        runtime.engine.clear()
        writer = runtime.engine.writer()
        try:
            return catch_up(runtime, writer)
        finally:
            writer.close()
    finally:
        lock.release()
