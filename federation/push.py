"""Push: hand the own log to a hub, from where it stands; for nodes that nobody can reach.

The hub's cursor says what it has. What is missing is sent in pieces; each answer says how far the
hub is by then, so that a crash, a cut line or a second push cost nothing but a piece.
"""

import gzip
import time
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

import orjson

from federation.errors import FederationError
from federation.fetch import Fetcher, FetchError
from federation.identity import Identity
from federation.journal.journal import Journal
from vocab.terms import JsonObject

NDJSON: Final = "application/x-ndjson"
PIECE_ENTRIES: Final = 100
PIECE_BYTES: Final = 1_000_000
_NOT_FOUND: Final = 404


class PushError(FederationError):
    """The hub does not take this log in; the message says why and what to do."""

    code = "push"


@dataclass(slots=True)
class Pushed:
    """What a push did.

    Attributes:
        target: address of the hub.
        sent: entries that were sent.
        taken: entries that the hub had not held before.
        refused: what the hub refused, as its ledger says it.
        requests: made.
        sent_bytes: on the wire, compressed.
        reached: number up to which the hub holds the log without a gap.
        seconds: how long it took.
    """

    target: str
    sent: int = 0
    taken: int = 0
    refused: list[JsonObject] = field(default_factory=list)
    requests: int = 0
    sent_bytes: int = 0
    reached: int = 0
    seconds: float = 0.0


def push(
    target: str, *, journal: Journal, identity: Identity, head: bytes, fetcher: Fetcher
) -> Pushed:
    """Send what a hub lacks of an own log, and say how far it is.

    Args:
        target: address of the hub, without a trailing slash.
        journal: what is read.
        identity: whose log is sent.
        head: its newest signed head, RFC 8785 bytes.
        fetcher: the door out.

    Raises:
        PushError: the hub knows nothing of this node, holds another log under its name, or holds
            more of it than this node does.
        FetchError: the hub cannot be reached or does not answer as it should.
    """
    began, done = time.monotonic(), Pushed(target)
    reached = _cursor(target, identity.did, fetcher, done)
    _check(journal, identity.did, reached, target)
    done.reached = at = reached.seq
    last, _digest = journal.end_of_log(identity.did)
    while at < last:
        bodies, at = _piece(journal, identity.did, at)
        if bodies:
            # The head promises the whole log: it comes with its end, or each piece seems to lack.
            lines = bodies if at < last else [*bodies, head]
            _note(done, _send(target, lines, fetcher, done), len(bodies))
    done.seconds = time.monotonic() - began
    return done


def _note(done: Pushed, answer: JsonObject, sent: int) -> None:
    refusals = answer.get("refusals")
    listed = refusals if isinstance(refusals, list) else []
    done.sent += sent
    done.taken += sum(_number(answer, name) for name in ("new", "changed", "deleted"))
    done.refused += [one for one in listed if isinstance(one, dict)]
    done.reached = max(done.reached, _number(answer, "contiguous"))


@dataclass(frozen=True, slots=True)
class _Cursor:
    seq: int
    digest: str


def _cursor(target: str, did: str, fetcher: Fetcher, done: Pushed) -> _Cursor:
    done.requests += 1
    try:
        answer = fetcher.get(
            f"{target}/inbox/cursor?origin={quote(did, safe='')}", accept="application/json"
        )
    except FetchError as error:
        if error.status == _NOT_FOUND:
            raise PushError(
                f"{target} does not know this node yet; ask to join it with: lonja join {target}"
            ) from error
        raise
    said = _object(answer.body)
    digest = said.get("digest")
    return _Cursor(_number(said, "contiguous"), digest if isinstance(digest, str) else "")


def _check(journal: Journal, did: str, reached: _Cursor, target: str) -> None:
    """Make sure that the hub holds the beginning of this very log.

    Raises:
        PushError: it holds another one, or more than this node does.
    """
    last, _digest = journal.end_of_log(did)
    if reached.seq > last:
        said = f"{target} holds entry {reached.seq}, this node has {last}"
        journal.tell_ahead(did, reached.seq, reached.digest, said)
        raise PushError(
            f"{said}: it was restored from an old backup. Harvest {target} to get the missing "
            "entries back; until then nothing is published"
        )
    if reached.seq and reached.digest not in ("", journal.digest_of(did, reached.seq)):
        raise PushError(
            f"{target} holds another entry under number {reached.seq} of this node's log: the "
            "log was forked, by a stolen key or an old backup; see lonja key recover"
        )


def _piece(journal: Journal, did: str, after: int) -> tuple[list[bytes], int]:
    """Return the next bodies of a log and the number of the last entry they reach.

    Erased entries have no body and are left out: the tombstone that follows speaks for them.
    """
    bodies: list[bytes] = []
    size = 0
    for entry in journal.log(did, after, PIECE_ENTRIES):
        size += len(entry.body)
        if bodies and size > PIECE_BYTES:
            break
        after = entry.seq
        if entry.body:
            bodies.append(entry.body)
    return bodies, after


def _send(target: str, lines: list[bytes], fetcher: Fetcher, done: Pushed) -> JsonObject:
    body = gzip.compress(b"\n".join(lines) + b"\n", 6, mtime=0)
    done.requests += 1
    done.sent_bytes += len(body)
    packed = {"Content-Encoding": "gzip"}
    answer = fetcher.post(f"{target}/inbox", body, content_type=NDJSON, more=packed)
    return _object(answer.body)


def _object(body: bytes) -> JsonObject:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise PushError("the hub's answer is no JSON object; does a node run at that address?")
    return found


def _number(document: JsonObject, name: str) -> int:
    value = document.get(name)
    return value if type(value) is int and 0 <= value < 2**53 else 0
