"""Answers to requests that a program may repeat (Idempotency-Key header)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import orjson
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from federation.journal.store import Store
from federation.micros import to_micros
from node.local.tables import idempotency as table

KEPT: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer that was given before; `status` is 0 while it is still being worked out."""

    request: str
    status: int
    headers: dict[str, str]
    body: bytes


class Repeats:
    """The answers of the last day, by who asked and the key that they chose."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    def begin(self, holder: str, key: str, request: str) -> Kept | None:
        """Reserve a key; return what is kept under it already."""
        old = table.c.created < to_micros(self._now() - KEPT)
        values = {"holder": holder, "key": key, "request": request, "status": 0, "body": b""}
        with self._store.write() as connection:
            connection.execute(delete(table).where(old))
        try:
            with self._store.write() as connection:
                created = to_micros(self._now())
                connection.execute(insert(table).values(**values, created=created))
        except IntegrityError:
            return self._kept(holder, key)
        return None

    def finish(
        self, holder: str, key: str, status: int, headers: dict[str, str], body: bytes
    ) -> None:
        """Keep an answer."""
        mine = table.c.holder == holder, table.c.key == key
        values = {"status": status, "headers": orjson.dumps(headers).decode(), "body": body}
        with self._store.write() as connection:
            connection.execute(update(table).where(*mine).values(**values))

    def forget(self, holder: str, key: str) -> None:
        """Give a key up: the request failed in a way that may pass."""
        mine = table.c.holder == holder, table.c.key == key
        with self._store.write() as connection:
            connection.execute(delete(table).where(*mine))

    def _kept(self, holder: str, key: str) -> Kept | None:
        mine = table.c.holder == holder, table.c.key == key
        with self._store.read() as connection:
            row = connection.execute(select(table).where(*mine)).first()
        if row is None:
            return None
        headers = orjson.loads(row.headers) if row.headers else {}
        return Kept(row.request, row.status, headers, bytes(row.body))
