"""Leases: who is at a peer right now.

A lease is held by one process; other workers leave the peer alone until it is given back, its
process has died (on this host), or it was not renewed for `LEASE_SECONDS`.
"""

import json
import os
import secrets
import socket
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, func, or_, select, update

from federation.errors import LeaseLostError, PeerGoneError
from federation.journal.store import Store
from federation.journal.tables import peer, run
from federation.micros import maybe_from_micros, to_micros
from federation.records import Peer, PeerState, RunState

LEASE_SECONDS: Final = 15.0
_TWO_DAYS: Final = 2 * 86_400 * 1_000_000


class Leases:
    """Hands out peers that are due, each to one worker."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock

    def due(self, limit: int) -> list[Peer]:
        """Return accepted peers whose time has come and that nobody is at, longest due first."""
        query = select_peers().where(_is_due(self._now())).order_by(peer.c.next_at)
        with self._store.read() as connection:
            return [peer_of(row) for row in connection.execute(query.limit(limit))]

    def claim_due(self, limit: int) -> list[tuple[Peer, str]]:
        """Take the leases of up to `limit` due peers in one transaction, longest due first.

        Several workers may ask at once: each peer is handed to one of them.

        Returns:
            Each peer with the token of its lease.
        """
        now = self._now()
        if limit < 1:
            return []
        first = select(peer.c.id).where(_is_due(now)).order_by(peer.c.next_at).limit(limit)
        with self._store.write() as connection:
            numbers = list(connection.execute(first).scalars())
            owners = {number: _new_owner() for number in numbers}
            for number, owner in owners.items():
                self._take(connection, number, owner)
            rows = connection.execute(select_peers().where(peer.c.id.in_(numbers)))
            found = {row.id: peer_of(row) for row in rows}
        return [(found[number], owner) for number, owner in owners.items()]

    def claim(self, number: int) -> str | None:
        """Take the lease of a peer and return its token, None while somebody else holds it."""
        owner, now = _new_owner(), self._now()
        with self._store.write() as connection:
            row = connection.execute(
                select(peer.c.lease_owner, peer.c.lease_until).where(peer.c.id == number)
            ).first()
            if row is None:
                return None
            first, last = _live(now)
            held = row.lease_until is not None and first <= row.lease_until <= last
            if held and not _is_dead(row.lease_owner):
                return None
            self._take(connection, number, owner)
        return owner

    def _take(self, connection: Connection, number: int, owner: str) -> None:
        """Write down who holds a lease; a run that its last holder left open has ended."""
        held = {"lease_owner": owner, "lease_until": self._lease_end()}
        connection.execute(update(peer).where(peer.c.id == number).values(**held))
        connection.execute(
            update(run)
            .where(run.c.peer_id == number, run.c.state == str(RunState.RUNNING))
            .values(state=str(RunState.INTERRUPTED), ended=run.c.heartbeat)
        )

    def renew(self, number: int, owner: str) -> bool:
        """Say that the lease is still in use; False when somebody else has taken it meanwhile."""
        with self._store.write() as connection:
            done = connection.execute(
                update(peer)
                .where(peer.c.id == number, peer.c.lease_owner == owner)
                .values(lease_until=self._lease_end())
            )
            return done.rowcount == 1

    def release(self, number: int, owner: str, *, next_at: datetime | None, failures: int) -> None:
        """Give the lease back and say when the next automatic run is due."""
        with self._store.write() as connection:
            connection.execute(
                update(peer)
                .where(peer.c.id == number, peer.c.lease_owner == owner)
                .values(
                    lease_owner="",
                    lease_until=None,
                    failures=failures,
                    next_at=None if next_at is None else to_micros(next_at),
                )
            )

    def _now(self) -> int:
        return to_micros(self._clock())

    def _lease_end(self) -> int:
        return self._now() + int(LEASE_SECONDS * 1_000_000)


def hold_lease(connection: Connection, number: int, owner: str) -> None:
    """Make sure, in the transaction that writes for a run, that its lease is still its own.

    A process that stood still for longer than its lease must not go on beside its successor.

    Raises:
        LeaseLostError: somebody else holds it by now, or the peer was suspended.
        PeerGoneError: the peer was removed.
    """
    query = select(peer.c.lease_owner).where(peer.c.id == number)
    held = connection.execute(query).scalar_one_or_none()
    if held is None:
        raise PeerGoneError(f"there is no peer number {number}")
    if held != owner:
        raise LeaseLostError(f"the lease of peer {number} has gone to {held or 'nobody'}")


def peer_of(row: Row[Any]) -> Peer:
    """Return a row as a value."""
    return Peer(
        id=row.id,
        url=row.url,
        did=row.did,
        key=row.key,
        name=row.name,
        state=PeerState(row.state),
        interval_seconds=row.interval_seconds,
        next_at=maybe_from_micros(row.next_at),
        etag=row.etag,
        page_url=row.page_url,
        feed_position=row.feed_position,
        failures=row.failures,
        last_run=row.last_run,
        cron=row.cron,
        daily_bytes=row.daily_bytes,
        shown=json.loads(row.shown),
    )


def _new_owner() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(8)}"


def _is_due(now: int) -> ColumnElement[bool]:
    """Return whether a peer's time has come and nobody is at it."""
    # Who is due later than any interval allows got the date from a clock that was wrong.
    longest = peer.c.interval_seconds * 2_000_000 + _TWO_DAYS
    wrong = (peer.c.cron == "") & (peer.c.next_at > now + longest)
    free = or_(peer.c.lease_until.is_(None), ~peer.c.lease_until.between(*_live(now)))
    accepted = peer.c.state == str(PeerState.ACCEPTED)
    return accepted & or_(peer.c.next_at <= now, wrong) & free


def _live(now: int) -> tuple[int, int]:
    """Return between which moments a lease ends that is in use.

    One that ends later was taken before the clock was set back; its holder would have renewed it.
    """
    return now, now + int(2 * LEASE_SECONDS * 1_000_000)


def select_peers() -> Any:
    """Return the query from which `peer_of` makes peers."""
    last = (
        select(func.max(run.c.id))
        .where(run.c.peer_id == peer.c.id, run.c.ended.is_not(None))
        .scalar_subquery()
    )
    return select(peer, last.label("last_run"))


def _is_dead(owner: str) -> bool:
    """Say whether a lease was held by a process of this host that no longer exists."""
    host, _, rest = owner.partition(":")
    number = rest.partition(":")[0]
    if host != socket.gethostname() or not number.isdigit():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
