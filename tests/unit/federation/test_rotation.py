"""A key that is replaced: readers follow, the past stays genuine, the old key signs no more."""

from dataclasses import replace
from typing import Any

import orjson
import pytest

from federation import key_folder, proof
from federation.errors import JournalError
from federation.identity import SigningKey, load, save
from federation.journal.journal import Draft
from federation.records import OriginStanding, Refusal, Verdict
from federation.rotation import KeyChange, KeySpan, announcement, changed, confirmation
from federation.trust import Candidate
from tests.unit.federation.world import Town, World, document, practice

pytestmark = pytest.mark.unit


@pytest.fixture
def town(world: World) -> Town:
    return world.town("city")


@pytest.fixture
def hub(world: World) -> Town:
    return world.town("hub")


@pytest.fixture
def reader(world: World) -> Town:
    return world.town("village")


def rotated(town: Town) -> Town:
    """Replace a town's key, as its operator does, and return the town with the new one."""
    keys = town.folder / "keys"
    save(town.identity, keys)
    number = int(town.identity.method.rsplit("-", 1)[-1]) + 1
    new = replace(town.identity, method=f"{town.did}#key-{number}", key=SigningKey.generate())
    return replace(town, identity=key_folder.change(keys, town.journal, new, ""))


def everything(town: Town) -> list[dict[str, Any]]:
    return [document(entry) for entry in town.journal.changes(0, 1000).entries]


def take(reader: Town, documents: list[dict[str, Any]]) -> list[Verdict | Refusal | str]:
    """Let a reader judge documents in order, as one page of a feed."""
    verifier = reader.journal.verifier()
    found: list[Verdict | Refusal | str] = []
    for one in documents:
        checked = verifier.check_member(one)
        if isinstance(checked, Candidate):
            (verdict,) = reader.journal.append_foreign([checked])
            found.append(verdict.rule if isinstance(verdict, Refusal) else verdict)
        else:
            found.append(checked.rule)
    return found


def test_a_reader_follows_the_log_to_the_new_key(town: Town, reader: Town) -> None:
    reader.accept(town)
    town.publish("Before", "Also before")
    after = rotated(town)
    after.publish("After")
    assert take(reader, everything(after)) == [Verdict.NEW] * 3 + [Verdict.CHANGED, Verdict.NEW]
    held = reader.journal.origin(town.did)
    assert held is not None
    assert held.key == after.identity.key.public_multikey
    assert reader.journal.keys(town.did) == [held.key]
    assert reader.faults() == []
    assert after.faults() == []


def test_who_pins_the_newest_key_takes_in_the_past_one_key_at_a_look(
    town: Town, reader: Town
) -> None:
    town.publish("Before")
    after = rotated(rotated(town))
    after.publish("After")
    reader.accept(after)
    documents = everything(after)
    first = take(reader, documents)
    assert first[0] == "unknown-key"
    assert first[-1] is Verdict.NEW
    for _key in range(2):
        take(reader, documents)
    again = take(reader, documents)
    assert again == [Verdict.UNCHANGED] * len(documents)
    assert reader.faults() == []


def test_the_old_key_signs_nothing_after_the_change(town: Town, reader: Town) -> None:
    reader.accept(town)
    town.publish("Before")
    thief = town.identity
    after = rotated(town)
    take(reader, everything(after))
    forged = document(after.publish_one("After"))
    del forged["proof"]
    stolen = proof.sign(forged, thief.key, thief.method, after.clock())
    assert take(reader, [stolen]) == ["bad-proof"]
    another = {**announcement(replace(thief, key=SigningKey.generate()), "")}
    body = {**forged, **another, "type": "KeyRotation", "newMethod": f"{town.did}#key-9"}
    assert take(reader, [proof.sign(body, thief.key, thief.method, after.clock())]) == ["bad-proof"]
    held = reader.journal.origin(town.did)
    assert held is not None
    assert held.key == after.identity.key.public_multikey


def test_a_key_that_only_names_a_trusted_one_is_not_trusted(town: Town, reader: Town) -> None:
    """Anybody can write that the next key is somebody else's: only that key may look back."""
    reader.accept(town)
    genuine = document(town.publish_one("Mine"))
    thief = replace(town.identity, method=f"{town.did}#key-0", key=SigningKey.generate())
    body = {**genuine, **announcement(town.identity, ""), "type": "KeyRotation"}
    del body["proof"]
    assert take(reader, [proof.sign(body, thief.key, thief.method, town.clock())]) == [
        "unknown-key"
    ]
    assert reader.journal.keys(town.did) == [town.identity.key.public_multikey]


def test_a_node_does_not_go_on_with_the_old_key(town: Town) -> None:
    old = town.identity
    rotated(town)
    with pytest.raises(JournalError, match="another key"):
        town.journal.append_local([Draft(practice("x"), None, "Practice")], old)


@pytest.mark.parametrize("crash", ["before", "announced", "confirmed"])
def test_a_crash_in_between_is_mended_by_the_next_start(town: Town, crash: str) -> None:
    keys = town.folder / "keys"
    save(town.identity, keys)
    new = replace(town.identity, method=f"{town.did}#key-2", key=SigningKey.generate())
    save(new, keys / "next")
    if crash != "before":
        draft = Draft(announcement(new, ""), None, "KeyRotation")
        (entry,) = town.journal.append_local([draft], town.identity)
        if crash == "confirmed":
            body = confirmation(
                KeySpan(town.identity.key.public_multikey, town.identity.method, entry.seq), new, ""
            )
            town.journal.append_local([Draft(body, entry.uri, "KeyRotation")], new)
    settled = key_folder.settle(keys, town.journal, "")
    expected = town.identity if crash == "before" else new
    assert settled.key.public_multikey == expected.key.public_multikey
    assert load(keys).key.public_multikey == expected.key.public_multikey
    assert not (keys / "next").exists()
    replace(town, identity=settled).publish("Goes on")
    assert town.faults() == []
    entries = town.journal.changes(0, 100).entries
    assert sum(one.type == "KeyRotation" for one in entries) == (0 if crash == "before" else 2)


def test_a_hub_may_still_name_the_key_that_was_replaced(
    town: Town, hub: Town, reader: Town
) -> None:
    reader.accept(hub)
    membership = document(hub.vouch(town))
    town.publish("Before")
    after = rotated(town)
    after.publish("After")
    assert take(reader, [membership, *everything(after)])[1:] != []
    held = reader.journal.origin(town.did)
    assert held is not None
    assert held.standing is OriginStanding.INTRODUCED
    assert held.key == after.identity.key.public_multikey
    again = document(hub.vouch(after))  # the hub has heard of the new key by now
    take(reader, [again])
    assert reader.journal.origin(town.did) == held
    assert reader.journal.alerts() == []


def test_what_a_key_was_allowed_is_never_widened() -> None:
    spans = [KeySpan("z6MkNew", "did:x#key-2"), KeySpan("z6MkOld", "did:x#key-1", 10)]
    change = KeyChange("did:x", "z6MkNew", "did:x#key-2", "z6MkOld", "did:x#key-1", 99)
    assert changed(spans, change)[1].last_seq == 10
    earlier = replace(change, last_seq=4)
    assert changed(spans, earlier)[1].last_seq == 4


def test_old_keys_stay_in_the_did_document_as_revoked(town: Town) -> None:
    after = rotated(town)
    shown = after.journal.published_keys(after.did)
    assert [key.method for key in shown] == [f"{town.did}#key-2", f"{town.did}#key-1"]
    assert [key.revoked is None for key in shown] == [True, False]
    assert orjson.dumps([key.multikey for key in shown])
