"""A batch of entries on its way into the journal, and what is known of their neighbours."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, TypeVar

import orjson
from sqlalchemy import Connection, func, select

from federation.journal.rows import origin_of
from federation.journal.tables import entry, origin, record
from federation.micros import from_micros
from federation.records import Entry, EntryState, Origin, OriginStanding
from federation.trust import standing_problem

_ONE: Final = timedelta(microseconds=1)
_AT_ONCE: Final = 5000  # SQLite takes 32,766 values in one statement

_T = TypeVar("_T")


@dataclass(slots=True)
class RecordState:
    """The winning version of one record, as the batch changes it."""

    version: int
    digest: str
    type: str
    winner: Entry | None = None


@dataclass(slots=True)
class Log:
    """One origin's log, as the batch changes it."""

    id: int
    last_seq: int
    contiguous_seq: int
    last_digest: str
    changed: bool = False


@dataclass(slots=True)
class Batch:
    """What is known of the neighbours of a batch of entries, read in a few queries.

    Attributes:
        now: the moment against which memberships are judged.
        origins: by DID, with those who introduced them.
        logs: by DID.
        seqs: (DID, number) -> digest and state of the entry that has that number.
        versions: (record, version) -> digest.
        previous: (record, version) -> the digest that this version names as the one before.
        records: by record URI.
        erased: by record URI, the numbers that its tombstones erase.
        position: of the last entry of the journal.
        received: when the next entry is received, strictly after the last.
        feed_number: of the next relayed entry.
        fresh: entries to be written.
        promoted: stubs that have become entries.
        stale: whether memberships have changed since the origins were read.
    """

    now: datetime
    received: datetime
    position: int
    feed_number: int
    origins: dict[str, Origin] = field(default_factory=dict)
    logs: dict[str, Log] = field(default_factory=dict)
    seqs: dict[tuple[str, int], tuple[str, str]] = field(default_factory=dict)
    versions: dict[tuple[str, int], str] = field(default_factory=dict)
    previous: dict[tuple[str, int], str] = field(default_factory=dict)
    records: dict[str, RecordState] = field(default_factory=dict)
    erased: dict[str, set[int]] = field(default_factory=dict)
    fresh: list[Entry] = field(default_factory=list)
    promoted: list[Entry] = field(default_factory=list)
    stale: bool = False

    def problem_with(self, did: str) -> str | None:
        """Return the rule by which nothing of an origin is accepted now, None when it is."""
        return standing_problem(self.origins.get(did), self.origins, self.now)

    def is_accepted(self, did: str) -> bool:
        """Say whether no membership decides about an origin: it is local or pinned."""
        one = self.origins.get(did)
        return one is not None and one.standing in (OriginStanding.LOCAL, OriginStanding.PINNED)

    def pending(self) -> dict[str, Entry]:
        """Return the newest versions of records that the batch has and the tables have not."""
        return {uri: one.winner for uri, one in self.records.items() if one.winner is not None}


def open_batch(connection: Connection, entries: Sequence[Entry], now: datetime) -> Batch:
    """Read what the chain rules need to know about a batch of entries."""
    newest = connection.execute(
        select(entry.c.position, entry.c.received).order_by(entry.c.position.desc()).limit(1)
    ).first()
    number = connection.execute(select(func.max(entry.c.feed_number))).scalar()
    batch = Batch(
        now=now,
        received=now if newest is None else max(now, from_micros(newest.received) + _ONE),
        position=0 if newest is None else newest.position,
        feed_number=0 if number is None else int(number) + 1,
    )
    know(connection, batch, {one.origin for one in entries})
    _read_seqs(connection, batch, entries)
    uris = {one.uri for one in entries}
    _read_versions(connection, batch, entries)
    for some in pieces(uris):
        for row in connection.execute(select(record).where(record.c.uri.in_(some))):
            batch.records[row.uri] = RecordState(row.version, row.digest, row.type)
        tombstones = select(entry.c.uri, entry.c.body).where(
            entry.c.uri.in_(some),
            entry.c.type == "Tombstone",
            entry.c.state == str(EntryState.HELD),
        )
        for row in connection.execute(tombstones):
            batch.erased.setdefault(row.uri, set()).update(erased_by(bytes(row.body)))
    return batch


def know(connection: Connection, batch: Batch, dids: Iterable[str]) -> None:
    """Read anew what is known of some origins, and of those who introduced them."""
    wanted = set(dids)
    while wanted:
        found = connection.execute(select(origin).where(origin.c.did.in_(wanted))).all()
        for row in found:
            batch.origins[row.did] = origin_of(row)
            if row.did not in batch.logs:
                batch.logs[row.did] = Log(row.id, row.last_seq, row.contiguous_seq, row.last_digest)
        wanted = {row.introduced_by for row in found} - batch.origins.keys() - {""}


def _read_seqs(connection: Connection, batch: Batch, entries: Sequence[Entry]) -> None:
    """Read what is held of the numbers of the batch.

    One query an origin: for `(a, b) IN (…)` SQLite reads the whole table.
    """
    for did, log in batch.logs.items():
        wanted = {one.seq for one in entries if one.origin == did}
        for some in pieces(wanted):
            query = select(entry.c.seq, entry.c.digest, entry.c.state)
            held = query.where(entry.c.origin_id == log.id, entry.c.seq.in_(some))
            for row in connection.execute(held):
                batch.seqs[did, row.seq] = (row.digest, row.state)


def _read_versions(connection: Connection, batch: Batch, entries: Sequence[Entry]) -> None:
    """Read the versions before, at, and after those of the batch."""
    numbers = {one.version + step for one in entries for step in (-1, 0, 1)}
    following = {(one.uri, one.version + 1) for one in entries}
    later: list[int] = []
    for some in pieces({one.uri for one in entries}):
        query = select(entry.c.uri, entry.c.version, entry.c.digest, entry.c.position)
        held = query.where(entry.c.uri.in_(some), entry.c.version.in_(numbers))
        for row in connection.execute(held):
            batch.versions[row.uri, row.version] = row.digest
            if (row.uri, row.version) in following:
                later.append(row.position)
    for positions in pieces(later):
        bodies = select(entry.c.uri, entry.c.version, entry.c.body)
        for next_one in connection.execute(bodies.where(entry.c.position.in_(positions))):
            if next_one.body:
                previous = previous_of(bytes(next_one.body))
                batch.previous[next_one.uri, next_one.version] = previous


def add(batch: Batch, one: Entry) -> Entry:
    """Put an entry into a batch, numbered for the journal and the feed, and return it."""
    relayed = one.state is EntryState.HELD
    batch.position += 1
    placed = replace(
        one,
        position=batch.position,
        received=batch.received,
        feed_number=batch.feed_number if relayed else None,
    )
    batch.received += _ONE
    batch.feed_number += relayed
    batch.fresh.append(placed)
    log = batch.logs[placed.origin]
    log.changed = True
    if placed.seq > log.last_seq:
        log.last_seq, log.last_digest = placed.seq, placed.digest
    batch.seqs[placed.origin, placed.seq] = (placed.digest, str(placed.state))
    batch.versions[placed.uri, placed.version] = placed.digest
    if placed.version > 1 and placed.body:
        batch.previous[placed.uri, placed.version] = previous_of(placed.body)
    if relayed:
        _note_record(batch, placed)
    return placed


def _note_record(batch: Batch, placed: Entry) -> None:
    if placed.type == "Tombstone":
        batch.erased.setdefault(placed.uri, set()).update(erased_by(placed.body))
    held = batch.records.get(placed.uri)
    if held is None or placed.version > held.version:
        batch.records[placed.uri] = RecordState(
            placed.version, placed.digest, placed.type, winner=placed
        )


def previous_of(body: bytes) -> str:
    """Return the digest that a version names as that of the version before, "" for none."""
    return str(orjson.loads(body).get("previous") or "")


def erased_by(body: bytes) -> set[int]:
    """Return the numbers that a tombstone erases."""
    if b'"erases"' not in body:
        return set()
    listed = orjson.loads(body).get("erases")
    numbers = listed if isinstance(listed, list) else []
    return {number for number in numbers if type(number) is int and 0 < number < 2**53}


def pieces(values: Iterable[_T]) -> Iterator[list[_T]]:
    """Yield values in lists that are short enough for one statement."""
    listed = list(values)
    for start in range(0, len(listed), _AT_ONCE):
        yield listed[start : start + _AT_ONCE]
