"""Whom a hub introduces: its members, its allied hubs, their members, and nobody further."""

from datetime import timedelta

import pytest

from federation.errors import JournalError
from federation.records import OriginStanding
from tests.unit.federation.world import Town, World, document

pytestmark = pytest.mark.unit


@pytest.fixture
def hub(world: World) -> Town:
    return world.town("hub")


@pytest.fixture
def village(world: World, hub: Town) -> Town:
    """The node that looks; it has accepted the hub and nobody else."""
    town = world.town("village")
    town.accept(hub)
    return town


def standing(town: Town, other: Town) -> str:
    origin = town.journal.origin(other.did)
    return "" if origin is None else str(origin.standing)


def accepts(town: Town, other: Town) -> bool:
    """Say whether a town takes in what another signs now."""
    return town.receive(other.publish_one("Something new")) == ["new"]


def test_accepting_a_hub_introduces_its_members(world: World, hub: Town, village: Town) -> None:
    city = world.town("city")
    assert not accepts(village, city)
    assert village.receive(hub.vouch(city)) == ["new"]
    assert standing(village, city) == "introduced"
    origin = village.journal.origin(city.did)
    assert origin is not None
    assert origin.introduced_by == hub.did
    assert origin.base == city.identity.base
    assert accepts(village, city)


def test_entries_of_a_member_may_stand_in_the_page_of_its_membership(
    world: World, hub: Town, village: Town
) -> None:
    city = world.town("city")
    early, later = city.publish("Too early", "Just right")
    assert village.receive(early, hub.vouch(city), later) == ["unknown-origin", "new", "new"]
    assert village.faults() == []


def test_a_hub_may_be_accepted_after_its_memberships_were_taken_in(world: World, hub: Town) -> None:
    """The node knew the hub as a plain member of another hub before it accepted it."""
    other, village, city = world.town("other"), world.town("village"), world.town("city")
    village.accept(other)
    assert village.receive(other.vouch(hub), hub.vouch(city)) == ["new", "new"]
    assert not accepts(village, city)
    village.accept(hub)
    assert accepts(village, city)


def test_allied_hubs_and_their_members_are_introduced_but_no_further(
    world: World, hub: Town, village: Town
) -> None:
    allied, third, city, far = (world.town(name) for name in ("allied", "third", "city", "far"))
    page = [
        hub.vouch(allied, "allied-hub"),
        allied.vouch(city),
        allied.vouch(third, "allied-hub"),
        allied.vouch(third),
        third.vouch(far),
    ]
    assert village.receive(*page) == ["new"] * 5
    assert accepts(village, allied)
    assert accepts(village, city)
    assert accepts(village, third)  # as a plain member of the allied hub
    assert standing(village, far) == ""
    assert not accepts(village, far)


def test_an_allied_hub_of_an_allied_hub_is_not_introduced(
    world: World, hub: Town, village: Town
) -> None:
    allied, third = world.town("allied"), world.town("third")
    village.receive(hub.vouch(allied, "allied-hub"), allied.vouch(third, "allied-hub"))
    assert standing(village, third) == ""


def test_a_plain_member_introduces_nobody(world: World, hub: Town, village: Town) -> None:
    city, friend = world.town("city"), world.town("friend")
    village.receive(hub.vouch(city), city.vouch(friend), city.vouch(friend, "allied-hub"))
    assert standing(village, friend) == ""


def test_a_stranger_introduces_nobody(world: World, village: Town) -> None:
    stranger, city = world.town("stranger"), world.town("city")
    assert village.receive(stranger.vouch(city)) == ["unknown-origin"]
    assert standing(village, city) == ""


def test_a_hub_introduces_its_own_members_to_itself(world: World, hub: Town) -> None:
    allied, city = world.town("allied"), world.town("city")
    hub.vouch(allied, "allied-hub")
    assert hub.receive(allied.vouch(city)) == ["new"]
    assert accepts(hub, city)


def test_a_withdrawn_membership_ends_the_introduction_and_keeps_the_records(
    world: World, hub: Town, village: Town
) -> None:
    city = world.town("city")
    membership = hub.vouch(city)
    entry = city.publish_one("Green roofs")
    village.receive(membership, entry)
    assert village.receive(hub.withdraw(membership)) == ["deleted"]
    assert village.receive(city.publish_one("Later")) == ["introduction-ended"]
    assert village.shown(entry) == "Green roofs"
    assert village.faults() == []


def test_a_withdrawal_holds_for_what_follows_in_the_page(
    world: World, hub: Town, village: Town
) -> None:
    city = world.town("city")
    membership = hub.vouch(city)
    before, after = city.publish("Before", "After")
    verdicts = village.receive(membership, before, hub.withdraw(membership), after)
    assert verdicts == ["new", "new", "deleted", "introduction-ended"]


def test_a_replayed_membership_does_not_undo_its_withdrawal(
    world: World, hub: Town, village: Town
) -> None:
    city = world.town("city")
    membership = hub.vouch(city)
    withdrawal = hub.withdraw(membership)
    village.receive(membership, withdrawal)
    assert village.receive(membership) == ["unchanged"]
    assert not accepts(village, city)
    assert village.receive(membership, withdrawal, membership) == ["unchanged"] * 3
    assert not accepts(village, city)


def test_a_membership_that_comes_after_its_withdrawal_introduces_nobody(
    world: World, hub: Town, village: Town
) -> None:
    city = world.town("city")
    membership = hub.vouch(city)
    withdrawal = hub.withdraw(membership)
    village.receive(withdrawal)
    assert village.receive(membership) == ["unchanged"]
    assert not accepts(village, city)


def test_a_membership_ends_on_its_day(world: World, hub: Town, village: Town) -> None:
    city = world.town("city")
    until = world.clock() + timedelta(days=30)
    village.receive(hub.vouch(city, until=until))
    assert accepts(village, city)
    world.clock.advance(days=31)
    assert village.receive(city.publish_one("Later")) == ["introduction-ended"]


def test_a_membership_that_has_ended_already_introduces_nobody(
    world: World, hub: Town, village: Town
) -> None:
    city = world.town("city")
    membership = hub.vouch(city, until=world.clock() + timedelta(days=1))
    world.clock.advance(days=2)
    village.receive(membership)
    assert not accepts(village, city)


def test_a_renewed_membership_introduces_again(world: World, hub: Town, village: Town) -> None:
    city = world.town("city")
    first = hub.vouch(city, until=world.clock() + timedelta(days=30))
    village.receive(first)
    world.clock.advance(days=31)
    renewed = hub.vouch(city, until=world.clock() + timedelta(days=30), uri=first.uri)
    assert village.receive(renewed) == ["changed"]
    assert accepts(village, city)
    assert village.receive(first) == ["unchanged"]
    assert accepts(village, city)


def test_a_shortened_membership_is_not_lengthened_by_its_first_version(
    world: World, hub: Town, village: Town
) -> None:
    city = world.town("city")
    first = hub.vouch(city)
    shorter = hub.vouch(city, until=world.clock() + timedelta(days=1), uri=first.uri)
    village.receive(shorter)
    village.receive(first)
    world.clock.advance(days=2)
    assert not accepts(village, city)


def test_a_new_membership_introduces_again_after_a_withdrawal(
    world: World, hub: Town, village: Town
) -> None:
    city = world.town("city")
    first = hub.vouch(city)
    village.receive(first, hub.withdraw(first), hub.vouch(city))
    assert accepts(village, city)


def test_one_of_two_memberships_may_go(world: World, hub: Town, village: Town) -> None:
    city, other = world.town("city"), world.town("other")
    village.accept(other)
    first, second = hub.vouch(city), other.vouch(city)
    village.receive(first, second)
    village.receive(hub.withdraw(first))
    assert accepts(village, city)
    village.receive(other.withdraw(second))
    assert not accepts(village, city)


def test_one_of_two_memberships_of_the_same_hub_may_go(
    world: World, hub: Town, village: Town
) -> None:
    city = world.town("city")
    first, second = hub.vouch(city), hub.vouch(city)
    village.receive(first, second)
    village.receive(hub.withdraw(first))
    assert accepts(village, city)
    village.receive(hub.withdraw(second))
    assert not accepts(village, city)


def test_what_an_allied_hub_introduced_ends_with_its_own_membership(
    world: World, hub: Town, village: Town
) -> None:
    allied, city = world.town("allied"), world.town("city")
    alliance = hub.vouch(allied, "allied-hub")
    village.receive(alliance, allied.vouch(city))
    assert accepts(village, city)
    village.receive(hub.withdraw(alliance))
    assert not accepts(village, allied)
    assert not accepts(village, city)


def test_a_membership_that_names_another_member_ends_the_first(
    world: World, hub: Town, village: Town
) -> None:
    city, other = world.town("city"), world.town("other")
    first = hub.vouch(city)
    village.receive(first)
    assert village.receive(hub.vouch(other, uri=first.uri)) == ["changed"]
    assert accepts(village, other)
    assert not accepts(village, city)


def test_two_hubs_that_name_different_keys_quarantine_the_member(
    world: World, hub: Town, village: Town
) -> None:
    city, other = world.town("city"), world.town("other")
    village.accept(other)
    wrong = world.town("wrong").identity.key.public_multikey
    entry = city.publish_one("Green roofs")
    assert village.receive(hub.vouch(city), entry) == ["new", "new"]
    village.receive(other.vouch(city, key=wrong))
    assert standing(village, city) == "quarantined"
    assert ("new-key", city.did) in village.alerts()
    assert village.receive(city.publish_one("Later")) == ["origin-quarantined"]
    assert village.shown(entry) == "Green roofs"


def test_an_administrator_ends_a_quarantine(world: World, hub: Town, village: Town) -> None:
    """The key that was accepted counts from then on; what the other one signed stays proven."""
    city = world.town("city")
    thief = world.town("city", folder="thief")
    village.receive(hub.vouch(city, key=thief.identity.key.public_multikey))
    early = thief.publish_one("By the key the hub named first")
    village.receive(early)
    village.receive(hub.vouch(city))
    assert standing(village, city) == "quarantined"
    village.accept(city)
    assert standing(village, city) == "pinned"
    city.publish("Filler")
    assert village.receive(city.publish_one("By the accepted key")) == ["new"]
    thief.publish("Filler", "Filler")
    assert village.receive(thief.publish_one("By the other"))[0] in ("bad-proof", "foreign-key")
    assert village.faults() == []


def test_no_hub_can_change_the_key_of_an_accepted_origin(
    world: World, hub: Town, village: Town
) -> None:
    city = world.town("city")
    village.accept(city)
    wrong = world.town("wrong").identity.key.public_multikey
    village.receive(hub.vouch(city, key=wrong))
    assert standing(village, city) == "pinned"
    assert ("new-key", city.did) in village.alerts()
    assert accepts(village, city)


def test_no_hub_can_introduce_the_node_to_itself(world: World, hub: Town, village: Town) -> None:
    wrong = world.town("wrong").identity.key.public_multikey
    village.receive(hub.vouch(village, key=wrong))
    assert standing(village, village) == "local"
    assert village.publish_one("Still ours").seq == 1


@pytest.mark.parametrize(
    "did",
    [
        "did:web:city.example%40evil.example",
        "did:web:CITY.example",
        "did:web:city.example:..",
        "did:web:city.example%2Fpractices",
        "did:web:",
        "did:key:z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2",
        "did:web:village.example:inside",
        "did:web:hub.example%3A443x",
    ],
)
def test_a_name_that_is_no_node_of_its_own_is_not_introduced(
    world: World, hub: Town, village: Town, did: str
) -> None:
    membership = document(hub.vouch(world.town("city")))
    membership["memberDid"] = did
    before = {origin.did for origin in village.journal.origins()}
    village.receive(hub.sign(membership))
    assert {origin.did for origin in village.journal.origins()} == before


def test_a_frozen_hub_introduces_nobody_new_and_keeps_whom_it_introduced(
    world: World, hub: Town, village: Town
) -> None:
    city, late = world.town("city"), world.town("late")
    village.receive(hub.vouch(city))
    thief = world.town("hub", key=hub.identity.key, folder="thief")
    assert village.receive(thief.vouch(late)) == ["equivocation"]
    assert standing(village, hub) == OriginStanding.FROZEN
    assert village.receive(hub.vouch(late)) == ["origin-frozen"]
    assert not accepts(village, late)


def test_the_order_of_memberships_does_not_matter(world: World, hub: Town, village: Town) -> None:
    allied, city = world.town("allied"), world.town("city")
    alliance, membership = hub.vouch(allied, "allied-hub"), allied.vouch(city)
    assert village.receive(membership) == ["unknown-origin"]
    assert village.receive(alliance) == ["new"]
    assert village.receive(membership) == ["new"]
    assert accepts(village, city)


def test_an_origin_that_is_no_longer_pinned_is_what_a_hub_makes_of_it(world: World) -> None:
    hub, city, village = world.town("hub"), world.town("city"), world.town("village")
    village.accept(city)
    first = city.publish_one("First")
    assert village.receive(first) == ["new"]
    village.journal.unpin(city.did)
    assert village.receive(city.publish_one("Second")) == ["introduction-ended"]
    assert village.shown(first) == "First"
    village.accept(hub)
    village.receive(hub.vouch(city))
    assert village.receive(*city.log()) == ["unchanged", "new"]
    with pytest.raises(JournalError, match="not pinned"):
        village.journal.unpin(city.did)
    with pytest.raises(JournalError, match="not pinned"):
        village.journal.unpin(village.did)
