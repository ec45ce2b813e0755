"""A node that was restored asks its peers before it publishes, so that its log is not forked."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from federation.errors import JournalError
from federation.journal.journal import Draft
from federation.journal.restored import mark_restored
from federation.records import RunState
from tests.peers import TestPeer, serving
from tests.reader import Reader, make_reader, now
from tests.unit.federation.world import practice

pytestmark = pytest.mark.integration


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    made = make_reader(tmp_path / "reader")
    yield made
    made.store.close()


@pytest.fixture
def peer(tmp_path: Path, reader: Reader) -> Iterator[TestPeer]:
    with serving(tmp_path / "peer") as made:
        made.publish("First")
        reader.accept(made)
        reader.harvest(made)
        yield made


def publish(reader: Reader) -> None:
    reader.journal.append_local([Draft(practice("Mine"), None, "Practice")], reader.identity)


def restore(reader: Reader) -> None:
    reader.store.close()
    mark_restored(reader.store.path, reader.identity.did, "2026-01-01", now())


def test_it_publishes_once_every_peer_was_read_to_the_end(reader: Reader, peer: TestPeer) -> None:
    publish(reader)
    restore(reader)
    for _ in range(2):  # publishing is refused as often as it is tried
        with pytest.raises(JournalError, match=r"restored from a backup.*lonja harvest"):
            publish(reader)
    peer.lie("/feed", b"{")
    peer.publish("Second")
    assert reader.harvest(peer).state is RunState.FAILED
    with pytest.raises(JournalError, match="restored from a backup"):
        publish(reader)
    peer.lies.clear()
    reader.harvest(peer)
    publish(reader)
    (alert,) = reader.journal.alerts()
    assert (alert.kind, alert.origin) == ("restored-backup", reader.identity.did)
    assert "2026-01-01" in alert.detail


def test_a_peer_that_cannot_be_reached_can_be_left_out(reader: Reader, peer: TestPeer) -> None:
    restore(reader)
    reader.peers.suspend(reader.peer(peer).id)
    publish(reader)


def test_a_second_restore_asks_anew(reader: Reader, peer: TestPeer) -> None:
    restore(reader)
    reader.harvest(peer)
    restore(reader)
    with pytest.raises(JournalError, match="restored from a backup"):
        publish(reader)


def test_without_peers_nobody_can_be_asked(reader: Reader) -> None:
    restore(reader)
    publish(reader)


def test_what_is_no_journal_is_not_marked(tmp_path: Path) -> None:
    file = tmp_path / "journal.sqlite3"
    file.write_bytes(b"no database")
    with pytest.raises(JournalError):
        mark_restored(file, "did:web:x.example", "", now())
    (tmp_path / "empty.sqlite3").touch()
    with pytest.raises(JournalError, match="no journal"):
        mark_restored(tmp_path / "empty.sqlite3", "did:web:x.example", "", now())
