"""Clocks that are a day off: order comes from the logs, and nothing is lost by a wrong clock."""

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest

from federation.records import RunState
from tests.peers import TestPeer, serving
from tests.reader import Reader, make_reader
from tests.unit.federation.world import Clock

pytestmark = pytest.mark.integration

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def work(peer: TestPeer, clock: Clock) -> None:
    """Publish, revise and withdraw some records, with time in between."""
    first, second, *_rest = peer.publish(*[f"Practice number {n}" for n in range(60)])
    clock.advance(minutes=5)
    peer.revise(first, "Revised")
    clock.advance(minutes=5)
    peer.withdraw(second)


def order(reader: Reader, peer: TestPeer) -> list[int]:
    """Return the numbers of a peer's entries in the order in which they came here."""
    return [
        one.seq
        for one in reader.journal.changes(0, 100_000).entries
        if one.origin == peer.identity.did
    ]


@pytest.mark.parametrize("hours", [-24, 24])
def test_a_reader_whose_clock_is_a_day_off_takes_everything_in_the_same_order(
    tmp_path: Path, hours: int
) -> None:
    right, wrong = Clock(NOON), Clock(NOON + timedelta(hours=hours))
    with ExitStack() as stack:
        peer = stack.enter_context(serving(tmp_path / "peer", clock=right))
        readers = [
            make_reader(tmp_path / "right", clock=right),
            make_reader(tmp_path / "wrong", clock=wrong),
        ]
        for reader in readers:
            stack.callback(reader.store.close)
            reader.accept(peer)
        for _round in range(3):
            work(peer, right)
            wrong.advance(minutes=10)
            assert {reader.harvest(peer).state for reader in readers} == {RunState.DONE}
        orders = [order(reader, peer) for reader in readers]
        assert orders[0] == orders[1] == list(range(1, 187))
        assert readers[0].entries(peer.identity.did) == readers[1].entries(peer.identity.did)
        assert readers[0].faults() == readers[1].faults() == []
        assert [reader.harvest(peer).state for reader in readers] == [RunState.UNCHANGED] * 2


def test_a_publisher_whose_clock_jumps_a_day_keeps_its_order(tmp_path: Path) -> None:
    clock = Clock(NOON)
    reader = make_reader(tmp_path / "reader", clock=Clock(NOON))
    with serving(tmp_path / "peer", clock=clock) as peer:
        reader.accept(peer)
        for hours in (0, -24, 48, -24):
            clock.advance(hours=hours)
            work(peer, clock)
            run = reader.harvest(peer)
            assert (run.state, run.new, run.refused) == (RunState.DONE, 60, 0)
        assert order(reader, peer) == list(range(1, 249))
        held = [orjson.loads(one.body) for one in reader.journal.changes(0, 1000).entries]
        assert held[0]["modified"] > held[100]["modified"]  # what it says of times stays as it is
    assert reader.faults() == []
    reader.store.close()


def test_an_entry_dated_in_the_future_is_taken_like_any_other(tmp_path: Path) -> None:
    reader = make_reader(tmp_path / "reader", clock=Clock(NOON))
    with serving(tmp_path / "peer", clock=Clock(NOON + timedelta(days=1))) as peer:
        reader.accept(peer)
        (entry,) = peer.publish("From tomorrow")
        run = reader.harvest(peer)
    assert run.new == 1
    assert "dated in the future" in run.warnings[0]  # of the head, which is not relied on
    assert reader.title(entry) == "From tomorrow"
    reader.store.close()
