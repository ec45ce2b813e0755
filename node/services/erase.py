"""Erase: withdraw an own record together with all its texts, and ask peers who has followed."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from urllib.parse import quote

import orjson

from federation.fetch import FetchError, FetchLimits
from federation.journal.journal import Draft
from federation.records import Entry, EntryState, Peer
from node.runtime import Runtime
from node.services import drafts
from node.services.attachments import sweep as sweep_files
from node.services.backup import Made, backups_made
from node.services.errors import ServiceError, UserError
from node.services.federate import accepted_peers
from node.services.indexer import wait_until_clean
from vocab.terms import CONTEXT_URL, JsonObject

SCRUB_SECONDS: Final = 10.0
_ASKED_AT_ONCE: Final = 8
_CURSOR_LIMITS: Final = FetchLimits(max_bytes=10_000, deadline_seconds=10.0, connect_seconds=5.0)
_NOT_FOUND: Final = 404
_LASTING: Final = frozenset({"KeyRotation"})
"""Types whose entries prove others: without them, nobody could check this node's signatures."""


@dataclass(frozen=True, slots=True)
class Erasure:
    """What an erasure did here.

    Attributes:
        entry: the tombstone.
        erases: numbers of the entries whose bodies are gone.
        journal_clean: whether it is certain that the database's files hold nothing of them.
        files_clean: the same of the search index and the kept feed pages.
        backups: those that this node wrote while it still had the bodies, the newest last.
    """

    entry: Entry
    erases: tuple[int, ...]
    journal_clean: bool
    files_clean: bool
    backups: tuple[Made, ...]


class Answer(StrEnum):
    """What a peer says of an erasure."""

    CONFIRMED = "confirmed"
    BEHIND = "behind"
    NOTHING = "nothing"  # it holds no entry of this node, or does not know the question
    DOUBTFUL = "doubtful"  # what it says cannot be true
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class PeerAnswer:
    """What one peer says of one erasure.

    Attributes:
        peer: who was asked.
        answer: what follows from it.
        number: up to which number it holds this node's entries, None when it does not say.
        error: why it cannot be reached.
    """

    peer: Peer
    answer: Answer
    number: int | None = None
    error: FetchError | None = None


@dataclass(frozen=True, slots=True)
class ErasureStatus:
    """One erasure of this node, and what its accepted peers say of it."""

    entry: Entry
    erased: datetime
    answers: tuple[PeerAnswer, ...]


def versions_to_erase(runtime: Runtime, uri: str) -> tuple[int, ...]:
    """Return the numbers of all entries of an own record that still has something to erase.

    Raises:
        ServiceError: it is not ours, not held, must last, or nothing is left of it.
    """
    if not uri.startswith(runtime.identity.base + "/"):
        raise UserError(
            "%(uri)s was published by another node; only its publisher can erase it", uri=uri
        )
    history = runtime.journal.history(uri)
    if not history:
        raise UserError(
            "there is no record %(uri)s here; find it with: lonja search WORDS", uri=uri
        )
    if any(one.type in _LASTING for one in history):
        raise UserError("%(uri)s proves the signatures of this node and cannot be erased", uri=uri)
    if not _leaves_text(history):
        raise UserError(
            "%(uri)s is already erased; who has followed: lonja erase --status %(uri)s", uri=uri
        )
    return tuple(one.seq for one in history)


def _leaves_text(history: list[Entry]) -> bool:
    """Say whether any version has a text, be it the public reason of a withdrawal."""
    held = [one for one in history if one.state is EntryState.HELD]
    return any(one.type != "Tombstone" or "reason" in _document(one) for one in held) or not any(
        "erases" in _document(one) for one in held
    )


def erase(runtime: Runtime, uri: str, reason: str = "", *, language: str = "") -> Erasure:
    """Withdraw an own record, delete the bodies of all its versions, and clean the node's files.

    The tombstone says nothing but that, unless a public reason is given. A record that was
    withdrawn before gets one more tombstone: the text of the old one goes too.

    Raises:
        ServiceError: it is not ours, not held, must last, or nothing is left of it.
        JournalError: this node must not publish now.
    """
    entry, numbers, first = sign_erasure(runtime, uri, reason, language=language)
    files_clean = wait_until_clean(runtime)
    return Erasure(
        entry=entry,
        erases=numbers,
        journal_clean=runtime.journal.scrub(SCRUB_SECONDS),
        files_clean=files_clean,
        backups=tuple(
            one for one in backups_made(runtime.settings) if first <= one.position < entry.position
        ),
    )


def sign_erasure(
    runtime: Runtime, uri: str, reason: str = "", *, language: str = ""
) -> tuple[Entry, tuple[int, ...], int]:
    """Sign and append the tombstone of an erasure; the files are cleaned by whoever owns them.

    Returns:
        The tombstone, the numbers of the entries that it erases, and the position of the first.

    Raises:
        ServiceError: it is not ours, not held, must last, or nothing is left of it.
        JournalError: this node must not publish now.
    """
    numbers = versions_to_erase(runtime, uri)
    first = min(one.position for one in runtime.journal.history(uri))
    body: JsonObject = {
        "@context": CONTEXT_URL,
        "type": "Tombstone",
        "formerType": _former_type(runtime, uri),
    }
    if reason:
        body["reason"] = {language or runtime.settings.languages[0]: reason}
    while True:
        draft = Draft({**body, "erases": list(numbers)}, uri, "Tombstone")
        (entry,) = runtime.journal.append_local([draft], runtime.identity)
        missed = _missed(runtime, entry)
        if not missed:
            drafts.drafts(runtime).forget_record(uri)
            sweep_files(runtime)
            return entry, numbers, first
        # Somebody published a version between reading and signing; nobody can any more.
        numbers = tuple(sorted({*numbers, *missed, entry.seq}))


def _missed(runtime: Runtime, tombstone: Entry) -> list[int]:
    """Return the numbers of versions that are still held besides the tombstone."""
    return [
        one.seq
        for one in runtime.journal.history(tombstone.uri)
        if one.state is EntryState.HELD and one.seq != tombstone.seq
    ]


def _former_type(runtime: Runtime, uri: str) -> str:
    current = runtime.journal.current(uri)
    if current is None:
        raise UserError(
            "there is no record %(uri)s here; find it with: lonja search WORDS", uri=uri
        )
    if current.type != "Tombstone":
        return current.type
    return str(_document(current).get("formerType"))


def status(runtime: Runtime, uri: str = "") -> Iterator[ErasureStatus]:
    """Yield the erasures of this node, or of one record, with what peers and hub say of each.

    Each peer is asked once: how far does it hold this node's entries?

    Raises:
        ServiceError: the record was not erased by this node.
    """
    wanted = [one for one in erasures(runtime) if uri in ("", one.uri)]
    if uri and not wanted:
        raise ServiceError(f"{uri} was not erased by this node; erase it with: lonja erase {uri}")
    if not wanted:
        return
    with ThreadPoolExecutor(_ASKED_AT_ONCE) as pool:
        asked = list(pool.map(lambda peer: (peer, _ask(runtime, peer)), _holders(runtime)))
    for entry in wanted:
        answers = tuple(_judged(runtime, entry, peer, said) for peer, said in asked)
        yield ErasureStatus(entry, entry.received, answers)


def _holders(runtime: Runtime) -> list[Peer]:
    """Return who is asked: the accepted peers, and the hub that this node pushes to."""
    accepted = accepted_peers(runtime)
    known = {peer.id for peer in accepted}
    hub = [p for p in runtime.peers.list() if p.url == runtime.settings.hub and p.id not in known]
    return accepted + hub


def erasures(runtime: Runtime) -> list[Entry]:
    """Return the tombstones by which this node has erased records, the oldest first."""
    found = runtime.journal.records(origin_did=runtime.identity.did, record_type="Tombstone")
    return [entry for entry in found if "erases" in _document(entry)]


def _ask(runtime: Runtime, peer: Peer) -> object:
    """Return what a peer answers, as JSON, or why it does not."""
    url = f"{peer.url}/inbox/cursor?origin={quote(runtime.identity.did, safe='')}"
    try:
        found = runtime.fetcher.get(url, accept="application/json", limits=_CURSOR_LIMITS)
        return orjson.loads(found.body)
    except FetchError as error:
        return error
    except orjson.JSONDecodeError:
        return None


def _judged(runtime: Runtime, entry: Entry, peer: Peer, said: object) -> PeerAnswer:
    """Return what an answer means for an erasure.

    A number counts only together with the digest that this node signed under it. That the peer
    holds the entry is its own claim all the same: nobody can look into its files.
    """
    if isinstance(said, FetchError):
        if said.status == _NOT_FOUND:
            return PeerAnswer(peer, Answer.NOTHING)
        return PeerAnswer(peer, Answer.UNREACHABLE, error=said)
    number = said.get("contiguous") if isinstance(said, dict) else None
    if not isinstance(said, dict) or type(number) is not int or not 0 <= number < 2**53:
        return PeerAnswer(peer, Answer.DOUBTFUL)
    own = runtime.journal.digest_of(entry.origin, number) if number else ""
    # Of an entry that was erased before it came to it, a peer knows no digest.
    if own is None or said.get("digest") not in ("", own) or said.get("origin") != entry.origin:
        return PeerAnswer(peer, Answer.DOUBTFUL, number)
    if number == 0:
        return PeerAnswer(peer, Answer.NOTHING, number)
    return PeerAnswer(peer, Answer.CONFIRMED if number >= entry.seq else Answer.BEHIND, number)


def _document(entry: Entry) -> JsonObject:
    document: JsonObject = orjson.loads(entry.body)
    return document
