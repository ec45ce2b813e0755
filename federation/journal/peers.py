"""Peers: whom this node harvests, and when."""

import builtins
from typing import Any, Final

import orjson
from sqlalchemy import delete, insert, select, update

from federation.errors import FederationError
from federation.journal.leases import Leases, peer_of, select_peers
from federation.journal.progress import Gap
from federation.journal.tables import gap, peer
from federation.micros import to_micros
from federation.places import is_did_key
from federation.records import Peer, PeerState
from federation.triggers import cron_time, first_run

MIN_INTERVAL_SECONDS: Final = 60


class PeerError(FederationError):
    """A peer cannot be added or found."""

    code = "peer"


class Peers(Leases):
    """The peers of a node."""

    def add(
        self, url: str, *, did: str, key: str, name: str = "", interval_seconds: int = 3600
    ) -> Peer:
        """Keep a node as a pending peer and return it; adding it again brings its key up to date.

        A node that is named by its key is the same peer at whatever address.

        Raises:
            PeerError: it is accepted already, with another key.
        """
        held = self.find(url) or self._at_another_address(did)
        if held is not None and held.state is PeerState.ACCEPTED and held.key != key:
            raise PeerError(
                f"{url} is a peer already, and now shows another key; ask its operator, then "
                "remove the peer before you add it again"
            )
        values = {
            "url": url,
            "did": did,
            "key": key,
            "name": name,
            "interval_seconds": max(MIN_INTERVAL_SECONDS, interval_seconds),
        }
        with self._store.write() as connection:
            if held is None:
                new = {"state": str(PeerState.PENDING), "added": self._now()}
                connection.execute(insert(peer).values(**new, **values))
            else:
                connection.execute(update(peer).where(peer.c.id == held.id).values(**values))
        return self._named(url)

    def accept(self, number: int, *, now: bool = False, harvested: bool = True) -> Peer:
        """Harvest a peer from now on: at once, or first one interval later.

        One that is not `harvested` pushes what it has.
        """
        one = self.get(number)
        due = self._clock() if now else first_run(one, self._clock())
        next_at = to_micros(due) if harvested else None
        return self._set(number, state=str(PeerState.ACCEPTED), next_at=next_at, failures=0)

    def schedule(
        self,
        number: int,
        *,
        interval_seconds: int | None = None,
        cron: str | None = None,
        daily_bytes: int | None = None,
    ) -> Peer:
        """Set when a peer is harvested and what that may cost; None leaves a setting as it is.

        Args:
            number: of the peer.
            interval_seconds: between runs, at least a minute; ends a cron expression.
            cron: five fields, UTC.
            daily_bytes: on the wire, 0 for no limit.

        Raises:
            ScheduleError: the expression cannot be understood.
        """
        values: dict[str, Any] = {}
        if interval_seconds is not None:
            values = {"interval_seconds": max(MIN_INTERVAL_SECONDS, interval_seconds), "cron": ""}
        if cron is not None:
            cron_time(cron, self._clock())
            values["cron"] = cron
        if daily_bytes is not None:
            values["daily_bytes"] = daily_bytes
        one = self._set(number, **values)
        if one.next_at is None:
            return one
        return self._set(number, next_at=to_micros(first_run(one, self._clock())))

    def make_due(self, number: int) -> Peer:
        """Let a worker harvest a peer as soon as one is free; one that pushes stays as it is."""
        one = self.get(number)
        return self._set(number, next_at=self._now()) if one.next_at is not None else one

    def show_only(self, number: int, shown: dict[str, Any]) -> Peer:
        """Set which records of a peer are shown here; {} for all."""
        return self._set(number, shown=orjson.dumps(shown).decode())

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
            return [peer_of(row) for row in connection.execute(select_peers().order_by(peer.c.id))]

    def get(self, number: int) -> Peer:
        """Return a peer by its local number.

        Raises:
            PeerError: there is none.
        """
        with self._store.read() as connection:
            row = connection.execute(select_peers().where(peer.c.id == number)).first()
        if row is None:
            raise PeerError(f"there is no peer number {number}")
        return peer_of(row)

    def find(self, url: str) -> Peer | None:
        """Return a peer by its address."""
        with self._store.read() as connection:
            row = connection.execute(select_peers().where(peer.c.url == url)).first()
        return None if row is None else peer_of(row)

    def gaps(self, number: int) -> builtins.list[Gap]:
        """Return the members and pages of a peer that may become acceptable later."""
        query = select(gap).where(gap.c.peer_id == number).order_by(gap.c.id)
        with self._store.read() as connection:
            return [
                Gap(row.version_uri, row.page_url, row.rule) for row in connection.execute(query)
            ]

    def _at_another_address(self, did: str) -> Peer | None:
        if not is_did_key(did):
            return None
        with self._store.read() as connection:
            row = connection.execute(select_peers().where(peer.c.did == did)).first()
        return None if row is None else peer_of(row)

    def _named(self, url: str) -> Peer:
        found = self.find(url)
        if found is None:
            raise PeerError(f"{url} is no peer")
        return found

    def _set(self, number: int, **values: object) -> Peer:
        if values:
            with self._store.write() as connection:
                connection.execute(update(peer).where(peer.c.id == number).values(**values))
        return self.get(number)
