"""Intake: entries that were pushed or came in a file are judged like those of a harvest."""

import random
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import orjson
import pytest

from federation import key_folder, proof
from federation.errors import PeerGoneError
from federation.identity import SigningKey, save
from federation.intake import BATCH, MAX_WAITING, MAX_WARNINGS, Taken, keep_ledger, ledger, take_in
from federation.journal.peers import Peers
from federation.journal.runs import Runs
from federation.records import Entry, Refusal, Run, RunState
from tests.unit.federation.world import Town, World, document
from vocab.canonical import canonical_bytes
from vocab.document import MAX_BYTES
from vocab.language import LANGUAGES
from vocab.terms import CONTEXT_URL

pytestmark = pytest.mark.unit

Item = Entry | bytes | dict[str, Any]


@pytest.fixture
def towns(world: World) -> tuple[Town, Town]:
    """A town, and another that has accepted it."""
    return world.two()


def line(item: Item) -> bytes:
    if isinstance(item, bytes):
        return item
    return item.body if isinstance(item, Entry) else canonical_bytes(item)


def take(reader: Town, *items: Item) -> Taken:
    """Let a town take in lines."""
    return take_in(map(line, items), journal=reader.journal, clock=reader.clock)


def said(taken: Taken) -> Counter[str]:
    """Return how often each verdict, or rule that was broken, was given."""
    return Counter(one.rule if isinstance(one, Refusal) else str(one) for one in taken.verdicts)


def run_of(taken: Taken, reader: Town) -> Run:
    return ledger(taken, "a file", time.monotonic(), reader.clock())


def logs_equal(one: Town, other: Town) -> bool:
    """Say whether another town holds the same bytes of a town's log."""
    return [e.body for e in one.log()] == [e.body for e in other.log(one)]


def head(town: Town, **changes: Any) -> dict[str, Any]:
    """Return a signed head of a town."""
    last = town.log()[-1]
    return town.sign(
        {
            "@context": CONTEXT_URL,
            "id": f"{town.identity.base}/feed/head",
            "type": "FeedHead",
            "origin": town.did,
            "seq": last.seq,
            "last": last.digest,
            "generated": proof.timestamp(town.clock()),
            "validUntil": proof.timestamp(town.clock() + timedelta(days=7)),
            **changes,
        }
    )


def rotated(town: Town) -> Town:
    """Replace a town's key, as its operator does, and return the town with the new one."""
    save(town.identity, town.folder / "keys")
    number = int(town.identity.method.rsplit("-", 1)[-1]) + 1
    new = replace(town.identity, method=f"{town.did}#key-{number}", key=SigningKey.generate())
    changed = key_folder.change(town.folder / "keys", town.journal, new, "")
    return replace(town, identity=changed)


# -- what is taken ---------------------------------------------------------------------------


def test_lines_are_taken_verbatim_in_their_order(towns: tuple[Town, Town]) -> None:
    city, village = towns
    entries = city.publish(*(f"Number {n}" for n in range(2 * BATCH + 50)))
    taken = take(village, *entries)
    assert said(taken) == {"new": 250}
    assert taken.received == sum(len(one.body) for one in entries)
    held = village.journal.changes(0, 1000).entries
    assert [one.body for one in held] == [one.body for one in entries]
    assert [one.body for one in village.relayed()] == [one.body for one in entries]
    assert village.faults() == []


def test_the_same_lines_again_change_nothing(towns: tuple[Town, Town]) -> None:
    city, village = towns
    first = city.publish_one("Green roofs")
    lines = [head(city), first, city.publish_one("Greener roofs", uri=first.uri)]
    take(village, *lines)
    position = village.journal.position()
    taken = take(village, *lines, *lines)
    assert said(taken) == {"unchanged": 4}
    assert (village.journal.position(), taken.warnings) == (position, [])


@pytest.mark.parametrize("seed", range(6))
def test_in_any_order_the_log_ends_up_the_same(towns: tuple[Town, Town], seed: int) -> None:
    city, village = towns
    for title in ("Roofs", "Cycle lanes", "Repair café"):
        first = city.publish_one(title)
        city.publish_one(f"{title}, again", uri=first.uri)
        city.publish_one(f"{title}, for the last time", uri=first.uri)
    city.withdraw(first)
    lines: list[Item] = [*city.log(), head(city)]
    random.Random(seed).shuffle(lines)
    run = run_of(take(village, *lines), village)
    assert (run.announced, run.refused, run.warnings) == (10, 0, ())
    assert run.balances()
    assert logs_equal(city, village)
    assert {one.uri: village.shown(one) for one in city.log()} == {
        one.uri: city.shown(one) for one in city.log()
    }
    assert village.faults() == []


def test_who_hands_entries_over_adds_nothing(world: World, towns: tuple[Town, Town]) -> None:
    city, village = towns
    genuine, other = city.publish("Genuine", "Also genuine")
    forged = {**document(other), "title": {"en": "Forged"}}
    stranger = world.town("stranger").publish_one("Smuggled")
    unsigned = {key: value for key, value in document(other).items() if key != "proof"}
    run = run_of(take(village, genuine, forged, stranger, unsigned), village)
    assert (run.new, run.refused, run.balances()) == (1, 3, True)
    assert sorted(one.rule for one in run.refusals) == ["bad-proof", "bad-proof", "unknown-origin"]
    assert village.journal.count() == 1


def test_an_erased_entry_that_comes_along_is_no_gap_and_is_not_kept(
    towns: tuple[Town, Town],
) -> None:
    city, village = towns
    secret = city.publish_one("A name that must go")
    body = secret.body
    tombstone = city.withdraw(secret, erases=[secret.seq])
    assert said(take(village, tombstone, body)) == {"deleted": 1, "erased": 1}
    held = village.journal.origin(city.did)
    assert held is not None
    assert (held.contiguous_seq, held.last_seq) == (2, 2)
    assert all(b"must go" not in one.body for one in village.journal.changes(0).entries)


def test_two_entries_with_one_number_freeze_their_origin(
    world: World, towns: tuple[Town, Town]
) -> None:
    city, village = towns
    restored = world.town("city", key=city.identity.key, folder="restored")
    ours, later = city.publish("Ours", "Later")
    theirs = restored.publish_one("Theirs")
    taken = take(village, ours, theirs, later)
    assert said(taken) == {"new": 1, "equivocation": 1, "origin-frozen": 1}
    assert ("equivocation", city.did) in village.alerts()
    assert run_of(taken, village).balances()


# -- lines that are no entries ---------------------------------------------------------------


def test_bad_lines_are_refused_one_by_one_and_named(towns: tuple[Town, Town]) -> None:
    city, village = towns
    first, second = city.publish("First", "Second")
    bad = {
        b"{": "not-json",
        b"\xff\xfe{}": "not-utf8",
        b"[1]": "not-object",
        b'"text"': "not-object",
        b'{"a":1,"a":2}': "duplicate-key",
        b'{"a":NaN}': "bad-number",
        b'{"a":1e999}': "bad-number",
        b'{"a":9007199254740993}': "bad-number",
        b'{"a":"\\ud800"}': "bad-text",
        b'{"a":' + b"[" * 40 + b"]" * 40 + b"}": "too-deep",
        b"[" * 100_000 + b"]" * 100_000: "too-deep",
        b'{"a":"' + b"x" * MAX_BYTES + b'"}': "too-large",
        b"{}": "unknown-origin",
        b'{"origin":["' + city.did.encode() + b'"]}': "unknown-origin",
        b'{"origin":"' + city.did.encode() + b'"}': "no-envelope",
        b'{"type":"Bundle","origin":"' + city.did.encode() + b'"}': "no-envelope",
    }
    taken = take(village, first, *bad, second)
    assert said(taken) == Counter(bad.values()) + Counter(new=2)
    run = run_of(taken, village)
    assert run.balances()
    named = {one.version_uri: one for one in run.refusals if one.version_uri}
    assert {"line 2", "line 3"} <= named.keys()
    assert named["line 2"].rule == "not-json"
    assert all(one.messages["en"] and one.messages["es"] for one in run.refusals)


def test_empty_lines_and_line_ends_of_windows_do_not_matter(towns: tuple[Town, Town]) -> None:
    city, village = towns
    first, second = city.publish("First", "Second")
    lines = [b"\n", first.body + b"\r\n", b"  \r\n", b"", second.body + b"\n"]
    taken = take(village, *lines)
    assert said(taken) == {"new": 2}
    assert logs_equal(city, village)
    assert taken.received == sum(map(len, lines))


def test_nothing_at_all_is_an_empty_ledger(towns: tuple[Town, Town]) -> None:
    run = run_of(take(towns[1]), towns[1])
    assert (run.announced, run.state, run.balances()) == (0, RunState.DONE, True)


def test_lines_are_read_as_they_are_needed_and_what_was_read_stays(
    towns: tuple[Town, Town],
) -> None:
    """So memory stays flat, and a source that breaks off costs at most one batch."""
    city, village = towns
    entries = city.publish(*(f"Number {n}" for n in range(3 * BATCH)))
    seen: list[int] = []

    def breaking_off() -> Iterator[bytes]:
        for number, entry in enumerate(entries):
            if number % BATCH == 0:
                seen.append(village.journal.count())
            if number == 2 * BATCH + 50:
                raise OSError("the stick was pulled out")
            yield entry.body

    with pytest.raises(OSError, match="pulled out"):
        take_in(breaking_off(), journal=village.journal, clock=village.clock)
    assert seen == [0, BATCH, 2 * BATCH]
    assert village.journal.count() == 2 * BATCH
    assert said(take(village, *entries)) == {"unchanged": 2 * BATCH, "new": BATCH}
    assert village.faults() == []


# -- judged again ----------------------------------------------------------------------------


def test_entries_before_the_membership_that_introduces_them_are_counted_once(
    world: World, towns: tuple[Town, Town]
) -> None:
    hub, village = towns
    allied, city = world.town("allied"), world.town("member")
    vouched = hub.vouch(allied, "allied-hub")
    member = allied.vouch(city)
    entries = city.publish(*(f"Number {n}" for n in range(BATCH)))
    taken = take(village, head(city), *entries, head(allied), member, vouched)
    assert said(taken) == {"new": BATCH + 2}
    assert run_of(taken, village).balances()
    assert taken.warnings == []
    held = village.journal.origin(city.did)
    assert held is not None
    assert (held.contiguous_seq, held.head_seq) == (BATCH, BATCH)


def test_who_stays_unknown_is_refused_once(world: World, towns: tuple[Town, Town]) -> None:
    hub, village = towns
    city, stranger = world.town("member"), world.town("stranger")
    lines = [city.publish_one("Known in the end"), stranger.publish_one("Never"), hub.vouch(city)]
    run = run_of(take(village, *lines), village)
    assert (run.announced, run.new, run.refused) == (3, 2, 1)
    (refused,) = run.refusals
    assert (refused.rule, refused.version_uri) == ("unknown-origin", lines[1].version_uri)


def test_entries_of_later_keys_wait_for_the_word_of_the_earlier(
    world: World, towns: tuple[Town, Town]
) -> None:
    city, village = towns
    city.publish("Before")
    after = rotated(rotated(city))
    after.publish("After")
    taken = take(village, *reversed(after.log()))
    assert said(taken).keys() <= {"new", "changed", "unchanged"}
    assert logs_equal(after, village)
    assert village.journal.keys(city.did) == [after.identity.key.public_multikey]
    assert village.faults() == []


def test_lines_are_looked_at_again_a_limited_number_of_times(towns: tuple[Town, Town]) -> None:
    """A chain of 20 keys, the last first; what is left over is taken by the next intake."""
    city, village = towns
    after = city
    for _key in range(20):
        after = rotated(after)
    lines = list(reversed(after.log()))
    first = run_of(take(village, *lines), village)
    assert first.balances()
    assert (first.announced, first.refused > 0) == (len(lines), True)
    assert {one.rule for one in first.refusals} <= {"unknown-key", "bad-proof"}
    second = run_of(take(village, *lines), village)
    assert (second.announced, second.refused, second.balances()) == (len(lines), 0, True)
    assert second.unchanged >= len(lines) - first.refused
    assert logs_equal(after, village)


def strangers(count: int) -> Iterator[bytes]:
    for number in range(count):
        yield b'{"origin":"did:web:nobody.example","id":"https://nobody.example/%d"}' % number


@pytest.mark.parametrize(("others", "kept"), [(MAX_WAITING - 2, 2), (MAX_WAITING - 1, 1)])
def test_only_so_many_lines_may_wait(
    world: World, towns: tuple[Town, Town], others: int, kept: int
) -> None:
    """Who stands behind ten thousand waiting lines stays refused, and is taken the next time."""
    hub, village = towns
    city = world.town("member")
    early = [one.body for one in city.publish("First", "Second")]
    vouched = hub.vouch(city).body

    def lines() -> Iterable[bytes]:
        return [*strangers(others), *early, vouched]

    run = run_of(take(village, *lines()), village)
    assert (run.announced, run.new, run.balances()) == (others + 3, kept + 1, True)
    assert run.refused == others + 2 - kept
    assert village.log(city) == village.log(city)[:kept]
    again = run_of(take(village, *early), village)
    assert (again.new, again.unchanged, again.refused) == (2 - kept, kept, 0)


# -- heads -----------------------------------------------------------------------------------


def test_a_head_at_the_beginning_is_judged_after_the_entries(towns: tuple[Town, Town]) -> None:
    """It is signed with a key that only the entries tell of."""
    city, village = towns
    city.publish("Before")
    after = rotated(city)
    after.publish("After")
    signed = head(after)
    taken = take(village, signed, *after.log())
    assert taken.warnings == []
    held = village.journal.origin(city.did)
    assert held is not None
    assert (held.head_seq, village.journal.head(city.did)) == (4, canonical_bytes(signed))


def test_a_head_tells_what_is_missing(towns: tuple[Town, Town]) -> None:
    city, village = towns
    first, second, third = city.publish("First", "Second", "Third")
    taken = take(village, head(city), first, third)
    (warning,) = taken.warnings
    assert "has signed 3 entries; up to 2 after number 1" in warning
    assert run_of(taken, village).warnings == (warning,)
    assert take(village, second).warnings == []


def test_a_head_that_came_before_tells_what_is_missing_later(towns: tuple[Town, Town]) -> None:
    city, village = towns
    first, second = city.publish("First", "Second")
    take(village, head(city))
    (warning,) = take(village, second).warnings
    assert "up to 2 after number 0" in warning
    assert take(village, first).warnings == []


def test_heads_are_no_members_of_the_ledger(towns: tuple[Town, Town]) -> None:
    city, village = towns
    city.publish("First")
    taken = take(village, head(city))
    assert (taken.verdicts, len(taken.warnings)) == ([], 1)


@pytest.mark.parametrize(
    "broken",
    [
        {"seq": 99},
        {"origin": "did:web:nobody.example"},
        {"seq": "3"},
        {"validUntil": "some day"},
        {"proof": None},
    ],
)
def test_a_head_whose_proof_does_not_hold_says_nothing(
    towns: tuple[Town, Town], broken: dict[str, Any]
) -> None:
    city, village = towns
    entry = city.publish_one("First")
    taken = take(village, {**head(city), **broken}, entry)
    assert (said(taken), taken.warnings) == ({"new": 1}, [])
    assert village.journal.head(city.did) is None


def test_doubtful_heads_are_warned_of(towns: tuple[Town, Town]) -> None:
    city, village = towns
    first = city.publish_one("First")
    old = head(city)
    entries = [first, *city.publish("Second", "Third")]
    assert take(village, head(city), *entries).warnings == []
    assert take(village, old).warnings == []  # an older copy is nothing unusual on this way
    city.clock.advance(days=8)
    (warning,) = take(village, head_of_last_week(city)).warnings
    assert "expired" in warning
    future = proof.timestamp(city.clock() + timedelta(days=1))
    (warning,) = take(village, head(city, generated=future)).warnings
    assert "dated in the future" in warning


def head_of_last_week(town: Town) -> dict[str, Any]:
    past = town.clock() - timedelta(days=8)
    return head(
        town,
        generated=proof.timestamp(past),
        validUntil=proof.timestamp(past + timedelta(days=7)),
    )


def test_a_head_that_contradicts_the_log_freezes_its_origin(
    world: World, towns: tuple[Town, Town]
) -> None:
    city, village = towns
    restored = world.town("city", key=city.identity.key, folder="restored")
    entry = city.publish_one("Ours")
    restored.publish_one("Theirs")
    take(village, head(restored), entry)
    origin = village.journal.origin(city.did)
    assert origin is not None
    assert origin.standing == "frozen"


def test_a_flood_of_warnings_is_cut_short(towns: tuple[Town, Town]) -> None:
    city, village = towns
    entries = city.publish(*(f"Number {n}" for n in range(40)))
    future = proof.timestamp(city.clock() + timedelta(days=1))
    doubtful = [head(city, seq=one.seq, generated=future) for one in entries]
    taken = take(village, *entries, head(city), *doubtful)
    assert len(taken.warnings) == MAX_WARNINGS + 1
    assert taken.warnings[-1] == "there are more warnings of this kind"
    assert said(taken) == {"new": 40}


# -- the ledger ------------------------------------------------------------------------------


@pytest.fixture
def ledgers(towns: tuple[Town, Town]) -> tuple[Peers, Runs, int]:
    """The peers and ledgers of the village, and the number of the city among them."""
    city, village = towns
    peers, runs = Peers(village.store, village.clock), Runs(village.store, village.clock)
    peer = peers.add(city.identity.base, did=city.did, key=city.identity.key.public_multikey)
    return peers, runs, peer.id


def test_a_kept_ledger_counts_every_line_once(
    world: World, towns: tuple[Town, Town], ledgers: tuple[Peers, Runs, int]
) -> None:
    hub, village = towns
    _peers, runs, number = ledgers
    city = world.town("member")
    first = hub.publish_one("First")
    lines: list[Item] = [
        city.publish_one("Before its membership"),
        first,
        hub.publish_one("Changed", uri=first.uri),
        hub.publish_one("Withdrawn"),
        b"no line",
        world.town("stranger").publish_one("Unknown"),
        first,
        hub.vouch(city),
        head(hub, seq=99),
    ]
    lines.insert(6, hub.withdraw(hub.log()[2]))
    taken = take(village, *lines)
    run = keep_ledger(taken, number, runs, time.monotonic(), village.clock())
    assert runs.get(run.id) == run
    assert (run.state, run.peer, run.balances()) == (RunState.DONE, hub.identity.base, True)
    counts = (run.announced, run.new, run.changed, run.unchanged, run.deleted, run.refused)
    assert counts == (9, 4, 1, 1, 1, 2)
    assert [one.rule for one in run.refusals] == ["not-json", "unknown-origin"]
    assert run.bytes == taken.received
    assert len(run.warnings) == 1
    (listed,) = runs.list(number)
    assert (listed.id, listed.announced) == (run.id, 9)


def test_a_ledger_that_a_crash_left_open_is_not_running_for_ever(
    ledgers: tuple[Peers, Runs, int],
) -> None:
    _peers, runs, number = ledgers
    started = runs.start(number)
    found = runs.get(started)
    assert found is not None
    assert (found.state, found.balances()) == (RunState.INTERRUPTED, True)


def test_what_was_taken_stays_when_the_peer_was_removed_meanwhile(
    towns: tuple[Town, Town], ledgers: tuple[Peers, Runs, int]
) -> None:
    city, village = towns
    peers, runs, number = ledgers
    taken = take(village, city.publish_one("Green roofs"))
    peers.remove(number)
    with pytest.raises(PeerGoneError):
        keep_ledger(taken, number, runs, time.monotonic(), village.clock())
    assert logs_equal(city, village)


def test_a_ledger_that_is_not_kept_says_the_same(towns: tuple[Town, Town]) -> None:
    city, village = towns
    entry = city.publish_one("Green roofs")
    taken = take(village, entry, entry, b"no line")
    run = run_of(taken, village)
    assert (run.id, run.peer, run.error, run.messages) == (0, "a file", "", {})
    assert (run.announced, run.new, run.unchanged, run.refused) == (3, 1, 1, 1)
    failed = ledger(taken, "a file", time.monotonic(), village.clock(), error="bundle-damaged")
    assert (failed.state, failed.balances()) == (RunState.FAILED, True)
    assert failed.messages.keys() == set(LANGUAGES)
    assert all(orjson.dumps(text) != b'""' for text in failed.messages.values())
