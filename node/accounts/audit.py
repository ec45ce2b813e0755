"""What was done to the node, by whom and when; it is only ever added to."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import insert, select

from federation.journal.store import Store
from federation.micros import from_micros, to_micros
from node.local.tables import audit

PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class Act:
    """One administrative act.

    Attributes:
        id: local number.
        at: when.
        actor: login, "operator" for a link of the command, "command" for the command itself.
        act: what: "account-added", "peer-accepted", "published" …
        subject: to what: a login, an address, a record URI.
        detail: the rest, in English.
    """

    id: int
    at: datetime
    actor: str
    act: str
    subject: str
    detail: str


class Audit:
    """The audit log of a node."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    def note(self, actor: str, act: str, subject: str, detail: str = "") -> None:
        """Write down an act."""
        values = {"at": to_micros(self._now()), "actor": actor, "act": act}
        with self._store.write() as connection:
            connection.execute(
                insert(audit).values(**values, subject=subject[:700], detail=detail[:2000])
            )

    def list(self, before: int | None = None, limit: int = PAGE) -> list[Act]:
        """Return acts, the newest first, older than one by its number."""
        query = select(audit).order_by(audit.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(audit.c.id < before)
        with self._store.read() as connection:
            return [
                Act(row.id, from_micros(row.at), row.actor, row.act, row.subject, row.detail)
                for row in connection.execute(query)
            ]
