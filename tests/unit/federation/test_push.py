"""Push: a node hands its own log to a hub over real HTTP, and comes to no harm when it stops."""

import gzip
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest

from federation.errors import JournalError
from federation.fetch import Fetcher, FetchError
from federation.identity import Identity, SigningKey, did_of, save
from federation.intake import take_in
from federation.journal.journal import Draft
from federation.own_head import own_head
from federation.places import new_identity
from federation.push import PIECE_BYTES, PIECE_ENTRIES, Pushed, PushError, push
from federation.records import Refusal, Verdict
from tests.unit.federation.world import Document, Town, World, practice
from vocab.terms import JsonObject

ROOT = Path(__file__).parents[3]

pytestmark = pytest.mark.integration

HEAD = b'"type":"FeedHead"'


@dataclass
class Answer:
    """What a hub says instead of what it should."""

    status: int = 200
    body: bytes = b"{}"
    kind: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Hub:
    """An HTTP server with a town behind it.

    Attributes:
        town: what it takes in.
        url: its address.
        asked: DIDs whose cursor was asked for.
        pieces: lines of each push, decompressed.
        headers: of each push.
        wire: bytes of each push.
        before: called with the number of a push before it is taken in; an answer ends it.
        after: called with the number of a push after it was taken in.
        cursor: answered instead of the cursor.
        errors: what went wrong in the server itself.
    """

    town: Town
    url: str = ""
    asked: list[str] = field(default_factory=list)
    pieces: list[list[bytes]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    wire: list[int] = field(default_factory=list)
    before: Callable[[int], Answer | None] = lambda _number: None
    after: Callable[[int], Answer | None] = lambda _number: None
    cursor: Answer | None = None
    errors: list[str] = field(default_factory=list)

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc

    def where(self, did: str) -> Answer:
        """Answer where a log stands here, like GET /inbox/cursor of a node."""
        self.asked.append(did)
        if self.cursor is not None:
            return self.cursor
        held = self.town.journal.reached(did)
        if held is None:
            return Answer(404, b'{"title":"unknown"}', "application/problem+json")
        body = {"origin": did, "contiguous": held.seq, "digest": held.digest}
        return Answer(body=orjson.dumps(body))

    def take(self, body: bytes, headers: dict[str, str]) -> Answer:
        """Take in a push, like POST /inbox of a node."""
        number = len(self.pieces)
        self.headers.append(headers)
        self.wire.append(len(body))
        lines = gzip.decompress(body).splitlines()
        self.pieces.append(lines)
        instead = self.before(number)
        if instead is not None:
            return instead
        taken = take_in(lines, journal=self.town.journal, clock=self.town.clock)
        refused = [one for one in taken.verdicts if isinstance(one, Refusal)]
        held = self.town.journal.reached(json.loads(lines[0])["origin"])
        said: JsonObject = {str(one): taken.verdicts.count(one) for one in Verdict}
        said |= {"refused": len(refused), "contiguous": held.seq if held else 0}
        said["refusals"] = [{"record": one.version_uri, "rule": one.rule} for one in refused]
        return self.after(number) or Answer(body=orjson.dumps(said))

    @property
    def entries(self) -> list[bytes]:
        """All entries that were sent, without the heads."""
        return [line for piece in self.pieces for line in piece if HEAD not in line]


class Server(ThreadingHTTPServer):
    """Serves a hub."""

    daemon_threads = False
    hub: Hub

    def handle_error(self, _request: Any, _client: Any) -> None:
        """Keep what went wrong, unless a pusher that was killed did not take its answer."""
        error = sys.exception()
        if not isinstance(error, OSError):
            self.hub.errors.append(repr(error))


class Handler(BaseHTTPRequestHandler):
    """Speaks HTTP for a hub."""

    server: Server

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        self.reply(self.server.hub.where(query["origin"][0]))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        named = {name.lower(): value for name, value in self.headers.items()}
        self.reply(self.server.hub.take(body, {"path": self.path, **named}))

    def reply(self, one: Answer) -> None:
        self.send_response(one.status)
        for name, value in {"Content-Type": one.kind, **one.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(one.body)))
        self.end_headers()
        self.wfile.write(one.body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def city(world: World) -> Town:
    return world.town("city")


@pytest.fixture
def hub(world: World, city: Town) -> Iterator[Hub]:
    """A hub that has accepted the city and holds nothing of it."""
    made = Hub(world.town("hub"))
    made.town.accept(city)
    server = Server(("127.0.0.1", 0), Handler)
    server.hub = made
    made.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()
    assert made.errors == []


def pushed(town: Town, hub: Hub, identity: Identity | None = None) -> Pushed:
    """Push a log of a town to a hub."""
    own = identity or town.identity
    head = own_head(town.journal, own, f"{own.base}/feed", town.clock())
    fetcher = Fetcher(allow_hosts=[hub.host])
    try:
        return push(hub.url, journal=town.journal, identity=own, head=head, fetcher=fetcher)
    finally:
        fetcher.close()


def many(town: Town, count: int) -> None:
    town.publish(*(f"Number {n}" for n in range(count)))


def log(town: Town, did: str) -> list[bytes]:
    return [one.body for one in town.journal.log(did, 0, 100_000)]


def complete(city: Town, hub: Hub) -> bool:
    """Say whether the hub holds the bytes of the city's whole log, and nothing is at fault."""
    held = hub.town.journal.origin(city.did)
    last, _digest = city.journal.end_of_log(city.did)
    same = log(hub.town, city.did) == log(city, city.did)
    return bool(held and same and held.contiguous_seq == last and hub.town.faults() == [])


# -- what is sent ----------------------------------------------------------------------------


def test_a_log_arrives_verbatim_in_pieces_with_its_head_at_the_end(city: Town, hub: Hub) -> None:
    many(city, 250)
    done = pushed(city, hub)
    assert (done.sent, done.taken, done.refused, done.reached) == (250, 250, [], 250)
    assert (done.target, done.requests, done.sent_bytes) == (hub.url, 4, sum(hub.wire))
    assert hub.asked == [city.did]
    assert [len(piece) for piece in hub.pieces] == [100, 100, 51]
    assert hub.pieces[-1][-1] == city.journal.head(city.did)
    assert hub.entries == log(city, city.did)
    for headers in hub.headers:
        assert headers["path"] == "/inbox"
        assert headers["content-type"] == "application/x-ndjson"
        assert headers["content-encoding"] == "gzip"
    assert complete(city, hub)
    assert hub.town.journal.head(city.did) == city.journal.head(city.did)


def test_only_what_is_missing_is_sent(city: Town, hub: Hub) -> None:
    many(city, 3)
    pushed(city, hub)
    again = pushed(city, hub)
    assert (again.sent, again.taken, again.requests, again.reached) == (0, 0, 1, 3)
    city.publish("Later")
    later = pushed(city, hub)
    assert (later.sent, later.taken, later.requests, later.reached) == (1, 1, 2, 4)
    assert [len(piece) for piece in hub.pieces] == [4, 2]
    assert complete(city, hub)


def test_an_empty_log_asks_and_sends_nothing(city: Town, hub: Hub) -> None:
    done = pushed(city, hub)
    assert (done.sent, done.requests, done.reached, hub.pieces) == (0, 1, 0, [])


def test_what_the_hub_holds_already_behind_a_gap_is_not_new_to_it(city: Town, hub: Hub) -> None:
    many(city, 5)
    hub.town.receive(city.log()[0], city.log()[3])
    done = pushed(city, hub)
    assert (done.sent, done.taken, done.refused, done.reached) == (4, 3, [], 5)
    assert complete(city, hub)


def test_new_versions_and_withdrawals_count_as_taken(city: Town, hub: Hub) -> None:
    first = city.publish_one("First")
    city.publish_one("Second", uri=first.uri)
    city.withdraw(first)
    done = pushed(city, hub)
    assert (done.sent, done.taken, done.reached) == (3, 3, 3)
    assert hub.town.shown(first) is None


def test_entries_of_others_are_not_pushed(world: World, city: Town, hub: Hub) -> None:
    friend = world.town("friend")
    city.accept(friend)
    city.receive(friend.publish_one("Of a friend"))
    city.publish("Own")
    assert pushed(city, hub).sent == 1
    assert hub.entries == log(city, city.did)


def test_any_local_origin_can_be_pushed(city: Town, hub: Hub) -> None:
    """A village that is named by its key, and a node with a port in its name."""
    base = "https://office.example:8443"
    named = Identity(did_of(base), base, f"{did_of(base)}#key-1", SigningKey.generate())
    for number, one in enumerate((new_identity("https://hub.example"), named)):
        city.journal.ensure_local_origin(one, "Other")
        draft = Draft(practice("Own", publisher=f"{one.base}/organisations/1"), None, "Practice")
        city.journal.append_local([draft], one)
        hub.town.journal.pin(
            did=one.did, base=one.base, key=one.key.public_multikey, method=one.method
        )
        done = pushed(city, hub, one)
        assert (done.sent, done.taken, done.reached) == (1, 1, 1)
        assert hub.asked[number] == one.did
        assert log(hub.town, one.did) == log(city, one.did)


# -- size of pieces --------------------------------------------------------------------------


def long_texts(count: int, size: int) -> list[Document]:
    return [practice(f"Long {n}", description={"en": f"{n} " * (size // 3)}) for n in range(count)]


def publish_bodies(town: Town, bodies: list[Document]) -> None:
    town.journal.append_local([Draft(one, None, "Practice") for one in bodies], town.identity)


def test_large_entries_go_in_smaller_pieces(city: Town, hub: Hub) -> None:
    publish_bodies(city, long_texts(60, 60_000))
    done = pushed(city, hub)
    sizes = [sum(len(line) for line in piece if HEAD not in line) for piece in hub.pieces]
    assert max(sizes) <= PIECE_BYTES
    assert 3 <= len(sizes) <= 6
    assert (done.sent, done.reached) == (60, 60)
    assert hub.entries == log(city, city.did)


def test_a_piece_that_is_too_large_for_the_hub_is_said_and_costs_only_itself(
    city: Town, hub: Hub
) -> None:
    many(city, 250)
    hub.before = lambda number: Answer(413) if number == 1 else None
    with pytest.raises(FetchError) as caught:
        pushed(city, hub)
    assert (caught.value.code, caught.value.status) == ("bad-status", 413)
    assert len(hub.town.log(city)) == 100
    hub.before = lambda _number: None
    assert pushed(city, hub).sent == 150
    assert complete(city, hub)


# -- erased entries --------------------------------------------------------------------------


def test_erased_entries_are_left_out_and_leave_no_gap(city: Town, hub: Hub) -> None:
    secret = city.publish_one("A name that must go")
    second = city.publish_one("The name once more", uri=secret.uri)
    city.publish("Stays")
    city.withdraw(secret, erases=[secret.seq, second.seq])
    done = pushed(city, hub)
    assert (done.sent, done.refused, done.reached) == (2, [], 4)
    assert all(b"name" not in line for line in hub.entries)
    held = hub.town.journal.origin(city.did)
    assert held is not None
    assert held.contiguous_seq == 4
    assert pushed(city, hub).requests == 1


def test_pieces_in_which_everything_was_erased_are_not_sent(city: Town, hub: Hub) -> None:
    first = city.publish_one("Version 0")
    for number in range(1, 2 * PIECE_ENTRIES + 20):
        city.publish_one(f"Version {number}", uri=first.uri)
    versions = city.log()
    city.withdraw(first, erases=[one.seq for one in versions])
    done = pushed(city, hub)
    assert (done.sent, done.requests, done.reached) == (1, 2, len(versions) + 1)
    assert [len(piece) for piece in hub.pieces] == [2]
    assert pushed(city, hub).requests == 1


def test_what_was_erased_after_it_was_pushed_is_erased_there(city: Town, hub: Hub) -> None:
    secret = city.publish_one("A name that must go")
    pushed(city, hub)
    city.withdraw(secret, erases=[secret.seq])
    done = pushed(city, hub)  # the hub's cursor stands on what is erased here
    assert (done.sent, done.taken, done.reached) == (1, 1, 2)
    assert all(b"must go" not in body for body in log(hub.town, city.did))


def test_a_cursor_on_an_entry_that_the_hub_has_never_seen_is_no_fork(city: Town, hub: Hub) -> None:
    """It was erased before it came: the hub knows its number and not its digest."""
    city.publish("First")
    secret = city.publish_one("A name that must go")
    city.publish("Third")
    tombstone = city.withdraw(secret, erases=[secret.seq])
    assert hub.town.receive(city.log()[0], tombstone) == ["new", "deleted"]
    held = hub.town.journal.reached(city.did)
    assert held is not None
    assert (held.seq, held.digest) == (2, "")
    done = pushed(city, hub)
    assert (done.sent, done.taken, done.reached) == (2, 1, 4)


# -- a hub that holds another log ------------------------------------------------------------


@pytest.fixture
def twin(world: World, city: Town) -> Town:
    """The city once more, from a backup of before its first entry."""
    return world.town("city", key=city.identity.key, folder="twin")


def test_a_node_that_is_unknown_there_is_told_to_join(world: World, hub: Hub) -> None:
    stranger = world.town("stranger")
    stranger.publish("Please take me in")
    with pytest.raises(PushError, match=rf"does not know this node yet.*lonja join {hub.url}"):
        pushed(stranger, hub)
    assert hub.pieces == []


def test_a_log_that_has_forked_is_not_pushed(city: Town, twin: Town, hub: Hub) -> None:
    many(city, 2)
    pushed(city, hub)
    sent = len(hub.pieces)
    many(twin, 5)
    with pytest.raises(PushError, match=r"another entry under number 2 .* forked"):
        pushed(twin, hub)
    assert len(hub.pieces) == sent
    held = hub.town.journal.origin(city.did)
    assert held is not None
    assert held.standing == "pinned"


def test_a_hub_that_is_ahead_stops_a_restored_node_from_publishing(
    city: Town, twin: Town, hub: Hub
) -> None:
    many(city, 3)
    pushed(city, hub)
    sent = len(hub.pieces)
    for _again in range(2):
        with pytest.raises(PushError, match=r"holds entry 3, this node has 0.*old backup"):
            pushed(twin, hub)
    assert [one.kind for one in twin.journal.alerts()] == ["restored-backup"]
    with pytest.raises(JournalError, match="restored from an old backup"):
        twin.publish("A fork")
    assert len(hub.pieces) == sent
    twin.receive(*city.log())
    assert twin.publish_one("Life goes on").seq == 4
    assert pushed(twin, hub).sent == 1


# -- answers that are none, or ask to wait ---------------------------------------------------


@pytest.mark.parametrize("status", [429, 503])
def test_a_hub_that_asks_to_wait_is_obeyed(city: Town, hub: Hub, status: int) -> None:
    many(city, 250)
    hub.before = lambda number: (
        Answer(status, headers={"Retry-After": "7"}) if number == 1 else None
    )
    with pytest.raises(FetchError) as caught:
        pushed(city, hub)
    assert (caught.value.code, caught.value.status) == ("busy", status)
    assert caught.value.retry_after == 7
    assert len(hub.pieces) == 2  # nothing more is sent after that
    assert len(hub.town.log(city)) == 100
    hub.before = lambda _number: None
    done = pushed(city, hub)
    assert (done.sent, done.taken, done.reached) == (150, 150, 250)
    assert complete(city, hub)


@pytest.mark.parametrize(
    ("answer", "rule"),
    [
        (Answer(307, headers={"Location": "http://127.0.0.1:9/inbox"}), "redirect"),
        (Answer(403), "bad-status"),
        (Answer(500), "bad-status"),
        (Answer(kind="text/html", body=b"<p>Hello"), "bad-type"),
    ],
)
def test_other_answers_end_a_push(city: Town, hub: Hub, answer: Answer, rule: str) -> None:
    many(city, 1)
    hub.before = lambda _number: answer
    with pytest.raises(FetchError) as caught:
        pushed(city, hub)
    assert caught.value.code == rule
    hub.before = lambda _number: None
    hub.cursor = answer
    with pytest.raises(FetchError):
        pushed(city, hub)


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b'"yes"', b"{", b"\xff", b"[" * 5000])
def test_an_answer_that_is_no_object_ends_a_push(city: Town, hub: Hub, body: bytes) -> None:
    many(city, 1)
    hub.before = lambda _number: Answer(body=body)
    with pytest.raises(PushError, match="no JSON object"):
        pushed(city, hub)
    hub.cursor = Answer(body=body)
    with pytest.raises(PushError, match="no JSON object"):
        pushed(city, hub)
    assert len(hub.pieces) == 1


def test_an_answer_that_says_nonsense_does_no_harm(city: Town, hub: Hub) -> None:
    many(city, 150)
    nonsense: JsonObject = {
        "new": "all",
        "changed": -5,
        "deleted": True,
        "contiguous": 2**60,
        "refusals": [1, None, "x", {"rule": "bad-proof"}],
    }
    hub.before = lambda _number: Answer(body=orjson.dumps(nonsense))
    done = pushed(city, hub)
    assert (done.sent, done.taken, done.reached, len(hub.pieces)) == (150, 0, 0, 2)
    assert done.refused == [{"rule": "bad-proof"}] * 2


def test_what_the_hub_refuses_is_told_and_keeps_out_no_others(city: Town, hub: Hub) -> None:
    refused = city.publish_one("No licence", license="free for all")
    city.publish("Good")
    done = pushed(city, hub)
    assert (done.sent, done.taken) == (2, 1)
    assert [one["record"] for one in done.refused] == [refused.version_uri]


def test_a_hub_that_is_away_is_said(city: Town, hub: Hub) -> None:
    many(city, 1)
    head = own_head(city.journal, city.identity, f"{city.identity.base}/feed", city.clock())
    fetcher = Fetcher(allow_hosts=["127.0.0.1:9"])
    with pytest.raises(FetchError) as caught:
        push(
            "http://127.0.0.1:9",
            journal=city.journal,
            identity=city.identity,
            head=head,
            fetcher=fetcher,
        )
    fetcher.close()
    assert caught.value.code == "unreachable"


def test_only_hosts_that_are_allowed_are_pushed_to(city: Town, hub: Hub) -> None:
    many(city, 1)
    fetcher = Fetcher()
    with pytest.raises(FetchError) as caught:
        push(hub.url, journal=city.journal, identity=city.identity, head=b"{}", fetcher=fetcher)
    fetcher.close()
    assert caught.value.code == "plain-http"
    assert hub.asked == []


# -- interrupted -----------------------------------------------------------------------------


def start(city: Town, hub: Hub) -> subprocess.Popen[bytes]:
    """Start a process that pushes the city's log."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.unit.federation.pusher", str(city.folder), hub.url],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


@pytest.mark.parametrize("taken_in", [False, True], ids=["before", "after"])
def test_a_push_that_was_killed_goes_on_where_it_was(city: Town, hub: Hub, taken_in: bool) -> None:
    """Killed while the hub has a piece in its hands: before it took it in, or after."""
    save(city.identity, city.folder / "keys")
    many(city, 450)
    running: list[subprocess.Popen[bytes]] = []
    known = threading.Event()

    def kill(number: int) -> Answer | None:
        if number not in (1, 3):
            return None
        assert known.wait(30)
        known.clear()
        running[-1].send_signal(signal.SIGKILL)
        running[-1].wait()
        return Answer(500)  # nobody reads it

    if taken_in:
        hub.after = kill
    else:
        hub.before = kill
    for _attempt in range(2):
        running.append(start(city, hub))
        known.set()
        out, _err = running[-1].communicate(timeout=60)
        assert (out, running[-1].returncode) == (b"", -signal.SIGKILL)
    running.append(start(city, hub))
    out, err = running[-1].communicate(timeout=60)
    assert running[-1].returncode == 0, err.decode()
    done = json.loads(out)
    assert done["reached"] == 450
    assert (done["sent"], done["taken"]) == ((50, 50) if taken_in else (250, 250))
    assert complete(city, hub)
    assert city.faults() == []
    assert pushed(city, hub).sent == 0
