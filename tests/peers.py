"""A peer for tests: a real journal and feed behind a small web server that can be told to lie."""

import http.server
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from federation.did_document import did_document
from federation.feed import Feed
from federation.identity import Identity, PublishedKey, SigningKey, did_of
from federation.journal.journal import Draft, Journal
from federation.journal.store import Store, open_store
from federation.records import Entry

Answer = Callable[["Handler"], None]


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers from the peer's feed, unless the peer has something else to say."""

    protocol_version = "HTTP/1.1"
    peer: "TestPeer"

    def log_message(self, *_words: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self.peer.asked.append(self.path)
        if self.path in self.peer.lies:
            self.peer.lies[self.path](self)
            return
        self.say(*self.peer.answer(self.path))

    def say(self, status: int, body: bytes, etag: str = "", kind: str = "") -> None:
        if etag and self.headers.get("If-None-Match") == f'"{etag}"':
            status, body = 304, b""
        self.send_response(status)
        self.send_header("Content-Type", kind or "application/ld+json")
        if etag:
            self.send_header("ETag", f'"{etag}"')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@dataclass
class TestPeer:
    """A node without pages: identity, journal, feed, and the lies it tells by path."""

    __test__ = False

    identity: Identity
    journal: Journal
    feed: Feed
    store: Store
    lies: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return self.identity.base

    def publish(self, *titles: str, **more: Any) -> list[Entry]:
        drafts = [
            Draft(
                body={
                    "@context": "https://w3id.org/lonja/context/v1",
                    "type": "Practice",
                    "title": {"en": title},
                    "publisher": f"{self.url}/organisations/own",
                    "license": "https://creativecommons.org/licenses/by/4.0/",
                    **more,
                },
                uri=None,
                record_type="Practice",
            )
            for title in titles
        ]
        return self.journal.append_local(drafts, self.identity)

    def answer(self, path: str) -> tuple[int, bytes, str, str]:
        """Return status, body, validator and media type of an honest answer."""
        if path == "/.well-known/did.json":
            key = PublishedKey(self.identity.method, self.identity.key.public_multikey)
            document = did_document(did_of(self.url), [key], base=self.url, name="Test peer")
            return 200, orjson.dumps(document), "", "application/did+json"
        if path == "/feed":
            root = self.feed.root()
            return 200, root.body, root.etag, ""
        if path == "/feed/heads":
            heads = self.feed.heads()
            return 200, heads.body, heads.etag, "application/json"
        number, _, revision = path.removeprefix("/feed/").partition("-")
        if not number.isdigit():
            return 404, b"{}", "", "application/json"
        page = self.feed.page(int(number), revision=int(revision or 0))
        if page is None:
            gone = self.feed.is_gone(int(number), int(revision or 0))
            return 410 if gone else 404, b"{}", "", "application/json"
        return 200, page.body, page.etag, ""

    def revise(self, entry: Entry, title: str) -> Entry:
        """Publish the next version of a practice."""
        body = {
            key: value
            for key, value in orjson.loads(entry.body).items()
            if key in ("@context", "type", "publisher", "license")
        }
        body["title"] = {"en": title}
        return self.append(body, entry.uri)

    def withdraw(self, entry: Entry, *, erases: Iterable[int] = ()) -> Entry:
        """Publish a tombstone, one that erases bodies when numbers are given."""
        body: dict[str, Any] = {
            "@context": "https://w3id.org/lonja/context/v1",
            "type": "Tombstone",
            "formerType": entry.type,
            "reason": {"en": "withdrawn by its publisher"},
        }
        if erases:
            body["erases"] = list(erases)
        return self.append(body, entry.uri)

    def vouch(self, member: "TestPeer", role: str = "member") -> Entry:
        """Sign a membership, as a hub does."""
        body = {
            "@context": "https://w3id.org/lonja/context/v1",
            "type": "Membership",
            "memberDid": member.identity.did,
            "memberKey": member.identity.key.public_multikey,
            "memberRole": role,
        }
        return self.append(body)

    def append(self, body: dict[str, Any], uri: str | None = None) -> Entry:
        draft = Draft(body=body, uri=uri, record_type=body["type"])
        (entry,) = self.journal.append_local([draft], self.identity)
        return entry

    def page(self, number: int = 0) -> dict[str, Any]:
        """Return a page as an object, to be spoilt."""
        page = self.feed.page(number)
        assert page is not None
        spoilt: dict[str, Any] = orjson.loads(page.body)
        return spoilt

    def lie(self, path: str, body: object, kind: str = "") -> None:
        """Answer a path with something else from now on."""
        data = body if isinstance(body, bytes) else orjson.dumps(body)
        self.lies[path] = lambda handler: handler.say(200, data, "", kind)

    def drip(self, path: str, seconds: float) -> None:
        """Answer a path with one byte at a time."""

        def answer(handler: Handler) -> None:
            handler.send_response(200)
            handler.send_header("Content-Type", "application/ld+json")
            handler.send_header("Connection", "close")
            handler.end_headers()
            until = time.monotonic() + seconds
            try:
                while time.monotonic() < until:
                    handler.wfile.write(b" ")
                    time.sleep(0.1)
            except OSError:
                return
            finally:
                handler.close_connection = True

        self.lies[path] = answer


@contextmanager
def serving(
    folder: Path, *, http_hosts: Collection[str] = (), clock: Callable[[], datetime] | None = None
) -> Iterator[TestPeer]:
    """Run a test peer on a free port of this machine."""
    now = clock or _now
    handler = type("PeerHandler", (Handler,), {})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    base = f"http://127.0.0.1:{server.server_port}"
    did = did_of(base)
    identity = Identity(did=did, base=base, method=f"{did}#key-1", key=SigningKey.generate())
    store = open_store(folder / "journal.sqlite3", lock=folder / "write.lock")
    store.create_tables()
    journal = Journal(store, now, http_hosts)
    journal.ensure_local_origin(identity, "Test peer")
    peer = TestPeer(identity, journal, Feed(journal, identity, folder / "cache", now), store)
    handler.peer = peer  # type: ignore[attr-defined]  # each peer has a handler class of its own
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield peer
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        store.close()


def _now() -> datetime:
    return datetime.now(UTC)
