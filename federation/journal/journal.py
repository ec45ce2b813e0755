"""The journal: the append-only log of signed entries, the only writer of records."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import Connection

from federation.authoring import Numbers, new_record_uri, seal
from federation.errors import JournalError
from federation.identity import Identity
from federation.journal import append, origins
from federation.journal.book import OriginBook
from federation.journal.reader import JournalReader, history_of
from federation.journal.store import Store
from federation.proof import timestamp
from federation.records import Entry, EntryState, Origin, OriginStanding, Refusal, Verdict
from federation.trust import Candidate
from vocab.terms import JsonObject, collection_of


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to become a version: a body without envelope, and its record.

    Attributes:
        body: the record as its author wrote it, `@context` and `type` included.
        uri: record URI; None mints a new one, an own URI makes the next version.
        record_type: its type; "Tombstone" withdraws the record.
    """

    body: JsonObject
    uri: str | None
    record_type: str


class Journal(JournalReader, OriginBook):
    """Reads and appends signed entries, and keeps the book of the origins that may sign them.

    Args:
        store: the database.
        clock: returns the present moment, aware.
    """

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        JournalReader.__init__(self, store)
        OriginBook.__init__(self, store, clock)

    def append_local(self, drafts: Sequence[Draft], identity: Identity) -> list[Entry]:
        """Sign drafts as this node's next entries, append them in one transaction, return them.

        Raises:
            JournalError: the origin is not local, or must not publish (frozen, or a peer knows
                more of its log than this node does).
        """
        now = self._clock()
        with self._store.write() as connection:
            local = self._publishing_origin(connection, identity.did)
            uris = [draft.uri or self._mint(draft, identity) for draft in drafts]
            batch = append.open_batch(
                connection, [_placeholder(identity.did, uri, now) for uri in uris], now
            )
            issued = _issued(connection, uris)
            placed = []
            pairs = zip(drafts, uris, strict=True)
            for seq, (draft, uri) in enumerate(pairs, local.last_seq + 1):
                held = batch.records.get(uri)
                numbers = Numbers(
                    seq=seq,
                    version=1 if held is None else held.version + 1,
                    previous=None if held is None else held.digest,
                    issued=issued.setdefault(uri, timestamp(now)),
                )
                one = _sealed(draft, uri, numbers, identity, now)
                placed.append(append.add(batch, one))
            append.write(connection, batch)
            self._follow_memberships(connection, placed, now)
        return placed

    def append_foreign(
        self,
        candidates: Sequence[Candidate],
        *,
        note_progress: Callable[[Connection, list[Verdict | Refusal]], None] | None = None,
    ) -> list[Verdict | Refusal]:
        """Append verified documents in one transaction and return what became of each.

        Args:
            candidates: in the order in which the peer relays them.
            note_progress: writes cursor and ledger of the run in the same transaction.
        """
        now = self._clock()
        with self._store.write() as connection:
            batch = append.open_batch(connection, [one.entry for one in candidates], now)
            verdicts = []
            for candidate in candidates:
                verdict = append.judge(batch, candidate)
                verdicts.append(verdict)
                if isinstance(verdict, Verdict) and candidate.introduction is not None:
                    # Entries of the new member may stand in this very batch.
                    origins.introduce(connection, candidate.introduction, now)
                    append.know(connection, batch, candidate.introduction.did)
            append.write(connection, batch)
            for candidate, verdict in zip(candidates, verdicts, strict=True):
                if isinstance(verdict, Refusal) and verdict.rule == "equivocation":
                    said = f"{candidate.entry.version_uri}: {verdict.detail}"
                    origins.freeze(connection, candidate.entry.origin, said, now)
            self._follow_memberships(connection, batch.fresh, now)
            for one in batch.fresh:
                if one.type == "Organisation" and one.state is EntryState.HELD:
                    origins.take_name(connection, one)
            if note_progress is not None:
                note_progress(connection, verdicts)
        return verdicts

    def _publishing_origin(self, connection: Connection, did: str) -> Origin:
        local = origins.find(connection, did)
        if local is None or local.standing is not OriginStanding.LOCAL:
            raise JournalError(f"{did} is no origin that may publish here")
        if local.head_seq > local.last_seq:
            raise JournalError(
                f"a peer holds entry {local.head_seq} of this node, which itself has only "
                f"{local.last_seq}: it was restored from an old backup. Publishing now would fork "
                "its log. Harvest that peer to get the missing entries back first"
            )
        return local

    def _mint(self, draft: Draft, identity: Identity) -> str:
        collection = collection_of(draft.record_type)
        if collection is None:
            raise JournalError(f"records of type {draft.record_type} cannot be published")
        return new_record_uri(identity.base, collection)

    def _follow_memberships(
        self, connection: Connection, entries: Sequence[Entry], now: datetime
    ) -> None:
        """End the introductions whose membership was withdrawn."""
        for one in entries:
            if one.type != "Tombstone" or b'"Membership"' not in one.body:
                continue
            for earlier in history_of(connection, one.uri):
                if earlier.type == "Membership" and earlier.body:
                    member = orjson.loads(earlier.body).get("memberDid")
                    origins.end_introduction(connection, str(member), one.origin, now)


def _placeholder(did: str, uri: str, now: datetime) -> Entry:
    """Return an entry that only names its record, to look up what is held of it."""
    return Entry(did, 0, uri, "", 0, "", "", b"", now)


def _issued(connection: Connection, uris: Sequence[str]) -> dict[str, str]:
    """Return the time of first publication of the records that exist already."""
    found: dict[str, str] = {}
    for uri in uris:
        for earlier in history_of(connection, uri):
            if earlier.body:
                found[uri] = str(orjson.loads(earlier.body).get("issued"))
                break
    return found


def _sealed(draft: Draft, uri: str, numbers: Numbers, identity: Identity, now: datetime) -> Entry:
    body, digest = seal(draft.body, identity=identity, uri=uri, numbers=numbers, now=now)
    return Entry(
        origin=identity.did,
        seq=numbers.seq,
        uri=uri,
        version_uri=f"{uri}/v/{numbers.version}",
        version=numbers.version,
        digest=digest,
        type=draft.record_type,
        body=body,
        received=now,
    )
