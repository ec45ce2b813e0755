"""Verify: every byte, signature and chain of the journal, and what is derived from it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

import orjson
from sqlalchemy import Connection, select

from federation import proof
from federation.errors import ProofError
from federation.journal import origins
from federation.journal.rows import entry_of, select_entries
from federation.journal.store import Store
from federation.journal.tables import entry, origin, record
from federation.records import Entry, EntryState
from vocab.canonical import canonical_bytes, digest

_STEP: Final = 500


@dataclass(frozen=True, slots=True)
class Fault:
    """One entry that does not hold.

    Attributes:
        origin: DID.
        seq: number in the origin's log.
        uri: version URI.
        rule: "bad-proof", "digest", "not-canonical", "broken-chain", "derived" or "foreign-key".
        detail: what was found, in English.
    """

    origin: str
    seq: int
    uri: str
    rule: str
    detail: str


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
        keys = {one.did: origins.keys_of(connection, one.did) for one in known}
        for one in _entries(connection):
            report.entries += 1
            report.faults += _faults(connection, one, keys.get(one.origin, {}))
            if progress is not None and report.entries % 100 == 0:
                progress(report.entries)
        report.faults += _derived(connection)
        for each in known:
            missing = _gaps(connection, each.did, max(each.last_seq, each.head_seq))
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


def _faults(connection: Connection, one: Entry, keys: dict[str, str]) -> Iterator[Fault]:
    if one.state is EntryState.ERASED:
        return
    try:
        document = orjson.loads(one.body)
        if canonical_bytes(document) != one.body:
            yield _fault(one, "not-canonical", "the bytes are not those that were signed")
        if digest(document) != one.digest:
            yield _fault(one, "digest", "the digest does not match the bytes")
        made = proof.read(document)
        if made.method not in keys:
            yield _fault(one, "foreign-key", made.method)
            return
        proof.verify(document, keys[made.method])
    except (ValueError, ProofError) as error:
        yield _fault(one, "bad-proof", str(error))
        return
    said = (
        document.get("origin"),
        document.get("seq"),
        document.get("id"),
        document.get("version"),
    )
    if said != (one.origin, one.seq, one.version_uri, one.version):
        yield _fault(one, "derived", f"the columns say otherwise than the document: {said}")
    yield from _chain(connection, one, document.get("previous"))


def _chain(connection: Connection, one: Entry, previous: object) -> Iterator[Fault]:
    if one.version == 1:
        return
    before = connection.execute(
        select(entry.c.digest).where(entry.c.uri == one.uri, entry.c.version == one.version - 1)
    ).scalar()
    if before is not None and before != previous:
        yield _fault(one, "broken-chain", f"previous: {previous}, held: {before}")


def _derived(connection: Connection) -> Iterator[Fault]:
    """Yield records whose row is not that of their newest held version."""
    newer = entry.alias("newer")
    wrong = (
        select(
            record.c.uri, record.c.version, entry.c.version.label("held"), entry.c.seq, origin.c.did
        )
        .select_from(
            record.join(origin, record.c.origin_id == origin.c.id).outerjoin(
                entry, entry.c.position == record.c.position
            )
        )
        .where(
            entry.c.position.is_(None)
            | (entry.c.uri != record.c.uri)
            | (entry.c.version != record.c.version)
            | (entry.c.digest != record.c.digest)
            | select(newer.c.position)
            .where(
                newer.c.uri == record.c.uri,
                newer.c.version > record.c.version,
                newer.c.state != str(EntryState.STUB),
            )
            .exists()
        )
    )
    for row in connection.execute(wrong):
        yield Fault(row.did, row.seq or 0, row.uri, "derived", f"row says version {row.version}")


def _gaps(connection: Connection, did: str, last: int) -> list[int]:
    """Return numbers up to `last` that are not held, at most a thousand of them."""
    rows = connection.execute(
        select(entry.c.seq)
        .join(origin, entry.c.origin_id == origin.c.id)
        .where(origin.c.did == did)
        .order_by(entry.c.seq)
    )
    missing: list[int] = []
    expected = 1
    for (seq,) in rows:
        missing += range(expected, min(seq, expected + 1000 - len(missing)))
        expected = seq + 1
    missing += range(expected, min(last + 1, expected + 1000 - len(missing)))
    return missing


def _fault(one: Entry, rule: str, detail: str) -> Fault:
    return Fault(one.origin, one.seq, one.version_uri, rule, detail)
