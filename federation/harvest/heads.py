"""Signed heads: what a feed must hold, so that rollback, freeze and omission are seen."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import orjson

from federation import proof
from federation.errors import HeadError, ProofError
from federation.harvest.pages import Root, read_heads
from federation.journal.journal import Journal
from federation.records import Peer
from vocab.terms import JsonObject

CLOCK_SKEW: Final = timedelta(minutes=10)
MAX_WARNINGS: Final = 20


@dataclass(frozen=True, slots=True)
class Head:
    """A head whose proof holds.

    Attributes:
        origin: DID.
        seq: number of its last entry.
        last: digest of that entry, "" for an empty log.
        generated: when it was signed.
        valid_until: until when it can be relied on.
        body: its RFC 8785 bytes.
    """

    origin: str
    seq: int
    last: str
    generated: datetime
    valid_until: datetime
    body: bytes


def verified_head(document: JsonObject, journal: Journal) -> Head:
    """Return a head once its proof holds for a key of its origin.

    Raises:
        ProofError: it does not, or something in it is malformed.
        ValueError: it has no canonical form.
    """
    origin, seq = document.get("origin"), document.get("seq")
    if document.get("type") != "FeedHead" or not isinstance(origin, str):
        raise ProofError("it is no head")
    if not isinstance(seq, int) or isinstance(seq, bool) or not 0 <= seq < 2**53:
        raise ProofError("the head has no number")
    examined = proof.examine(document)
    if examined.proof.controller != origin:
        raise ProofError(f"{examined.proof.method} is no key of {origin}")
    examined.verify_any(journal.keys(origin))
    last = document.get("last", "")
    return Head(
        origin=origin,
        seq=seq,
        last=last if isinstance(last, str) else "",
        generated=_moment(document.get("generated")),
        valid_until=_moment(document.get("validUntil")),
        body=examined.body,
    )


def note_head(head: Head, journal: Journal, now: datetime, *, relayed: bool = False) -> list[str]:
    """Keep a head unless it is doubtful, and return what is doubtful as warnings (English).

    Args:
        head: once its proof holds.
        journal: where it is kept.
        now: the present moment.
        relayed: whether it came by a relay or in a file, where older copies are nothing unusual.
    """
    if relayed and _is_older(head, journal.head(head.origin)):
        return []
    if head.generated > now + CLOCK_SKEW:
        return [f"the head of {head.origin} is dated in the future; check both clocks"]
    warnings = []
    held = journal.origin(head.origin)
    if held is not None and head.seq < held.head_seq:
        warnings.append(
            f"the head of {head.origin} went back from number {held.head_seq} to {head.seq}: "
            "an old copy is being served, or a backup was restored"
        )
    if head.valid_until < now:
        warnings.append(
            f"the head of {head.origin} expired on {head.valid_until:%Y-%m-%d}: "
            "newer records may be withheld"
        )
    journal.note_head(
        head.origin, seq=head.seq, last=head.last, valid_until=head.valid_until, body=head.body
    )
    return warnings


def _is_older(head: Head, held: bytes | None) -> bool:
    """Say whether a head is of an earlier state of the same log than the one that is held."""
    if held is None:
        return False
    known = orjson.loads(held)
    return head.seq < known["seq"] and head.generated <= _moment(known["generated"])


def missing(journal: Journal, did: str) -> str:
    """Return a warning when entries that an origin's head promises are not here, else ""."""
    held = journal.origin(did)
    if held is None or held.head_seq <= held.contiguous_seq:
        return ""
    count = held.head_seq - held.contiguous_seq
    return (
        f"{did} has signed {held.head_seq} entries; up to {count} after number "
        f"{held.contiguous_seq} are not here yet"
    )


class Heads:
    """Takes in the heads of one run and gathers what is doubtful about them.

    Attributes:
        warnings: sentences (English) for the ledger.
    """

    def __init__(self, peer: Peer, journal: Journal, clock: Callable[[], datetime]) -> None:
        self._peer = peer
        self._journal = journal
        self._clock = clock
        self._doubts = 0
        self._postponed: Root | None = None
        self.warnings: list[str] = []

    def check_own(self, root: Root) -> None:
        """Verify and keep the peer's own head.

        One that names a key of which nothing is known waits: the feed may tell of the change.

        Raises:
            HeadError: it is absent or not signed by the accepted key.
        """
        if self._names_new_key(root):
            self._postponed = root
        else:
            self._check_own(root)

    def check_postponed(self) -> None:
        """Verify the head that waited for the feed to be read.

        Raises:
            HeadError: no entry of the feed has told of the key; the operator is alerted.
        """
        if self._postponed is None:
            return
        try:
            self._check_own(self._postponed)
        except HeadError:
            self._journal.tell_new_key(self._peer.did, f"{self._peer.url} signs its feed with it")
            raise

    def _names_new_key(self, root: Root) -> bool:
        try:
            method = proof.examine(root.head or {}).proof.method
        except (ProofError, ValueError):
            return False
        known = {key.method for key in self._journal.published_keys(self._peer.did)}
        return method.startswith(f"{self._peer.did}#") and method not in known

    def _check_own(self, root: Root) -> None:
        try:
            if root.head is None:
                raise ProofError("the feed carries no head")
            head = verified_head(root.head, self._journal)
            if head.origin != self._peer.did:
                raise ProofError(f"the head is of {head.origin}")
        except (ProofError, ValueError) as error:
            raise HeadError(f"{self._peer.url}/feed: {error}") from error
        self._keep(head)

    def take(self, body: bytes) -> None:
        """Keep the heads that a peer relays of other origins."""
        for document in read_heads(body):
            try:
                head = verified_head(document, self._journal)
            except (ProofError, ValueError):
                continue  # of an origin that is not known here, or forged: it says nothing
            if head.origin != self._peer.did:
                self._keep(head, relayed=True)
                self.note_missing(head.origin)

    def note_missing(self, did: str) -> None:
        """Warn when entries that an origin's head promises are not here."""
        sentence = missing(self._journal, did)
        if sentence:
            self._doubt(sentence)

    def is_lacking(self) -> bool:
        """Say whether entries that the peer's head promises are not here."""
        return bool(missing(self._journal, self._peer.did))

    def is_ahead(self) -> bool:
        """Say whether the peer's head names a newer entry than came along: a page was stale."""
        held = self._journal.origin(self._peer.did)
        return held is not None and held.last_seq < held.head_seq

    def note_staleness(self) -> None:
        """Warn when a feed says that nothing has changed for longer than its head is valid."""
        held = self._journal.origin(self._peer.did)
        valid = None if held is None else held.head_valid_until
        if valid is not None and valid < self._clock():
            self._doubt(
                f"nothing has changed, but the head expired on {valid:%Y-%m-%d}: newer records "
                "may be withheld"
            )

    def _keep(self, head: Head, *, relayed: bool = False) -> None:
        for sentence in note_head(head, self._journal, self._clock(), relayed=relayed):
            self._doubt(sentence)

    def _doubt(self, sentence: str) -> None:
        """Keep a warning; a hub of hundreds of towns fills no page with them."""
        self._doubts += 1
        if self._doubts <= MAX_WARNINGS:
            self.warnings.append(sentence)
        elif self._doubts == MAX_WARNINGS + 1:
            self.warnings.append("there are more warnings of this kind")


def _moment(value: object) -> datetime:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise ProofError(f"'{value}' is no date") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
