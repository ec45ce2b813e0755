"""Values that the rooms of this package hand to each other."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

DISOWNED: Final = "disowned"
"""Reason of an entry that its origin says it has not signed; it stands outside every log."""


class EntryState(StrEnum):
    """What the journal holds of an entry."""

    HELD = "held"
    STUB = "stub"  # genuine, but fails the record check: neither shown nor relayed
    ERASED = "erased"  # only origin, seq and digest are left


@dataclass(frozen=True, slots=True)
class Entry:
    """One signed version of one record, verbatim: the unit of everything.

    Attributes:
        origin: DID of the node that signed it.
        seq: its gapless number in the origin's log, from 1.
        uri: record URI (`isVersionOf`).
        version_uri: URI of this version (`id`).
        version: number of this version of the record, from 1.
        digest: multibase SHA-256 multihash of the RFC 8785 bytes without `proof` ("zQm…").
        type: record type; "Tombstone" for a withdrawn record.
        body: RFC 8785 bytes of the whole document with proof; b"" when erased.
        received: when this node appended it, aware UTC; never goes back.
        position: place in this node's journal, from 1; 0 while not yet appended.
        feed_number: place in this node's feed, from 0; None when it is not relayed.
        state: what is held.
        reason: why it is a stub, as a rule code; "" otherwise.
    """

    origin: str
    seq: int
    uri: str
    version_uri: str
    version: int
    digest: str
    type: str
    body: bytes
    received: datetime
    position: int = 0
    feed_number: int | None = None
    state: EntryState = EntryState.HELD
    reason: str = ""


class OriginStanding(StrEnum):
    """Why documents of an origin are accepted, or not."""

    LOCAL = "local"
    PINNED = "pinned"  # an administrator compared the fingerprint
    INTRODUCED = "introduced"  # a signed membership of an accepted hub names it
    QUARANTINED = "quarantined"  # two sources name different keys
    FROZEN = "frozen"  # it signed two documents with one number


@dataclass(frozen=True, slots=True)
class Origin:
    """What this node knows of one origin.

    Attributes:
        did: the origin's DID.
        base: public address without a trailing slash; its URIs start with `base + "/"`.
        key: current public key, Multikey form ("z6Mk…").
        standing: why it is trusted.
        introduced_by: DID of the hub that vouches, "" when pinned or local.
        hops: 0 pinned or local, 1 a hub that an accepted hub lists as allied, 2 a plain member:
            what stands at 2 introduces nobody.
        name: display name, "" when unknown.
        last_seq: highest sequence number held.
        contiguous_seq: highest number up to which nothing is missing.
        head_seq: number claimed by the newest valid head; 0 when none was seen.
        head_digest: digest claimed by that head, "" when none.
        head_valid_until: until when that head can be relied on.
        until: end of the membership that introduces it, None when unlimited.
        recovery: digest of its offline recovery key, "" when its log announces none.
    """

    did: str
    base: str
    key: str
    standing: OriginStanding
    introduced_by: str = ""
    hops: int = 0
    name: str = ""
    last_seq: int = 0
    contiguous_seq: int = 0
    head_seq: int = 0
    head_digest: str = ""
    head_valid_until: datetime | None = None
    until: datetime | None = None
    recovery: str = ""


class Verdict(StrEnum):
    """What became of one announced member of a peer's feed."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    DELETED = "deleted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Refusal:
    """One member that was not accepted: which one, which rule, and how to mend it.

    Attributes:
        version_uri: the member as announced, "" when it has none.
        rule: stable code, for example "bad-proof", "foreign-origin", "not-json".
        pointer: JSON Pointer of the field, "" for the whole document.
        messages: plain sentence per language ("en", "es").
        fixes: how to mend it per language, may be empty.
        detail: technical detail in English.
    """

    version_uri: str
    rule: str
    pointer: str
    messages: Mapping[str, str]
    fixes: Mapping[str, str] = field(default_factory=dict)
    detail: str = ""


class PeerState(StrEnum):
    """How far an administrator trusts a peer."""

    SUGGESTED = "suggested"
    PENDING = "pending"
    ACCEPTED = "accepted"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True)
class Peer:
    """Another node that this one harvests.

    Attributes:
        id: local number.
        url: base address without a trailing slash.
        did: its DID, "" until it was seen.
        key: its public key (Multikey) as seen when added.
        name: display name.
        state: pending until an administrator accepts the fingerprint.
        interval_seconds: time between automatic runs.
        next_at: when the next automatic run is due; None while not accepted.
        etag: validator of the feed root at the last complete run, "" when none.
        page_url: last feed page that was read to its end, "" before the first run.
        feed_position: `receivedSeq` of the last member that was read, 0 before the first run.
        failures: failed runs in a row.
        last_run: number of the last finished run, None before the first.
        cron: when it is harvested, as a cron expression in UTC; "" for every interval.
        daily_bytes: what it may cost on the wire in a day (UTC), 0 for no limit.
        shown: which of its records are shown, as the operator has set it; {} for all.
    """

    id: int
    url: str
    did: str
    key: str
    name: str
    state: PeerState
    interval_seconds: int
    next_at: datetime | None
    etag: str = ""
    page_url: str = ""
    feed_position: int = 0
    failures: int = 0
    last_run: int | None = None
    cron: str = ""
    daily_bytes: int = 0
    shown: Mapping[str, Any] = field(default_factory=dict)


class RunState(StrEnum):
    """How a harvest run stands; a run whose lease has lapsed is shown as interrupted."""

    RUNNING = "running"
    DONE = "done"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class Run:
    """The reconciled ledger of one harvest run.

    announced = new + changed + unchanged + deleted + refused, always.

    Attributes:
        id: local number.
        peer: base address of the peer.
        state: how it ended, or "running".
        started: aware UTC.
        ended: aware UTC, None while running.
        requests: HTTP requests made.
        bytes: bytes received after decompression.
        wire_bytes: bytes received as they came, compressed.
        error: code of what stopped it, "" when nothing did.
        messages: the error as a sentence per language.
        warnings: sentences (English) such as a shrinking peer or a stale head.
    """

    id: int
    peer: str
    state: RunState
    started: datetime
    ended: datetime | None = None
    announced: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    deleted: int = 0
    refused: int = 0
    requests: int = 0
    bytes: int = 0
    wire_bytes: int = 0
    seconds: float = 0.0
    error: str = ""
    messages: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    refusals: tuple[Refusal, ...] = ()

    def balances(self) -> bool:
        """Say whether every announced member has exactly one verdict."""
        parts = self.new + self.changed + self.unchanged + self.deleted + self.refused
        return self.announced == parts
