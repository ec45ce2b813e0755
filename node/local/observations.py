"""What citizens said, as it is kept until it is answered."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import orjson
from sqlalchemy import Row, delete, insert, or_, select, update

from federation.journal.store import Store
from federation.micros import from_micros, to_micros
from node.local.tables import observation as table
from vocab.terms import JsonObject

BY_STAFF: Final = ("phone", "counter", "paper")
"""How what staff wrote down came to them."""


class ObservationState(StrEnum):
    """What became of an observation."""

    RECEIVED = "received"
    PUBLISHED = "published"  # and not answered yet
    ANSWERED = "answered"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody sent.

    Attributes:
        record: URI of the practice.
        origin: DID of the origin that answers.
        kind: code of the scheme "observation".
        text: what they say.
        language: it is written in.
        month: of what they saw, "2026-03".
        groups: codes of the target groups that they count themselves to.
        rating: 1 to 5, None for none.
        entered: "citizen", or one of `BY_STAFF` when staff wrote it down.
        mail: address to be told of the answer, "" for none.
    """

    record: str
    origin: str
    kind: str
    text: str
    language: str
    month: str
    groups: tuple[str, ...] = ()
    rating: int | None = None
    entered: str = "citizen"
    mail: str = ""


@dataclass(frozen=True, slots=True)
class Observation:
    """An observation and what became of it.

    Attributes:
        id: local number.
        said: what was sent; its text is "" once it is published, refused or withdrawn.
        state: what became of it.
        published: URI of its record, "" for none.
        reason: why it was refused, "" when it was not.
        consent: the consent record, which never leaves the node.
        created: when it came.
        modified: when something last happened to it; no two versions have the same.
    """

    id: int
    said: Said
    state: ObservationState
    published: str
    reason: str
    consent: JsonObject
    created: datetime
    modified: datetime


class Observations:
    """The observations of a node."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    def add(self, said: Said, receipt: str, consent: JsonObject) -> Observation:
        """Keep what somebody sent, under the digest of their receipt code.

        Returns:
            What is kept under that code: what was there before, if there was something.
        """
        now = to_micros(self._now())
        values = {
            "record": said.record,
            "origin": said.origin,
            "kind": said.kind,
            "text": said.text,
            "language": said.language,
            "month": said.month,
            "target_groups": " ".join(said.groups),
            "rating": said.rating,
            "state": str(ObservationState.RECEIVED),
            "entered": said.entered,
            "receipt": receipt,
            "mail": said.mail,
            "consent": orjson.dumps(consent).decode(),
            "created": now,
            "modified": now,
        }
        with self._store.write() as connection:
            same = table.c.receipt == receipt
            held = connection.execute(select(table).where(same)).first()
            if held is not None:
                return _observation(held)
            row = connection.execute(insert(table).values(**values).returning(table)).one()
        return _observation(row)

    def change(self, held: Observation, **values: object) -> Observation | None:
        """Change state, text, published, reason, rating, mail, mailed or consent of an observation.

        Returns:
            How it is now; None where somebody else has changed it since it was read, so that
            nothing was done.
        """
        if "consent" in values:
            values["consent"] = orjson.dumps(values["consent"]).decode()
        seen = to_micros(held.modified)
        values["modified"] = max(to_micros(self._now()), seen + 1)
        same = table.c.id == held.id, table.c.modified == seen
        query = update(table).where(*same).values(**values).returning(table)
        with self._store.write() as connection:
            row = connection.execute(query).first()
        return None if row is None else _observation(row)

    def find(self, number: int) -> Observation | None:
        """Return an observation by its number."""
        return self._one(table.c.id == number)

    def by_receipt(self, receipt: str) -> Observation | None:
        """Return an observation by the digest of its receipt code, or of the one in the mail."""
        return self._one(or_(table.c.receipt == receipt, table.c.mailed == receipt))

    def of_record(self, uri: str) -> Observation | None:
        """Return the observation that was published as a record."""
        return self._one(table.c.published == uri)

    def ratings(self, record: str) -> list[int]:
        """Return the ratings of a practice that came with observations that are published."""
        shown = [str(ObservationState.PUBLISHED), str(ObservationState.ANSWERED)]
        query = select(table.c.rating).where(
            table.c.record == record, table.c.state.in_(shown), table.c.rating.is_not(None)
        )
        with self._store.read() as connection:
            return [row.rating for row in connection.execute(query)]

    def forget(self, before: datetime, states: Sequence[ObservationState]) -> int:
        """Delete observations that ended before a time, and return how many."""
        old = table.c.modified < to_micros(before), table.c.state.in_([str(one) for one in states])
        with self._store.write() as connection:
            return int(connection.execute(delete(table).where(*old)).rowcount)

    def list(self, origins: Sequence[str]) -> list[Observation]:
        """Return the observations that some origins have to answer, the oldest first."""
        query = select(table).where(table.c.origin.in_(origins)).order_by(table.c.created)
        with self._store.read() as connection:
            return [_observation(row) for row in connection.execute(query)]

    def _one(self, condition: Any) -> Observation | None:
        with self._store.read() as connection:
            row = connection.execute(select(table).where(condition)).first()
        return None if row is None else _observation(row)


def _observation(row: Row[Any]) -> Observation:
    state = ObservationState(row.state)
    if state is ObservationState.PUBLISHED and not row.published:
        state = ObservationState.RECEIVED  # its publication broke off half way
    return Observation(
        id=row.id,
        said=Said(
            record=row.record,
            origin=row.origin,
            kind=row.kind,
            text=row.text,
            language=row.language,
            month=row.month,
            groups=tuple(row.target_groups.split()),
            rating=row.rating,
            entered=row.entered,
            mail=row.mail,
        ),
        state=state,
        published=row.published,
        reason=row.reason,
        consent=orjson.loads(row.consent),
        created=from_micros(row.created),
        modified=from_micros(row.modified),
    )
