"""Notices: what an operator is to be told by mail or webhook, kept until it was sent.

What there is to tell is read from ledgers and alerts, each once and in the transaction that queues
it: after a crash nothing is queued twice, and nothing is forgotten.
"""

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, insert, select, update

from federation.journal.store import Store
from federation.journal.tables import alert, cursor, notice, peer, run
from federation.micros import from_micros, to_micros
from federation.records import RunState

MAX_TRIES: Final = 20
FIRST_PAUSE: Final = timedelta(minutes=1)
LONGEST_PAUSE: Final = timedelta(hours=6)
_ALERTS: Final = "notices:alert"
_AT_ONCE: Final = 200
_GOOD: Final = (str(RunState.DONE), str(RunState.UNCHANGED))
_TOLD: Final = (*_GOOD, str(RunState.FAILED))


@dataclass(frozen=True, slots=True)
class Event:
    """Something to be told.

    Attributes:
        kind: "peer-failed", "peer-recovered", "alert", "search-paused" or "test".
        subject: the peer's address, the DID that an alert is about, or the number of a search.
        at: when it happened, aware UTC.
        messages: what was seen, a sentence per language.
        run: number of the ledger, 0 for none.
    """

    kind: str
    subject: str
    at: datetime
    messages: Mapping[str, str]
    run: int = 0


@dataclass(frozen=True, slots=True)
class Notice:
    """An event on its way to one channel."""

    id: int
    channel: str
    event: Event


class Notices:
    """The notices of a node."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock

    def gather(self, channels: Collection[str]) -> int:
        """Queue what has happened since the last time, once for each channel; return how many.

        The first failure of a peer and its recovery, and every alert. Without channels what has
        happened is passed over.
        """
        with self._store.write() as connection:
            events = [*_changes_of_peers(connection), *_new_alerts(connection)]
            for event in events:
                self._queue(connection, event, channels)
        return len(events)

    def queue(self, event: Event, channels: Collection[str]) -> None:
        """Queue one event."""
        with self._store.write() as connection:
            self._queue(connection, event, channels)

    def take(self, limit: int = 20) -> list[Notice]:
        """Return notices whose time has come, the oldest first, for one worker to send.

        Each is tried again by itself unless `sent` is called: after a minute, then less and
        less; after twenty times no more.
        """
        now = self._clock()
        query = select(notice).where(notice.c.next_at <= to_micros(now))
        with self._store.write() as connection:
            rows = connection.execute(query.order_by(notice.c.id).limit(limit)).all()
            for row in rows:
                pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(row.tries, 12))
                tried = update(notice).where(notice.c.id == row.id)
                later = to_micros(now + pause)
                connection.execute(tried.values(tries=row.tries + 1, next_at=later))
            connection.execute(delete(notice).where(notice.c.tries > MAX_TRIES))
        return [_notice_of(row) for row in rows]

    def sent(self, number: int) -> None:
        """Forget a notice that has arrived."""
        with self._store.write() as connection:
            connection.execute(delete(notice).where(notice.c.id == number))

    def stuck(self) -> int:
        """Return how many notices were tried and have not arrived."""
        query = select(notice.c.id).where(notice.c.tries > 0)
        with self._store.read() as connection:
            return len(connection.execute(query).all())

    def _queue(self, connection: Connection, event: Event, channels: Collection[str]) -> None:
        told = {"messages": dict(event.messages), "run": event.run}
        row = {
            "at": to_micros(event.at),
            "kind": event.kind,
            "subject": event.subject[:500],
            "messages": json.dumps(told),
            "next_at": to_micros(self._clock()),
        }
        for channel in channels:
            connection.execute(insert(notice).values(**row, channel=channel))


def _notice_of(row: Row[Any]) -> Notice:
    told = json.loads(row.messages)
    event = Event(row.kind, row.subject, from_micros(row.at), told["messages"], told["run"])
    return Notice(row.id, row.channel, event)


def _changes_of_peers(connection: Connection) -> Iterator[Event]:
    """Yield first failures and recoveries among the runs that have ended, each run once."""
    query = (
        select(run, peer.c.url)
        .join(peer, run.c.peer_id == peer.c.id)
        .where(run.c.told.is_(False), run.c.ended.is_not(None))
        .order_by(run.c.ended, run.c.id)
        .limit(_AT_ONCE)
    )
    for row in connection.execute(query).all():
        connection.execute(update(run).where(run.c.id == row.id).values(told=True))
        failed = row.state == str(RunState.FAILED)
        before = _state_before(connection, row.peer_id, row.id)
        if failed and before != str(RunState.FAILED):
            kind = "peer-failed"
        elif row.state in _GOOD and before == str(RunState.FAILED):
            kind = "peer-recovered"
        else:
            continue
        yield Event(kind, row.url, from_micros(row.ended), json.loads(row.messages), row.id)


def _state_before(connection: Connection, peer_id: int, number: int) -> str:
    query = (
        select(run.c.state)
        .where(run.c.peer_id == peer_id, run.c.id < number, run.c.state.in_(_TOLD))
        .order_by(run.c.id.desc())
        .limit(1)
    )
    return str(connection.execute(query).scalar() or "")


def _new_alerts(connection: Connection) -> Iterator[Event]:
    after = _position(connection, _ALERTS)
    query = select(alert).where(alert.c.id > after).order_by(alert.c.id).limit(_AT_ONCE)
    for row in connection.execute(query).all():
        after = row.id
        said = f"{row.kind}: {row.detail}"
        yield Event("alert", row.origin, from_micros(row.at), {"en": said})
    _move(connection, _ALERTS, after)


def _position(connection: Connection, reader: str) -> int:
    query = select(cursor.c.position).where(cursor.c.reader == reader)
    return int(connection.execute(query).scalar() or 0)


def _move(connection: Connection, reader: str, position: int) -> None:
    moved = update(cursor).where(cursor.c.reader == reader).values(position=position)
    if connection.execute(moved).rowcount == 0:
        connection.execute(insert(cursor).values(reader=reader, position=position))
