"""Signed heads: what a feed must hold, so that rollback, freeze and omission are seen."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from federation import proof
from federation.errors import ProofError
from federation.journal.journal import Journal
from vocab.terms import JsonObject

CLOCK_SKEW: Final = timedelta(minutes=10)


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


def note_head(head: Head, journal: Journal, now: datetime) -> list[str]:
    """Keep a head unless it is doubtful, and return what is doubtful as warnings (English)."""
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


def _moment(value: object) -> datetime:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise ProofError(f"'{value}' is no date") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
