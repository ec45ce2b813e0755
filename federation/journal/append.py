"""Append: the one place that writes entries, and the chain rules that it holds them to."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

import orjson
from sqlalchemy import (
    BigInteger,
    Connection,
    Integer,
    Row,
    String,
    column,
    delete,
    func,
    insert,
    select,
    update,
    values,
)

from federation.journal.rows import from_micros, to_micros
from federation.journal.tables import entry, origin, record
from federation.records import Entry, EntryState, OriginStanding, Refusal, Verdict
from federation.refusals import refusal
from federation.trust import Candidate

_ONE: Final = timedelta(microseconds=1)


@dataclass(slots=True)
class _Record:
    """The winning version of one record, as the batch changes it."""

    version: int
    digest: str
    type: str
    changed: bool = False
    winner: Entry | None = None


@dataclass(slots=True)
class _Log:
    """One origin's log, as the batch changes it."""

    id: int
    did: str
    last_seq: int
    contiguous_seq: int
    last_digest: str
    frozen: bool
    changed: bool = False


@dataclass(slots=True)
class Batch:
    """What is known of the neighbours of a batch of entries, read in a few queries."""

    logs: dict[str, _Log]
    seqs: dict[tuple[str, int], tuple[str, str]]
    versions: dict[tuple[str, int], str]
    records: dict[str, _Record]
    position: int
    received: datetime
    feed_number: int
    fresh: list[Entry] = field(default_factory=list)
    promoted: list[Entry] = field(default_factory=list)


def open_batch(connection: Connection, entries: Sequence[Entry], now: datetime) -> Batch:
    """Read what the chain rules need to know about a batch of entries."""
    dids = {one.origin for one in entries}
    logs = {
        row.did: _log(row)
        for row in connection.execute(select(origin).where(origin.c.did.in_(dids)))
    }
    numbers = {log.id: log.did for log in logs.values()}
    seqs = {
        (numbers[row.origin_id], row.seq): (row.digest, row.state)
        for row in _held_numbers(
            connection, {(logs[one.origin].id, one.seq) for one in entries if one.origin in logs}
        )
    }
    pairs = {(one.uri, number) for one in entries for number in (one.version, one.version - 1)}
    versions = {(row.uri, row.version): row.digest for row in _held_versions(connection, pairs)}
    uris = {one.uri for one in entries}
    records = {
        row.uri: _Record(row.version, row.digest, row.type)
        for row in connection.execute(select(record).where(record.c.uri.in_(uris)))
    }
    newest = select(entry.c.position, entry.c.received).order_by(entry.c.position.desc()).limit(1)
    last = connection.execute(newest).first()
    relayed = connection.execute(select(func.max(entry.c.feed_number))).scalar()
    return Batch(
        logs=logs,
        seqs=seqs,
        versions=versions,
        records=records,
        position=0 if last is None else last.position,
        received=now if last is None else max(now, from_micros(last.received) + _ONE),
        feed_number=0 if relayed is None else relayed + 1,
    )


def _held_numbers(connection: Connection, wanted: set[tuple[int, int]]) -> Sequence[Any]:
    """Return what is held of (origin, number); each is looked up in the index.

    A join on the wanted pairs, because for `(a, b) IN (…)` SQLite reads the whole table.
    """
    if not wanted:
        return []
    listed = values(column("origin_id", Integer), column("seq", BigInteger), name="wanted")
    pairs = listed.data(list(wanted)).cte("wanted")
    return connection.execute(
        select(entry.c.origin_id, entry.c.seq, entry.c.digest, entry.c.state).join(
            pairs, (entry.c.origin_id == pairs.c.origin_id) & (entry.c.seq == pairs.c.seq)
        )
    ).all()


def _held_versions(connection: Connection, wanted: set[tuple[str, int]]) -> Sequence[Any]:
    """Return what is held of (record, version)."""
    if not wanted:
        return []
    listed = values(column("uri", String), column("version", Integer), name="wanted")
    pairs = listed.data(list(wanted)).cte("wanted")
    return connection.execute(
        select(entry.c.uri, entry.c.version, entry.c.digest).join(
            pairs, (entry.c.uri == pairs.c.uri) & (entry.c.version == pairs.c.version)
        )
    ).all()


def know(connection: Connection, batch: Batch, did: str) -> None:
    """Let a batch know an origin that was introduced in its course."""
    row = connection.execute(select(origin).where(origin.c.did == did)).one_or_none()
    if row is not None and did not in batch.logs:
        batch.logs[did] = _log(row)


def _log(row: Row[Any]) -> _Log:
    frozen = row.standing == str(OriginStanding.FROZEN)
    return _Log(row.id, row.did, row.last_seq, row.contiguous_seq, row.last_digest, frozen)


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
    _note_log(batch, placed)
    batch.versions[placed.uri, placed.version] = placed.digest
    if relayed:
        _note_record(batch, placed)
    return placed


def _note_log(batch: Batch, placed: Entry) -> None:
    log = batch.logs[placed.origin]
    log.changed = True
    batch.seqs[placed.origin, placed.seq] = (placed.digest, str(placed.state))
    if placed.seq > log.last_seq:
        log.last_seq, log.last_digest = placed.seq, placed.digest


def _note_record(batch: Batch, placed: Entry) -> None:
    held = batch.records.get(placed.uri)
    if held is None or placed.version > held.version:
        batch.records[placed.uri] = _Record(
            placed.version, placed.digest, placed.type, changed=True, winner=placed
        )


def judge(batch: Batch, candidate: Candidate) -> Verdict | Refusal:
    """Return what becomes of a candidate and, when it is accepted, put it into the batch."""
    one = candidate.entry
    log = batch.logs.get(one.origin)
    if log is None:
        return refusal("unknown-origin", one.version_uri)
    if log.frozen:
        return refusal("origin-frozen", one.version_uri)
    return _place(batch, candidate)


def _place(batch: Batch, candidate: Candidate) -> Verdict | Refusal:
    one = candidate.entry
    known = batch.seqs.get((one.origin, one.seq))
    if known is not None:
        return _again(batch, candidate, known)
    if one.version > 1 or (one.uri, one.version) in batch.versions:
        broken = _chain(batch, one)
        if broken is not None:
            return broken
    before = batch.records.get(one.uri)
    newest = before is None or one.version > before.version
    add(batch, one)
    if candidate.refusal is not None:
        return candidate.refusal
    if not newest:
        return Verdict.UNCHANGED
    if one.type == "Tombstone":
        return Verdict.DELETED
    return Verdict.NEW if before is None else Verdict.CHANGED


def _again(batch: Batch, candidate: Candidate, known: tuple[str, str]) -> Verdict | Refusal:
    """Judge a document whose number is taken already."""
    one = candidate.entry
    held_digest, state = known
    if held_digest != one.digest:
        batch.logs[one.origin].frozen = True
        return refusal("equivocation", one.version_uri, detail=f"number {one.seq} of {one.origin}")
    if state == EntryState.ERASED:
        return refusal("erased", one.version_uri)
    if state == EntryState.STUB:
        if candidate.refusal is not None:
            return candidate.refusal
        batch.promoted.append(one)
        batch.seqs[one.origin, one.seq] = (one.digest, str(EntryState.HELD))
        return Verdict.NEW if one.version == 1 else Verdict.CHANGED
    return Verdict.UNCHANGED


def _chain(batch: Batch, one: Entry) -> Refusal | None:
    """Return why a version does not fit the versions held of its record, None when it does."""
    same = batch.versions.get((one.uri, one.version))
    if same is not None and same != one.digest:
        batch.logs[one.origin].frozen = True
        return refusal("equivocation", one.version_uri, detail=f"version {one.version} twice")
    before = batch.versions.get((one.uri, one.version - 1))
    previous = orjson.loads(one.body).get("previous")
    if before is not None and previous != before:
        return refusal("broken-chain", one.version_uri, detail=f"previous: {previous}")
    return None


def write(connection: Connection, batch: Batch) -> None:
    """Write a batch: entries, then what is derived from them."""
    if batch.fresh:
        connection.execute(insert(entry), [_row(batch, one) for one in batch.fresh])
    for one in batch.promoted:
        _promote(connection, batch, one)
    _write_records(connection, batch)
    for log in batch.logs.values():
        if log.changed:
            _write_log(connection, log)
    for one in batch.fresh:
        if one.type == "Tombstone" and one.state is EntryState.HELD:
            _erase(connection, batch, one)


def _row(batch: Batch, one: Entry) -> dict[str, Any]:
    return {
        "position": one.position,
        "origin_id": batch.logs[one.origin].id,
        "seq": one.seq,
        "uri": one.uri,
        "version": one.version,
        "version_uri": one.version_uri,
        "digest": one.digest,
        "type": one.type,
        "state": str(one.state),
        "reason": one.reason,
        "received": to_micros(one.received),
        "feed_number": one.feed_number,
        "body": one.body,
    }


def _promote(connection: Connection, batch: Batch, one: Entry) -> None:
    """Let a stub that now passes the check take its place, at the end of feed and journal."""
    log = batch.logs[one.origin]
    connection.execute(delete(entry).where(entry.c.origin_id == log.id, entry.c.seq == one.seq))
    start = len(batch.fresh)
    add(batch, replace(one, state=EntryState.HELD, reason=""))
    connection.execute(insert(entry), [_row(batch, placed) for placed in batch.fresh[start:]])


def _write_records(connection: Connection, batch: Batch) -> None:
    changed = [(uri, one) for uri, one in batch.records.items() if one.changed]
    if not changed:
        return
    connection.execute(delete(record).where(record.c.uri.in_([uri for uri, _one in changed])))
    connection.execute(insert(record), [_record_row(batch, uri, one) for uri, one in changed])


def _record_row(batch: Batch, uri: str, one: _Record) -> dict[str, Any]:
    assert one.winner is not None  # noqa: S101  # only a changed record is written
    return {
        "uri": uri,
        "origin_id": batch.logs[one.winner.origin].id,
        "version": one.version,
        "digest": one.digest,
        "position": one.winner.position,
        "type": one.type,
        "identifier": identifier_of(one.winner.body),
    }


def identifier_of(body: bytes) -> str | None:
    """Return the `identifier` of an imported record, None when it has none."""
    if b'"identifier"' not in body:
        return None
    found = orjson.loads(body).get("identifier")
    return found if isinstance(found, str) else None


def _write_log(connection: Connection, log: _Log) -> None:
    contiguous = log.contiguous_seq
    if contiguous < log.last_seq:
        contiguous = _contiguous(connection, log)
    connection.execute(
        update(origin)
        .where(origin.c.id == log.id)
        .values(last_seq=log.last_seq, last_digest=log.last_digest, contiguous_seq=contiguous)
    )


def _contiguous(connection: Connection, log: _Log) -> int:
    """Return the highest number up to which an origin's log has no gap.

    Looks from the old end on and stops at the first gap, so that a gap costs nothing later.
    """
    above = entry.alias("above")
    follows = select(above.c.seq).where(
        above.c.origin_id == entry.c.origin_id, above.c.seq == entry.c.seq + 1
    )
    edge = (
        select(entry.c.seq)
        .where(
            entry.c.origin_id == log.id,
            entry.c.seq >= max(log.contiguous_seq, 1),
            ~follows.exists(),
        )
        .order_by(entry.c.seq)
        .limit(1)
    )
    if log.contiguous_seq == 0:
        first = select(entry.c.seq).where(entry.c.origin_id == log.id, entry.c.seq == 1)
        if connection.execute(first).first() is None:
            return 0
    return int(connection.execute(edge).scalar_one())


def _erase(connection: Connection, batch: Batch, tombstone: Entry) -> None:
    """Delete the bodies that a tombstone erases; only numbers and digests are left."""
    erases = orjson.loads(tombstone.body).get("erases")
    if not isinstance(erases, list):
        return
    numbers = [n for n in erases if isinstance(n, int) and n != tombstone.seq]
    connection.execute(
        update(entry)
        .where(
            entry.c.origin_id == batch.logs[tombstone.origin].id,
            entry.c.seq.in_(numbers),
            entry.c.uri == tombstone.uri,
        )
        .values(state=str(EntryState.ERASED), body=b"")
    )
