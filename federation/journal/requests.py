"""Requests to join: nodes that wait for the operator, kept with what they have signed."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from sqlalchemy import func, insert, select, update

from federation.errors import FederationError
from federation.joining import JoinRequest
from federation.journal.store import Store
from federation.journal.tables import peer
from federation.micros import to_micros
from federation.records import PeerState

MOST: Final = 200
"""Requests that wait at the same time: anybody can send one."""


class TooManyRequestsError(FederationError):
    """So many nodes wait for the operator that no further request is kept."""

    code = "too-many-requests"


class JoinRequests:
    """The nodes that have asked this one to be their hub."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock

    def keep(self, request: JoinRequest) -> PeerState:
        """Keep a request as a pending peer and return its state; a known peer keeps its own.

        Raises:
            TooManyRequestsError: the operator has to look at those that wait first.
        """
        values = {
            "did": request.did,
            "key": request.key,
            "name": request.name,
            "request": request.body,
        }
        with self._store.write() as connection:
            held = connection.execute(
                select(peer.c.id, peer.c.state, peer.c.key, peer.c.request).where(
                    (peer.c.did == request.did) | (peer.c.url == request.base)
                )
            ).first()
            if held is not None:
                state = PeerState(held.state)
                # What the operator has found at an address is not overwritten by hearsay.
                ours = held.request is None and held.key not in ("", request.key)
                if state in (PeerState.PENDING, PeerState.SUGGESTED) and not ours:
                    connection.execute(update(peer).where(peer.c.id == held.id).values(**values))
                return state
            waiting = select(func.count()).where(peer.c.request.is_not(None))
            waiting = waiting.where(peer.c.state == str(PeerState.PENDING))
            if int(connection.execute(waiting).scalar_one()) >= MOST:
                raise TooManyRequestsError(f"{MOST} requests wait already")
            new = {
                "url": request.base,
                "state": str(PeerState.PENDING),
                "added": to_micros(self._clock()),
                "interval_seconds": 3600,
            }
            connection.execute(insert(peer).values(**new, **values))
            return PeerState.PENDING

    def of(self, number: int) -> bytes | None:
        """Return what a peer has signed to join, None when it has not asked."""
        with self._store.read() as connection:
            found = connection.execute(select(peer.c.request).where(peer.c.id == number)).scalar()
            return None if found is None else bytes(found)

    def waiting(self) -> set[int]:
        """Return the numbers of the pending peers that have asked to join."""
        pending = peer.c.state == str(PeerState.PENDING)
        with self._store.read() as connection:
            rows = connection.execute(select(peer.c.id).where(pending, peer.c.request.is_not(None)))
            return set(rows.scalars())
