"""Drafts and the notes about them, as they are kept."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Row, delete, insert, select, update

from federation.journal.store import Store
from federation.micros import from_micros, maybe_from_micros, to_micros
from node.local.tables import account, attachment, draft_note
from node.local.tables import draft as table
from vocab.terms import JsonObject, type_of

_KEY_BYTES: Final = 9


class DraftState(StrEnum):
    """Where a draft is on its way."""

    WRITING = "writing"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    SCHEDULED = "scheduled"


@dataclass(frozen=True, slots=True)
class Draft:
    """A record that is being written.

    Attributes:
        key: random name in the draft's address.
        origin: DID of the origin that it is for.
        record: URI of the record that it is to change, "" for a new one.
        based_on: digest of the version that it began from, "" for a new one.
        type: record type.
        body: the authoring document so far.
        state: where it is on its way.
        revision: grows with each change; whoever saves says which one they saw.
        author: account that began it, None when it is gone or was the operator.
        author_name: its name, "" without one.
        created: when it was begun.
        modified: when it was last saved.
        publish_at: when it is to be published, None for when somebody does.
    """

    key: str
    origin: str
    record: str
    based_on: str
    type: str
    body: JsonObject
    state: DraftState
    revision: int
    author: int | None
    author_name: str
    created: datetime
    modified: datetime
    publish_at: datetime | None


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody said of a draft, or did with it.

    Attributes:
        at: when.
        actor: who, by name.
        kind: "comment", "submitted", "returned", "scheduled" or "recalled".
        text: what was said, may be "".
    """

    at: datetime
    actor: str
    kind: str
    text: str


class StaleDraftError(Exception):
    """Somebody else has saved the draft meanwhile; `held` is what it is now."""

    def __init__(self, held: Draft) -> None:
        super().__init__(f"draft {held.key} is at revision {held.revision} now")
        self.held = held


class GoneDraftError(LookupError):
    """The draft is no more: it was published or thrown away."""


class Drafts:
    """The drafts of a node."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    def list(self, origins: Sequence[str]) -> list[Draft]:
        """Return the drafts of some origins, the one that was saved last first."""
        query = _drafts().where(table.c.origin.in_(origins)).order_by(table.c.modified.desc())
        with self._store.read() as connection:
            return [_draft(row) for row in connection.execute(query)]

    def find(self, key: str) -> Draft | None:
        """Return a draft by its key."""
        with self._store.read() as connection:
            row = connection.execute(_drafts().where(table.c.key == key)).first()
        return None if row is None else _draft(row)

    def of_record(self, uri: str) -> Draft | None:
        """Return the draft that is to change a record."""
        with self._store.read() as connection:
            row = connection.execute(_drafts().where(table.c.record == uri)).first()
        return None if row is None else _draft(row)

    def due(self) -> Sequence[Draft]:
        """Return the drafts whose time has come."""
        query = _drafts().where(
            table.c.state == str(DraftState.SCHEDULED),
            table.c.publish_at <= to_micros(self._now()),
        )
        with self._store.read() as connection:
            return [_draft(row) for row in connection.execute(query)]

    def add(
        self, origin: str, body: JsonObject, author: int | None, *, record: str, based_on: str
    ) -> Draft:
        """Keep a new draft."""
        now = to_micros(self._now())
        key = secrets.token_urlsafe(_KEY_BYTES).replace("-", "A").replace("_", "B")
        values = {
            "key": key,
            "origin": origin,
            "record": record,
            "based_on": based_on,
            "type": type_of(body),
            "body": orjson.dumps(body),
            "state": str(DraftState.WRITING),
            "revision": 1,
            "author_id": author,
            "created": now,
            "modified": now,
        }
        with self._store.write() as connection:
            connection.execute(insert(table).values(**values))
        return self._must(key)

    def save(self, key: str, revision: int, **values: object) -> Draft:
        """Change a draft that is still as it was seen, and return it.

        Args:
            key: of the draft.
            revision: that was seen.
            values: `body`, `state`, `publish_at`, `based_on`, `type`.

        Raises:
            StaleDraftError: somebody else has saved it meanwhile.
            GoneDraftError: it was published or thrown away.
        """
        if "body" in values:
            values["body"] = orjson.dumps(values["body"])
        if isinstance(moment := values.get("publish_at"), datetime):
            values["publish_at"] = to_micros(moment)
        seen = table.c.key == key, table.c.revision == revision
        values |= {"revision": revision + 1, "modified": to_micros(self._now())}
        with self._store.write() as connection:
            changed = connection.execute(update(table).where(*seen).values(**values)).rowcount
        held = self._must(key)
        if not changed:
            raise StaleDraftError(held)
        return held

    def remove(self, key: str) -> None:
        """Forget a draft and what was said of it."""
        with self._store.write() as connection:
            connection.execute(delete(table).where(table.c.key == key))

    def forget_record(self, uri: str) -> None:
        """Forget what was being written of a record, and let its files belong to nobody."""
        with self._store.write() as connection:
            connection.execute(delete(table).where(table.c.record == uri))
            mine = attachment.c.record == uri
            connection.execute(update(attachment).where(mine).values(record="", draft_id=None))

    def note(self, key: str, actor: str, kind: str, text: str = "") -> None:
        """Keep what somebody said of a draft."""
        with self._store.write() as connection:
            number = _number(connection, key)
            values = {"at": to_micros(self._now()), "actor": actor, "kind": kind, "text": text}
            connection.execute(insert(draft_note).values(draft_id=number, **values))

    def notes(self, key: str) -> Sequence[Note]:
        """Return what was said of a draft, the oldest first."""
        query = select(draft_note).join(table, draft_note.c.draft_id == table.c.id)
        query = query.where(table.c.key == key).order_by(draft_note.c.id)
        with self._store.read() as connection:
            return [
                Note(from_micros(row.at), row.actor, row.kind, row.text)
                for row in connection.execute(query)
            ]

    def settle_attachments(self, key: str, record: str) -> None:
        """Let the files of a draft belong to the record that it became."""
        with self._store.write() as connection:
            mine = attachment.c.draft_id == _number(connection, key)
            connection.execute(update(attachment).where(mine).values(record=record, draft_id=None))

    def _must(self, key: str) -> Draft:
        found = self.find(key)
        if found is None:
            raise GoneDraftError(key)
        return found


def _drafts() -> Any:
    return select(table, account.c.name.label("author_name")).outerjoin(
        account, table.c.author_id == account.c.id
    )


def _number(connection: Connection, key: str) -> int:
    number = connection.execute(select(table.c.id).where(table.c.key == key)).scalar()
    if number is None:
        raise GoneDraftError(key)
    return int(number)


def _draft(row: Row[Any]) -> Draft:
    return Draft(
        key=row.key,
        origin=row.origin,
        record=row.record,
        based_on=row.based_on,
        type=row.type,
        body=orjson.loads(row.body),
        state=DraftState(row.state),
        revision=row.revision,
        author=row.author_id,
        author_name=row.author_name or "",
        created=from_micros(row.created),
        modified=from_micros(row.modified),
        publish_at=maybe_from_micros(row.publish_at),
    )
