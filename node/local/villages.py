"""Profiles of villages, kept as the address of the question "which practices fit"."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update

from federation.journal.store import Store
from federation.micros import from_micros, to_micros
from node.local.tables import village as table


@dataclass(frozen=True, slots=True)
class Village:
    """A place that somebody looks for practices for.

    Attributes:
        id: local number.
        origin: DID of the origin that looks after it.
        name: of the place.
        query: its profile, as GET parameters of /fits.
        modified: when the profile was last changed.
    """

    id: int
    origin: str
    name: str
    query: str
    modified: datetime


class Villages:
    """The profiles of a node."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    def list(self, origins: Sequence[str]) -> list[Village]:
        """Return the villages of some origins, by their names."""
        query = select(table).where(table.c.origin.in_(origins)).order_by(table.c.name, table.c.id)
        with self._store.read() as connection:
            return [_village(row) for row in connection.execute(query)]

    def find(self, number: int) -> Village | None:
        """Return a village, None when there is none of that number."""
        with self._store.read() as connection:
            row = connection.execute(select(table).where(table.c.id == number)).first()
            return None if row is None else _village(row)

    def count(self, origin: str) -> int:
        """Return how many villages an origin looks after."""
        query = select(func.count()).select_from(table).where(table.c.origin == origin)
        with self._store.read() as connection:
            return int(connection.execute(query).scalar_one())

    def keep(self, origin: str, name: str, query: str) -> Village:
        """Keep a profile; one of the same name and origin is replaced."""
        same = table.c.origin == origin, table.c.name == name
        values = {"query": query, "modified": to_micros(self._now())}
        with self._store.write() as connection:
            changed = connection.execute(update(table).where(*same).values(**values))
            if not changed.rowcount:
                connection.execute(insert(table).values(origin=origin, name=name, **values))
            return _village(connection.execute(select(table).where(*same)).one())

    def remove(self, number: int) -> None:
        """Forget a profile."""
        with self._store.write() as connection:
            connection.execute(delete(table).where(table.c.id == number))


def _village(row: Row[Any]) -> Village:
    return Village(row.id, row.origin, row.name, row.query, from_micros(row.modified))
