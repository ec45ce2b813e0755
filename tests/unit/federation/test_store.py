"""One writer at a time over all processes, readers that see one state, nothing that blocks."""

import multiprocessing
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import OperationalError

from federation.errors import JournalError
from federation.journal.store import Store, open_store
from federation.journal.tables import cursor

pytestmark = pytest.mark.integration


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_at(tmp_path)
    opened.create_tables()
    yield opened
    opened.close()


def open_at(folder: Path) -> Store:
    return open_store(folder / "journal.sqlite3", lock=folder / "write.lock")


def put(store: Store, reader: str) -> None:
    with store.write() as connection:
        connection.execute(insert(cursor).values(reader=reader, position=1))


def names(store: Store) -> set[str]:
    with store.read() as connection:
        return set(connection.execute(select(cursor.c.reader)).scalars())


def test_what_was_written_is_read_by_a_new_store(store: Store, tmp_path: Path) -> None:
    put(store, "index")
    other = open_at(tmp_path)
    assert names(other) == {"index"}
    other.close()


def test_a_block_that_fails_leaves_nothing(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.write() as connection:
        connection.execute(insert(cursor).values(reader="index", position=1 // 0))
    assert names(store) == set()
    put(store, "index")
    assert names(store) == {"index"}


def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises(OperationalError, match="readonly"), store.read() as connection:
        connection.execute(insert(cursor).values(reader="index", position=1))


def test_a_reader_sees_one_state_while_others_write(store: Store) -> None:
    with store.read() as connection:
        assert connection.execute(select(cursor.c.reader)).all() == []
        put(store, "index")
        assert connection.execute(select(cursor.c.reader)).all() == []
    assert names(store) == {"index"}


def test_a_write_inside_a_write_is_an_error_and_no_deadlock(store: Store) -> None:
    with pytest.raises(JournalError, match="inside another"), store.write():
        put(store, "index")
    put(store, "index")


def test_threads_take_turns(store: Store) -> None:
    def work(number: int) -> None:
        for turn in range(10):
            put(store, f"{number}-{turn}")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(names(store)) == 40


def test_nothing_is_lost_by_processes_that_write_at_once(store: Store, tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [
        context.Process(target=write_many, args=(tmp_path, number, 30)) for number in range(3)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert len(names(store)) == 90
    with store.read() as connection:
        assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"


def write_many(folder: Path, number: int, count: int) -> None:
    """What the processes of the test above do: write, and checkpoint in between."""
    store = open_at(folder)
    for turn in range(count):
        put(store, f"{number}-{turn}")
        if turn % 5 == 0:
            store.checkpoint()
    store.close()


def test_a_forked_process_uses_connections_of_its_own(store: Store) -> None:
    put(store, "parent")
    child = os.fork()
    if child == 0:
        try:
            put(store, "child")
            os._exit(0 if names(store) == {"parent", "child"} else 1)
        finally:
            os._exit(2)
    _pid, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    put(store, "parent again")
    assert names(store) == {"parent", "child", "parent again"}


def test_a_checkpoint_does_not_wait_for_a_slow_reader(store: Store) -> None:
    log = store.path.with_name(store.path.name + "-wal")
    with store.read() as connection:
        connection.execute(select(cursor.c.reader)).all()
        put(store, "index")
        store.checkpoint()
        assert log.stat().st_size > 0
    store.checkpoint()
    assert log.stat().st_size == 0
    assert names(store) == {"index"}


def test_the_log_is_checkpointed_while_much_is_written(store: Store) -> None:
    log = store.path.with_name(store.path.name + "-wal")
    for number in range(6):
        with store.write() as connection:
            rows = [
                {"reader": f"{number}-{row}" + "x" * 50, "position": row} for row in range(20_000)
            ]
            connection.execute(insert(cursor), rows)
    assert log.stat().st_size < 16_000_000


def test_a_copy_is_a_whole_database(store: Store, tmp_path: Path) -> None:
    put(store, "index")
    (tmp_path / "copy").mkdir()
    store.copy_to(tmp_path / "copy" / "journal.sqlite3")
    copy = open_at(tmp_path / "copy")
    assert names(copy) == {"index"}
    copy.close()


def test_a_file_that_is_no_database_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "journal.sqlite3").write_bytes(b"This is a letter to the mayor. " * 100)
    with pytest.raises(JournalError, match="cannot be opened"):
        open_at(tmp_path)
