"""Verify what is derived from the entries: records, feed numbers, the ends of the logs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, func, select

from federation.journal.append import identifier_of
from federation.journal.tables import entry, origin, record
from federation.records import EntryState, Origin, OriginStanding

_MAX_GAPS: Final = 1000


@dataclass(frozen=True, slots=True)
class Fault:
    """One entry that does not hold.

    Attributes:
        origin: DID.
        seq: number in the origin's log.
        uri: version URI.
        rule: "bad-proof", "digest", "not-canonical", "broken-chain", "derived", "missing",
            "foreign-key" or "withheld".
        detail: what was found, in English.
    """

    origin: str
    seq: int
    uri: str
    rule: str
    detail: str


def records(connection: Connection) -> Iterator[Fault]:
    """Yield records whose row is not that of their newest held version."""
    yield from _wrong_rows(connection)
    yield from _absent_rows(connection)
    yield from _wrong_identifiers(connection)


def _wrong_rows(connection: Connection) -> Iterator[Fault]:
    newer = entry.alias("newer")
    query = (
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
            | (entry.c.type != record.c.type)
            | (entry.c.origin_id != record.c.origin_id)
            | select(newer.c.position)
            .where(
                newer.c.uri == record.c.uri,
                newer.c.version > record.c.version,
                newer.c.state == str(EntryState.HELD),
            )
            .exists()
        )
    )
    for row in connection.execute(query):
        yield Fault(row.did, row.seq or 0, row.uri, "derived", f"row says version {row.version}")


def _absent_rows(connection: Connection) -> Iterator[Fault]:
    known = select(record.c.id).where(record.c.uri == entry.c.uri)
    query = (
        select(entry.c.uri, entry.c.seq, origin.c.did)
        .join(origin, entry.c.origin_id == origin.c.id)
        .where(entry.c.state == str(EntryState.HELD), ~known.exists())
    )
    for row in connection.execute(query):
        yield Fault(row.did, row.seq, row.uri, "derived", "the record has no row")


def _wrong_identifiers(connection: Connection) -> Iterator[Fault]:
    query = (
        select(record.c.uri, record.c.identifier, entry.c.seq, entry.c.body, origin.c.did)
        .join(entry, entry.c.position == record.c.position)
        .join(origin, record.c.origin_id == origin.c.id)
        .where(record.c.identifier.is_not(None) | (func.instr(entry.c.body, b'"identifier"') > 0))
    )
    for row in connection.execute(query):
        if row.body and _identifier(bytes(row.body)) != row.identifier:
            said = f"row says identifier {row.identifier}"
            yield Fault(row.did, row.seq, row.uri, "derived", said)


def _identifier(body: bytes) -> Any:
    try:
        return identifier_of(body)
    except (ValueError, AttributeError):  # told as a fault of the entry itself
        return None


def feed(connection: Connection) -> Iterator[Fault]:
    """Yield a fault when the feed has not every number from 0 on."""
    number = entry.c.feed_number
    count, highest = connection.execute(select(func.count(number), func.max(number))).one()
    if count and highest != count - 1:
        detail = f"the feed has {count} entries, the last has number {highest}"
        yield Fault("", 0, "", "missing", detail)


def log(connection: Connection, one: Origin, missing: Sequence[int]) -> Iterator[Fault]:
    """Yield what an origin's row claims to be held and is not."""
    number = select(origin.c.id).where(origin.c.did == one.did).scalar_subquery()
    last = connection.execute(
        select(func.max(entry.c.seq)).where(entry.c.origin_id == number)
    ).scalar()
    if (last or 0) != one.last_seq:
        detail = f"the last entry held is {last or 0}, the origin's row says {one.last_seq}"
        yield Fault(one.did, one.last_seq, "", "missing", detail)
    own = one.standing is OriginStanding.LOCAL
    until = one.last_seq if own else one.contiguous_seq
    gone = [seq for seq in missing if seq <= until]
    for seq in gone:
        yield Fault(one.did, seq, "", "missing", "the entry was held and is gone")
    whole = min(missing[0] - 1, one.last_seq) if missing else one.last_seq
    if one.contiguous_seq != whole and not gone:
        detail = f"nothing is missing up to {whole}, the row says up to {one.contiguous_seq}"
        yield Fault(one.did, one.contiguous_seq, "", "derived", detail)


def gaps(connection: Connection, did: str, last: int) -> list[int]:
    """Return numbers up to `last` that are not held, at most a thousand of them."""
    rows = connection.execute(
        select(entry.c.seq)
        .join(origin, entry.c.origin_id == origin.c.id)
        .where(origin.c.did == did, entry.c.seq > 0)
        .order_by(entry.c.seq)
    )
    missing: list[int] = []
    expected = 1
    for (seq,) in rows:
        missing += range(expected, min(seq, expected + _MAX_GAPS - len(missing)))
        expected = seq + 1
    missing += range(expected, min(last + 1, expected + _MAX_GAPS - len(missing)))
    return missing
