"""Pages that a bad line has changed or held back: they are read again, until they read the same."""

import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import orjson
import pytest

from federation.records import RunState
from tests.peers import Handler, TestPeer, serving
from tests.reader import Reader, make_reader

pytestmark = pytest.mark.integration

Change = Callable[[bytes], bytes]


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    made = make_reader(tmp_path / "reader")
    yield made
    assert made.faults() == []
    made.store.close()


@pytest.fixture
def peer(tmp_path: Path, reader: Reader) -> Iterator[TestPeer]:
    with serving(tmp_path / "peer") as made:
        reader.accept(made)
        yield made


def fill(peer: TestPeer, count: int) -> None:
    peer.publish(*[f"Practice number {number}" for number in range(count)])


def log_of(peer: TestPeer) -> dict[str, bytes]:
    return {one.version_uri: one.body for one in peer.journal.changes(0, 100_000).entries}


def spoil(peer: TestPeer, path: str, change: Change) -> None:
    """Change the body of an answer on its way, under the validator of the good one."""

    def answer(handler: Handler) -> None:
        status, body, etag, kind = peer.answer(path)
        handler.say(status, change(body), etag, kind)

    peer.lies[path] = answer


def freeze(peer: TestPeer, path: str) -> None:
    """Go on answering as now, as a cache does that was not asked to."""
    body = peer.answer(path)[1]
    peer.lies[path] = lambda handler: handler.say(200, body, "old", "")


def comes_to_rest(reader: Reader, peer: TestPeer) -> bool:
    """Harvest over a good line; say whether everything is here and nothing is asked again."""
    last = [reader.harvest(peer) for _ in range(3)][-1]
    assert (last.state, last.requests) == (RunState.UNCHANGED, 1)
    return reader.entries(peer.identity.did) == log_of(peer)


@pytest.mark.parametrize(
    "place",
    [
        '"id":"ht', '"isVersionOf":"ht', '"origin":"d', '"version":', '"seq":', '"@context":"h',
        '"title":{"en":"', '"proofValue":"z', '"verificationMethod":"d', '"previous":"u',
        '"receivedSeq":', '"member', '"entri', '"relat', '"cryptosui', '"type":"Pr',
    ],
)  # fmt: skip
def test_a_byte_that_was_changed_on_the_way_loses_nothing(
    reader: Reader, peer: TestPeer, place: str
) -> None:
    (first,) = peer.publish("First")
    peer.revise(first, "Second")
    fill(peer, 130)

    def change(body: bytes) -> bytes:
        places = [found.end() for found in re.finditer(re.escape(place).encode(), body)]
        if not places:
            return body
        at = places[len(places) // 2]
        return body[:at] + (b"7" if body[at : at + 1] != b"7" else b"8") + body[at + 1 :]

    for path in ("/feed", "/feed/0", "/feed/1"):
        spoil(peer, path, change)
    reader.harvest(peer)
    peer.lies.clear()
    assert comes_to_rest(reader, peer)


@pytest.mark.parametrize("seed", range(16))
def test_bytes_that_are_changed_anywhere_lose_nothing(
    reader: Reader, peer: TestPeer, seed: int
) -> None:
    dice = random.Random(seed)
    fill(peer, 150)

    def change(body: bytes) -> bytes:
        spoilt = bytearray(body)
        for _ in range(1 + dice.randrange(3)):
            spoilt[dice.randrange(len(spoilt))] = dice.randrange(32, 127)
        return bytes(spoilt)

    for path in ("/feed/0", "/feed/1"):
        spoil(peer, path, change)
    for _ in range(1 + seed % 2):
        reader.harvest(peer)
    peer.lies.clear()
    assert comes_to_rest(reader, peer)


@pytest.mark.parametrize(("before", "after"), [(150, 20), (150, 250), (100, 1), (250, 100)])
def test_an_old_copy_of_a_page_loses_nothing(
    reader: Reader, peer: TestPeer, before: int, after: int
) -> None:
    fill(peer, before)
    for number in range((before + 99) // 100):
        freeze(peer, f"/feed/{number}")
    fill(peer, after)
    for _ in range(2):  # the same old copy twice
        assert reader.harvest(peer).state is not RunState.FAILED
    peer.lies.clear()
    assert comes_to_rest(reader, peer)


def test_a_page_that_reads_the_same_twice_is_taken_at_its_word(
    reader: Reader, peer: TestPeer
) -> None:
    fill(peer, 130)
    spoil(peer, "/feed/0", lambda body: body.replace(b'"member":[', b'"member":[null,'))
    first, second, third = (reader.harvest(peer) for _ in range(3))
    assert (first.new, first.refused) == (130, 1)
    assert (second.unchanged, second.refused) == (100, 1)
    assert (third.state, third.requests) == (RunState.UNCHANGED, 1)


def test_a_page_that_withholds_is_read_again_and_nothing_else(
    reader: Reader, peer: TestPeer
) -> None:
    fill(peer, 350)
    spoil(peer, "/feed/1", lambda body: body.replace(b'"origin":"did:web', b'"origin":"did:wex', 1))
    runs = [reader.harvest(peer) for _ in range(4)]
    assert [run.new for run in runs] == [349, 0, 0, 0]
    assert [run.requests for run in runs[1:]] == [3, 3, 3]  # root, cursor, the page in doubt
    peer.lies.clear()
    assert comes_to_rest(reader, peer)


def test_a_relay_with_members_of_strangers_is_not_doubted(
    reader: Reader, peer: TestPeer, tmp_path: Path
) -> None:
    with serving(tmp_path / "town") as town:
        fill(town, 5)
        peer.journal.pin(
            did=town.identity.did,
            base=town.url,
            key=town.identity.key.public_multikey,
            method=town.identity.method,
        )
        verifier = peer.journal.verifier(http_hosts=[town.url.removeprefix("http://")])
        documents = [orjson.loads(body) for body in log_of(town).values()]
        peer.journal.append_foreign([verifier.check_member(one) for one in documents])  # type: ignore[misc]
        fill(peer, 5)
        assert reader.harvest(peer).refused == 5
        again = reader.harvest(peer)
    assert (again.state, again.requests) == (RunState.UNCHANGED, 1)


def test_a_page_that_could_not_be_read_is_found_where_an_erasure_has_moved_it(
    reader: Reader, peer: TestPeer
) -> None:
    fill(peer, 250)
    peer.lie("/feed/0", b"<html>broken</html>")
    assert reader.harvest(peer).new == 150
    (entry, *_rest) = peer.journal.changes(0, 1).entries
    peer.withdraw(entry, erases=[entry.seq])
    peer.lies.clear()
    reader.harvest(peer)
    held = {uri: body for uri, body in log_of(peer).items() if body}
    assert reader.entries(peer.identity.did).items() >= held.items()
    assert reader.harvest(peer).requests == 1
