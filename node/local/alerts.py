"""Searches that somebody follows: what is kept of them, and who of several workers sends.

A digest is sent by whoever holds the lease of its alert. How far it reaches is written down before
it is sent: when a process dies in between, the digest that is tried again is the same one, with the
same number, so that a mail system or a webhook can tell.
"""

import builtins
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, delete, insert, or_, select, update

from federation.journal.store import Store
from federation.micros import from_micros, maybe_from_micros, to_micros
from node.local.tables import search_alert as table

MAX_FAILURES: Final = 8
FIRST_PAUSE: Final = timedelta(minutes=5)
LONGEST_PAUSE: Final = timedelta(hours=12)
LEASE: Final = timedelta(minutes=5)
_FAR: Final = timedelta(days=15)  # who is due later than that got the date from a wrong clock


class Every(StrEnum):
    """How often a digest is sent, when there is anything new."""

    HOURLY = "hourly"
    DAILY = "daily"
    WEEKLY = "weekly"

    @property
    def span(self) -> timedelta:
        """Return the time between two digests."""
        hours = {Every.HOURLY: 1, Every.DAILY: 24, Every.WEEKLY: 168}
        return timedelta(hours=hours[self])


class AlertState(StrEnum):
    """Whether digests are sent."""

    WAITING = "waiting"  # until whoever reads the address has confirmed it
    ACTIVE = "active"
    PAUSED = "paused"  # after too many failures


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be followed, and who is told how.

    Attributes:
        query: the search, as parameters of an address.
        language: of the digests.
        channel: "mail" or "webhook".
        target: e-mail address or URL.
        every: how often.
        owner: "operator", or the e-mail address of whoever follows the search.
    """

    query: str
    language: str
    channel: str
    target: str
    every: Every = Every.DAILY
    owner: str = "operator"


@dataclass(frozen=True, slots=True)
class Alert:
    """A search that is followed.

    Attributes:
        id: local number.
        wanted: what is followed, and who is told how.
        state: whether digests are sent.
        position: of the journal, up to which was told.
        until: up to which the digest reaches that was being sent, None when none was.
        next_at: when it is looked at next, None while that does not happen by itself.
        created: when it was made.
        sent: when the last digest went out, None before the first.
        token: secret by which whoever gets the digests can confirm or stop them.
        failures: failed deliveries in a row.
    """

    id: int
    wanted: Wanted
    state: AlertState
    position: int
    until: int | None
    next_at: datetime | None
    created: datetime
    sent: datetime | None
    token: str
    failures: int


class Alerts:
    """The searches that are followed at a node."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock

    def add(self, wanted: Wanted, position: int, *, confirmed: bool = True) -> Alert:
        """Keep a search; what comes after `position` of the journal will be told.

        Args:
            wanted: what is followed, and who is told how.
            position: of the journal.
            confirmed: False when the address has still to be confirmed by its token.
        """
        now = self._clock()
        values = {
            "owner": wanted.owner,
            "query": wanted.query,
            "language": wanted.language,
            "channel": wanted.channel,
            "target": wanted.target,
            "every": str(wanted.every),
            "state": str(AlertState.ACTIVE if confirmed else AlertState.WAITING),
            "position": position,
            "next_at": to_micros(now + wanted.every.span) if confirmed else None,
            "created": to_micros(now),
            "token": secrets.token_urlsafe(32),
        }
        with self._store.write() as connection:
            made = connection.execute(insert(table).values(**values).returning(table)).one()
            return _alert_of(made)

    def list(self) -> list[Alert]:
        """Return all of them, the oldest first."""
        with self._store.read() as connection:
            rows = connection.execute(select(table).order_by(table.c.id))
            return [_alert_of(row) for row in rows]

    def of(self, owner: str) -> "builtins.list[Alert]":
        """Return those of an owner, the oldest first."""
        with self._store.read() as connection:
            mine = select(table).where(table.c.owner == owner).order_by(table.c.id)
            return [_alert_of(row) for row in connection.execute(mine)]

    def get(self, number: int) -> Alert | None:
        """Return one by its number."""
        return self._one(table.c.id == number)

    def by_token(self, token: str) -> Alert | None:
        """Return the one that a secret token belongs to."""
        return self._one(table.c.token == token)

    def confirm(self, token: str, position: int) -> bool:
        """Let digests begin that waited for their address to be confirmed; say whether one did."""
        now = self._clock()
        alert = self.by_token(token)
        if alert is None:
            return False
        waiting = (table.c.id == alert.id) & (table.c.state == str(AlertState.WAITING))
        began = {
            "state": str(AlertState.ACTIVE),
            "position": position,
            "next_at": to_micros(now + alert.wanted.every.span),
        }
        return self._change(waiting, began)

    def remove(self, number: int) -> bool:
        """Forget one; say whether there was one."""
        with self._store.write() as connection:
            return connection.execute(delete(table).where(table.c.id == number)).rowcount == 1

    def make_due(self, number: int) -> bool:
        """Have one looked at within seconds, a paused one too; say whether there is one."""
        again = {
            "state": str(AlertState.ACTIVE),
            "failures": 0,
            "next_at": to_micros(self._clock()),
        }
        known = (table.c.id == number) & (table.c.state != str(AlertState.WAITING))
        return self._change(known, again)

    def claim_due(self) -> tuple[Alert, str] | None:
        """Take the one that has been due for longest and return it with the token of its lease.

        Several workers may ask at once: each alert is handed to one of them.
        """
        now = self._clock()
        due = or_(table.c.next_at <= to_micros(now), table.c.next_at > to_micros(now + _FAR))
        return self._claim((table.c.state == str(AlertState.ACTIVE)) & due)

    def claim(self, number: int) -> tuple[Alert, str] | None:
        """Take one, due or not; None while somebody else is at it, or when there is none."""
        return self._claim((table.c.id == number) & (table.c.state != str(AlertState.WAITING)))

    def begin(self, alert: Alert, lease: str, until: int) -> bool:
        """Write down how far a digest reaches before it is sent.

        Returns:
            False when it must not be sent: it was stopped meanwhile, or the lease is lost.
        """
        return self._change(_held(alert, lease), {"until": until, "lease_until": self._lease_end()})

    def done(self, alert: Alert, lease: str, position: int, *, sent: bool) -> None:
        """Write down up to which position everything was told, and give the lease back."""
        now = self._clock()
        values: dict[str, object] = {
            "position": position,
            "until": None,
            "failures": 0,
            "state": str(AlertState.ACTIVE),
            "next_at": to_micros(_next(alert, now)),
        }
        if sent:
            values["sent"] = to_micros(now)
        self._change(_held(alert, lease), {**values, **_FREE})

    def postpone(self, alert: Alert, lease: str, pause: timedelta) -> None:
        """Give the lease back and look again after a pause."""
        later = {"next_at": to_micros(self._clock() + pause)}
        self._change(_held(alert, lease), {**later, **_FREE})

    def failed(self, alert: Alert, lease: str) -> bool:
        """Try again later, after the last time no more; say whether the alert is paused now."""
        failures = alert.failures + 1
        paused = failures >= MAX_FAILURES
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (failures - 1))
        values = {
            "failures": failures,
            "state": str(AlertState.PAUSED if paused else AlertState.ACTIVE),
            "next_at": None if paused else to_micros(self._clock() + pause),
        }
        return self._change(_held(alert, lease), {**values, **_FREE}) and paused

    def _one(self, where: ColumnElement[bool]) -> Alert | None:
        with self._store.read() as connection:
            row = connection.execute(select(table).where(where)).first()
            return None if row is None else _alert_of(row)

    def _claim(self, where: ColumnElement[bool]) -> tuple[Alert, str] | None:
        now = self._clock()
        # A lease that ends far later than any that was taken by now came from a wrong clock; not
        # every one that ends a little later did: others take theirs while this one waits for the
        # lock.
        live = table.c.lease_until.between(to_micros(now), to_micros(now + 2 * LEASE))
        free = or_(table.c.lease_until.is_(None), ~live)
        query = select(table).where(where, free).order_by(table.c.next_at).limit(1)
        lease = secrets.token_hex(16)
        with self._store.write() as connection:
            row = connection.execute(query).first()
            if row is None:
                return None
            held = {"lease_owner": lease, "lease_until": self._lease_end()}
            connection.execute(update(table).where(table.c.id == row.id).values(**held))
            return _alert_of(row), lease

    def _change(self, where: ColumnElement[bool], values: dict[str, Any]) -> bool:
        with self._store.write() as connection:
            return connection.execute(update(table).where(where).values(**values)).rowcount == 1

    def _lease_end(self) -> int:
        return to_micros(self._clock() + LEASE)


_FREE: Final = {"lease_owner": "", "lease_until": None}


def _held(alert: Alert, lease: str) -> ColumnElement[bool]:
    return (table.c.id == alert.id) & (table.c.lease_owner == lease)


def _next(alert: Alert, now: datetime) -> datetime:
    """Return when an alert is due next: at the time of day at which it was made."""
    span = alert.wanted.every.span
    planned = alert.next_at or now
    if now < planned <= now + span:  # it was sent by hand before its time
        return planned
    return planned + span * ((now - planned) // span + 1) if planned <= now else now + span


def _alert_of(row: Row[Any]) -> Alert:
    return Alert(
        id=row.id,
        wanted=Wanted(
            query=row.query,
            language=row.language,
            channel=row.channel,
            target=row.target,
            every=Every(row.every),
            owner=row.owner,
        ),
        state=AlertState(row.state),
        position=row.position,
        until=row.until,
        next_at=maybe_from_micros(row.next_at),
        created=from_micros(row.created),
        sent=maybe_from_micros(row.sent),
        token=row.token,
        failures=row.failures,
    )
