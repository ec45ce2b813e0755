"""Peers: whom this node harvests, when, and who is at it right now (leases).

A lease is held by one process; other workers leave the peer alone until it is given back, its
process has died (on this host), or it was not renewed for `LEASE_SECONDS`.
"""

import builtins
import os
import secrets
import socket
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, func, insert, or_, select, update

from federation.errors import FederationError, LeaseLostError, PeerGoneError
from federation.journal.progress import Gap
from federation.journal.rows import maybe_from_micros, to_micros
from federation.journal.store import Store
from federation.journal.tables import gap, peer, run
from federation.records import Peer, PeerState, RunState

LEASE_SECONDS: Final = 15.0
MIN_INTERVAL_SECONDS: Final = 60
_TWO_DAYS: Final = 2 * 86_400 * 1_000_000


class PeerError(FederationError):
    """A peer cannot be added or found."""

    code = "peer"


class Peers:
    """The peers of a node."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock

    def add(
        self, url: str, *, did: str, key: str, name: str = "", interval_seconds: int = 3600
    ) -> Peer:
        """Keep a node as a pending peer and return it; adding it again brings its key up to date.

        Raises:
            PeerError: it is accepted already, with another key.
        """
        held = self.find(url)
        if held is not None and held.state is PeerState.ACCEPTED and held.key != key:
            raise PeerError(
                f"{url} is a peer already, and now shows another key; ask its operator, then "
                "remove the peer before you add it again"
            )
        values = {
            "did": did,
            "key": key,
            "name": name,
            "interval_seconds": max(MIN_INTERVAL_SECONDS, interval_seconds),
        }
        with self._store.write() as connection:
            if held is None:
                new = {"url": url, "state": str(PeerState.PENDING), "added": self._now()}
                connection.execute(insert(peer).values(**new, **values))
            else:
                connection.execute(update(peer).where(peer.c.id == held.id).values(**values))
        return self._named(url)

    def accept(self, number: int, *, now: bool = False, harvested: bool = True) -> Peer:
        """Harvest a peer from now on: at once, or first one interval later.

        One that is not `harvested` pushes what it has.
        """
        one = self.get(number)
        due = self._clock() if now else self._clock() + timedelta(seconds=one.interval_seconds)
        next_at = to_micros(due) if harvested else None
        return self._set(number, state=str(PeerState.ACCEPTED), next_at=next_at, failures=0)

    def suspend(self, number: int) -> Peer:
        """Stop harvesting a peer, a run that is under way too; its records and ledgers stay."""
        return self._set(
            number,
            state=str(PeerState.SUSPENDED),
            next_at=None,
            lease_owner="",
            lease_until=None,
        )

    def remove(self, number: int) -> None:
        """Forget a peer and its ledgers; the records that came from it stay."""
        with self._store.write() as connection:
            connection.execute(delete(peer).where(peer.c.id == number))

    def list(self) -> list[Peer]:
        """Return all peers, in the order in which they were added."""
        with self._store.read() as connection:
            return [peer_of(row) for row in connection.execute(_peers().order_by(peer.c.id))]

    def get(self, number: int) -> Peer:
        """Return a peer by its local number.

        Raises:
            PeerError: there is none.
        """
        with self._store.read() as connection:
            row = connection.execute(_peers().where(peer.c.id == number)).first()
        if row is None:
            raise PeerError(f"there is no peer number {number}")
        return peer_of(row)

    def find(self, url: str) -> Peer | None:
        """Return a peer by its address."""
        with self._store.read() as connection:
            row = connection.execute(_peers().where(peer.c.url == url)).first()
        return None if row is None else peer_of(row)

    def due(self, limit: int) -> builtins.list[Peer]:
        """Return accepted peers whose time has come and that nobody is at, longest due first."""
        now = self._now()
        # Who is due later than any interval allows got the date from a clock that was wrong.
        longest = peer.c.interval_seconds * 2_000_000 + _TWO_DAYS
        query = (
            _peers()
            .where(
                peer.c.state == str(PeerState.ACCEPTED),
                or_(peer.c.next_at <= now, peer.c.next_at > now + longest),
                or_(peer.c.lease_until.is_(None), ~peer.c.lease_until.between(*_live(now))),
            )
            .order_by(peer.c.next_at)
        )
        with self._store.read() as connection:
            return [peer_of(row) for row in connection.execute(query.limit(limit))]

    def claim(self, number: int) -> str | None:
        """Take the lease of a peer and return its token, None while somebody else holds it."""
        owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(8)}"
        now = self._now()
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
            connection.execute(
                update(peer)
                .where(peer.c.id == number)
                .values(lease_owner=owner, lease_until=self._lease_end())
            )
            connection.execute(
                update(run)
                .where(run.c.peer_id == number, run.c.state == str(RunState.RUNNING))
                .values(state=str(RunState.INTERRUPTED), ended=run.c.heartbeat)
            )
        return owner

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

    def gaps(self, number: int) -> builtins.list[Gap]:
        """Return the members and pages of a peer that may become acceptable later."""
        query = select(gap).where(gap.c.peer_id == number).order_by(gap.c.id)
        with self._store.read() as connection:
            return [
                Gap(row.version_uri, row.page_url, row.rule) for row in connection.execute(query)
            ]

    def _named(self, url: str) -> Peer:
        found = self.find(url)
        if found is None:
            raise PeerError(f"{url} is no peer")
        return found

    def _set(self, number: int, **values: object) -> Peer:
        with self._store.write() as connection:
            connection.execute(update(peer).where(peer.c.id == number).values(**values))
        return self.get(number)

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
    )


def _live(now: int) -> tuple[int, int]:
    """Return between which moments a lease ends that is in use.

    One that ends later was taken before the clock was set back; its holder would have renewed it.
    """
    return now, now + int(2 * LEASE_SECONDS * 1_000_000)


def _peers() -> Any:
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
