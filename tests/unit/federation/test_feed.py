"""The feed: every relayed entry once, verbatim, in pages that do not change once they are full."""

import gzip
import shutil
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest
import zstandard

from federation import proof
from federation.feed import PAGE_SIZE, Feed, FeedDocument
from tests.unit.federation.world import Town, World, document

pytestmark = pytest.mark.unit


@pytest.fixture
def city(world: World) -> Town:
    return world.town("city")


def fill(town: Town, count: int) -> None:
    town.publish(*[f"Practice {number}" for number in range(count)])


def root(town: Town) -> dict[str, Any]:
    return dict(orjson.loads(town.feed.root().body))


def page(town: Town, number: int, **options: Any) -> FeedDocument:
    found = town.feed.page(number, **options)
    assert found is not None
    return found


def relations(town: Town) -> list[tuple[str, str, str]]:
    (node,) = root(town)["entries"]
    kinds = {"tree:GreaterThanOrEqualToRelation": ">=", "tree:LessThanOrEqualToRelation": "<="}
    base = town.feed.url
    return [
        (one["node"].removeprefix(base), kinds[one["type"]], one["value"])
        for one in node["relation"]
    ]


def times(town: Town, number: int) -> list[str]:
    entries = orjson.loads(page(town, number).body)["entries"]
    return [one["received"] for one in entries if "received" in one]


def test_an_empty_feed_has_a_root_and_a_signed_head(city: Town) -> None:
    assert relations(city) == []
    assert root(city)["position"] == 0
    head = root(city)["head"]
    assert (head["seq"], "last" in head) == (0, False)
    proof.verify(head, city.identity.key.public_multikey)
    assert orjson.loads(page(city, 0).body)["member"] == []
    assert city.feed.page(1) is None
    assert city.feed.page(-1) is None


def test_members_are_the_very_bytes_that_were_signed(city: Town) -> None:
    entries = city.publish("Plain", 'Quotes " and \\ and </script>', "Umlaut ü, emoji 🌳, \u2028")
    body = page(city, 0).body
    for entry in entries:
        assert entry.body in body
    assert orjson.loads(body)["member"] == [document(entry) for entry in entries]


def test_pages_close_when_they_are_full(city: Town) -> None:
    fill(city, PAGE_SIZE - 1)
    assert not page(city, 0).closed
    city.publish("The last of the page")
    closed = page(city, 0)
    assert closed.closed
    assert b'"immutable":true' in closed.body
    city.publish("The first of the next")
    assert page(city, 0) == closed
    assert [len(orjson.loads(page(city, number).body)["member"]) for number in (0, 1)] == [100, 1]
    assert city.feed.page(2) is None


def test_the_root_lists_every_page_with_exact_bounds(city: Town) -> None:
    fill(city, 2 * PAGE_SIZE + 5)
    listed = relations(city)
    assert [(node, kind) for node, kind, _value in listed] == [
        ("/0", ">="),
        ("/0", "<="),
        ("/1", ">="),
        ("/1", "<="),
        ("/2", ">="),
    ]
    for number in range(3):
        inside = times(city, number)
        bounds = [value for node, _kind, value in listed if node == f"/{number}"]
        assert bounds == [min(inside), max(inside)][: len(bounds)]


def test_receipt_times_go_forward_although_the_clock_goes_back(city: Town) -> None:
    city.publish("First", "Second")
    city.clock.advance(days=-3)
    city.publish("Third")
    city.clock.advance(days=9)
    city.publish("Fourth")
    received = [datetime.fromisoformat(one) for one in times(city, 0)]
    assert received == sorted(set(received))
    assert received[2] - received[1] == timedelta(microseconds=1)


def test_receipt_numbers_count_from_one(city: Town) -> None:
    fill(city, PAGE_SIZE + 2)
    nodes = orjson.loads(page(city, 1).body)["entries"]
    assert [one["receivedSeq"] for one in nodes if "receivedSeq" in one] == [101, 102]


def test_closed_pages_are_compressed_once_and_the_cache_may_vanish(city: Town) -> None:
    fill(city, PAGE_SIZE)
    plain = page(city, 0)
    packed = {name: page(city, 0, encoding=name) for name in ("zstd", "gzip")}
    unzstd = zstandard.ZstdDecompressor()
    assert unzstd.decompress(packed["zstd"].body) == plain.body
    assert gzip.decompress(packed["gzip"].body) == plain.body
    assert len({plain.etag, packed["zstd"].etag, packed["gzip"].etag}) == 3
    kept = {file.name: file.stat().st_mtime_ns for file in (city.folder / "cache").iterdir()}
    assert page(city, 0, encoding="zstd") == packed["zstd"]
    again = {file.name: file.stat().st_mtime_ns for file in (city.folder / "cache").iterdir()}
    assert again == kept
    shutil.rmtree(city.folder / "cache")
    assert page(city, 0) == plain
    assert page(city, 0, encoding="gzip") == packed["gzip"]


def test_the_validator_of_root_and_open_page_changes_with_each_append(city: Town) -> None:
    etags = set()
    for number in range(4):
        city.publish(f"Practice {number}")
        assert city.feed.root().etag == city.feed.root().etag
        etags |= {city.feed.root().etag, page(city, 0).etag}
    assert len(etags) == 8


def test_the_root_carries_position_and_verbatim_head(city: Town) -> None:
    city.publish("First", "Second")
    body = city.feed.root().body
    assert city.feed.head() in body
    assert root(city)["position"] == 2
    assert root(city)["heads"] == f"{city.feed.url}/heads"


def test_the_head_is_signed_and_stays_until_something_changes(world: World, city: Town) -> None:
    entries = city.publish("First", "Second")
    head = city.feed.head()
    said = orjson.loads(head)
    proof.verify(said, city.identity.key.public_multikey)
    assert (said["origin"], said["seq"], said["last"]) == (city.did, 2, entries[1].digest)
    assert said["id"] == f"{city.identity.base}/feed/head"
    generated, until = (datetime.fromisoformat(said[key]) for key in ("generated", "validUntil"))
    assert until - generated == timedelta(days=7)
    world.clock.advance(hours=23)
    assert city.feed.head() == head
    other_process = Feed(city.journal, city.identity, city.folder / "other", world.clock)
    assert other_process.head() == head
    world.clock.advance(hours=2)
    renewed = city.feed.head()
    assert orjson.loads(renewed)["seq"] == 2
    assert renewed != head
    city.publish("Third")
    assert orjson.loads(city.feed.head())["seq"] == 3


def test_heads_of_other_origins_are_relayed_as_they_were_signed(world: World, city: Town) -> None:
    village = world.town("village")
    village.accept(city)
    city.publish("First")
    assert orjson.loads(village.feed.heads().body) == []
    head = city.feed.head()
    village.receive_head(head)
    assert head in village.feed.heads().body
    assert village.feed.head() not in village.feed.heads().body


def test_entries_of_others_are_relayed_under_their_own_addresses(world: World, city: Town) -> None:
    hub = world.town("hub")
    hub.accept(city)
    entry = city.publish_one("Green roofs")
    hub.publish("Own")
    hub.receive(entry)
    relayed = orjson.loads(page(hub, 0).body)
    assert [one["id"] for one in relayed["member"]][1] == entry.version_uri
    assert entry.body in page(hub, 0).body
    assert relayed["entries"][2]["id"] == entry.version_uri


def test_what_fails_the_record_check_is_not_relayed(world: World, city: Town) -> None:
    hub = world.town("hub")
    hub.accept(city)
    (stub,) = city.publish("No licence", license="free for all")
    fine = city.publish_one("Green roofs")
    refused, verdict = hub.receive(stub, fine)
    assert (refused not in ("new", "bad-proof"), verdict) == (True, "new")
    assert [one.seq for one in hub.relayed()] == [2]
    assert hub.relayed()[0].feed_number == 0
    assert hub.journal.current(stub.uri) is None
    origin = hub.journal.origin(city.did)
    assert origin is not None
    assert origin.contiguous_seq == 2
    assert hub.faults() == []


def test_n_quads_say_the_same_as_the_page(city: Town) -> None:
    fill(city, PAGE_SIZE + 1)
    for number in (0, 1):
        quads = page(city, number, nquads=True)
        members = len(orjson.loads(page(city, number).body)["member"])
        assert quads.body.count(b"<https://w3id.org/tree#member>") == members
        assert quads.body.count(b"#proofValue>") == members
        assert quads.etag != page(city, number).etag
    assert page(city, 0, nquads=True, encoding="zstd").encoding == "zstd"
    assert city.feed.root(nquads=True).body.count(b"<https://w3id.org/tree#relation>") == 3


def test_an_erasure_on_a_full_page_gives_it_another_address(city: Town) -> None:
    secret = city.publish_one("A name that must go")
    fill(city, PAGE_SIZE)
    before = page(city, 0)
    page(city, 0, nquads=True)
    city.withdraw(secret, erases=[secret.seq])
    assert city.feed.page(0) is None
    assert city.feed.is_gone(0)
    after = page(city, 0, revision=1)
    assert after.closed
    assert after.etag != before.etag
    assert b"must go" not in after.body
    assert len(orjson.loads(after.body)["member"]) == PAGE_SIZE - 1
    assert [node for node, kind, _value in relations(city) if kind == ">="] == ["/0-1", "/1"]
    assert orjson.loads(after.body)["entries"][0]["id"] == f"{city.feed.url}/0-1"
    page(city, 0, revision=1, encoding="gzip")
    assert not list((city.folder / "cache").glob("000000-0*"))
    assert city.feed.page(0, revision=2) is None
    assert not city.feed.is_gone(0, 2)
    assert not city.feed.is_gone(1)


def test_no_copy_of_an_erased_body_stays_in_the_cache(world: World, city: Town) -> None:
    """The erasure may be taken in by another process than the one that serves the feed."""
    hub = world.town("hub")
    hub.accept(city)
    secret = city.publish_one("A name that must go")
    fill(city, PAGE_SIZE)
    hub.receive(*city.relayed())
    page(hub, 0)
    page(hub, 0, nquads=True)
    kept = list((hub.folder / "cache").iterdir())
    assert kept
    hub.receive(city.withdraw(secret, erases=[secret.seq]))
    assert not [file for file in kept if file.exists()]


def test_an_erasure_on_the_open_page_leaves_its_address(city: Town) -> None:
    secret = city.publish_one("A name that must go")
    city.withdraw(secret, erases=[secret.seq])
    assert b"must go" not in page(city, 0).body
    assert [node for node, _kind, _value in relations(city)] == ["/0"]
    fill(city, PAGE_SIZE)
    assert page(city, 0).closed
    assert len(orjson.loads(page(city, 0).body)["member"]) == PAGE_SIZE - 1


def test_a_page_that_closes_while_the_root_is_made_is_not_kept_as_it_was(
    city: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(city, PAGE_SIZE - 1)
    bounds = city.journal.feed_bounds

    def slow(size: int, first_page: int = 0) -> list[tuple[int, int]]:
        found = bounds(size, first_page)
        city.clock.advance(minutes=1)
        city.publish("The last of the page, which comes just now")
        return found

    monkeypatch.setattr(city.journal, "feed_bounds", slow)
    city.feed.root()
    monkeypatch.undo()
    assert relations(city)[1] == ("/0", "<=", times(city, 0)[-1])


def test_a_head_is_signed_anew_when_the_clock_was_set_back(world: World, city: Town) -> None:
    world.clock.advance(days=10)
    city.publish("First")
    early = city.feed.head()
    world.clock.advance(days=-10)
    head = city.feed.head()
    assert head != early
    generated = datetime.fromisoformat(orjson.loads(head)["generated"])
    assert generated == world.clock()
