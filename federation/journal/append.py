"""Append: the one place that writes entries, and the chain rules that it holds them to."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

import orjson
from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from federation.journal.batch import Batch, Log, RecordState, add, erased_by, pieces
from federation.journal.tables import entry, origin, record
from federation.journal.tables import refusal as refusal_row
from federation.micros import to_micros
from federation.records import Entry, EntryState, OriginStanding, Refusal, Verdict
from federation.refusals import SENTENCES, refusal
from federation.trust import Candidate

UNSEEN: Final = ""
"""Digest of an entry that was erased before it came here."""


@dataclass(frozen=True, slots=True)
class Erased:
    """An entry that has just lost its body, and its place in the feed if it was relayed."""

    version_uri: str
    feed_number: int | None


def judge(batch: Batch, candidate: Candidate) -> Verdict | Refusal:
    """Return what becomes of a candidate and, when it is accepted, put it into the batch."""
    one = candidate.entry
    problem = batch.problem_with(one.origin)
    if problem is not None:
        return refusal(problem, one.version_uri)
    known = batch.seqs.get((one.origin, one.seq))
    if known is not None:
        return _again(batch, candidate, known)
    broken = _chain(batch, one)
    if broken is not None:
        return broken
    if one.seq in batch.erased.get(one.uri, ()):
        # It comes later than the tombstone that erases it: its number is taken, nothing else.
        add(batch, replace(one, state=EntryState.ERASED, body=b""))
        return refusal("erased", one.version_uri)
    verdict = _verdict(batch, one)
    add(batch, one)
    return candidate.refusal or verdict


def _verdict(batch: Batch, one: Entry) -> Verdict:
    """Return what an entry that is about to be added does to its record."""
    before = batch.records.get(one.uri)
    if before is not None and one.version < before.version:
        return Verdict.UNCHANGED
    if one.type == "Tombstone":
        return Verdict.DELETED
    return Verdict.NEW if before is None else Verdict.CHANGED


def _again(batch: Batch, candidate: Candidate, known: tuple[str, str]) -> Verdict | Refusal:
    """Judge a document whose number is taken already."""
    one = candidate.entry
    held_digest, state = known
    if held_digest not in (one.digest, UNSEEN):
        return refusal("equivocation", one.version_uri, detail=f"number {one.seq} of {one.origin}")
    if state == EntryState.ERASED or one.seq in batch.erased.get(one.uri, ()):
        return refusal("erased", one.version_uri)
    if state == EntryState.STUB:
        if candidate.refusal is not None:
            return candidate.refusal
        return _promote(batch, one)
    return Verdict.UNCHANGED


def _promote(batch: Batch, one: Entry) -> Verdict:
    """Let a stub that passes the check by now take its place, at the end of feed and journal."""
    batch.promoted.append(one)
    verdict = _verdict(batch, one)
    add(batch, one)
    return verdict


def _chain(batch: Batch, one: Entry) -> Refusal | None:
    """Return why a version does not fit the versions held of its record, None when it does."""
    same = batch.versions.get((one.uri, one.version))
    if same is not None:
        return refusal("equivocation", one.version_uri, detail=f"version {one.version} twice")
    before = batch.versions.get((one.uri, one.version - 1))
    if before is not None:
        previous = orjson.loads(one.body).get("previous")
        if previous != before:
            return refusal("broken-chain", one.version_uri, detail=f"previous: {previous}")
    after = batch.previous.get((one.uri, one.version + 1))
    if after is not None and after != one.digest:
        detail = f"version {one.version + 1} follows {after}"
        return refusal("broken-chain", one.version_uri, detail=detail)
    return None


def write(connection: Connection, batch: Batch) -> list[Erased]:
    """Write a batch: entries, then what is derived from them.

    Returns:
        What its tombstones have erased.
    """
    for one in batch.promoted:
        connection.execute(
            delete(entry).where(
                entry.c.origin_id == batch.logs[one.origin].id, entry.c.seq == one.seq
            )
        )
    if batch.fresh:
        connection.execute(insert(entry), [_row(batch, one) for one in batch.fresh])
    _write_records(connection, batch)
    gone: list[Erased] = []
    for one in tuple(batch.fresh):
        if one.type == "Tombstone" and one.state is EntryState.HELD:
            gone += _erase(connection, batch, one)
            _mark_unseen(connection, batch, one)
    _forget_refusals(connection, gone)
    for log in batch.logs.values():
        if log.changed:
            _write_log(connection, log)
    return gone


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


def _write_records(connection: Connection, batch: Batch) -> None:
    changed = [(uri, one, one.winner) for uri, one in batch.records.items() if one.winner]
    rows = [_record_row(batch, uri, one, winner) for uri, one, winner in changed]
    for some in pieces([uri for uri, _one, _winner in changed]):
        connection.execute(delete(record).where(record.c.uri.in_(some)))
    if rows:
        connection.execute(insert(record), rows)


def _record_row(batch: Batch, uri: str, one: RecordState, winner: Entry) -> dict[str, Any]:
    return {
        "uri": uri,
        "origin_id": batch.logs[winner.origin].id,
        "version": one.version,
        "digest": one.digest,
        "position": winner.position,
        "type": one.type,
        "identifier": identifier_of(winner.body),
    }


def identifier_of(body: bytes) -> str | None:
    """Return the `identifier` of an imported record, None when it has none."""
    if b'"identifier"' not in body:
        return None
    found = orjson.loads(body).get("identifier")
    return found if isinstance(found, str) else None


def _write_log(connection: Connection, log: Log) -> None:
    contiguous = log.contiguous_seq
    if contiguous < log.last_seq:
        contiguous = contiguous_after(connection, log.id, contiguous)
    connection.execute(
        update(origin)
        .where(origin.c.id == log.id)
        .values(last_seq=log.last_seq, last_digest=log.last_digest, contiguous_seq=contiguous)
    )


def contiguous_after(connection: Connection, origin_id: int, known: int) -> int:
    """Return the highest number up to which an origin's log has no gap.

    Looks from `known` on and stops at the first gap, so that a gap costs nothing later.
    """
    if known == 0:
        first = select(entry.c.seq).where(entry.c.origin_id == origin_id, entry.c.seq == 1)
        if connection.execute(first).first() is None:
            return 0
    above = entry.alias("above")
    follows = select(above.c.seq).where(
        above.c.origin_id == entry.c.origin_id, above.c.seq == entry.c.seq + 1
    )
    edge = (
        select(entry.c.seq)
        .where(entry.c.origin_id == origin_id, entry.c.seq >= max(known, 1), ~follows.exists())
        .order_by(entry.c.seq)
        .limit(1)
    )
    return int(connection.execute(edge).scalar() or known)


def _erase(connection: Connection, batch: Batch, tombstone: Entry) -> list[Erased]:
    """Delete the bodies that a tombstone erases; only numbers and digests are left."""
    gone: list[Erased] = []
    for numbers in pieces(erased_by(tombstone.body) - {tombstone.seq}):
        meant = (
            (entry.c.origin_id == batch.logs[tombstone.origin].id)
            & entry.c.seq.in_(numbers)
            & (entry.c.uri == tombstone.uri)
            & (entry.c.state != str(EntryState.ERASED))
        )
        _forget_name(connection, batch.logs[tombstone.origin].id, meant)
        found = connection.execute(select(entry.c.version_uri, entry.c.feed_number).where(meant))
        gone += [Erased(row.version_uri, row.feed_number) for row in found]
        values = {"state": str(EntryState.ERASED), "body": b"", "reason": ""}
        connection.execute(update(entry).where(meant).values(**values))
    return gone


def _forget_name(connection: Connection, origin_id: int, meant: ColumnElement[bool]) -> None:
    """Take from an origin the name that it has from an organisation which is erased."""
    bodies = select(entry.c.body).where(meant, entry.c.type == "Organisation")
    for body in connection.execute(bodies).scalars():
        names = orjson.loads(body).get("name")
        said = names.values() if isinstance(names, dict) else ()
        same = update(origin).where(
            origin.c.id == origin_id,
            origin.c.standing != str(OriginStanding.LOCAL),
            origin.c.name.in_([str(name)[:500] for name in said]),
        )
        connection.execute(same.values(name=""))


def _forget_refusals(connection: Connection, gone: Iterable[Erased]) -> None:
    """Take out of the ledgers what they quote of erased documents: values that were at fault."""
    values = {
        "pointer": "",
        "detail": "",
        "messages": orjson.dumps(SENTENCES.messages("erased")).decode(),
        "fixes": orjson.dumps(SENTENCES.fixes("erased")).decode(),
    }
    for some in pieces(one.version_uri for one in gone):
        meant = update(refusal_row).where(refusal_row.c.version_uri.in_(some))
        connection.execute(meant.values(**values))


def _mark_unseen(connection: Connection, batch: Batch, tombstone: Entry) -> None:
    """Mark numbers as erased whose entries never came here: relays do not hand them on any more.

    So they are no gaps, and are refused when they come after all.
    """
    origin_id = batch.logs[tombstone.origin].id
    for numbers in pieces(n for n in erased_by(tombstone.body) if n < tombstone.seq):
        known = select(entry.c.seq).where(entry.c.origin_id == origin_id, entry.c.seq.in_(numbers))
        unseen = sorted({*numbers} - {*connection.execute(known).scalars()})
        blank = replace(tombstone, digest=UNSEEN, version=0, version_uri="", body=b"")
        placed = [
            add(batch, replace(blank, seq=number, state=EntryState.ERASED)) for number in unseen
        ]
        if placed:
            connection.execute(insert(entry), [_row(batch, one) for one in placed])
