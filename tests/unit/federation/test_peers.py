"""Whom a node harvests and when; leases that keep workers apart, processes that die included."""

import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from federation.journal.leases import LEASE_SECONDS
from federation.journal.peers import PeerError, Peers
from federation.journal.progress import Gap, note_cursor, note_gaps
from federation.journal.runs import Runs
from federation.journal.store import Store, open_store
from federation.journal.tables import peer as peer_table
from federation.records import Peer, PeerState, RunState
from federation.schedule import next_run, wait_for_lease
from federation.triggers import ScheduleError, cron_time
from tests.unit.federation.world import Clock

pytestmark = pytest.mark.unit

CITY, TOWN = "https://city.example", "https://town.example"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = open_store(tmp_path / "journal.sqlite3", lock=tmp_path / "write.lock")
    made.create_tables()
    yield made
    made.close()


@pytest.fixture
def peers(store: Store, clock: Clock) -> Peers:
    return Peers(store, clock)


@pytest.fixture
def runs(store: Store, clock: Clock) -> Runs:
    return Runs(store, clock)


def add(peers: Peers, url: str = CITY, *, key: str = "z6MkOne", interval: int = 3600) -> Peer:
    did = url.replace("https://", "did:web:")
    return peers.add(url, did=did, key=key, name=url[8:], interval_seconds=interval)


def accepted(peers: Peers, url: str = CITY, *, interval: int = 3600) -> Peer:
    return peers.accept(add(peers, url, interval=interval).id, now=True)


def run_python(code: str, folder: Path) -> "subprocess.Popen[str]":
    """Start a process that has the same peers open as `peers`."""
    opened = f"""
        import os, time
        from datetime import UTC, datetime
        from pathlib import Path
        from federation.journal.peers import Peers
        from federation.journal.store import open_store
        folder = Path({str(folder)!r})
        store = open_store(folder / "journal.sqlite3", lock=folder / "write.lock")
        peers = Peers(store, lambda: datetime(2026, 6, 1, 8, tzinfo=UTC))
    """
    program = textwrap.dedent(opened) + textwrap.dedent(code)
    return subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    )


# -- who -------------------------------------------------------------------------------------


def test_a_peer_is_pending_until_somebody_accepts_it(peers: Peers, clock: Clock) -> None:
    pending = add(peers)
    assert (pending.state, pending.next_at) == (PeerState.PENDING, None)
    assert peers.due(10) == []
    assert peers.accept(pending.id).next_at == clock() + timedelta(hours=1)
    assert peers.accept(pending.id, now=True).next_at == clock()
    assert [one.url for one in peers.due(10)] == [CITY]


def test_peers_are_found_by_number_and_address(peers: Peers) -> None:
    one, other = add(peers), add(peers, TOWN)
    assert peers.list() == [one, other]
    assert peers.get(other.id) == other
    assert peers.find(TOWN) == other
    assert peers.find("https://nowhere.example") is None
    with pytest.raises(PeerError, match="no peer number 99"):
        peers.get(99)


def test_adding_again_takes_the_new_key_of_a_pending_peer(peers: Peers) -> None:
    first = add(peers)
    again = add(peers, key="z6MkOther")
    assert (again.id, again.key, again.state) == (first.id, "z6MkOther", PeerState.PENDING)
    assert len(peers.list()) == 1


def test_an_accepted_peer_cannot_change_its_key_by_being_added_again(peers: Peers) -> None:
    accepted(peers)
    with pytest.raises(PeerError, match="another key"):
        add(peers, key="z6MkOther")
    assert peers.list()[0].key == "z6MkOne"
    assert add(peers).state is PeerState.ACCEPTED


def test_the_shortest_interval_is_a_minute(peers: Peers) -> None:
    assert add(peers, interval=1).interval_seconds == 60


def test_a_suspended_peer_is_not_due_and_keeps_its_cursor(peers: Peers, store: Store) -> None:
    peer = accepted(peers)
    with store.write() as connection:
        note_cursor(connection, peer.id, f"{CITY}/feed/3", 312)
    assert peers.suspend(peer.id).state is PeerState.SUSPENDED
    assert peers.due(10) == []
    again = peers.accept(peer.id, now=True)
    assert (again.page_url, again.feed_position) == (f"{CITY}/feed/3", 312)
    assert len(peers.due(10)) == 1


def test_a_removed_peer_takes_its_ledgers_along(peers: Peers, runs: Runs, store: Store) -> None:
    peer, other = accepted(peers), accepted(peers, TOWN)
    number = runs.start(peer.id)
    runs.finish(number, RunState.DONE, seconds=1)
    with store.write() as connection:
        note_gaps(connection, peer.id, [], [Gap(f"{CITY}/a/v/1", f"{CITY}/feed/0", "bad-proof")])
    peers.remove(peer.id)
    assert peers.list() == [other]
    assert runs.list() == []
    assert runs.get(number) is None
    assert peers.gaps(peer.id) == []


# -- what may be accepted later --------------------------------------------------------------


def test_what_a_page_lacks_is_noted_instead_of_what_it_lacked(peers: Peers, store: Store) -> None:
    peer = accepted(peers)
    page = f"{CITY}/feed/0"
    one, two = (Gap(f"{CITY}/p/{name}/v/1", page, "bad-proof") for name in "ab")
    elsewhere = Gap(f"{CITY}/p/c/v/1", f"{CITY}/feed/1", "unknown-origin")
    broken = Gap(f"{CITY}/feed/2", f"{CITY}/feed/2", "not-json")
    with store.write() as connection:
        note_gaps(connection, peer.id, [page], [one, two, elsewhere, broken])
    assert peers.gaps(peer.id) == [one, two, elsewhere, broken]
    assert [gap.is_page for gap in peers.gaps(peer.id)] == [False, False, False, True]
    with store.write() as connection:
        note_gaps(connection, peer.id, [page], [two])
        note_gaps(connection, peer.id, [broken.page_url], [])
    assert peers.gaps(peer.id) == [elsewhere, two]


def test_a_gap_that_moved_to_another_page_is_noted_once(peers: Peers, store: Store) -> None:
    peer = accepted(peers)
    moved = [Gap(f"{CITY}/a/v/1", f"{CITY}/feed/{page}", "bad-proof") for page in (0, 5)]
    for gap in moved:
        with store.write() as connection:
            note_gaps(connection, peer.id, [gap.page_url], [gap])
    assert peers.gaps(peer.id) == [moved[1]]


def test_a_gap_without_a_usable_address_is_not_noted(peers: Peers, store: Store) -> None:
    peer = accepted(peers)
    odd = [Gap(uri, f"{CITY}/feed/0", "bad-proof") for uri in ("", "https://" + "x" * 800)]
    with store.write() as connection:
        note_gaps(connection, peer.id, [f"{CITY}/feed/0"], odd)
    assert peers.gaps(peer.id) == []


# -- leases ----------------------------------------------------------------------------------


def test_one_lease_at_a_time(peers: Peers) -> None:
    peer = accepted(peers)
    lease = peers.claim(peer.id)
    assert lease is not None
    host, process, token = lease.split(":")
    assert (host, process) == (socket.gethostname(), str(os.getpid()))
    assert len(token) == 16
    assert peers.claim(peer.id) is None
    assert peers.due(10) == []
    peers.release(peer.id, lease, next_at=None, failures=0)
    assert peers.claim(peer.id) not in (None, lease)


def test_nobody_leases_what_is_no_peer(peers: Peers) -> None:
    assert peers.claim(7) is None


def test_a_lease_lapses_unless_it_is_renewed(peers: Peers, clock: Clock) -> None:
    peer = accepted(peers)
    lease = peers.claim(peer.id)
    assert lease is not None
    clock.advance(seconds=LEASE_SECONDS - 1)
    assert peers.renew(peer.id, lease)
    clock.advance(seconds=LEASE_SECONDS - 1)
    assert peers.claim(peer.id) is None
    clock.advance(seconds=2)
    other = peers.claim(peer.id)
    assert other is not None
    assert not peers.renew(peer.id, lease)
    assert peers.renew(peer.id, other)


def test_who_lost_a_lease_cannot_give_back_that_of_another(peers: Peers, clock: Clock) -> None:
    peer = accepted(peers)
    lost = peers.claim(peer.id)
    clock.advance(seconds=LEASE_SECONDS + 1)
    held = peers.claim(peer.id)
    assert lost is not None
    assert held is not None
    peers.release(peer.id, lost, next_at=None, failures=9)
    assert peers.claim(peer.id) is None
    assert peers.get(peer.id).failures == 0


def test_a_clock_that_was_set_back_locks_nobody_out(peers: Peers, clock: Clock) -> None:
    peer = accepted(peers)
    assert peers.claim(peer.id) is not None
    clock.advance(days=-30)
    assert [one.id for one in peers.due(10)] == [peer.id]
    assert peers.claim(peer.id) is not None


def test_the_lease_of_a_process_that_was_killed_is_free_at_once(
    peers: Peers, tmp_path: Path
) -> None:
    peer = accepted(peers)
    code = f"print(peers.claim({peer.id}), flush=True); time.sleep(60)"
    process = run_python(code, tmp_path)
    assert process.stdout is not None
    assert process.stdout.readline().split(":")[1] == str(process.pid)
    assert peers.claim(peer.id) is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert peers.claim(peer.id) is not None


def test_the_lease_of_another_host_is_waited_for(
    peers: Peers, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    peer = accepted(peers)
    monkeypatch.setattr(socket, "gethostname", lambda: "elsewhere")
    monkeypatch.setattr(os, "getpid", lambda: 2**22 + 1)  # no process has that number
    assert peers.claim(peer.id) is not None
    monkeypatch.undo()
    assert peers.claim(peer.id) is None
    clock.advance(seconds=LEASE_SECONDS + 1)
    assert peers.claim(peer.id) is not None


def test_a_command_waits_until_the_lease_is_free(peers: Peers) -> None:
    peer = accepted(peers)
    first = peers.claim(peer.id)
    assert first is not None
    got: list[str | None] = []
    waiting = threading.Thread(
        target=lambda: got.append(wait_for_lease(peers, peer, seconds=10, sleep=lambda _s: None))
    )
    waiting.start()
    time.sleep(0.05)
    assert got == []
    peers.release(peer.id, first, next_at=None, failures=0)
    waiting.join()
    assert got[0] is not None
    assert got[0] != first


def test_a_command_does_not_wait_for_ever(peers: Peers) -> None:
    peer = accepted(peers)
    assert peers.claim(peer.id) is not None
    assert wait_for_lease(peers, peer, seconds=0.05, sleep=lambda _s: None) is None


# -- when ------------------------------------------------------------------------------------


def test_who_is_due_longest_comes_first(peers: Peers, clock: Clock) -> None:
    urls = [f"https://node-{number}.example" for number in range(5)]
    for url in reversed(urls):
        accepted(peers, url)
        clock.advance(seconds=-1)
    clock.advance(minutes=1)
    assert [one.url for one in peers.due(3)] == urls[:3]


def test_a_due_date_from_a_wrong_clock_does_not_silence_a_peer(peers: Peers, clock: Clock) -> None:
    clock.advance(days=400)
    accepted(peers)
    clock.advance(days=-400)
    assert [one.url for one in peers.due(10)] == [CITY]


def test_due_peers_are_handed_out_once_each(peers: Peers) -> None:
    for number in range(6):
        accepted(peers, f"https://node-{number}.example")
    first = peers.claim_due(4)
    second = peers.claim_due(4)
    assert len(first) == 4
    assert len(second) == 2
    assert not {peer.id for peer, _lease in first} & {peer.id for peer, _lease in second}


def test_processes_share_ten_thousand_due_peers_without_taking_one_twice(
    peers: Peers, store: Store, tmp_path: Path
) -> None:
    row = {"state": "accepted", "added": 0, "interval_seconds": 3600, "next_at": 1}
    rows = [{**row, "url": f"https://node-{number}.example"} for number in range(10_000)]
    with store.write() as connection:
        connection.execute(insert(peer_table), rows)
    code = """
        while due := peers.claim_due(16):
            print(*(peer.id for peer, _lease in due), flush=True)
        os.close(1)  # its leases are held for as long as it lives
        time.sleep(60)
    """
    workers = [run_python(code, tmp_path) for _ in range(4)]
    taken = [worker.stdout.read().split() for worker in workers if worker.stdout]
    for worker in workers:
        worker.kill()
        worker.communicate()
    together = [number for numbers in taken for number in numbers]
    assert len(together) == len(set(together)) == 10_000
    assert all(taken)


def test_the_next_run_comes_after_the_interval_and_is_spread(peers: Peers, clock: Clock) -> None:
    peer = accepted(peers, interval=3600)
    seconds = {(next_run(peer, clock(), failures=0) - clock()).total_seconds() for _ in range(50)}
    assert all(3240 <= wait <= 3960 for wait in seconds)
    assert len(seconds) > 10


def test_after_failures_a_peer_is_asked_less_and_less_but_every_day(
    peers: Peers, clock: Clock
) -> None:
    peer = accepted(peers, interval=600)
    waits = [
        (next_run(peer, clock(), failures=failed) - clock()).total_seconds()
        for failed in (0, 1, 3, 40)
    ]
    assert 540 <= waits[0] <= 660
    assert 1080 <= waits[1] <= 1320
    assert 4320 <= waits[2] <= 5280
    assert waits[3] <= 86_400 * 1.1


def test_a_peer_that_asks_for_a_pause_gets_it_up_to_a_day(peers: Peers, clock: Clock) -> None:
    peer = accepted(peers, interval=600)

    def wait(seconds: float) -> float:
        due = next_run(peer, clock(), failures=1, retry_after=seconds)
        return (due - clock()).total_seconds()

    assert 7200 <= wait(7200) <= 7200 * 1.1
    assert wait(10) >= 1080
    assert wait(1e300) <= 86_400 * 1.1
    assert wait(-1) >= 1080


def test_a_long_interval_is_not_cut_by_the_back_off(peers: Peers, clock: Clock) -> None:
    weekly = accepted(peers, interval=7 * 86_400)
    due = next_run(weekly, clock(), failures=5)
    assert due - clock() > timedelta(days=6)


def test_a_cron_schedule_says_when(peers: Peers, clock: Clock) -> None:
    one = accepted(peers)
    nightly = peers.schedule(one.id, cron="0 3 * * *")
    assert nightly.next_at is not None
    wait = (nightly.next_at - clock()).total_seconds() / 3600
    assert 18.5 < wait < 19.5  # it is eight in the morning
    due = next_run(nightly, clock(), failures=0)
    assert due.date() == nightly.next_at.date()
    soon = next_run(nightly, clock(), failures=1)
    assert timedelta(minutes=8) < soon - clock() < timedelta(minutes=12)
    hourly = peers.schedule(one.id, interval_seconds=3600)
    assert (hourly.cron, hourly.interval_seconds) == ("", 3600)


@pytest.mark.parametrize("bad", ["every day", "61 * * * *", "* * * *", ""])
def test_a_schedule_that_cannot_be_understood_changes_nothing(peers: Peers, bad: str) -> None:
    one = accepted(peers)
    with pytest.raises(ScheduleError, match="five fields"):
        peers.schedule(one.id, cron=bad)
    assert peers.get(one.id) == one


def test_a_yearly_schedule_is_not_taken_for_a_wrong_clock(peers: Peers) -> None:
    one = accepted(peers)
    peers.schedule(one.id, cron="0 3 1 1 *")
    assert peers.due(10) == []


@pytest.mark.parametrize(
    ("weekdays", "first"),
    [("0", 6), ("7", 6), ("1", 0), ("1-5", 0), ("5,6", 4), ("sun", 6), ("*/7", 6), ("6-7", 5)],
)
def test_weekdays_are_those_of_cron(weekdays: str, first: int) -> None:
    """The first of June 2026 is a Monday; 0 and 7 are Sunday, as in crontab(5)."""
    monday = datetime(2026, 6, 1, 0, 1, tzinfo=UTC)
    assert cron_time(f"0 12 * * {weekdays}", monday).weekday() == first


def test_a_cron_schedule_backs_off_as_well(peers: Peers, clock: Clock) -> None:
    often = peers.schedule(accepted(peers).id, cron="*/5 * * * *")
    waits = [next_run(often, clock(), failures=f) - clock() for f in (1, 3, 40)]
    assert waits[0] > timedelta(minutes=8)
    assert waits[1] > timedelta(minutes=35)
    assert waits[2] > timedelta(hours=20)
