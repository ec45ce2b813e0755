"""The journal: the append-only log of signed entries, the only writer of records."""

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import orjson
from sqlalchemy import Connection, select

from federation.authoring import Numbers, new_record_uri, seal
from federation.errors import ChangedError, JournalError
from federation.identity import Identity
from federation.journal import append, origins, recoveries
from federation.journal.batch import Batch, add, know, open_batch
from federation.journal.book import OriginBook
from federation.journal.memberships import concerns_membership
from federation.journal.reader import JournalReader
from federation.journal.restored import check_asked
from federation.journal.store import Store
from federation.journal.tables import entry, record
from federation.proof import timestamp
from federation.records import Entry, EntryState, Origin, OriginStanding, Refusal, Verdict
from federation.rotation import KeySpan, key_change_of
from federation.trust import Candidate
from vocab.terms import JsonObject, collection_of

_PAUSE: Final = 0.05


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to become a version: a body without envelope, and its record.

    Attributes:
        body: the record as its author wrote it, `@context` and `type` included.
        uri: record URI; None mints a new one, an own URI makes the next version.
        record_type: its type; "Tombstone" withdraws the record.
        replaces: digest of the version that its author saw, "" for whichever there is.
    """

    body: JsonObject
    uri: str | None
    record_type: str
    replaces: str = ""


class Journal(JournalReader, OriginBook):
    """Reads and appends signed entries, and keeps the book of the origins that may sign them.

    Args:
        store: the database.
        clock: returns the present moment, aware.
        http_hosts: "host:port" of origins that are reached by http; all others by https.
    """

    def __init__(
        self, store: Store, clock: Callable[[], datetime], http_hosts: Collection[str] = ()
    ) -> None:
        JournalReader.__init__(self, store)
        OriginBook.__init__(self, store, clock, http_hosts)
        self._when_erased: list[Callable[[Sequence[int]], None]] = []

    def when_erased(self, tell: Callable[[Sequence[int]], None]) -> None:
        """Have `tell` called with the feed numbers of entries that were erased here.

        Whoever keeps copies of bodies deletes them then.
        """
        self._when_erased.append(tell)

    def append_local(self, drafts: Sequence[Draft], identity: Identity) -> list[Entry]:
        """Sign drafts as this node's next entries, append them in one transaction, return them.

        Raises:
            JournalError: the origin is not local, or must not publish (frozen, or a peer knows
                more of its log than this node does), or a draft is for another's or a withdrawn
                record. A withdrawn one can still be erased.
            ChangedError: a record has another version than a draft replaces.
        """
        now = self._clock()
        with self._store.write() as connection:
            local = self._publishing_origin(connection, identity)
            uris = [self._address(draft, identity) for draft in drafts]
            batch = open_batch(
                connection, [_placeholder(identity.did, uri, now) for uri in uris], now
            )
            issued = _issued(connection, uris)
            placed = []
            pairs = zip(drafts, uris, strict=True)
            for seq, (draft, uri) in enumerate(pairs, local.last_seq + 1):
                held = batch.records.get(uri)
                if held is not None and held.type == "Tombstone" and not _erases(draft):
                    raise JournalError(f"{uri} was withdrawn; its address is never used again")
                if draft.replaces and (held is None or held.digest != draft.replaces):
                    raise ChangedError(f"{uri} has another version than the one that was seen")
                numbers = Numbers(
                    seq=seq,
                    version=1 if held is None else held.version + 1,
                    previous=None if held is None else held.digest,
                    issued=issued.setdefault(uri, timestamp(now)),
                )
                placed.append(add(batch, _sealed(draft, uri, numbers, identity, now)))
            gone = append.write(connection, batch)
            self._change_own_keys(connection, placed, identity, now)
            origins.keep_recoveries(connection, placed)
            if any(map(concerns_membership, placed)):
                self._follow_memberships(connection)
        self._tell_erased(gone)
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
        verdicts: list[Verdict | Refusal] = []
        gone: list[append.Erased] = []
        with self._store.write() as connection:
            for piece in recoveries.in_turn(candidates):
                gone += self._append_piece(connection, piece, verdicts, now)
            if note_progress is not None:
                note_progress(connection, verdicts)
        self._tell_erased(gone)
        return verdicts

    def _append_piece(
        self,
        connection: Connection,
        piece: Sequence[Candidate],
        verdicts: list[Verdict | Refusal],
        now: datetime,
    ) -> list[append.Erased]:
        """Append candidates of which only the first may recover a log; return what was erased."""
        gone: list[append.Erased] = []
        change = piece[0].key_change if piece else None
        if change is not None and change.recovery_key:
            done = recoveries.recover(connection, piece[0], change, now)
            if isinstance(done, Refusal):
                verdicts.append(done)
                piece = piece[1:]
            elif done is not None:
                gone += done
                self._follow_memberships(connection)
        batch = open_batch(connection, [one.entry for one in piece], now)
        verdicts += [self._judge(connection, batch, candidate) for candidate in piece]
        gone += append.write(connection, batch)
        if batch.stale:
            self._follow_memberships(connection)
        for one in batch.fresh:
            if one.type == "Organisation" and one.state is EntryState.HELD:
                origins.take_name(connection, one)
        origins.keep_recoveries(connection, batch.fresh)
        return gone

    def scrub(self, seconds: float = 0.0) -> bool:
        """Bring erased bodies out of the files of the database; say whether that is certain.

        Overwriting a body with nothing is not enough. SQLite zeroes what it frees (secure_delete,
        set on every connection), but it writes the zeroed pages to its log: until a checkpoint
        the old ones stand in the database, and older images of them in the log. So the log is
        written back and cut to nothing (TRUNCATE), under the lock file like every checkpoint.
        After that no byte is left in either file, index pages included, which was tried with
        hundreds of erasures; a VACUUM would write the whole journal anew and find nothing.

        While somebody reads an older state the log cannot be cut: it is tried again for some
        `seconds`, by the worker every minute, and by the last program that closes the journal.
        """
        log = self._store.path.with_name(f"{self._store.path.name}-wal")
        until = time.monotonic() + seconds
        while True:
            self._store.checkpoint()
            if not log.exists() or log.stat().st_size == 0:
                return True
            if time.monotonic() >= until:
                return False
            time.sleep(_PAUSE)

    def retry_stubs(self) -> int:
        """Check again what was genuine but failed the record check; return how many pass now.

        To be called after an upgrade: a newer vocabulary may accept what an older one did not.
        """
        passed = after = 0
        while True:
            stubs = self.stubs(after)
            if not stubs:
                return passed
            after = stubs[-1].position
            verifier = self.verifier()
            checked = [verifier.check_member(orjson.loads(one.body)) for one in stubs]
            better = [c for c in checked if isinstance(c, Candidate) and c.refusal is None]
            verdicts = self.append_foreign(better)
            passed += sum(isinstance(verdict, Verdict) for verdict in verdicts)

    def _judge(
        self, connection: Connection, batch: Batch, candidate: Candidate
    ) -> Verdict | Refusal:
        """Judge one candidate; what it changes about origins holds for those that follow it."""
        one = candidate.entry
        if batch.stale and not batch.is_accepted(one.origin):
            self._follow_memberships(connection, batch.pending())
            know(connection, batch, {*batch.origins, one.origin})
            batch.stale = False
        verdict = append.judge(batch, candidate)
        if isinstance(verdict, Refusal):
            if verdict.rule == "equivocation":
                said = f"{one.version_uri}: {verdict.detail}"
                origins.freeze(connection, one.origin, said, batch.now)
                know(connection, batch, [one.origin])
        elif verdict is not Verdict.UNCHANGED:
            if concerns_membership(one):
                batch.stale = True
            if candidate.key_change is not None and not candidate.key_change.recovery_key:
                origins.change_keys(connection, candidate.key_change, batch.now)
        return verdict

    def _publishing_origin(self, connection: Connection, identity: Identity) -> Origin:
        local = origins.find(connection, identity.did)
        if local is None or local.standing is not OriginStanding.LOCAL:
            raise JournalError(f"{identity.did} is no origin that may publish here")
        if local.key != identity.key.public_multikey:
            raise JournalError(f"{identity.did} signs with another key by now; start again")
        if local.head_seq > local.last_seq:
            raise JournalError(
                f"a peer holds entry {local.head_seq} of this node, which itself has only "
                f"{local.last_seq}: it was restored from an old backup. Publishing now would fork "
                "its log. Harvest that peer to get the missing entries back first"
            )
        check_asked(connection)
        return local

    def _change_own_keys(
        self,
        connection: Connection,
        placed: Sequence[Entry],
        identity: Identity,
        now: datetime,
    ) -> None:
        signer = KeySpan(identity.key.public_multikey, identity.method)
        for one in placed:
            if one.type == "KeyRotation":
                change = key_change_of(orjson.loads(one.body), one.origin, signer, one.seq)
                if change is not None:
                    origins.change_keys(connection, change, now)

    def _address(self, draft: Draft, identity: Identity) -> str:
        if draft.uri is not None:
            if not draft.uri.startswith(f"{identity.base}/"):
                raise JournalError(f"{draft.uri} is no record of {identity.did}")
            return draft.uri
        collection = collection_of(draft.record_type)
        if collection is None:
            raise JournalError(f"records of type {draft.record_type} cannot be published")
        return new_record_uri(identity.base, collection)

    def _tell_erased(self, gone: Sequence[append.Erased]) -> None:
        if not gone:
            return
        numbers = [one.feed_number for one in gone if one.feed_number is not None]
        for tell in self._when_erased if numbers else ():
            tell(numbers)
        self.scrub()


def _erases(draft: Draft) -> bool:
    """Say whether a draft is a tombstone that erases: the only one that may follow another."""
    return draft.record_type == "Tombstone" and bool(draft.body.get("erases"))


def _placeholder(did: str, uri: str, now: datetime) -> Entry:
    """Return an entry that only names its record, to look up what is held of it."""
    return Entry(did, 0, uri, "", 0, "", "", b"", now)


def _issued(connection: Connection, uris: Collection[str]) -> dict[str, str]:
    """Return the time of first publication of the records that exist already."""
    query = (
        select(record.c.uri, entry.c.body)
        .join(entry, entry.c.position == record.c.position)
        .where(record.c.uri.in_(uris))
    )
    return {row.uri: str(orjson.loads(row.body).get("issued")) for row in connection.execute(query)}


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
