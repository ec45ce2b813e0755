"""The search index follows the journal; whoever holds `index.lock` owns it.

It also takes erased texts out of the files. All engines only mark a deleted record: its words and
its stored text stay in a segment until that is merged, and none can be told when to merge which. So
the index is built anew beside the old one, which goes on answering and following, and takes its
place: no file of the old one is left. That costs what `reindex` costs, once
for all erasures that wait, and never more than a tenth of the worker's time.
"""

import fcntl
import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Final

from node.runtime import Runtime
from node.services.catch_up import catch_up, reached
from node.services.cleaning import Counted, clean, has_chosen, owes_cleaning, sweep
from node.services.errors import ServiceError
from search.api import IndexBusyError, IndexWriter, SearchUnavailableError

log = logging.getLogger(__name__)

POLL_SECONDS: Final = 0.15
WAIT_SECONDS: Final = 10.0
FORGET_SECONDS: Final = 60.0
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
            except (SearchUnavailableError, IndexBusyError) as error:
                log.warning("the index could not follow the journal: %s; trying again", error)
                self._stop.wait(2)
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
                changed = changed or has_chosen(self._runtime)
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

    Brings the index up to date itself where no server owns it. What was written is safe in the
    journal: a search server that is away makes this False, too.
    """
    return _waited(runtime, lambda: runtime.engine.position() >= position, seconds)


def wait_until_own_searchable(runtime: Runtime, seconds: float = WAIT_SECONDS) -> bool:
    """Return once this node's own records are found; False when that takes too long.

    They go first: records of others may still be waiting for the index.
    """
    position = runtime.journal.own_position()
    return _waited(runtime, lambda: reached(runtime) >= position, seconds)


def _waited(runtime: Runtime, is_there: Callable[[], bool], seconds: float) -> bool:
    try:
        return _wait(runtime, is_there, time.monotonic() + seconds)
    except (SearchUnavailableError, IndexBusyError) as error:
        log.warning("%s", error)
        return False


def _wait(runtime: Runtime, is_there: Callable[[], bool], until: float) -> bool:
    while not is_there():
        if follow_once(runtime):
            return True
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    if owes_cleaning(runtime) and not follow_once(runtime):
        # A server owns the index. What was erased it cleans when it comes to it; what the
        # operator has chosen to see is waited for.
        while has_chosen(runtime):
            if time.monotonic() > until:
                return False
            time.sleep(0.05)
    return True


def wait_until_clean(runtime: Runtime, seconds: float = FORGET_SECONDS) -> bool:
    """Return once erased texts are out of the files; False when that takes too long."""
    until = time.monotonic() + seconds
    try:
        while owes_cleaning(runtime):
            if not follow_once(runtime):
                if time.monotonic() > until:
                    return False
                time.sleep(0.05)
    except (SearchUnavailableError, IndexBusyError) as error:
        log.warning("%s", error)
        return False
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
        counted = Counted.now(runtime)
        runtime.engine.clear()
        writer = runtime.engine.writer()
        try:
            read = catch_up(runtime, writer)
        finally:
            writer.close()
        sweep(runtime, counted)
        return read
    finally:
        lock.release()
