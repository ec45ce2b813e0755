"""Whatever the order, paging and repetition in which a log arrives, the end is the same."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.federation.world import Document, Town, World, document

pytestmark = pytest.mark.unit

STEPS = st.lists(
    st.tuples(st.sampled_from(["new", "revise", "withdraw", "erase"]), st.integers(0, 5)),
    min_size=1,
    max_size=14,
)


def live(town: Town, steps: list[tuple[str, int]]) -> list[Document]:
    """Let a town publish, revise, withdraw and erase; return all that it ever signed."""
    records = [town.publish_one("Practice")]
    signed = [document(records[0])]
    for what, which in steps:
        current = town.journal.current(records[which % len(records)].uri)
        assert current is not None
        gone = current.type == "Tombstone"
        if what == "new":
            records.append(town.publish_one("Practice"))
            signed.append(document(records[-1]))
        elif what == "revise" and not gone:
            signed.append(document(town.publish_one("Revised", uri=current.uri)))
        elif what == "withdraw" and not gone:
            signed.append(document(town.withdraw(current)))
        elif what == "erase":
            versions = [one.seq for one in town.journal.history(current.uri)]
            signed.append(document(town.withdraw(current, erases=versions)))
    return signed


def state(town: Town, origin: Town) -> dict[str, object]:
    """Return everything that must not depend on the order of arrival."""
    held = town.journal.origin(origin.did)
    assert held is not None
    return {
        "entries": [(one.seq, str(one.state), one.body) for one in town.log(origin)],
        "records": {one.uri: one.digest for one in town.journal.records(origin_did=origin.did)},
        "ends": (held.last_seq, held.contiguous_seq),
        "relayed": {one.digest for one in town.relayed()},
    }


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=STEPS, data=st.data())
def test_any_order_of_arrival_ends_in_the_same_state(
    steps: list[tuple[str, int]], data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        city, village = world.two()
        signed = live(city, steps)
        arriving = data.draw(st.permutations(signed + signed[: len(signed) // 2]))
        size = data.draw(st.integers(1, len(arriving)))
        for start in range(0, len(arriving), size):
            village.receive(*arriving[start : start + size])
        assert state(village, city) == state(city, city)
        report = village.journal.verify_all()
        assert (report.faults, report.gaps) == ([], {})
        assert set(village.receive(*signed)) <= {"unchanged", "erased"}
        world.close()
