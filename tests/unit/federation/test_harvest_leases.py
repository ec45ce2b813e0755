"""Two at one peer, and processes that are killed: one run at a time, and nothing lost."""

import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from federation.harvest import Progress
from federation.journal.leases import LEASE_SECONDS
from federation.journal.peers import PeerError
from federation.records import PeerState, Run, RunState
from tests.peers import Handler, TestPeer, serving
from tests.reader import Reader, make_reader
from tests.unit.federation.world import Clock

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[3]


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    made = make_reader(tmp_path / "reader")
    yield made
    made.store.close()


@pytest.fixture
def peer(tmp_path: Path, reader: Reader) -> Iterator[TestPeer]:
    with serving(tmp_path / "peer") as made:
        made.publish(*[f"Practice number {number}" for number in range(330)])
        reader.accept(made)
        yield made


def log_of(peer: TestPeer) -> dict[str, bytes]:
    return {one.version_uri: one.body for one in peer.journal.changes(0, 100_000).entries}


def start_harvest(folder: Path, peer: TestPeer) -> "subprocess.Popen[str]":
    """Harvest in another process, which prints a line after every page."""
    code = f"""
        from datetime import UTC, datetime
        from pathlib import Path
        from federation.fetch import Fetcher
        from federation.harvest import harvest
        from federation.journal.journal import Journal
        from federation.journal.peers import Peers
        from federation.journal.runs import Runs
        from federation.journal.store import open_store
        folder = Path({str(folder)!r})
        clock = lambda: datetime.now(UTC)
        store = open_store(folder / "journal.sqlite3", lock=folder / "write.lock")
        peers = Peers(store, clock)
        run = harvest(
            peers.find({peer.url!r}),
            journal=Journal(store, clock),
            peers=peers,
            runs=Runs(store, clock),
            fetcher=Fetcher(allow_hosts=[{peer.url.removeprefix("http://")!r}]),
            clock=clock,
            progress=lambda one: print(one.done, flush=True),
        )
        print(run.state, run.new, run.unchanged, flush=True)
    """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)


def test_a_harvest_that_is_killed_again_and_again_ends_with_every_byte(
    reader: Reader, peer: TestPeer, tmp_path: Path
) -> None:
    held = 0
    for _ in range(3):
        process = start_harvest(tmp_path / "reader", peer)
        assert process.stdout is not None
        while not int(process.stdout.readline()):  # the page of the cursor has nothing new
            pass
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        (newest, *_rest) = reader.runs.list()
        assert newest.balances()
        assert newest.new == len(reader.entries()) - held > 0
        held = len(reader.entries())
    run = reader.harvest(peer)  # at once: the process that held the lease is dead
    assert run.state is RunState.DONE
    assert reader.entries() == log_of(peer)
    assert reader.faults() == []
    states = [one.state for one in reader.runs.list()]
    assert states[0] is RunState.DONE
    assert set(states[1:]) == {RunState.INTERRUPTED}
    assert sum(one.new for one in reader.runs.list()) == 330  # each entry was new exactly once


def test_two_processes_at_one_peer_take_turns(
    reader: Reader, peer: TestPeer, tmp_path: Path
) -> None:
    both = [start_harvest(tmp_path / "reader", peer) for _ in range(2)]
    told = []
    for process in both:
        out, _err = process.communicate(timeout=60)
        told.append(out.split("\n")[-2])
    assert sorted(told) == ["done 330 0", "unchanged 0 0"]
    assert reader.entries() == log_of(peer)


def test_a_command_waits_for_the_run_of_the_worker(reader: Reader, peer: TestPeer) -> None:
    first_page, go_on = threading.Event(), threading.Event()

    def hold(_progress: Progress) -> None:
        first_page.set()
        go_on.wait(10)

    found: list[Run] = []
    worker = threading.Thread(target=lambda: found.append(reader.harvest(peer, progress=hold)))
    worker.start()
    first_page.wait(10)
    command = threading.Thread(target=lambda: found.append(reader.harvest(peer)))
    command.start()
    assert [one.state for one in reader.runs.list()] == [RunState.RUNNING]
    go_on.set()
    worker.join()
    command.join()
    assert sorted(one.state for one in found) == [RunState.DONE, RunState.UNCHANGED]


def test_who_waits_too_long_for_a_lease_says_so(
    reader: Reader, peer: TestPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("federation.harvest.run.WAIT_SECONDS", 0.0)
    lease = reader.peers.claim(reader.peer(peer).id)
    run = reader.harvest(peer)
    assert (run.state, run.error, run.requests) == (RunState.FAILED, "lease-held", 0)
    assert reader.peers.renew(reader.peer(peer).id, lease or "")
    assert reader.peer(peer).failures == 0


def test_a_run_that_stood_still_for_too_long_does_not_go_on_beside_its_successor(
    tmp_path: Path,
) -> None:
    clock = Clock()
    reader = make_reader(tmp_path / "reader", clock=clock)
    successor: list[str | None] = []
    with serving(tmp_path / "peer", clock=clock) as peer:
        peer.publish(*[f"Practice number {number}" for number in range(330)])
        known = reader.accept(peer)

        def stand_still(_progress: Progress) -> None:
            if not successor:
                clock.advance(seconds=LEASE_SECONDS + 1)
                successor.append(reader.peers.claim(known.id))

        run = reader.harvest(peer, progress=stand_still)
        assert (run.state, run.error, run.new) == (RunState.INTERRUPTED, "lease-lost", 100)
        assert len(reader.entries()) == 100
        assert successor[0] is not None
        assert reader.peers.renew(known.id, successor[0])
        reader.peers.release(known.id, successor[0], next_at=None, failures=0)
        assert reader.harvest(peer).new == 230
    reader.store.close()


def test_suspending_a_peer_ends_its_run_after_the_page_at_hand(
    reader: Reader, peer: TestPeer
) -> None:
    known = reader.peer(peer)
    run = reader.harvest(peer, progress=lambda _one: bool(reader.peers.suspend(known.id)))
    assert (run.state, run.error, run.new) == (RunState.INTERRUPTED, "lease-lost", 100)
    suspended = reader.peer(peer)
    assert (suspended.state, suspended.next_at) == (PeerState.SUSPENDED, None)
    assert len(reader.entries()) == 100


def test_a_peer_that_is_suspended_is_not_asked(reader: Reader, peer: TestPeer) -> None:
    reader.peers.suspend(reader.peer(peer).id)
    run = reader.harvest(peer)
    assert (run.state, run.error, run.requests) == (RunState.FAILED, "not-accepted", 0)
    assert peer.asked == []
    reader.peers.accept(reader.peer(peer).id)
    assert reader.harvest(peer).new == 330


def test_a_removed_peer_leaves_its_records(reader: Reader, peer: TestPeer) -> None:
    reader.harvest(peer)
    known = reader.peer(peer)
    reader.peers.remove(known.id)
    assert reader.entries() == log_of(peer)
    with pytest.raises(PeerError):
        reader.peers.get(known.id)


def test_a_run_that_was_stopped_is_due_at_once_and_one_that_failed_later_and_later(
    reader: Reader, peer: TestPeer
) -> None:
    stop = threading.Event()
    stop.set()
    assert reader.harvest(peer, stop=stop).state is RunState.INTERRUPTED
    assert reader.peers.due(1) != []
    peer.lies["/feed"] = lambda handler: handler.say(500, b"")
    waits = []
    for _ in range(3):
        run = reader.harvest(peer)
        due = reader.peer(peer).next_at
        assert due is not None
        assert run.ended is not None
        waits.append(due - run.ended)
    assert timedelta(hours=1.7) < waits[0] < timedelta(hours=2.3)
    assert timedelta(hours=7) < waits[2] < timedelta(hours=9)
    assert reader.peer(peer).failures == 3


def test_a_peer_that_asks_for_a_pause_is_left_alone_for_as_long(
    reader: Reader, peer: TestPeer
) -> None:
    def busy(handler: Handler) -> None:
        handler.send_response(503)
        handler.send_header("Retry-After", "30000")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    peer.lies["/feed"] = busy
    run = reader.harvest(peer)
    due = reader.peer(peer).next_at
    assert (run.state, run.error) == (RunState.FAILED, "busy")
    assert due is not None
    assert run.ended is not None
    assert due - run.ended >= timedelta(seconds=29_999)
