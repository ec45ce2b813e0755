"""Harvesting over real HTTP: everything once, nothing twice, nothing lost, each run accounted."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest

from federation.harvest import Progress
from federation.journal.journal import Draft
from federation.records import RunState
from tests.peers import TestPeer, serving
from tests.reader import Reader, make_reader, rules
from tests.unit.federation.world import Clock

pytestmark = pytest.mark.integration

Serve = Callable[[str], TestPeer]


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime.now(UTC))


@pytest.fixture
def reader(tmp_path: Path, clock: Clock) -> Iterator[Reader]:
    made = make_reader(tmp_path / "reader", clock=clock)
    yield made
    made.store.close()


@pytest.fixture
def serve(tmp_path: Path, reader: Reader, clock: Clock) -> Iterator[Serve]:
    """Start peers by name; they and the reader may reach each other."""
    with ExitStack() as stack:

        def start(name: str) -> TestPeer:
            peer = stack.enter_context(
                serving(tmp_path / name, http_hosts=reader.hosts, clock=clock)
            )
            reader.hosts.add(peer.url.removeprefix("http://"))
            return peer

        yield start


@pytest.fixture
def peer(serve: Serve, reader: Reader) -> TestPeer:
    made = serve("peer")
    reader.accept(made)
    return made


def fill(peer: TestPeer, count: int) -> None:
    peer.publish(*[f"Practice number {number}" for number in range(count)])


def log_of(peer: TestPeer) -> dict[str, bytes]:
    return {one.version_uri: one.body for one in peer.journal.changes(0, 100_000).entries}


def copy_log(hub: TestPeer, member: TestPeer) -> None:
    """Let a hub hold what a member has published, as if it had harvested it."""
    key = member.identity.key.public_multikey
    did = member.identity.did
    hub.journal.pin(did=did, base=member.url, key=key, method=member.identity.method)
    verifier = hub.journal.verifier()
    checked = [verifier.check_member(orjson.loads(body)) for body in log_of(member).values()]
    hub.journal.append_foreign(checked)  # type: ignore[arg-type]  # they are all genuine
    head = orjson.loads(member.feed.head())
    hub.journal.note_head(
        did,
        seq=head["seq"],
        last=head.get("last", ""),
        valid_until=datetime.fromisoformat(head["validUntil"]),
        body=member.feed.head(),
    )


def test_a_first_harvest_takes_everything_byte_for_byte(reader: Reader, peer: TestPeer) -> None:
    fill(peer, 230)
    seen: list[Progress] = []
    run = reader.harvest(peer, progress=seen.append)
    assert (run.state, run.announced, run.new, run.refused) == (RunState.DONE, 230, 230, 0)
    assert run.requests == 4  # the root and three pages
    assert reader.entries() == log_of(peer)
    assert [one.done for one in seen] == [100, 200, 230]
    assert {one.total for one in seen} == {230}
    assert reader.faults() == []
    assert run.warnings == ()


def test_an_empty_feed_is_harvested_too(reader: Reader, peer: TestPeer) -> None:
    assert reader.harvest(peer).state is RunState.DONE
    assert reader.harvest(peer).state is RunState.UNCHANGED


def test_nothing_new_is_one_request(reader: Reader, peer: TestPeer) -> None:
    fill(peer, 120)
    reader.harvest(peer)
    peer.asked.clear()
    run = reader.harvest(peer)
    assert (run.state, run.requests, run.announced) == (RunState.UNCHANGED, 1, 0)
    assert peer.asked == ["/feed"]


def test_only_what_is_new_is_announced(reader: Reader, peer: TestPeer) -> None:
    old = peer.publish(*[f"Practice {number}" for number in range(150)])
    reader.harvest(peer)
    peer.publish("New one", "New two")
    peer.revise(old[3], "Revised")
    peer.withdraw(old[4])
    peer.asked.clear()
    run = reader.harvest(peer)
    assert (run.announced, run.new, run.changed, run.deleted) == (4, 2, 1, 1)
    assert peer.asked == ["/feed", "/feed/1"]
    assert (reader.title(old[3]), reader.title(old[4])) == ("Revised", None)
    assert reader.entries() == log_of(peer)


@pytest.mark.parametrize("count", [99, 100, 101, 200])
def test_the_border_between_pages_loses_nothing(reader: Reader, peer: TestPeer, count: int) -> None:
    fill(peer, count)
    assert reader.harvest(peer).new == count
    peer.publish("One more", "And another")
    run = reader.harvest(peer)
    assert (run.announced, run.new) == (2, 2)
    assert run.requests <= 3
    assert reader.entries() == log_of(peer)


def test_a_record_with_many_versions_is_one_record(reader: Reader, peer: TestPeer) -> None:
    (entry,) = peer.publish("First")
    for number in range(5):
        peer.revise(entry, f"Revision {number}")
    run = reader.harvest(peer)
    assert (run.new, run.changed) == (1, 5)
    assert reader.title(entry) == "Revision 4"
    assert len(list(reader.journal.records())) == 1


def test_a_broken_page_is_read_past_and_read_again(reader: Reader, peer: TestPeer) -> None:
    fill(peer, 350)
    peer.lies["/feed/1"] = lambda handler: handler.say(500, b"")
    first = reader.harvest(peer)
    assert (first.state, first.error, first.new) == (RunState.FAILED, "bad-status", 250)
    assert [one.version_uri for one in first.refusals] == [f"{peer.url}/feed/1"]
    del peer.lies["/feed/1"]
    peer.asked.clear()
    again = reader.harvest(peer)
    assert (again.state, again.new, again.unchanged) == (RunState.DONE, 100, 0)
    assert peer.asked == ["/feed", "/feed/3", "/feed/1"]
    assert reader.entries() == log_of(peer)
    assert reader.harvest(peer).requests == 1


def test_pages_that_stay_broken_do_not_keep_out_what_is_new(reader: Reader, peer: TestPeer) -> None:
    fill(peer, 450)
    for page in ("/feed/0", "/feed/2"):
        peer.lies[page] = lambda handler: handler.say(500, b"")
    assert reader.harvest(peer).new == 250
    for number in range(3):
        peer.publish(f"New {number}")
        run = reader.harvest(peer)
        assert (run.state, run.new) == (RunState.FAILED, 1)


def test_a_peer_that_goes_away_in_the_middle_is_taken_up_again(
    reader: Reader, peer: TestPeer
) -> None:
    fill(peer, 900)
    for number in range(2, 9):
        peer.lies[f"/feed/{number}"] = lambda handler: handler.say(503, b"")
    first = reader.harvest(peer)
    assert (first.state, first.error, first.new) == (RunState.FAILED, "busy", 200)
    assert first.requests <= 7  # three failures are enough
    peer.lies.clear()
    assert reader.harvest(peer).new == 700
    assert reader.entries() == log_of(peer)


def test_a_run_that_is_stopped_goes_on_from_there(reader: Reader, peer: TestPeer) -> None:
    fill(peer, 500)
    stop = threading.Event()
    run = reader.harvest(peer, stop=stop, progress=lambda one: one.done < 200 or stop.set())
    assert (run.state, run.new) == (RunState.INTERRUPTED, 200)
    peer.asked.clear()
    rest = reader.harvest(peer)
    assert (rest.state, rest.new, rest.unchanged) == (RunState.DONE, 300, 0)
    assert "/feed/0" not in peer.asked


def test_a_page_that_was_erased_is_no_failure(reader: Reader, peer: TestPeer) -> None:
    entries = peer.publish(*[f"Practice {number}" for number in range(150)])
    reader.harvest(peer)
    peer.publish(*[f"More {number}" for number in range(60)])
    peer.withdraw(entries[120], erases=[entries[120].seq])
    run = reader.harvest(peer)
    assert (run.state, run.deleted, run.new) == (RunState.DONE, 1, 60)
    held = reader.journal.version(entries[120].uri, 1)
    assert held is not None
    assert held.body == b""
    assert reader.faults() == []
    assert not any("shrunk" in warning for warning in run.warnings)


def test_many_erased_pages_do_not_look_endless(
    reader: Reader, peer: TestPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("federation.harvest.reading.MAX_IDLE_PAGES", 0)
    (entry,) = peer.publish("A text that was revised often")
    body = {key: orjson.loads(entry.body)[key] for key in ("@context", "type", "title", "license")}
    body["publisher"] = f"{peer.url}/organisations/own"
    drafts = [Draft(body=body, uri=entry.uri, record_type="Practice")] * 399
    peer.journal.append_local(drafts, peer.identity)
    (later,) = peer.publish("The last")
    peer.withdraw(entry, erases=range(1, 401))
    run = reader.harvest(peer)
    assert (run.state, run.announced) == (RunState.DONE, 2)
    assert reader.title(later) == "The last"


# -- relays ----------------------------------------------------------------------------------


def test_a_hub_brings_its_members(reader: Reader, serve: Serve) -> None:
    hub, town, village = serve("hub"), serve("town"), serve("village")
    town.publish("From the town")
    village.publish("From the village")
    hub.vouch(town)
    copy_log(hub, town)
    copy_log(hub, village)  # held by the hub, but it vouches later
    hub.vouch(village)
    reader.accept(hub)
    run = reader.harvest(hub)
    assert run.state is RunState.DONE
    assert reader.entries(town.identity.did) == log_of(town)
    assert reader.entries(village.identity.did) == log_of(village)
    assert rules(run) == {"unknown-origin": 1}  # announced before its membership, taken after
    assert reader.harvest(hub).requests == 1


def test_introductions_go_two_steps_and_no_further(reader: Reader, serve: Serve) -> None:
    near, far, further = serve("near"), serve("far"), serve("further")
    member, stranger = serve("member"), serve("stranger")
    member.publish("From a member of the allied hub")
    stranger.publish("From a member of the hub after that")
    far.vouch(member)
    far.vouch(further, "allied-hub")
    further.vouch(stranger)
    near.vouch(far, "allied-hub")
    for source in (far, member, further, stranger):
        copy_log(near, source)
    reader.accept(near)
    run = reader.harvest(near)
    assert reader.entries(far.identity.did) == log_of(far)
    assert reader.entries(member.identity.did) == log_of(member)
    assert reader.entries(further.identity.did) == {}
    assert reader.entries(stranger.identity.did) == {}
    assert rules(run)["unknown-origin"] == 2
    assert run.state is RunState.DONE


def test_a_withdrawn_membership_ends_what_comes_after_it(reader: Reader, serve: Serve) -> None:
    hub, town = serve("hub"), serve("town")
    town.publish("Before")
    membership = hub.vouch(town)
    copy_log(hub, town)
    reader.accept(hub)
    reader.harvest(hub)
    hub.withdraw(membership)
    town.publish("After")
    copy_log(hub, town)
    run = reader.harvest(hub)
    assert rules(run) == {"introduction-ended": 1}
    assert len(reader.entries(town.identity.did)) == 1
    hub.vouch(town)
    again = reader.harvest(hub)
    assert again.new == 2  # the membership, and what was left out
    assert reader.entries(town.identity.did) == log_of(town)


def test_a_gap_closes_once_the_origin_is_accepted(reader: Reader, serve: Serve) -> None:
    hub, town = serve("hub"), serve("town")
    fill(town, 130)
    copy_log(hub, town)
    hub.publish("From the hub itself")
    reader.accept(hub)
    first = reader.harvest(hub)
    assert (first.state, first.new, rules(first)) == (RunState.DONE, 1, {"unknown-origin": 130})
    assert reader.harvest(hub).requests == 1
    reader.accept(town)
    second = reader.harvest(hub)  # the hub's feed has not changed
    assert (second.new, second.refused) == (130, 0)
    assert reader.entries(town.identity.did) == log_of(town)
    assert reader.harvest(hub).requests == 1


def test_own_entries_that_come_back_are_unchanged(reader: Reader, serve: Serve) -> None:
    one, other = serve("one"), serve("other")
    one.publish("From one")
    copy_log(other, one)
    other.publish("From the other")
    back = make_reader(one.store.path.parent / "again", hosts=reader.hosts)
    own = one.identity
    back.journal.ensure_local_origin(own, "One")
    back.accept(other)
    first = back.harvest(other)
    assert (first.new, first.refused) == (2, 0)  # a node restored from nothing gets its own back
    other.publish("Another")
    copy_log(other, one)
    assert back.harvest(other).announced == 1
    back.store.close()


def test_what_two_relays_bring_is_kept_once(reader: Reader, serve: Serve) -> None:
    town, first, second = serve("town"), serve("first"), serve("second")
    fill(town, 20)
    for hub in (first, second):
        hub.vouch(town)
        copy_log(hub, town)
        reader.accept(hub)
    assert reader.harvest(first).new == 21
    run = reader.harvest(second)
    assert (run.new, run.unchanged) == (1, 20)
    assert reader.entries(town.identity.did) == log_of(town)


# -- heads -----------------------------------------------------------------------------------


def test_missing_entries_are_told_by_the_head(reader: Reader, serve: Serve) -> None:
    hub, town = serve("hub"), serve("town")
    fill(town, 3)
    hub.vouch(town)
    copy_log(hub, town)
    reader.accept(hub)
    assert reader.harvest(hub).warnings == ()
    page = hub.page(0)
    page["member"] = [one for one in page["member"] if one.get("seq") != 2]
    fresh = make_reader(reader.store.path.parent / "fresh", hosts=reader.hosts)
    fresh.accept(hub)
    hub.lie("/feed/0", page)
    (warning,) = [one for one in fresh.harvest(hub).warnings if town.identity.did in one]
    assert "up to 2 after number 1" in warning
    fresh.store.close()


def test_an_old_copy_raises_an_alert_and_deletes_nothing(
    reader: Reader, peer: TestPeer, clock: Clock
) -> None:
    fill(peer, 3)
    old = {path: peer.answer(path)[1] for path in ("/feed", "/feed/0")}
    peer.publish("Later")
    clock.advance(minutes=1)
    reader.harvest(peer)
    for path, body in old.items():
        peer.lie(path, body)
    run = reader.harvest(peer)
    assert any("went back from number 4 to 3" in one for one in run.warnings)
    assert any("shrunk" in one for one in run.warnings)
    assert [one.kind for one in reader.journal.alerts()] == ["rollback"]
    assert reader.entries() == log_of(peer)
    peer.lies.clear()
    peer.publish("And later")
    assert reader.harvest(peer).new == 1
    assert reader.entries() == log_of(peer)


def test_a_feed_that_stands_still_too_long_is_told(
    reader: Reader, peer: TestPeer, clock: Clock
) -> None:
    fill(peer, 3)
    reader.harvest(peer)
    frozen = peer.answer("/feed")
    peer.lies["/feed"] = lambda handler: handler.say(*frozen)
    clock.advance(days=8)
    run = reader.harvest(peer)
    assert run.state is RunState.UNCHANGED
    assert any("head expired" in one for one in run.warnings)


def test_a_head_from_the_future_is_doubted(reader: Reader, peer: TestPeer, clock: Clock) -> None:
    clock.advance(hours=2)
    fill(peer, 3)
    early = peer.answer("/feed")
    peer.lies["/feed"] = lambda handler: handler.say(*early)
    clock.advance(hours=-2)
    run = reader.harvest(peer)
    assert (run.state, run.new) == (RunState.DONE, 3)
    assert any("dated in the future" in one for one in run.warnings)
    origin = reader.journal.origin(peer.identity.did)
    assert origin is not None
    assert origin.head_seq == 0


def test_a_feed_that_shrinks_keeps_everything_and_is_read_again(
    reader: Reader, peer: TestPeer
) -> None:
    fill(peer, 250)
    reader.harvest(peer)
    held = reader.entries()
    root = peer.answer("/feed")[1].replace(b'"position":250', b'"position":40')
    peer.lie("/feed", root)
    run = reader.harvest(peer)
    assert any("shrunk" in one for one in run.warnings)
    assert (run.deleted, run.unchanged) == (0, 250)
    assert reader.entries() == held


def test_an_emptied_feed_keeps_everything(reader: Reader, peer: TestPeer) -> None:
    fill(peer, 120)
    reader.harvest(peer)
    root = orjson.loads(peer.answer("/feed")[1])
    root["entries"] = []
    root["position"] = 0
    peer.lie("/feed", root)
    run = reader.harvest(peer)
    assert any("shrunk" in one for one in run.warnings)
    assert len(reader.entries()) == 120


# -- the run itself --------------------------------------------------------------------------


def test_a_peer_that_is_away_fails_with_a_sentence(reader: Reader, peer: TestPeer) -> None:
    peer.lies["/feed"] = lambda handler: handler.say(503, b"")
    run = reader.harvest(peer)
    assert (run.state, run.error) == (RunState.FAILED, "busy")
    assert reader.peer(peer).failures == 1
    peer.lies.clear()
    assert reader.harvest(peer).state is RunState.DONE
    assert reader.peer(peer).failures == 0


def test_a_peer_that_is_removed_meanwhile_ends_the_run(reader: Reader, peer: TestPeer) -> None:
    fill(peer, 250)
    known = reader.peer(peer)
    run = reader.harvest(peer, progress=lambda _one: reader.peers.remove(known.id))
    assert (run.state, run.error) == (RunState.FAILED, "peer-gone")
    assert reader.peers.list() == []
    assert len(reader.entries()) == 100


def test_a_run_that_takes_too_long_goes_on_next_time(
    reader: Reader, peer: TestPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(peer, 250)
    monkeypatch.setattr("federation.harvest.reading.RUN_SECONDS", -1.0)
    run = reader.harvest(peer)
    assert (run.state, run.error) == (RunState.FAILED, "too-long")
    monkeypatch.undo()
    assert reader.harvest(peer).new == 250


def test_the_next_run_is_scheduled(reader: Reader, peer: TestPeer, clock: Clock) -> None:
    reader.harvest(peer)
    due = reader.peer(peer).next_at
    assert due is not None
    assert timedelta(minutes=53) < due - clock() < timedelta(minutes=67)


def test_stubs_are_taken_up_after_an_upgrade(
    reader: Reader, peer: TestPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vocab.findings import Finding, Severity

    finding = Finding("from-the-future", "/title", Severity.VIOLATION, {"en": "New", "es": "Nuevo"},
                      {"en": "Upgrade", "es": "Actualice"})  # fmt: skip
    monkeypatch.setattr("federation.trust.check", lambda _document: [finding])
    (entry,) = peer.publish("A record of a newer vocabulary")
    run = reader.harvest(peer)
    assert rules(run) == {"from-the-future": 1}
    (stub,) = reader.stubs()
    assert (stub.reason, stub.feed_number) == ("from-the-future", None)
    assert reader.title(entry) is None
    assert reader.journal.history(entry.uri) == []
    assert reader.journal.feed_size() == 0
    origin = reader.journal.origin(peer.identity.did)
    assert origin is not None
    assert origin.contiguous_seq == 1  # a stub is no gap
    assert reader.journal.retry_stubs() == 0
    monkeypatch.undo()
    assert reader.journal.retry_stubs() == 1
    assert reader.title(entry) == "A record of a newer vocabulary"
    assert reader.stubs() == []
    assert reader.faults() == []
