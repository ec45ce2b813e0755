"""What a hostile relay, peer or thief can do with signed entries, and what becomes of it.

The names follow the abuse cases of the design: edit, re-sign, hijack, replay, omission, rollback,
freeze, resurrection, fork.
"""

import random
from typing import Any

import orjson
import pytest

from federation.errors import JournalError, ProofError
from federation.harvest.heads import missing
from federation.records import EntryState, OriginStanding
from tests.unit.federation.world import Document, World, document, is_held

pytestmark = pytest.mark.abuse


# -- edit, re-sign, hijack -----------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"title": {"en": "False"}},
        {"extra": "added"},
        {"seq": 99},
        {"issued": "2020-01-01T00:00:00Z"},
        {"license": "https://creativecommons.org/publicdomain/zero/1.0/"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_an_edited_entry_is_refused(world: World, change: Document) -> None:
    city, village = world.two()
    entry = city.publish_one("Green roofs")
    assert village.receive({**document(entry), **change}) == ["bad-proof"]
    assert village.receive(entry) == ["new"]


def test_a_hub_cannot_sign_for_a_town(world: World) -> None:
    city, village = world.two()
    hub = world.town("hub")
    village.accept(hub)
    forged = {**document(city.publish_one("Green roofs")), "title": {"en": "False"}}
    own_key = hub.sign(forged)
    other_name = hub.sign(forged)
    other_name["proof"]["verificationMethod"] = city.identity.method
    assert village.receive(own_key) == ["foreign-key"]
    assert village.receive(other_name) == ["bad-proof"]


@pytest.mark.parametrize("claimed", ["record", "version", "both", "origin"])
def test_a_peer_cannot_hijack_the_record_of_another(world: World, claimed: str) -> None:
    city, village = world.two()
    evil = world.town("evil")
    village.accept(evil)
    good = city.publish_one("Green roofs")
    village.receive(good)
    own = document(evil.publish_one("False"))
    if claimed in ("record", "both"):
        own["isVersionOf"] = good.uri
    if claimed in ("version", "both"):
        own["id"] = f"{good.uri}/v/1"
    if claimed == "origin":
        own["origin"] = city.did
    assert village.receive(evil.sign(own))[0] in ("foreign-address", "foreign-key")
    assert village.shown(good) == "Green roofs"


@pytest.mark.parametrize(
    "path",
    [
        "practices/../../city.example/practices/1",
        "practices/%2e%2e/1",
        "practices/./1",
        "practices/..",
        "practices/1?x=1",
        "practices/1#x",
        "practices\\1",
        "practices/1 2",
        "",
    ],
)
def test_an_address_that_resolves_elsewhere_is_refused(world: World, path: str) -> None:
    city, village = world.two()
    own = document(city.publish_one("Green roofs"))
    own["isVersionOf"] = f"{city.identity.base}/{path}"
    own["id"] = f"{own['isVersionOf']}/v/1"
    assert village.receive(city.sign(own)) == ["foreign-address"]


@pytest.mark.parametrize(
    "base",
    [
        "https://city.example.evil.example/practices/1",
        "https://city.example@evil.example/practices/1",
        "http://city.example/practices/1",
        "https://CITY.example/practices/1",
        "https://www.city.example/practices/1",
    ],
)
def test_an_authority_that_only_looks_alike_is_refused(world: World, base: str) -> None:
    city, village = world.two()
    own = document(city.publish_one("Green roofs"))
    own |= {"isVersionOf": base, "id": f"{base}/v/1"}
    assert village.receive(city.sign(own)) == ["foreign-address"]


def test_the_owner_of_an_address_cannot_write_for_a_node_inside_it(world: World) -> None:
    province, village = world.town("province"), world.town("village")
    village.accept(province)
    village.journal.pin(
        did="did:web:province.example:school",
        base="https://province.example/school",
        key=world.town("school").identity.key.public_multikey,
        method="did:web:province.example:school#key-1",
    )
    own = document(province.publish_one("Green roofs"))
    own["isVersionOf"] = "https://province.example/school/practices/1"
    own["id"] = f"{own['isVersionOf']}/v/1"
    assert village.receive(province.sign(own)) == ["foreign-address"]


def test_who_nobody_vouches_for_is_refused(world: World) -> None:
    stranger, village = world.town("stranger"), world.town("village")
    assert village.receive(stranger.publish_one("Hello")) == ["unknown-origin"]


@pytest.mark.parametrize(
    "change",
    [
        {"origin": None},
        {"origin": ["did:web:city.example"]},
        {"id": 7},
        {"isVersionOf": {}},
        {"seq": "1"},
        {"seq": 0},
        {"seq": True},
        {"seq": 2**53},
        {"seq": 1.0},
        {"version": None},
        {"version": -1},
        {"previous": 3},
        {"previous": "zQmNothing"},
        {"proof": None},
        {"proof": []},
        {"proof": {}},
        {"title": {"en": "\ud800"}},
        {"title": {"en": float("nan")}},
        {"title": {"en": 2**60}},
    ],
    ids=str,
)
def test_a_malformed_entry_is_refused_and_nothing_breaks(world: World, change: Any) -> None:
    city, village = world.two()
    broken = {**document(city.publish_one("Green roofs")), **change}
    (rule,) = village.receive(broken)
    assert rule in ("unknown-origin", "no-envelope", "broken-chain", "bad-proof", "not-canonical")
    assert village.journal.count() == 0


def test_endless_nesting_is_refused(world: World) -> None:
    city, village = world.two()
    deep: Any = "x"
    for _ in range(5000):
        deep = [deep]
    broken = {**document(city.publish_one("Green roofs")), "title": deep}
    assert village.receive(broken)[0] in ("bad-proof", "not-canonical")


@pytest.mark.parametrize("keyword", ["@graph", "@included", "@reverse", "@nest", "@import"])
def test_a_restructured_entry_is_refused(world: World, keyword: str) -> None:
    """Moving signed fields under a JSON-LD keyword keeps the graph but not the bytes."""
    city, village = world.two()
    moved = document(city.publish_one("Green roofs"))
    moved[keyword] = [{"title": moved.pop("title")}]
    assert village.receive(moved) == ["bad-proof"]


def test_another_context_is_refused(world: World) -> None:
    city, village = world.two()
    entry = document(city.publish_one("Green roofs"))
    swapped = {**entry, "@context": [entry["@context"], "https://evil.example/context"]}
    assert village.receive(swapped) == ["bad-proof"]


# -- replay, omission ----------------------------------------------------------------------


def test_an_old_version_that_is_replayed_is_not_shown(world: World) -> None:
    city, village = world.two()
    first = city.publish_one("Green roofs")
    second = city.publish_one("Green roofs, two winters later", uri=first.uri)
    assert village.receive(first, second) == ["new", "changed"]
    assert village.receive(first) == ["unchanged"]
    assert village.shown(first) == "Green roofs, two winters later"


def test_an_old_version_that_comes_late_is_kept_as_history(world: World) -> None:
    city, village = world.two()
    first = city.publish_one("Green roofs")
    second = city.publish_one("Green roofs, two winters later", uri=first.uri)
    assert village.receive(second) == ["new"]
    assert village.receive(first) == ["unchanged"]
    assert village.shown(first) == "Green roofs, two winters later"
    assert [one.version for one in village.journal.history(first.uri)] == [1, 2]
    assert village.faults() == []


def test_what_a_relay_omits_is_seen_as_a_gap_against_the_head(world: World) -> None:
    city, village = world.two()
    entries = city.publish(*[f"Practice {number}" for number in range(6)])
    village.receive(*[one for one in entries if one.seq not in (4, 6)])
    assert village.receive_head(city.feed.head()) == []
    origin = village.journal.origin(city.did)
    assert origin is not None
    assert (origin.contiguous_seq, origin.last_seq, origin.head_seq) == (3, 5, 6)
    report = village.journal.verify_all()
    assert report.faults == []
    assert report.gaps == {city.did: [4, 6]}
    assert "6 entries" in missing(village.journal, city.did)
    assert village.receive(entries[3], entries[5]) == ["new", "new"]
    assert village.journal.verify_all().gaps == {}
    assert missing(village.journal, city.did) == ""


# -- heads ---------------------------------------------------------------------------------


def test_a_head_that_goes_back_is_not_believed(world: World) -> None:
    city, village = world.two()
    city.publish("First")
    old = city.feed.head()
    city.publish("Second")
    village.receive_head(city.feed.head())
    (warning,) = village.receive_head(old)
    assert "went back" in warning
    assert ("rollback", city.did) in village.alerts()
    held = village.journal.origin(city.did)
    assert held is not None
    assert held.head_seq == 2


def test_a_feed_that_is_frozen_in_time_is_noticed(world: World) -> None:
    city, village = world.two()
    city.publish("First")
    head = city.feed.head()
    assert village.receive_head(head) == []
    world.clock.advance(days=8)
    (warning,) = village.receive_head(head)
    assert "expired" in warning
    assert village.receive_head(city.feed.head()) == []


def test_a_head_from_the_future_is_not_kept(world: World) -> None:
    city, village = world.two()
    world.clock.advance(days=1)
    head = city.feed.head()
    world.clock.advance(days=-1)
    (warning,) = village.receive_head(head)
    assert "future" in warning
    held = village.journal.origin(city.did)
    assert held is not None
    assert held.head_valid_until is None


@pytest.mark.parametrize("change", [{"seq": 99}, {"validUntil": "2030-01-01T00:00:00Z"}])
def test_a_forged_head_is_refused(world: World, change: Document) -> None:
    city, village = world.two()
    city.publish("First")
    forged = orjson.dumps({**orjson.loads(city.feed.head()), **change})
    with pytest.raises(ProofError):
        village.receive_head(forged)


def test_a_head_signed_by_another_origin_is_refused(world: World) -> None:
    city, village = world.two()
    evil = world.town("evil")
    village.accept(evil)
    forged = {**orjson.loads(city.feed.head()), "seq": 99}
    with pytest.raises(ProofError):
        village.receive_head(orjson.dumps(evil.sign(forged)))


# -- tombstones ----------------------------------------------------------------------------


def test_a_withdrawn_record_stays_withdrawn(world: World) -> None:
    city, village = world.two()
    entry = city.publish_one("Green roofs")
    tombstone = city.withdraw(entry)
    assert village.receive(entry, tombstone) == ["new", "deleted"]
    assert village.receive(entry) == ["unchanged"]
    current = village.journal.current(entry.uri)
    assert current is not None
    assert (current.type, current.version) == ("Tombstone", 2)
    assert is_held(village.journal.version(entry.uri, 1))


def test_a_tombstone_that_comes_first_wins(world: World) -> None:
    city, village = world.two()
    entry = city.publish_one("Green roofs")
    tombstone = city.withdraw(entry)
    assert village.receive(tombstone) == ["deleted"]
    assert village.receive(entry) == ["unchanged"]
    assert village.shown(entry) is None
    assert village.faults() == []


def test_only_the_publisher_can_withdraw_a_record(world: World) -> None:
    city, village = world.two()
    evil = world.town("evil")
    village.accept(evil)
    entry = city.publish_one("Green roofs")
    village.receive(entry)
    forged = document(evil.withdraw(evil.publish_one("x")))
    forged |= {"isVersionOf": entry.uri, "id": f"{entry.uri}/v/2", "previous": entry.digest}
    assert village.receive(evil.sign(forged)) == ["foreign-address"]
    assert village.shown(entry) == "Green roofs"


def test_erasure_deletes_the_bodies_and_nothing_brings_them_back(world: World) -> None:
    city, village = world.two()
    secret = "A name that must go"
    first = city.publish_one(secret)
    second = city.publish_one("Green roofs", uri=first.uri)
    kept = [document(one) for one in (first, second)]
    village.receive(first, second)
    tombstone = city.withdraw(first, erases=[first.seq, second.seq])
    assert village.receive(tombstone) == ["deleted"]
    assert village.receive(*kept) == ["erased", "erased"]
    for town in (city, village):
        for one in town.journal.history(first.uri)[:2]:
            assert (one.state, one.body) == (EntryState.ERASED, b"")
            assert one.digest in (first.digest, second.digest)
        assert town.faults() == []
        assert town.journal.verify_all().gaps == {}
        assert [one.type for one in town.relayed()] == ["Tombstone"]
        town.store.checkpoint()
        held = b"".join(file.read_bytes() for file in town.folder.iterdir() if file.is_file())
        assert secret.encode() not in held


def test_what_was_erased_before_it_came_is_never_taken_in(world: World) -> None:
    city, village = world.two()
    first = city.publish_one("A name that must go")
    kept = document(first)
    tombstone = city.withdraw(first, erases=[first.seq])
    assert village.receive(tombstone) == ["deleted"]
    assert village.receive(kept) == ["erased"]
    assert village.shown(first) is None
    assert all(not one.body for one in village.journal.history(first.uri) if one.version == 1)
    assert village.faults() == []
    assert village.journal.verify_all().gaps == {}


def test_a_number_that_was_erased_everywhere_is_no_gap(world: World) -> None:
    """Relays no longer hand on what was erased: its tombstone says why the number is missing."""
    city, village = world.two()
    first = city.publish_one("A name that must go")
    city.publish("Green roofs")
    city.withdraw(first, erases=[first.seq])
    village.receive(*city.relayed())
    assert village.journal.verify_all().gaps == {}
    origin = village.journal.origin(city.did)
    assert origin is not None
    assert origin.contiguous_seq == 3


def test_erasure_in_the_same_page(world: World) -> None:
    city, village = world.two()
    first = city.publish_one("A name that must go")
    kept = document(first)
    tombstone = city.withdraw(first, erases=[first.seq])
    assert village.receive(kept, tombstone, kept) == ["new", "deleted", "erased"]
    assert village.faults() == []


def test_a_tombstone_erases_nothing_of_another_record_or_origin(world: World) -> None:
    city, village = world.two()
    evil = world.town("evil")
    village.accept(evil)
    entry = city.publish_one("Green roofs")
    own = evil.publish_one("x")
    village.receive(entry, own, evil.withdraw(own, erases=[entry.seq]))
    assert is_held(village.journal.current(entry.uri))


# -- fork ----------------------------------------------------------------------------------


def test_a_stolen_key_that_forks_the_log_freezes_the_origin(world: World) -> None:
    city, village = world.two()
    thief = world.town("city", key=city.identity.key, folder="thief")
    first = city.publish_one("Green roofs")
    assert village.receive(first) == ["new"]
    assert village.receive(thief.publish_one("Another history")) == ["equivocation"]
    assert village.shown(first) == "Green roofs"
    origin = village.journal.origin(city.did)
    assert origin is not None
    assert origin.standing is OriginStanding.FROZEN
    assert ("equivocation", city.did) in village.alerts()
    assert village.receive(city.publish_one("Second")) == ["origin-frozen"]
    assert village.receive(first)[0] in ("unchanged", "origin-frozen")


def test_a_fork_inside_one_page_freezes_what_follows(world: World) -> None:
    city, village = world.two()
    thief = world.town("city", key=city.identity.key, folder="thief")
    mine, theirs = city.publish_one("Green roofs"), thief.publish_one("Another history")
    assert village.receive(mine, theirs, city.publish_one("Second")) == [
        "new",
        "equivocation",
        "origin-frozen",
    ]


def test_two_versions_of_one_number_are_equivocation(world: World) -> None:
    city, village = world.two()
    thief = world.town("city", key=city.identity.key, folder="thief")
    first = city.publish_one("Green roofs")
    thief.publish("Filler")
    again = document(thief.publish_one("Another history"))
    again |= {"isVersionOf": first.uri, "id": f"{first.uri}/v/1"}
    assert village.receive(first, thief.sign(again)) == ["new", "equivocation"]
    assert village.shown(first) == "Green roofs"


@pytest.mark.parametrize("order", [(1, 2), (2, 1)], ids=["in order", "newest first"])
def test_a_version_that_does_not_continue_the_last_is_refused(
    world: World, order: tuple[int, int]
) -> None:
    city, village = world.two()
    first = city.publish_one("Green roofs")
    wrong = document(city.publish_one("Green roofs, later", uri=first.uri))
    wrong["previous"] = city.publish_one("x").digest
    versions = {1: document(first), 2: city.sign(wrong)}
    verdicts = village.receive(*[versions[number] for number in order])
    assert verdicts == ["new", "broken-chain"]
    assert village.faults() == []


def test_a_restored_backup_does_not_fork_its_own_log(world: World) -> None:
    """A peer that holds more of the log than the node itself stops it from publishing."""
    city, village = world.two()
    restored = world.town("city", key=city.identity.key, folder="restored")
    entries = city.publish("First", "Second", "Third")
    restored.receive(entries[0])
    village.receive(*entries)
    head = city.feed.head()
    restored.receive_head(head)
    assert ("restored-backup", city.did) in restored.alerts()
    with pytest.raises(JournalError, match="restored from an old backup"):
        restored.publish("A second third")
    assert restored.receive(*entries) == ["unchanged", "new", "new"]
    fourth = restored.publish_one("Fourth")
    assert fourth.seq == 4
    assert village.receive(fourth) == ["new"]


# -- any order -----------------------------------------------------------------------------


def test_any_order_of_arrival_gives_the_same_records(world: World) -> None:
    city = world.town("city")
    random_source = random.Random(7)
    uris = [one.uri for one in city.publish(*[f"Practice {number}" for number in range(8)])]
    for number in range(30):
        current = city.journal.current(random_source.choice(uris))
        assert current is not None
        if current.type != "Tombstone" and number % 7 == 0:
            city.withdraw(current)
        elif current.type != "Tombstone":
            city.publish(f"Revision {number}", uri=current.uri)
    log = city.log()
    wanted = {uri: city.journal.current(uri) for uri in uris}
    for attempt in range(5):
        village = world.town(f"village-{attempt}")
        village.accept(city)
        shuffled = random_source.sample(log, len(log))
        for start in range(0, len(log), 9):
            village.receive(*shuffled[start : start + 9])
        for uri, entry in wanted.items():
            held = village.journal.current(uri)
            assert held is not None
            assert entry is not None
            assert (held.digest, held.body) == (entry.digest, entry.body)
        report = village.journal.verify_all()
        assert (report.faults, report.gaps) == ([], {})


def test_a_ring_of_nodes_that_relay_everything_comes_to_rest(world: World) -> None:
    """Dedup on (origin, number, digest) is what stops loops: each entry is appended once."""
    towns = [world.town(f"town-{number}") for number in range(4)]
    for town in towns:
        for other in towns:
            if other is not town:
                town.accept(other)
        town.publish(*[f"Practice {number}" for number in range(5)])
    for _round in range(4):
        for number, town in enumerate(towns):
            town.receive(*towns[number - 1].relayed())
    assert {town.journal.count() for town in towns} == {20}
    for number, town in enumerate(towns):
        assert set(town.receive(*towns[number - 1].relayed())) == {"unchanged"}
