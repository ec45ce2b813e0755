"""Reading the journal: versions, records, changes after a position, slices of the feed."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, func, select, text

from federation.gate import may_leave
from federation.journal.batch import pieces
from federation.journal.rows import entry_of, select_entries
from federation.journal.store import Store
from federation.journal.tables import entry, origin, record
from federation.records import DISOWNED, Entry, EntryState, OriginStanding
from vocab.terms import SIGNED_BY_THE_NODE

PAGE: Final = 500
_OWN: Final = origin.c.standing == str(OriginStanding.LOCAL)


@dataclass(frozen=True, slots=True)
class Changes:
    """A piece of the journal: entries, and the position up to which it was read."""

    entries: list[Entry]
    position: int


@dataclass(frozen=True, slots=True)
class Reached:
    """How far an origin's log is held without a gap, and the digest of the entry there."""

    seq: int
    digest: str


def history_of(connection: Connection, uri: str) -> list[Entry]:
    """Return all versions of a record, the oldest first."""
    seen = entry.c.version > 0  # marks of what was erased before it came have no version
    query = select_entries().where(entry.c.uri == uri, seen).order_by(entry.c.version)
    return [entry_of(row) for row in connection.execute(query)]


class JournalReader:
    """Reads; each call sees one consistent state.

    Whatever leaves the node is read here, so what the gate holds back is not read at all.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def position(self) -> int:
        """Return the position of the last entry, 0 for an empty journal."""
        with self._store.read() as connection:
            return int(connection.execute(select(func.max(entry.c.position))).scalar() or 0)

    def reached(self, did: str) -> Reached | None:
        """Return how far the log of an origin is held without a gap, None for an unknown one.

        The digest is "" before the first entry, and of one that was erased before it came.
        """
        last = (entry.c.origin_id == origin.c.id) & (entry.c.seq == origin.c.contiguous_seq)
        query = select(origin.c.contiguous_seq, entry.c.digest).outerjoin(entry, last)
        with self._store.read() as connection:
            row = connection.execute(query.where(origin.c.did == did)).first()
            return None if row is None else Reached(row.contiguous_seq, row.digest or "")

    def digest_of(self, did: str, seq: int) -> str | None:
        """Return the digest of an entry by its number in an origin's log, None when not held."""
        query = select(entry.c.digest).join(origin, entry.c.origin_id == origin.c.id)
        with self._store.read() as connection:
            found = connection.execute(query.where(origin.c.did == did, entry.c.seq == seq))
            return found.scalar()

    def erasures(self) -> int:
        """Return how many relayed entries have lost their body here; it only ever grows."""
        # The state is written out, or the index of the erased ones would not be used.
        relayed = text("entry.state = 'erased'"), entry.c.feed_number.is_not(None)
        with self._store.read() as connection:
            query = select(func.count()).select_from(entry).where(*relayed)
            return int(connection.execute(query).scalar_one())

    def count(self) -> int:
        """Return how many entries there are."""
        with self._store.read() as connection:
            return int(connection.execute(select(func.count()).select_from(entry)).scalar_one())

    def changes(self, after: int, limit: int = PAGE, *, current_only: bool = False) -> Changes:
        """Return up to `limit` entries after a position, in order.

        With `current_only`, entries that a newer version replaced are left out, but the position
        passes them: a reader that keeps only the newest versions need not see them.
        """
        with self._store.read() as connection:
            if not current_only:
                query = select_entries().where(entry.c.position > after)
                rows = connection.execute(query.order_by(entry.c.position).limit(limit)).all()
                return _changes(rows, after)
            query = _current().where(record.c.position > after)
            rows = connection.execute(query.order_by(record.c.position).limit(limit)).all()
            if len(rows) < limit:
                last = connection.execute(select(func.max(entry.c.position))).scalar() or 0
                return Changes(_outward(rows), max(after, int(last)))
            return _changes(rows, after)

    def own_changes(self, after: int, limit: int = PAGE) -> Changes:
        """Return up to `limit` newest versions of this node's own records after a position."""
        query = _current().where(_OWN, record.c.position > after)
        with self._store.read() as connection:
            rows = connection.execute(query.order_by(record.c.position).limit(limit)).all()
        return _changes(rows, after)

    def own_position(self) -> int:
        """Return the position of the newest of this node's own records, 0 without any."""
        owned = record.join(origin, record.c.origin_id == origin.c.id)
        query = select(func.max(record.c.position)).select_from(owned).where(_OWN)
        with self._store.read() as connection:
            return int(connection.execute(query).scalar() or 0)

    def log(self, did: str, after: int, limit: int = PAGE) -> list[Entry]:
        """Return up to `limit` entries of an origin's log after a number, in its order."""
        query = select_entries().where(origin.c.did == did, entry.c.seq > after)
        with self._store.read() as connection:
            return _outward(connection.execute(query.order_by(entry.c.seq).limit(limit)).all())

    def current(self, uri: str) -> Entry | None:
        """Return the newest version of a record, the tombstone of a withdrawn one."""
        return self._one(_current().where(record.c.uri == uri))

    def version(self, uri: str, number: int) -> Entry | None:
        """Return one version of a record."""
        query = select_entries().where(entry.c.uri == uri, entry.c.version == number)
        return self._one(query.where(entry.c.state != str(EntryState.STUB)))

    def bodies_of(self, versions: Collection[tuple[str, int]]) -> dict[tuple[str, int], bytes]:
        """Return what is held of versions by record and number, stubs included, b"" when erased."""
        numbers = {number for _uri, number in versions}
        query = select(entry.c.uri, entry.c.version, entry.c.body)
        meant = query.where(
            entry.c.uri.in_({uri for uri, _number in versions}), entry.c.version.in_(numbers)
        )
        with self._store.read() as connection:
            return {(row.uri, row.version): bytes(row.body) for row in connection.execute(meant)}

    def history(self, uri: str) -> list[Entry]:
        """Return all versions of a record that are shown, erased ones included, oldest first."""
        with self._store.read() as connection:
            found = history_of(connection, uri)
        return [one for one in found if one.state is not EntryState.STUB]

    def by_identifier(self, origin_did: str, identifier: str) -> Entry | None:
        """Return the newest version of the record that an origin imported under an identifier."""
        known = origin.c.did == origin_did, record.c.identifier == identifier
        return self._one(_current().where(*known))

    def records(
        self, *, origin_did: str | None = None, record_type: str | None = None
    ) -> Iterator[Entry]:
        """Yield the newest version of every record, tombstones included, in journal order."""
        query = _current()
        if origin_did is not None:
            query = query.where(origin.c.did == origin_did)
        if record_type is not None:
            query = query.where(record.c.type == record_type)
        query = query.order_by(record.c.position).limit(PAGE)
        after = 0
        while True:
            with self._store.read() as connection:
                rows = connection.execute(query.where(record.c.position > after)).all()
            yield from _outward(rows)
            if len(rows) < PAGE:
                return
            after = rows[-1].position

    def first_positions(self, uris: Collection[str]) -> dict[str, int]:
        """Return by record URI the position of its first version, where that is held."""
        found: dict[str, int] = {}
        with self._store.read() as connection:
            for some in pieces(uris):
                query = select(entry.c.uri, entry.c.position)
                rows = connection.execute(query.where(entry.c.uri.in_(some), entry.c.version == 1))
                found |= {row.uri: row.position for row in rows}
        return found

    def position_of_record(self, dids: Collection[str], number: int) -> int | None:
        """Return the position of the first version of the n-th record of some origins.

        Counted is content that is held and was not withdrawn.
        """
        content = record.c.type.not_in(SIGNED_BY_THE_NODE)
        query = (
            select(entry.c.position)
            .join(origin, entry.c.origin_id == origin.c.id)
            .join(record, record.c.uri == entry.c.uri)
            .where(origin.c.did.in_(dids), entry.c.version == 1, content)
            .order_by(entry.c.position)
        )
        with self._store.read() as connection:
            return connection.execute(query.offset(number - 1).limit(1)).scalar()

    def count_records(self, dids: Collection[str]) -> int:
        """Return how many records of some origins are held, content only, none withdrawn."""
        query = (
            select(func.count())
            .select_from(record)
            .join(origin, record.c.origin_id == origin.c.id)
            .where(origin.c.did.in_(dids), record.c.type.not_in(SIGNED_BY_THE_NODE))
        )
        with self._store.read() as connection:
            return int(connection.execute(query).scalar_one())

    def stubs(self, after: int, limit: int = PAGE) -> list[Entry]:
        """Return genuine entries after a position that fail the record check, in order."""
        query = select_entries().where(
            entry.c.state == str(EntryState.STUB), entry.c.position > after
        )
        with self._store.read() as connection:
            rows = connection.execute(query.order_by(entry.c.position).limit(limit))
            return [entry_of(row) for row in rows]

    def _one(self, query: Select[Any]) -> Entry | None:
        with self._store.read() as connection:
            return next(iter(_outward(connection.execute(query.limit(1)).all())), None)

    def feed_size(self) -> int:
        """Return how many entries this node relays."""
        with self._store.read() as connection:
            last = connection.execute(select(func.max(entry.c.feed_number))).scalar()
            return 0 if last is None else int(last) + 1

    def feed_slice(self, start: int, count: int) -> list[Entry]:
        """Return the relayed entries from feed number `start` on; erased ones are left out."""
        query = select_entries().where(
            entry.c.feed_number >= start,
            entry.c.feed_number < start + count,
            entry.c.state == str(EntryState.HELD),
        )
        with self._store.read() as connection:
            return _outward(connection.execute(query.order_by(entry.c.feed_number)).all())

    def feed_bounds(self, size: int, first_page: int = 0) -> list[tuple[int, int]]:
        """Return when the first and the last entry of each feed page were received.

        Args:
            size: entries on a page.
            first_page: number of the first page asked for.

        Returns:
            One pair of microseconds since 1970 per page.
        """
        start = first_page * size
        edges = entry.c.feed_number % size
        listed = select(entry.c.feed_number, entry.c.received).order_by(entry.c.feed_number)
        with self._store.read() as connection:
            # Only the first and last of each page are looked at, not what stands between.
            found = connection.execute(
                listed.where(entry.c.feed_number >= start, edges.in_((0, size - 1)))
            ).all()
            last = connection.execute(
                select(entry.c.received)
                .where(entry.c.feed_number >= start)
                .order_by(entry.c.feed_number.desc())
                .limit(1)
            ).scalar()
        firsts = [row.received for row in found if row.feed_number % size == 0]
        lasts = [row.received for row in found if row.feed_number % size == size - 1]
        if len(lasts) < len(firsts):
            lasts.append(last)
        return list(zip(firsts, lasts, strict=True))

    def feed_erasures(self, size: int) -> dict[int, int]:
        """Return how many entries each feed page has lost by erasure since it was full.

        Args:
            size: entries on a page.

        Returns:
            By page number; pages that lost none are left out.
        """
        later = entry.alias("later")
        page = entry.c.feed_number.op("/")(size)
        tombstone = select(later.c.position).where(
            later.c.uri == entry.c.uri,
            later.c.type == "Tombstone",
            later.c.feed_number.op("/")(size) > page,
        )
        # The state is written out, or the index of the erased ones would not be used.
        query = select(page).where(
            text("entry.state = 'erased'"),
            entry.c.feed_number.is_not(None),
            tombstone.exists() | (entry.c.reason == DISOWNED),
        )
        with self._store.read() as connection:
            return Counter(connection.execute(query).scalars())


def _current() -> Select[Any]:
    """Return the query for the newest versions of records."""
    return select_entries().join(record, record.c.position == entry.c.position)


def _outward(rows: Iterable[Row[Any]]) -> list[Entry]:
    """Return what may leave the node, of rows of `select_entries`."""
    local = str(OriginStanding.LOCAL)
    read = ((entry_of(row), row.standing == local) for row in rows)
    return [found for found, own in read if may_leave(found, own=own)]


def _changes(rows: Sequence[Row[Any]], after: int) -> Changes:
    """Return rows with the position of the last, which is passed even when it is held back."""
    return Changes(_outward(rows), rows[-1].position if rows else after)
