"""Publishing into the journal and reading from it."""

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from federation import proof
from federation.errors import IdentityError, JournalError
from federation.identity import load, save
from federation.journal.journal import Draft
from federation.records import EntryState, OriginStanding
from federation.refusals import refusal
from federation.trust import Candidate
from tests.unit.federation.world import Town, World, document, practice

pytestmark = pytest.mark.unit


@pytest.fixture
def city(world: World) -> Town:
    return world.town("city")


# -- publishing ----------------------------------------------------------------------------


def test_a_first_version(city: Town) -> None:
    entry = city.publish_one("Green roofs")
    said = document(entry)
    assert said["title"] == {"en": "Green roofs"}
    assert (said["seq"], said["version"], "previous" in said) == (1, 1, False)
    assert said["isVersionOf"] == entry.uri
    assert said["id"] == entry.version_uri == f"{entry.uri}/v/1"
    assert said["origin"] == city.did
    assert said["issued"] == said["modified"] == "2026-06-01T08:00:00Z"
    assert entry.uri.startswith(f"{city.identity.base}/practices/")
    assert proof.verify(said, city.identity.key.public_multikey).method == city.identity.method


def test_versions_are_numbered_and_linked(city: Town) -> None:
    first = city.publish_one("Green roofs")
    other = city.publish_one("Another")
    city.clock.advance(days=1)
    second = city.publish_one("Green roofs, later", uri=first.uri)
    said = document(second)
    assert (said["seq"], said["version"], said["previous"]) == (3, 2, first.digest)
    assert (said["issued"], said["modified"]) == ("2026-06-01T08:00:00Z", "2026-06-02T08:00:00Z")
    assert city.shown(first) == "Green roofs, later"
    assert [one.digest for one in city.journal.history(first.uri)] == [first.digest, second.digest]
    assert city.journal.version(first.uri, 1) == city.journal.history(first.uri)[0]
    assert other.uri != first.uri
    assert city.faults() == []


def test_several_versions_of_a_record_in_one_transaction(city: Town) -> None:
    first = city.publish_one("One")
    second, third = city.publish("Two", "Three", uri=first.uri)
    assert document(third)["previous"] == second.digest
    assert (second.version, third.version) == (2, 3)
    assert city.shown(first) == "Three"
    assert city.faults() == []


def test_a_tombstone_is_the_next_version(city: Town) -> None:
    first = city.publish_one("Green roofs")
    tombstone = city.withdraw(first)
    assert (tombstone.version, tombstone.type) == (2, "Tombstone")
    assert document(tombstone)["formerType"] == "Practice"
    assert [one.type for one in city.journal.records()] == ["Tombstone"]
    assert city.faults() == []


def test_the_address_of_a_withdrawn_record_is_never_used_again(city: Town) -> None:
    first = city.publish_one("Green roofs")
    city.withdraw(first)
    with pytest.raises(JournalError, match="withdrawn"):
        city.publish("Again", uri=first.uri)
    assert city.withdraw(first, erases=[first.seq]).version == 3
    erased = city.journal.version(first.uri, 1)
    assert erased is not None
    assert (erased.state, erased.body) == (EntryState.ERASED, b"")


def test_nothing_is_published_when_one_draft_is_bad(city: Town) -> None:
    drafts = [
        Draft(practice("Fine"), None, "Practice"),
        Draft(practice("Not ours"), "https://other.example/practices/1", "Practice"),
    ]
    with pytest.raises(JournalError, match="no record of"):
        city.journal.append_local(drafts, city.identity)
    assert city.journal.count() == 0
    assert city.publish_one("Fine").seq == 1


def test_records_of_unknown_types_have_no_address(city: Town) -> None:
    with pytest.raises(JournalError, match="cannot be published"):
        city.journal.append_local([Draft(practice("x"), None, "Recipe")], city.identity)


def test_only_a_local_origin_publishes(world: World, city: Town) -> None:
    other = world.town("other")
    city.accept(other)
    with pytest.raises(JournalError, match="no origin that may publish here"):
        city.journal.append_local([Draft(practice("x"), None, "Practice")], other.identity)


def test_one_journal_may_hold_several_local_origins(world: World, city: Town) -> None:
    """A hub publishes for villages that have no server."""
    village = world.town("village")
    city.journal.ensure_local_origin(village.identity, "village")
    for number in (1, 2):
        city.publish("Of the city")
        (entry,) = city.journal.append_local(
            [Draft(practice("Of the village"), None, "Practice")], village.identity
        )
        assert entry.seq == number
        assert entry.uri.startswith(village.identity.base)
    assert [one.seq for one in city.log(village)] == [1, 2]
    assert [one.seq for one in city.log()] == [1, 2]
    assert city.faults() == []


def test_a_frozen_origin_does_not_publish(world: World, city: Town) -> None:
    thief = world.town("city", key=city.identity.key, folder="thief")
    city.publish("Ours")
    assert city.receive(thief.publish_one("Theirs")) == ["equivocation"]
    with pytest.raises(JournalError):
        city.publish("More")


# -- reading -------------------------------------------------------------------------------


def test_readers_follow_the_journal_by_position(city: Town) -> None:
    city.publish(*[f"Practice {number}" for number in range(25)])
    seen, position = [], 0
    while True:
        changes = city.journal.changes(position, 10)
        if not changes.entries:
            break
        seen += [one.seq for one in changes.entries]
        position = changes.position
    assert seen == list(range(1, 26))
    assert position == city.journal.position() == 25


def test_readers_of_newest_versions_pass_what_was_replaced(city: Town) -> None:
    first = city.publish_one("One")
    city.publish("Other")
    city.publish("Two", uri=first.uri)
    changes = city.journal.changes(0, 10, current_only=True)
    assert [one.seq for one in changes.entries] == [2, 3]
    assert changes.position == 3
    assert city.journal.changes(0, 1, current_only=True).position == 2
    assert city.journal.changes(3, 10, current_only=True).position == 3


def test_cursors_are_kept_by_reader(city: Town) -> None:
    assert city.journal.cursor("index") == 0
    city.journal.set_cursor("index", 7)
    city.journal.set_cursor("rdf", 3)
    city.journal.set_cursor("index", 9)
    assert (city.journal.cursor("index"), city.journal.cursor("rdf")) == (9, 3)


def test_records_by_origin_and_type(world: World, city: Town) -> None:
    village = world.town("village")
    city.accept(village)
    own = city.publish_one("Own")
    theirs = village.publish_one("Theirs")
    city.receive(theirs)
    assert {one.uri for one in city.journal.records()} == {own.uri, theirs.uri}
    assert [one.uri for one in city.journal.records(origin_did=village.did)] == [theirs.uri]
    assert list(city.journal.records(record_type="Membership")) == []


def test_imported_records_are_found_by_their_identifier(city: Town) -> None:
    first = city.publish_one("Imported", identifier="urbact:12")
    assert city.journal.by_identifier(city.did, "urbact:13") is None
    second = city.publish_one("Imported again", uri=first.uri, identifier="urbact:12")
    found = city.journal.by_identifier(city.did, "urbact:12")
    assert found is not None
    assert found.digest == second.digest
    assert city.journal.by_identifier("did:web:other.example", "urbact:12") is None


def test_what_is_not_held_is_none(city: Town) -> None:
    assert city.journal.current("https://city.example/practices/1") is None
    assert city.journal.version("https://city.example/practices/1", 1) is None
    assert city.journal.history("https://city.example/practices/1") == []
    assert city.journal.origin("did:web:nobody.example") is None


# -- stubs ---------------------------------------------------------------------------------


def test_a_genuine_record_that_fails_the_check_is_kept_but_not_shown(world: World) -> None:
    city, village = world.two()
    (bad,) = city.publish("No licence", license="free for all")
    (rule,) = village.receive(bad)
    assert rule not in ("new", "bad-proof")
    assert village.journal.current(bad.uri) is None
    assert village.journal.version(bad.uri, 1) is None
    (held,) = village.log(city)
    assert (held.state, held.reason, held.feed_number) == (EntryState.STUB, rule, None)
    assert held.body == bad.body
    assert village.receive(bad) == [rule]
    assert village.faults() == []


def test_a_version_after_a_stub_continues_it(world: World) -> None:
    city, village = world.two()
    (bad,) = city.publish("No licence", license="free for all")
    mended = city.publish_one("With licence", uri=bad.uri)
    assert village.receive(bad, mended)[1] == "new"
    assert village.shown(mended) == "With licence"
    assert village.faults() == []


def test_a_stub_takes_its_place_once_it_passes(world: World) -> None:
    """As after an upgrade whose vocabulary accepts what the last one did not."""
    city, village = world.two()
    first = city.publish_one("Green roofs")
    second = city.publish_one("Green roofs, later", uri=first.uri)
    other = city.publish_one("Other")
    checked = village.journal.verifier().check_member(document(first))
    assert isinstance(checked, Candidate)
    stub = replace(checked.entry, state=EntryState.STUB, reason="too-new")
    village.journal.append_foreign([Candidate(stub, refusal("not-a-document", stub.version_uri))])
    village.receive(other)
    assert village.shown(first) is None
    assert village.journal.retry_stubs() == 1
    assert village.shown(first) == "Green roofs"
    assert village.receive(second) == ["changed"]
    assert [one.seq for one in village.relayed()] == [3, 1, 2]
    assert [one.position for one in village.relayed()] == [2, 3, 4]
    assert village.faults() == []
    assert village.journal.retry_stubs() == 0


# -- alerts, origins -----------------------------------------------------------------------


def test_an_alert_is_told_once(city: Town) -> None:
    for _ in range(3):
        city.journal.alert("stale-head", "did:web:other.example", "old")
    (alert,) = city.journal.alerts()
    city.journal.settle([alert.id])
    city.journal.alert("stale-head", "did:web:other.example", "old")
    assert city.journal.alerts() == []
    city.journal.alert("stale-head", "did:web:other.example", "older still")
    assert len(city.journal.alerts()) == 1


def test_accepting_an_origin_again_with_another_key_replaces_the_key(world: World) -> None:
    city, village = world.two()
    old = city.publish_one("By the old key")
    village.receive(old)
    renewed = world.town("city", folder="renewed")
    village.accept(renewed)
    origin = village.journal.origin(city.did)
    assert origin is not None
    assert origin.standing is OriginStanding.PINNED
    assert origin.key == renewed.identity.key.public_multikey
    city_again = city.publish_one("By the old key, later")
    assert village.receive(city_again)[0] in ("bad-proof", "foreign-key")
    assert village.faults() == []  # what the old key signed in its time stays proven


# -- identity ------------------------------------------------------------------------------


def test_keys_are_kept_where_only_their_owner_reads_them(city: Town, tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    save(city.identity, folder)
    assert folder.stat().st_mode & 0o077 == 0
    assert all(file.stat().st_mode & 0o177 == 0 for file in folder.iterdir())
    again = load(folder)
    assert (again.did, again.base, again.method) == (
        city.identity.did,
        city.identity.base,
        city.identity.method,
    )
    assert again.key.to_bytes() == city.identity.key.to_bytes()
    assert city.identity.key.to_bytes().hex() not in repr(city.identity)
    for file in folder.iterdir():
        os.truncate(file, 10)
    with pytest.raises(IdentityError, match="damaged"):
        load(folder)


def test_time_passes_between_versions_of_a_log(city: Town) -> None:
    city.publish("First")
    city.clock.advance(days=1)
    city.publish("Second")
    first, second = city.log()
    assert second.received - first.received == timedelta(days=1)
