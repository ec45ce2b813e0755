"""Bundle: entries in a file, for a place without a line.

NDJSON: a manifest signed by whoever wrote the file, signed heads, then entries verbatim in the
order of the journal. The manifest says that the file is whole; what an entry is worth, its own
signature says.
"""

import hashlib
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Final

import orjson

from federation import proof
from federation.errors import FederationError, ProofError
from federation.identity import Identity
from federation.journal.journal import Journal
from federation.records import EntryState
from vocab.canonical import canonical_bytes, multihash
from vocab.terms import CONTEXT_URL, JsonObject

MANIFEST: Final = "Bundle"
MAX_LINE: Final = 300_000


class BundleError(FederationError):
    """A file is no bundle."""

    code = "no-bundle"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the first line of a bundle says, once its form is good.

    Attributes:
        origin: DID of who wrote the file.
        entries: how many entries follow.
        digest: of the bytes of all following lines.
        generated: when it was written.
        position: journal position up to which the file reaches: where the next one begins.
        document: the line itself.
    """

    origin: str
    entries: int
    digest: str
    generated: str
    position: int
    document: JsonObject


def write_lines(
    out: IO[bytes], journal: Journal, *, origins: Collection[str] = (), since: int = 0
) -> tuple[int, int, str]:
    """Write heads and entries; return how many entries, the last position, and the digest.

    Args:
        out: where to.
        journal: what is read.
        origins: DIDs whose entries are wanted; none for all.
        since: position after which entries are wanted.
    """
    digest = hashlib.sha256()

    def put(body: bytes) -> None:
        digest.update(body + b"\n")
        out.write(body + b"\n")

    for did, head in journal.heads().items():
        if not origins or did in origins:
            put(head)
    count, position = 0, since
    while True:
        page = journal.changes(position)
        for entry in page.entries:
            wanted = not origins or entry.origin in origins
            if wanted and entry.state is EntryState.HELD:
                put(entry.body)
                count += 1
        if page.position == position:
            return count, position, multihash(digest.digest())
        position = page.position


def manifest(
    identity: Identity, now: datetime, *, entries: int, position: int, since: int, digest: str
) -> bytes:
    """Return the first line: what the file holds, signed by who wrote it."""
    document: JsonObject = {
        "@context": CONTEXT_URL,
        "type": MANIFEST,
        "origin": identity.did,
        "generated": proof.timestamp(now),
        "entries": entries,
        "from": since,
        "to": position,
        "digest": digest,
    }
    return canonical_bytes(proof.sign(document, identity.key, identity.method, now))


def read_manifest(line: bytes) -> Manifest:
    """Return what the first line of a file says; whether its proof holds is not yet asked.

    Raises:
        BundleError: it is no manifest.
    """
    try:
        document = orjson.loads(line)
    except ValueError as error:
        raise BundleError("the file is no bundle: its first line is not JSON") from error
    if not isinstance(document, dict) or document.get("type") != MANIFEST:
        raise BundleError("the file is no bundle: its first line is no manifest")
    texts = [document.get(name) for name in ("origin", "digest", "generated")]
    numbers = [document.get(name) for name in ("entries", "to")]
    if not all(isinstance(text, str) for text in texts):
        raise BundleError("the file is no bundle: its manifest is incomplete")
    if not all(type(number) is int and number >= 0 for number in numbers):
        raise BundleError("the file is no bundle: its manifest is incomplete")
    origin, digest, generated = map(str, texts)
    entries, position = (int(str(number)) for number in numbers)
    return Manifest(origin, entries, digest, generated, position, document)


def is_signed(read: Manifest, journal: Journal) -> bool:
    """Say whether a manifest is signed with a key of its origin that is known here."""
    try:
        examined = proof.examine(read.document)
        examined.verify_any(journal.keys(read.origin))
    except (ProofError, ValueError):
        return False
    return examined.proof.controller == read.origin


class Lines:
    """The lines after the manifest, read one by one, with their digest.

    A line that is longer than an entry can be is cut: it is refused like any other that is no
    entry, and the next one begins where it ends.
    """

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self._digest = hashlib.sha256()

    def __iter__(self) -> Iterator[bytes]:
        """Yield the lines; a file that breaks off, or cannot be read further, ends them."""
        while line := self._read():
            cut = len(line) == MAX_LINE and not line.endswith(b"\n")
            yield line
            while cut:
                rest = self._read()
                cut = len(rest) == MAX_LINE and not rest.endswith(b"\n")

    def _read(self) -> bytes:
        try:
            line = self._source.readline(MAX_LINE)
        except (EOFError, OSError, zlib.error):  # cut off, or rotten from here on
            return b""
        self._digest.update(line)
        return line

    @property
    def digest(self) -> str:
        """Digest of what was read so far."""
        return multihash(self._digest.digest())
