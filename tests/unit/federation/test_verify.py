"""Verify finds whatever was changed in the file behind the journal's back."""

import tracemalloc
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from sqlalchemy import delete, update

from federation.identity import SigningKey
from federation.journal.tables import entry, origin, origin_key, record
from federation.records import Entry
from federation.trust import Candidate
from tests.unit.federation.world import Town, World, document

pytestmark = pytest.mark.unit


@pytest.fixture
def village(world: World) -> Town:
    """A node with some own records and some of a city, versions and tombstones among them."""
    city, town = world.two()
    first, second, third = city.publish("One", "Two", "Three")
    city.publish("One, later", uri=first.uri)
    city.withdraw(second)
    city.withdraw(third, erases=[third.seq])
    town.publish("Own", identifier="source:1")
    town.receive(*[one for one in city.log() if one.body])
    assert town.faults() == []
    return town


def change(town: Town, statement: Any) -> None:
    with town.store.write() as connection:
        assert connection.execute(statement).rowcount > 0


def rules(town: Town) -> set[str]:
    return {fault.rule for fault in town.journal.verify_all().faults}


def of_city(town: Town, seq: int) -> Entry:
    held = town.journal.changes(0).entries
    return next(one for one in held if (one.origin, one.seq) == ("did:web:city.example", seq))


def rewritten(town: Town, seq: int, edit: Callable[[dict[str, Any]], object]) -> Any:
    """Return the statement that changes the body of an entry of the city."""
    held = of_city(town, seq)
    changed = document(held)
    edit(changed)
    body = orjson.dumps(changed, option=orjson.OPT_SORT_KEYS)
    return update(entry).where(entry.c.position == held.position).values(body=body)


def test_a_whole_journal_has_no_faults(village: Town) -> None:
    report = village.journal.verify_all()
    assert (report.entries, report.origins, report.faults, report.gaps) == (7, 2, [], {})


def test_progress_is_told(world: World) -> None:
    city = world.town("city")
    city.publish(*["x"] * 250)
    told: list[int] = []
    city.journal.verify_all(told.append)
    assert told == sorted(told)
    assert told[-1] >= 200


def test_a_changed_text(village: Town) -> None:
    change(village, rewritten(village, 4, lambda said: said["title"].update(en="False")))
    assert {"digest", "bad-proof"} <= rules(village)


def test_a_body_in_another_spelling(village: Town) -> None:
    held = of_city(village, 4)
    spaced = orjson.dumps(document(held), option=orjson.OPT_INDENT_2)
    change(village, update(entry).where(entry.c.position == held.position).values(body=spaced))
    assert rules(village) == {"not-canonical"}


def test_a_body_that_is_no_json(village: Town) -> None:
    held = of_city(village, 4)
    change(village, update(entry).where(entry.c.position == held.position).values(body=b"{"))
    assert "bad-proof" in rules(village)


def test_a_changed_digest(village: Town) -> None:
    held = of_city(village, 4)
    change(village, update(entry).where(entry.c.position == held.position).values(digest="zQm"))
    assert {"digest", "derived"} <= rules(village)


def test_a_proof_by_a_key_that_is_not_the_origins(village: Town) -> None:
    other = SigningKey.generate().public_multikey
    change(village, update(origin_key).values(key=origin_key.c.key + "x"))
    change(village, update(origin_key).where(origin_key.c.id == 1).values(key=other))
    assert "bad-proof" in rules(village)


@pytest.mark.parametrize(
    "values",
    [
        {"seq": 99},
        {"version": 9},
        {"version_uri": "https://city.example/practices/1/v/9"},
        {"uri": "https://city.example/practices/1"},
        {"type": "BestPractice"},
        {"state": "stub"},
        {"feed_number": None},
        {"received": 1},
    ],
    ids=lambda values: next(iter(values)),
)
def test_a_changed_column(village: Town, values: dict[str, object]) -> None:
    held = of_city(village, 4)
    change(village, update(entry).where(entry.c.position == held.position).values(**values))
    assert rules(village)


def test_an_entry_that_is_gone(village: Town) -> None:
    change(village, delete(entry).where(entry.c.position == of_city(village, 4).position))
    assert rules(village)


def test_the_last_entry_is_gone(village: Town) -> None:
    position = max(one.position for one in village.journal.changes(0).entries)
    change(village, delete(entry).where(entry.c.position == position))
    assert rules(village)


def test_a_body_that_is_gone_without_a_tombstone(village: Town) -> None:
    held = of_city(village, 4)
    values = {"body": b"", "state": "erased"}
    change(village, update(entry).where(entry.c.position == held.position).values(**values))
    assert rules(village)


def test_an_erased_body_that_is_back(village: Town) -> None:
    values = {"body": b"{}"}
    change(village, update(entry).where(entry.c.state == "erased").values(**values))
    assert rules(village) == {"derived"}


@pytest.mark.parametrize(
    "values",
    [
        {"version": 9},
        {"digest": "zQm"},
        {"type": "BestPractice"},
        {"position": 1},
        {"identifier": "source:9"},
    ],
    ids=lambda values: next(iter(values)),
)
def test_a_record_that_says_otherwise_than_its_entries(
    village: Town, values: dict[str, object]
) -> None:
    uri = of_city(village, 4).uri
    change(village, update(record).where(record.c.uri == uri).values(**values))
    assert "derived" in rules(village)


def test_a_record_that_is_gone(village: Town) -> None:
    change(village, delete(record).where(record.c.uri == of_city(village, 4).uri))
    assert rules(village) == {"derived"}


@pytest.mark.parametrize("values", [{"last_seq": 3}, {"last_seq": 9}, {"contiguous_seq": 9}])
def test_the_end_of_a_log_that_was_changed(village: Town, values: dict[str, object]) -> None:
    name = "did:web:city.example"
    change(village, update(origin).where(origin.c.did == name).values(**values))
    assert rules(village)


def test_a_broken_chain(world: World) -> None:
    """A thief with the key re-signs a version; the digest that the next one names remains."""
    city = world.town("city")
    first = city.publish_one("One")
    city.publish("One, later", uri=first.uri)
    forged = city.sign({**document(first), "title": {"en": "False"}})
    checked = city.journal.verifier().check_member(forged)
    assert isinstance(checked, Candidate)
    values = {"body": checked.entry.body, "digest": checked.entry.digest}
    change(city, update(entry).where(entry.c.seq == 1).values(**values))
    assert rules(city) == {"broken-chain"}


def test_memory_stays_flat(world: World) -> None:
    """Bodies are read in pieces: thousands of them are never in memory together."""
    city = world.town("city")
    for _ in range(12):
        city.publish(*["x" * 4000] * 100)
    tracemalloc.start()
    report = city.journal.verify_all()
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert report.entries == 1200
    assert peak < 1200 * 4000 / 2
