"""Ledgers: they always add up, keep every refusal with its way out, and never run for ever."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from federation.errors import PeerGoneError
from federation.journal.leases import LEASE_SECONDS
from federation.journal.peers import Peers
from federation.journal.runs import Runs, note_verdicts
from federation.journal.store import Store, open_store
from federation.records import Refusal, RunState, Verdict
from federation.refusals import refusal
from tests.unit.federation.world import Clock

pytestmark = pytest.mark.unit

PAGE: list[Verdict | Refusal] = [
    Verdict.NEW,
    Verdict.NEW,
    Verdict.CHANGED,
    Verdict.UNCHANGED,
    Verdict.DELETED,
    refusal("bad-proof", "https://city.example/practices/1/v/1", detail="Ed25519"),
]


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


@pytest.fixture
def peer(peers: Peers) -> int:
    added = peers.add("https://city.example", did="did:web:city.example", key="z6MkOne")
    return peers.accept(added.id).id


def note(store: Store, clock: Clock, number: int, *verdicts: Verdict | Refusal) -> None:
    with store.write() as connection:
        note_verdicts(connection, number, verdicts, clock())


def test_every_announced_member_has_one_verdict(
    runs: Runs, store: Store, clock: Clock, peer: int
) -> None:
    number = runs.start(peer)
    note(store, clock, number, *PAGE)
    note(store, clock, number, *PAGE)
    clock.advance(seconds=3)
    run = runs.finish(number, RunState.DONE, seconds=3.0, requests=4, received=5000)
    assert run.balances()
    assert (run.announced, run.new, run.changed, run.unchanged) == (12, 4, 2, 2)
    assert (run.deleted, run.refused, run.requests, run.bytes) == (2, 2, 4, 5000)
    assert run.peer == "https://city.example"
    assert run.ended == clock()


def test_a_refusal_is_kept_with_its_sentences_and_its_way_out(
    runs: Runs, store: Store, clock: Clock, peer: int
) -> None:
    number = runs.start(peer)
    note(store, clock, number, *PAGE)
    found = runs.get(number)
    assert found is not None
    assert list(found.refusals) == [PAGE[-1]]


def test_what_a_peer_says_at_length_is_cut(
    runs: Runs, store: Store, clock: Clock, peer: int
) -> None:
    number = runs.start(peer)
    long = refusal("bad-proof", "https://city.example/" + "x" * 5000, detail="y" * 5000)
    note(store, clock, number, long)
    found = runs.get(number)
    assert found is not None
    assert len(found.refusals[0].version_uri) == 700
    assert len(found.refusals[0].detail) == 2000


def test_a_list_of_ledgers_is_short_and_a_ledger_is_read_in_parts(
    runs: Runs, store: Store, clock: Clock, peer: int
) -> None:
    numbers = [runs.start(peer) for _ in range(3)]
    note(store, clock, numbers[2], *PAGE[-1:] * 50)
    assert [run.id for run in runs.list(peer)] == numbers[::-1]
    assert [run.id for run in runs.list(limit=2)] == numbers[:0:-1]
    assert runs.list(peer)[0].refusals == ()
    part = runs.get(numbers[2], refusals=10)
    assert part is not None
    assert (len(part.refusals), part.refused) == (10, 50)
    assert runs.list(99) == []
    assert runs.get(99) is None


def test_a_failed_run_says_why_in_both_languages(runs: Runs, peer: int) -> None:
    told = {"en": "The node cannot be reached.", "es": "No se puede contactar con el nodo."}
    run = runs.finish(
        runs.start(peer),
        RunState.FAILED,
        seconds=0.1,
        error="unreachable",
        messages=told,
        warnings=["one", "two"],
    )
    assert (run.error, run.messages, run.warnings) == ("unreachable", told, ("one", "two"))


def test_a_run_is_running_only_while_somebody_is_at_it(
    runs: Runs, peers: Peers, clock: Clock, peer: int
) -> None:
    lease = peers.claim(peer)
    assert lease is not None
    number = runs.start(peer)
    states = [runs.list(peer)[0].state]
    clock.advance(seconds=LEASE_SECONDS - 1)
    peers.renew(peer, lease)
    clock.advance(seconds=LEASE_SECONDS - 1)
    states.append(runs.list(peer)[0].state)
    clock.advance(seconds=LEASE_SECONDS)
    found = runs.get(number)
    assert found is not None
    assert [*states, found.state] == [RunState.RUNNING, RunState.RUNNING, RunState.INTERRUPTED]


def test_the_next_run_marks_the_one_that_broke_off(
    runs: Runs, peers: Peers, store: Store, clock: Clock, peer: int
) -> None:
    assert peers.claim(peer) is not None
    first = runs.start(peer)
    clock.advance(seconds=5)
    note(store, clock, first, *PAGE)
    last_sign = clock()
    clock.advance(minutes=10)
    assert peers.claim(peer) is not None
    second = runs.start(peer)
    broken, running = runs.get(first), runs.get(second)
    assert broken is not None
    assert running is not None
    assert (broken.state, broken.ended) == (RunState.INTERRUPTED, last_sign)
    assert broken.balances()
    assert running.state is RunState.RUNNING
    assert peers.get(peer).last_run == first


def test_a_ledger_that_is_gone_is_not_closed_silently(runs: Runs, peers: Peers, peer: int) -> None:
    number = runs.start(peer)
    peers.remove(peer)
    with pytest.raises(PeerGoneError):
        runs.finish(number, RunState.DONE, seconds=1)


def test_what_belongs_to_the_end_is_written_with_it(runs: Runs, store: Store, peer: int) -> None:
    def fails(_connection: object) -> None:
        raise RuntimeError

    number = runs.start(peer)
    with pytest.raises(RuntimeError):
        runs.finish(number, RunState.DONE, seconds=1, note=fails)
    found = runs.get(number)
    assert found is not None
    assert found.ended is None
