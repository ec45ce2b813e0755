"""Between table rows and values: times are integers in the tables, aware datetimes outside."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, Select, select

from federation.journal.tables import entry, origin
from federation.records import Entry, EntryState, Origin, OriginStanding

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def to_micros(moment: datetime) -> int:
    """Return microseconds since 1970, exactly."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def from_micros(number: int) -> datetime:
    """Return the aware UTC datetime of microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=number)


def maybe_from_micros(number: int | None) -> datetime | None:
    """Return the datetime, None for None."""
    return None if number is None else from_micros(number)


def select_entries() -> Select[Any]:
    """Return the query from which `entry_of` makes entries."""
    return select(entry, origin.c.did).join(origin, entry.c.origin_id == origin.c.id)


def entry_of(row: Row[Any]) -> Entry:
    """Return a row of `select_entries` as an entry."""
    return Entry(
        origin=row.did,
        seq=row.seq,
        uri=row.uri,
        version_uri=row.version_uri,
        version=row.version,
        digest=row.digest,
        type=row.type,
        body=bytes(row.body),
        received=from_micros(row.received),
        position=row.position,
        feed_number=row.feed_number,
        state=EntryState(row.state),
        reason=row.reason,
    )


def origin_of(row: Row[Any]) -> Origin:
    """Return a row of the table `origin` as a value."""
    return Origin(
        did=row.did,
        base=row.base,
        key=row.key,
        standing=OriginStanding(row.standing),
        introduced_by=row.introduced_by,
        hops=row.hops,
        name=row.name,
        last_seq=row.last_seq,
        contiguous_seq=row.contiguous_seq,
        head_seq=row.head_seq,
        head_digest=row.head_digest,
        head_valid_until=maybe_from_micros(row.head_valid_until),
        until=maybe_from_micros(row.until),
        recovery=row.recovery,
    )
