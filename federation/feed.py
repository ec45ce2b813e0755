"""The feed: the journal as a Linked Data Event Stream that any LDES client can replicate.

LDES and TREE (SEMIC, 2026): a root that lists every page with its bounds, closed pages that never
change, one open page. Members are the entries' own bytes; receipt time and number stand in a side
node with the same `@id`, because the signed document must stay as it is.
"""

import gzip
import hashlib
import os
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import orjson
import zstandard

from federation.feed_form import CONTEXT, receipt, relation, with_raw
from federation.identity import Identity
from federation.journal.journal import Journal
from federation.own_head import own_head
from vocab import rdf
from vocab.terms import JsonObject

PAGE_SIZE: Final = 100
_WRITING_SECONDS: Final = 60.0
_ENCODERS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "zstd": lambda data: zstandard.ZstdCompressor(level=5).compress(data),
    "gzip": lambda data: gzip.compress(data, 4, mtime=0),
}


@dataclass(frozen=True, slots=True)
class FeedDocument:
    """One answer of the feed.

    Attributes:
        body: the bytes, uncompressed, or compressed when `encoding` is set.
        etag: strong validator of these bytes, without quotes.
        closed: whether it will never change.
        encoding: "zstd", "gzip" or "".
    """

    body: bytes
    etag: str
    closed: bool = False
    encoding: str = ""


class Feed:
    """Writes root, pages and heads of a node's feed.

    Args:
        journal: what is read.
        identity: who signs the head.
        cache: folder of closed pages, compressed once; may be deleted at any time.
        clock: returns the present moment, aware.
        base: address of the node, when its records live elsewhere (did:key).
        hosted: returns the identities of the members for whom this node signs.
    """

    def __init__(  # the collaborators of a feed
        self,
        journal: Journal,
        identity: Identity,
        cache: Path,
        clock: Callable[[], datetime],
        *,
        base: str = "",
        hosted: Callable[[], Iterable[Identity]] = tuple,
    ) -> None:
        self._journal = journal
        self._identity = identity
        self._cache = cache
        self._clock = clock
        self._base = base or identity.base
        self._hosted = hosted
        self._lock = threading.Lock()
        self._closed_bounds: list[tuple[int, int]] = []
        journal.when_erased(self._forget)

    @property
    def url(self) -> str:
        """The address of the root."""
        return f"{self._base}/feed"

    def root(self, *, nquads: bool = False) -> FeedDocument:
        """Return the entry page: the view, every page with its bounds, position, signed head."""
        stream = self._stream()
        stream["position"] = self._journal.position()
        stream["heads"] = f"{self.url}/heads"
        stream["entries"] = [{"id": self.url, "type": "Node", "relation": [*self._relations()]}]
        # The head keeps its own bytes, as members do.
        body = with_raw(stream, {"head": self.head()})
        return _document(body, nquads=nquads)

    def page(
        self, number: int, *, revision: int = 0, nquads: bool = False, encoding: str = ""
    ) -> FeedDocument | None:
        """Return a page, None when there is none at that address.

        Args:
            number: from 0.
            revision: how many entries it has lost by erasure since it was full.
            nquads: N-Quads instead of JSON-LD.
            encoding: "zstd" or "gzip" for a closed page as it is kept compressed.
        """
        size = self._journal.feed_size()
        if number < 0 or number * PAGE_SIZE >= max(size, 1):
            return None
        if revision != self._journal.feed_erasures(PAGE_SIZE).get(number, 0):
            return None
        if size < (number + 1) * PAGE_SIZE:
            return _document(self._page_bytes(number, revision, closed=False), nquads=nquads)
        return self._closed_page(number, revision, nquads=nquads, encoding=encoding)

    def is_gone(self, number: int, revision: int = 0) -> bool:
        """Say whether an address was that of a page until something in it was erased.

        An immutable page must not change: after an erasure it is served at another address.
        """
        return revision < self._journal.feed_erasures(PAGE_SIZE).get(number, 0)

    def head(self) -> bytes:
        """Return this node's signed head; it is signed anew after an append or a day."""
        return own_head(self._journal, self._identity, self.url, self._clock())

    def heads(self) -> FeedDocument:
        """Return the newest heads of all relayed origins, verbatim, as a JSON array."""
        for identity in self._hosted():
            own_head(self._journal, identity, f"{identity.base}/feed", self._clock())
        heads = self._journal.heads()
        heads.pop(self._identity.did, None)
        return _document(b"[" + b",".join(heads.values()) + b"]", nquads=False)

    def _stream(self) -> JsonObject:
        return {
            "@context": CONTEXT,
            "id": f"{self.url}#stream",
            "type": "EventStream",
            "timestampPath": "lonja:received",
            "sequencePath": "lonja:receivedSeq",
            "versionOfPath": "http://purl.org/dc/terms/isVersionOf",
            "versionDeleteObject": "https://www.w3.org/ns/activitystreams#Tombstone",
            "view": self.url,
        }

    def _relations(self) -> list[JsonObject]:
        relations: list[JsonObject] = []
        closed_pages = self._journal.feed_size() // PAGE_SIZE
        erasures = self._journal.feed_erasures(PAGE_SIZE)
        for number, (first, last) in enumerate(self._bounds()):
            node = self._address(number, erasures.get(number, 0))
            relations.append(relation("GreaterThanOrEqualToRelation", node, first))
            if number < closed_pages:
                relations.append(relation("LessThanOrEqualToRelation", node, last))
        return relations

    def _bounds(self) -> list[tuple[int, int]]:
        """Return the bounds of all pages; those of closed pages are asked for once."""
        # Asked before the bounds: a page that closes in between must not be kept as it was.
        closed_pages = self._journal.feed_size() // PAGE_SIZE
        with self._lock:
            known = list(self._closed_bounds)
        fresh = self._journal.feed_bounds(PAGE_SIZE, len(known))
        with self._lock:
            if len(self._closed_bounds) == len(known):
                self._closed_bounds += fresh[: max(0, closed_pages - len(known))]
        return known + fresh

    def _address(self, number: int, revision: int) -> str:
        return f"{self.url}/{number}-{revision}" if revision else f"{self.url}/{number}"

    def _page_bytes(self, number: int, revision: int, *, closed: bool) -> bytes:
        entries = self._journal.feed_slice(number * PAGE_SIZE, PAGE_SIZE)
        node: JsonObject = {"id": self._address(number, revision), "type": "Node"}
        if closed:
            node["immutable"] = True
        stream = self._stream()
        stream["entries"] = [node, *map(receipt, entries)]
        return with_raw(stream, {"member": b"[" + b",".join(e.body for e in entries) + b"]"})

    def _closed_page(
        self, number: int, revision: int, *, nquads: bool, encoding: str
    ) -> FeedDocument | None:
        name = f"{number:06d}-{revision}." + ("nq" if nquads else "jsonld")
        suffix = f".{encoding}" if encoding in _ENCODERS else ""
        try:
            etag = (self._cache / f"{name}.etag").read_text("ascii")
            body = (self._cache / f"{name}{suffix}").read_bytes()
            return FeedDocument(body, etag + suffix, True, suffix[1:])
        except OSError:
            page = self._page_bytes(number, revision, closed=True)
            plain = _document(page, nquads=nquads)
            body = _ENCODERS[suffix[1:]](plain.body) if suffix else plain.body
            self._keep({f"{name}{suffix}": body, f"{name}.etag": plain.etag.encode()})
            self._forget_page(number, but=f"{number:06d}-{revision}.")
            if self.is_gone(number, revision):  # erased after it was read, before it was kept
                self._forget_page(number, but="none")
                return None
            return FeedDocument(body, plain.etag + suffix, True, suffix[1:])

    def _keep(self, files: dict[str, bytes]) -> None:
        """Keep a closed page in the encoding that was asked for: each is made once."""
        self._cache.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            # Moved into place when complete: other processes read and write here too.
            temporary = self._cache / f".{name}.{os.getpid()}.{threading.get_ident()}"
            temporary.write_bytes(content)
            temporary.replace(self._cache / name)

    def forget_erased(self) -> None:
        """Delete kept pages that hold something erased, also after a crash between the two."""
        for number, revision in self._journal.feed_erasures(PAGE_SIZE).items():
            self._forget_page(number, but=f"{number:06d}-{revision}.")
        for file in self._cache.glob(".*"):  # of a process that ended while it wrote
            with suppress(OSError):
                if file.stat().st_mtime < time.time() - _WRITING_SECONDS:
                    file.unlink()

    def _forget(self, feed_numbers: Iterable[int]) -> None:
        """Delete the kept pages on which something was erased."""
        for number in {one // PAGE_SIZE for one in feed_numbers}:
            self._forget_page(number, but="none")

    def _forget_page(self, number: int, *, but: str) -> None:
        for file in self._cache.glob(f"{number:06d}[-.]*"):
            if not file.name.startswith(but):
                file.unlink(missing_ok=True)


def _document(body: bytes, *, nquads: bool) -> FeedDocument:
    if nquads:
        body = rdf.page_to_nquads(orjson.loads(body))
    return FeedDocument(body, hashlib.sha256(body).hexdigest()[:32])
