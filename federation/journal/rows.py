"""Between table rows and values."""

from typing import Any

from sqlalchemy import Row, Select, select

from federation.journal.tables import entry, origin
from federation.micros import from_micros, maybe_from_micros
from federation.records import Entry, EntryState, Origin, OriginStanding


def select_entries() -> Select[Any]:
    """Return the query from which `entry_of` makes entries."""
    return select(entry, origin.c.did, origin.c.standing).join(
        origin, entry.c.origin_id == origin.c.id
    )


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
