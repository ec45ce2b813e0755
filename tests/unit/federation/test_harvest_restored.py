"""Peers that come back from a backup, and pages that stay broken: what came later is not lost."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from federation.records import RunState
from tests.peers import TestPeer, serving
from tests.reader import Reader, make_reader

pytestmark = pytest.mark.integration


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    made = make_reader(tmp_path / "reader")
    yield made
    made.store.close()


@pytest.fixture
def peer(tmp_path: Path, reader: Reader) -> Iterator[TestPeer]:
    with serving(tmp_path / "peer") as made:
        reader.accept(made)
        yield made


def fill(peer: TestPeer, count: int) -> list[str]:
    entries = peer.publish(*[f"Practice number {number}" for number in range(count)])
    return [one.version_uri for one in entries]


def lose(page: dict[str, Any], *places: int) -> dict[str, Any]:
    """Return a page as it would be if some of its members had never been taken in."""
    members = [one for place, one in enumerate(page["member"]) if place not in places]
    start = page["entries"][1]["receivedSeq"]
    receipts = [
        {"id": one["id"], "receivedSeq": start + number} for number, one in enumerate(members)
    ]
    return {**page, "member": members, "entries": [page["entries"][0], *receipts]}


def test_entries_that_took_the_numbers_of_others_after_a_restore_are_not_lost(
    reader: Reader, peer: TestPeer
) -> None:
    uris = fill(peer, 12)
    peer.lie("/feed/0", lose(peer.page(0), 5, 6, 7))
    assert reader.harvest(peer).new == 9
    assert reader.peer(peer).feed_position == 9
    peer.lies.clear()
    peer.publish("The feed is longer than before again")
    run = reader.harvest(peer)
    assert (run.state, run.new, run.unchanged) == (RunState.DONE, 4, 9)
    assert "was rewritten" in run.warnings[0]
    assert set(uris) < set(reader.entries())
    assert reader.faults() == []
    assert reader.harvest(peer).requests == 1


def test_a_restore_that_reaches_far_back_is_told_by_the_head(
    reader: Reader, peer: TestPeer
) -> None:
    uris = fill(peer, 330)
    for number in range(4):
        page = peer.page(number)
        peer.lie(f"/feed/{number}", lose(page, *([5, 6, 7] if number == 1 else [])))
    for number in (2, 3):  # what follows has other numbers
        page = peer.page(number)
        for receipt in page["entries"][1:]:
            receipt["receivedSeq"] -= 3
        peer.lie(f"/feed/{number}", page)
    assert reader.harvest(peer).new == 327
    peer.lies.clear()
    peer.publish("One more")
    run = reader.harvest(peer)  # the page of the cursor holds what it held
    assert run.new == 1
    assert any("up to 226 after number 105 are not here" in one for one in run.warnings)
    reader.peers.remove(reader.peer(peer).id)
    reader.accept(peer)
    assert reader.harvest(peer).new == 3
    assert set(uris) < set(reader.entries())


def test_a_page_that_is_the_same_is_not_announced_again(reader: Reader, peer: TestPeer) -> None:
    fill(peer, 250)
    reader.harvest(peer)
    peer.publish("One more")
    run = reader.harvest(peer)
    assert (run.announced, run.new, run.warnings) == (1, 1, ())


def test_erased_stubbed_and_refused_members_do_not_look_rewritten(
    reader: Reader, peer: TestPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = peer.publish(*[f"Practice number {number}" for number in range(20)])
    page = peer.page(0)
    page["member"][3]["title"] = {"en": "Changed on the way"}  # forged
    page["member"][4]["@context"] = "https://example.org/other"  # refused for good
    peer.lie("/feed/0", page)
    first = reader.harvest(peer)
    assert (first.new, first.refused) == (18, 2)
    peer.withdraw(entries[9], erases=[entries[9].seq])
    peer.lie("/feed/0", {**page, "member": [*page["member"], _last(peer)], "entries": _nodes(peer)})
    run = reader.harvest(peer)
    assert not any("rewritten" in warning for warning in run.warnings)
    assert run.deleted == 1


def _last(peer: TestPeer) -> dict[str, Any]:
    return dict(peer.page(0)["member"][-1])


def _nodes(peer: TestPeer) -> list[dict[str, Any]]:
    return list(peer.page(0)["entries"])


@pytest.mark.parametrize("broken", [(4, 5, 6), (4, 5, 6, 7), (1, 2, 3), (0, 1, 2, 3)])
def test_pages_that_stay_broken_do_not_hide_the_pages_behind_them(
    reader: Reader, peer: TestPeer, broken: tuple[int, ...]
) -> None:
    fill(peer, 850)
    for number in broken:
        peer.lie(f"/feed/{number}", b"<html>broken</html>")
    found = [reader.harvest(peer) for _ in range(3)]
    assert {run.state for run in found} == {RunState.FAILED}
    assert len(reader.entries()) == 850 - 100 * len(broken)
    peer.lies.clear()
    last = [reader.harvest(peer) for _ in range(2)]
    assert (last[0].state, last[1].state) == (RunState.DONE, RunState.UNCHANGED)
    assert len(reader.entries()) == 850
    assert reader.peer(peer).page_url == f"{peer.url}/feed/8"


def test_a_broken_page_at_the_end_is_read_when_it_is_mended(reader: Reader, peer: TestPeer) -> None:
    fill(peer, 130)
    peer.lie("/feed/1", b"{")
    assert reader.harvest(peer).new == 100
    peer.lies.clear()
    run = reader.harvest(peer)
    assert (run.state, run.new) == (RunState.DONE, 30)
    peer.publish("One more")
    run = reader.harvest(peer)
    assert (run.announced, run.new, run.requests) == (1, 1, 2)


def test_numbers_that_make_no_sense_do_not_lock_a_peer_out(reader: Reader, peer: TestPeer) -> None:
    fill(peer, 3)
    page = peer.page(0)
    page["entries"][-1]["receivedSeq"] = 2**52
    peer.lie("/feed/0", page)
    assert reader.harvest(peer).new == 3
    peer.lies.clear()
    peer.publish("One more")
    assert reader.harvest(peer).new == 1
    assert len(reader.entries()) == 4


def test_a_feed_without_numbers_is_read_by_its_pages(reader: Reader, peer: TestPeer) -> None:
    fill(peer, 130)

    def bare(handler: Any) -> None:
        status, body, etag, kind = peer.answer(handler.path)
        page = orjson.loads(body)
        page["entries"] = page["entries"][:1]
        handler.say(status, orjson.dumps(page), etag, kind)

    for number in range(3):
        peer.lies[f"/feed/{number}"] = bare
    assert reader.harvest(peer).new == 130
    peer.publish("One more")
    peer.asked.clear()
    run = reader.harvest(peer)
    assert (run.new, run.unchanged, run.refused) == (1, 30, 0)
    assert peer.asked == ["/feed", "/feed/1"]
