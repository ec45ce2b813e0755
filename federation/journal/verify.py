"""Verify: every byte, signature and chain of the journal, and what is derived from it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import orjson
from sqlalchemy import Connection, select

from federation import proof
from federation.errors import ProofError
from federation.gate import may_leave
from federation.journal import derived, origins
from federation.journal.batch import erased_by
from federation.journal.derived import Fault
from federation.journal.rows import entry_of, select_entries
from federation.journal.store import Store
from federation.journal.tables import entry
from federation.records import DISOWNED, Entry, EntryState, OriginStanding
from vocab.terms import JsonObject, type_of

_STEP: Final = 100  # entries in memory at once; one has up to 256 kB

__all__ = ["Fault", "VerifyReport", "verify_entries"]


@dataclass(slots=True)
class VerifyReport:
    """What was looked at: number of entries and origins, faults, and numbers not held yet."""

    entries: int = 0
    origins: int = 0
    faults: list[Fault] = field(default_factory=list)
    gaps: dict[str, list[int]] = field(default_factory=dict)


def verify_entries(store: Store, progress: Callable[[int], None] | None = None) -> VerifyReport:
    """Check the whole journal of a store."""
    report = VerifyReport()
    with store.read() as connection:
        known = origins.every(connection)
        keys = origins.keys_ever(connection)
        own = {each.did for each in known if each.standing is OriginStanding.LOCAL}
        before: Entry | None = None
        for one in _entries(connection):
            report.entries += 1
            report.faults += _faults(connection, one, keys.get(one.origin, []))
            report.faults += _order(before, one)
            if not may_leave(one, own=one.origin in own):
                report.faults.append(_fault(one, "withheld", "it must not leave this node"))
            before = one
            if progress is not None and report.entries % 100 == 0:
                progress(report.entries)
        report.faults += derived.records(connection)
        report.faults += derived.feed(connection)
        for each in known:
            missing = derived.gaps(connection, each.did, max(each.last_seq, each.head_seq))
            report.faults += derived.log(connection, each, missing)
            if missing:
                report.gaps[each.did] = missing
            report.origins += 1
    return report


def _entries(connection: Connection) -> Iterator[Entry]:
    position = 0
    while True:
        query = select_entries().where(entry.c.position > position).order_by(entry.c.position)
        rows = connection.execute(query.limit(_STEP)).all()
        if not rows:
            return
        yield from map(entry_of, rows)
        position = rows[-1].position


def _faults(connection: Connection, one: Entry, keys: list[str]) -> Iterator[Fault]:
    if one.state is EntryState.ERASED:
        yield from _erasure(connection, one)
        return
    try:
        document = orjson.loads(one.body)
        if not isinstance(document, dict):
            raise ProofError("it is no JSON object")
        examined = proof.examine(document)
        if examined.body != one.body:
            yield _fault(one, "not-canonical", "the bytes are not those that were signed")
        if examined.digest != one.digest:
            yield _fault(one, "digest", "the digest does not match the bytes")
        if examined.proof.controller != one.origin:
            yield _fault(one, "foreign-key", examined.proof.method)
            return
        examined.verify_any(keys)
    except (ValueError, ProofError) as error:
        yield _fault(one, "bad-proof", str(error))
        return
    yield from _columns(one, document)
    yield from _chain(connection, one, document.get("previous"))


def _columns(one: Entry, document: JsonObject) -> Iterator[Fault]:
    names = ("origin", "seq", "id", "version", "isVersionOf")
    said = (*(document.get(name) for name in names), type_of(document)[:60] or "unknown")
    if said != (one.origin, one.seq, one.version_uri, one.version, one.uri, one.type):
        yield _fault(one, "derived", f"the columns say otherwise than the document: {said}")
    if (one.state is EntryState.HELD) != (one.feed_number is not None):
        yield _fault(one, "derived", f"it is {one.state}, its feed number is {one.feed_number}")


def _erasure(connection: Connection, one: Entry) -> Iterator[Fault]:
    """Yield a fault when no tombstone says that an entry's body may be missing."""
    if one.body:
        yield _fault(one, "derived", "it is called erased but its body is still there")
    if one.reason == DISOWNED:  # the entry that its origin's recovery key signed says so
        return
    tombstones = select(entry.c.body).where(
        entry.c.uri == one.uri,
        entry.c.type == "Tombstone",
        entry.c.state == str(EntryState.HELD),
    )
    bodies = connection.execute(tombstones).scalars()
    if not any(one.seq in erased_by(bytes(body)) for body in bodies):
        yield _fault(one, "missing", "its body is gone and no tombstone erases it")


def _chain(connection: Connection, one: Entry, previous: object) -> Iterator[Fault]:
    if one.version == 1:
        return
    before = connection.execute(
        select(entry.c.digest).where(entry.c.uri == one.uri, entry.c.version == one.version - 1)
    ).scalar()
    if before is not None and before != previous:
        yield _fault(one, "broken-chain", f"previous: {previous}, held: {before}")


def _order(before: Entry | None, one: Entry) -> Iterator[Fault]:
    earlier: datetime | None = None if before is None else before.received
    if earlier is not None and one.received <= earlier:
        yield _fault(one, "derived", f"received at {one.received}, not after {earlier}")


def _fault(one: Entry, rule: str, detail: str) -> Fault:
    return Fault(one.origin, one.seq, one.version_uri, rule, detail)
