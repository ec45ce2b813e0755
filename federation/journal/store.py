"""The database: one writer at a time over all processes, many readers.

The SQLite of current systems can lose a transaction when two connections write or checkpoint the
write-ahead log at the same moment, and deferred transactions fail under load. Hence: every write
transaction is immediate, every write transaction and checkpoint holds the lock file, and
automatic checkpoints are off.

Commits reach the disk before they return (synchronous=FULL), harvested entries too: the address
of a published record is printed only once nothing can lose it, and one flush for a page of a
hundred costs little beside verifying it.
"""

import fcntl
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import QueuePool

from federation.errors import JournalError
from federation.journal.tables import metadata

_CHECKPOINT_BYTES: Final = 8_000_000
_BUSY_SECONDS: Final = 30


class Store:
    """A SQLite database in WAL mode and the lock file that all its writers hold."""

    def __init__(self, path: Path, lock: Path) -> None:
        self.path = path
        self._lock_path = lock
        self._open()

    def _open(self) -> None:
        self._process = os.getpid()
        self._thread_lock = threading.Lock()
        self._writing: int | None = None
        self._reader = self._engine(query_only=True)
        self._writer = self._engine(query_only=False)

    def _mine(self) -> None:
        """Open everything anew after a fork: connections must never be shared by processes."""
        if self._process != os.getpid():
            self._reader.dispose(close=False)
            self._writer.dispose(close=False)
            self._open()

    def _engine(self, *, query_only: bool) -> Engine:
        engine = create_engine(
            f"sqlite:///{self.path}",
            poolclass=QueuePool,
            pool_size=1 if not query_only else 8,
            max_overflow=0 if not query_only else 32,
            connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False},
            hide_parameters=True,  # a failed statement goes to the log, what people wrote does not
        )

        @event.listens_for(engine, "connect")
        def prepare(connection: sqlite3.Connection, _record: object) -> None:
            # SQLAlchemy begins the transactions itself; the driver must not.
            connection.isolation_level = None
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA wal_autocheckpoint=0")
            connection.execute("PRAGMA foreign_keys=ON")
            # What is erased must not stay readable in the file.
            connection.execute("PRAGMA secure_delete=ON")
            if query_only:
                connection.execute("PRAGMA query_only=ON")

        @event.listens_for(engine, "begin")
        def begin(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN" if query_only else "BEGIN IMMEDIATE")

        return engine

    @property
    def version(self) -> str:
        """Name and version of the database."""
        return f"SQLite {sqlite3.sqlite_version}"

    def create_tables(self) -> None:
        """Make all tables; nodes do it by migrations, tests directly."""
        with self.write() as connection:
            metadata.create_all(connection)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Yield a connection that sees one consistent state and cannot write."""
        self._mine()
        with self._reader.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Yield a connection in an immediate transaction, committed when the block ends well.

        Raises:
            JournalError: this thread is writing already.
        """
        with self._exclusive():
            with self._writer.begin() as connection:
                yield connection
            if self._wal_bytes() > _CHECKPOINT_BYTES:
                self._checkpoint()

    def checkpoint(self) -> None:
        """Move the write-ahead log into the database, under the lock of the writers."""
        with self._exclusive():
            self._checkpoint()

    def copy_to(self, target: Path) -> None:
        """Write a consistent copy of the database to a new file."""
        with self._exclusive():
            source = sqlite3.connect(self.path)
            copy = sqlite3.connect(target)
            try:
                source.backup(copy)
                copy.execute("PRAGMA journal_mode=DELETE")
            finally:
                copy.close()
                source.close()

    def close(self) -> None:
        """Close all connections; SQLite checkpoints when the last one goes, hence the lock."""
        with self._exclusive():
            self._reader.dispose()
            self._writer.dispose()

    def forget(self) -> None:
        """Drop all connections of a store that could not be opened."""
        self._reader.dispose()
        self._writer.dispose()

    def _checkpoint(self) -> None:
        with self._writer.connect() as connection:
            raw: Any = connection.connection.driver_connection
            # A reader that takes its time, such as a verification, must not hold up all writers:
            # what it still needs stays in the log until the next time.
            raw.execute("PRAGMA busy_timeout=0")
            try:
                raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            finally:
                raw.execute(f"PRAGMA busy_timeout={_BUSY_SECONDS * 1000}")

    def _wal_bytes(self) -> int:
        try:
            return self.path.with_name(self.path.name + "-wal").stat().st_size
        except OSError:
            return 0

    @contextmanager
    def _exclusive(self) -> Iterator[None]:
        self._mine()
        if self._writing == threading.get_ident():
            raise JournalError("a write transaction was begun inside another one")
        with self._thread_lock, self._lock_path.open("ab") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            self._writing = threading.get_ident()
            try:
                yield
            finally:
                self._writing = None


def open_store(path: Path, *, lock: Path) -> Store:
    """Return the store of a database file, which is made when it is absent.

    Raises:
        JournalError: the folder cannot be written, or the file is no database.
    """
    store = Store(path, lock)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with store.read() as connection:
            connection.execute(text("SELECT count(*) FROM sqlite_master"))
    except (OSError, SQLAlchemyError) as error:
        store.forget()
        raise JournalError(f"the journal {path} cannot be opened: {error}") from error
    return store
