"""A stolen key: the offline key takes the log back, and what the thief has signed is disowned."""

from dataclasses import replace
from typing import Any

import orjson
import pytest

from federation import authoring, recovery
from federation.authoring import Numbers
from federation.identity import Identity, SigningKey
from federation.journal.journal import Draft
from federation.records import Entry, OriginStanding
from tests.unit.federation.world import Town, World, document, practice
from vocab.terms import CONTEXT_URL

pytestmark = pytest.mark.unit

OFFLINE = SigningKey.from_bytes(b"r" * 32)
NEXT = SigningKey.from_bytes(b"s" * 32)


def city(world: World) -> Town:
    """Return a town whose first entry announces its recovery key."""
    town = world.town("city")
    body = {
        "@context": CONTEXT_URL,
        "type": "Organisation",
        "name": {"en": "City"},
        "homepage": town.identity.base + "/",
        "recoveryDigest": recovery.digest_of(OFFLINE.public_multikey),
    }
    town.journal.append_local([Draft(body, None, "Organisation")], town.identity)
    return town


def thief_of(world: World, town: Town) -> Town:
    """Return somebody who holds a town's key and a copy of its log."""
    thief = world.town("city", key=town.identity.key, folder="thief")
    thief.receive(*town.log())
    return thief


def recovered(
    town: Town, last_good: int, *, by: SigningKey = OFFLINE, number: int = 2
) -> tuple[dict[str, Any], Identity]:
    """Return the entry that the offline key signs, and who signs from then on."""
    new = replace(town.identity, method=f"{town.did}#key-{number}", key=SigningKey.generate())
    body = recovery.body(
        new, by.public_multikey, last_good, recovery.digest_of(NEXT.public_multikey)
    )
    signed, _digest = authoring.seal(
        body,
        identity=replace(town.identity, method=f"{town.did}#recovery", key=by),
        uri=authoring.new_record_uri(town.identity.base, "keys"),
        numbers=Numbers(last_good + 1, 1, None, "2026-06-01T08:00:00Z"),
        now=town.clock(),
    )
    return orjson.loads(signed), new


def taken_back(town: Town, last_good: int) -> tuple[Town, Entry]:
    """Recover a town's log, as its operator does."""
    entry, new = recovered(town, last_good)
    assert town.receive(entry) == ["new"]
    town.journal.ensure_local_origin(new, "city")
    held = town.journal.current(entry["isVersionOf"])
    assert held is not None
    return replace(town, identity=new), held


def test_the_thief_s_entries_are_disowned_everywhere(world: World) -> None:
    town = city(world)
    reader, hub = world.town("village"), world.town("hub")
    for one in (reader, hub):
        one.accept(town)
        one.receive(*town.log())
    genuine = town.publish_one("Genuine")
    thief = thief_of(world, town)
    reader.receive(genuine)
    forged = thief.publish_one("Bought by the thief", uri=genuine.uri)
    invented = thief.publish_one("Invented by the thief")
    assert reader.receive(forged, invented) == ["changed", "new"]

    owner, entry = taken_back(town, genuine.seq)
    after = owner.publish_one("After", uri=genuine.uri)
    assert reader.receive(entry, after) == ["new", "changed"]
    assert reader.shown(genuine) == "After"
    assert reader.shown(invented) is None
    assert reader.journal.version(forged.uri, 2) == reader.journal.current(genuine.uri)
    assert reader.receive(forged, invented) == ["bad-proof", "bad-proof"]
    assert ("recovered", town.did) in reader.alerts()
    assert reader.faults() == []
    assert owner.faults() == []
    assert [one.seq for one in reader.log(town) if one.seq > 0] == [1, 2, 3, 4]


def test_before_the_owner_speaks_again_the_genuine_version_is_back(world: World) -> None:
    town, reader = city(world), world.town("village")
    reader.accept(town)
    genuine = town.publish_one("Genuine")
    forged = thief_of(world, town).publish_one("Forged", uri=genuine.uri)
    reader.receive(*town.log(), forged)
    assert reader.shown(genuine) == "Forged"
    _owner, entry = taken_back(town, genuine.seq)
    reader.receive(entry)
    assert reader.shown(genuine) == "Genuine"
    assert reader.journal.erasures() == 1  # who keeps copies and an index is told by it


def test_an_origin_that_is_frozen_is_accepted_again(world: World) -> None:
    town, reader = city(world), world.town("village")
    reader.accept(town)
    reader.receive(*town.log())
    thief = thief_of(world, town)
    forged, mine = thief.publish_one("Forged"), town.publish_one("Mine")
    assert reader.receive(forged, mine) == ["new", "equivocation"]
    held = reader.journal.origin(town.did)
    assert held is not None
    assert held.standing is OriginStanding.FROZEN
    assert reader.receive(town.publish_one("More")) == ["origin-frozen"]

    owner, entry = taken_back(town, 1)
    again = owner.publish_one("Mine", uri=mine.uri)
    assert reader.receive(entry, again) == ["new", "new"]
    held = reader.journal.origin(town.did)
    assert held is not None
    assert held.standing is OriginStanding.PINNED
    assert ("equivocation", town.did) not in reader.alerts()
    assert reader.shown(mine) == "Mine"
    assert reader.shown(forged) is None


def test_only_the_key_that_the_first_entry_announces_can_recover(world: World) -> None:
    town, reader = city(world), world.town("village")
    reader.accept(town)
    reader.receive(*town.log())
    stranger, _new = recovered(town, 1, by=SigningKey.generate())
    assert reader.receive(stranger) == ["unknown-key"]
    thief = thief_of(world, town)
    late = {
        **practice("Late"),
        "type": "Organisation",
        "name": {"en": "Late"},
        "recoveryDigest": recovery.digest_of(NEXT.public_multikey),
    }
    late.pop("title")
    late.pop("license")
    late.pop("publisher")
    (announced,) = thief.journal.append_local([Draft(late, None, "Organisation")], thief.identity)
    reader.receive(announced)
    by_thief, _new = recovered(town, 2, by=NEXT)
    assert reader.receive(by_thief) == ["unknown-key"]


def test_a_recovery_key_serves_once(world: World) -> None:
    town, reader = city(world), world.town("village")
    reader.accept(town)
    reader.receive(*town.log())
    _owner, entry = taken_back(town, 1)
    assert reader.receive(entry, entry) == ["new", "unchanged"]
    second, _new = recovered(town, 2, number=3)
    assert reader.receive(second) == ["unknown-key"]
    third, _new = recovered(town, 2, by=NEXT, number=3)
    assert reader.receive(third) == ["new"]


def test_who_comes_later_reads_the_whole_log_from_the_new_key(world: World) -> None:
    town = city(world)
    before = town.publish_one("Before")
    owner, entry = taken_back(town, before.seq)
    body = {
        "@context": CONTEXT_URL,
        "type": "KeyRotation",
        "newKey": owner.identity.key.public_multikey,
        "newMethod": owner.identity.method,
        "retiredKey": town.identity.key.public_multikey,
        "retiredMethod": town.identity.method,
        "lastGoodSeq": before.seq,
    }
    owner.journal.append_local([Draft(body, entry.uri, "KeyRotation")], owner.identity)
    after = owner.publish_one("After")
    newcomer = world.town("newcomer")
    newcomer.accept(owner)
    whole = owner.log()
    for _look in range(3):
        newcomer.receive(*whole)
    assert newcomer.shown(before) == "Before"
    assert newcomer.shown(after) == "After"
    assert [one.digest for one in newcomer.log(owner)] == [one.digest for one in whole]
    assert newcomer.faults() == []


def test_pages_of_the_feed_that_held_disowned_entries_get_another_address(world: World) -> None:
    town, hub = city(world), world.town("hub")
    hub.accept(town)
    hub.receive(*town.log())
    forged = thief_of(world, town).publish("Forged", *(f"More {n}" for n in range(120)))
    hub.receive(*forged)
    assert hub.feed.page(0) is not None
    _owner, entry = taken_back(town, 1)
    hub.receive(entry)
    assert hub.feed.page(0) is None
    assert hub.feed.is_gone(0)
    root = orjson.loads(hub.feed.root().body)
    pages = {one["node"] for one in root["entries"][0]["relation"]}
    assert f"{hub.identity.base}/feed/0" not in pages
    assert [document(one)["type"] for one in hub.relayed()] == ["Organisation", "KeyRotation"]
