"""The book of origins: who may sign, with which keys, and what their heads claim."""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from federation.errors import JournalError
from federation.identity import Identity, PublishedKey
from federation.journal import memberships, origins
from federation.journal.origins import Alert
from federation.journal.store import Store
from federation.journal.tables import cursor, entry, origin
from federation.journal.verify import VerifyReport, verify_entries
from federation.micros import to_micros
from federation.records import Entry, Origin, OriginStanding
from federation.trust import Verifier


class OriginBook:
    """What the journal keeps about origins, besides their entries."""

    def __init__(
        self, store: Store, clock: Callable[[], datetime], http_hosts: Collection[str] = ()
    ) -> None:
        self._store = store
        self._clock = clock
        self._http_hosts = http_hosts

    def origins(self) -> list[Origin]:
        """Return all origins that are known."""
        with self._store.read() as connection:
            return origins.every(connection)

    def origin(self, did: str) -> Origin | None:
        """Return one origin by its DID."""
        with self._store.read() as connection:
            return origins.find(connection, did)

    def keys(self, did: str) -> list[str]:
        """Return the Multikeys that may sign for an origin, the newest first."""
        with self._store.read() as connection:
            return origins.keys_of(connection, did)

    def published_keys(self, did: str) -> list[PublishedKey]:
        """Return the keys of an origin as its DID document shows them, retired ones included."""
        with self._store.read() as connection:
            return origins.published_keys(connection, did)

    def tell_new_key(self, did: str, detail: str) -> None:
        """Alert the operator that an origin shows a key of which its own log says nothing."""
        with self._store.write() as connection:
            origins.raise_alert(connection, "new-key", did, detail, self._clock())

    def verifier(self, *, http_hosts: Collection[str] | None = None) -> Verifier:
        """Return a verifier over what is known now."""
        with self._store.read() as connection:
            known = origins.every(connection)
            keys = origins.every_key(connection)
        hosts = self._http_hosts if http_hosts is None else http_hosts
        return Verifier(known, keys, http_hosts=hosts, now=self._clock())

    def ensure_local_origin(self, identity: Identity, name: str) -> None:
        """Make an identity one whose entries this node signs itself."""
        self._pin(
            identity.did,
            identity.base,
            identity.key.public_multikey,
            identity.method,
            name,
            OriginStanding.LOCAL,
        )

    def pin(self, *, did: str, base: str, key: str, method: str, name: str = "") -> None:
        """Trust an origin: an administrator has compared its fingerprint.

        If it is a hub, its members are introduced from now on.
        """
        self._pin(did, base, key, method, name, OriginStanding.PINNED)

    def unpin(self, did: str) -> None:
        """Trust an origin no longer by the word of the administrator; what is held of it stays.

        Where an accepted hub vouches for it, it is accepted as introduced from now on; otherwise
        nothing new of it is.

        Raises:
            JournalError: it is not pinned.
        """
        with self._store.write() as connection:
            held = origins.find(connection, did)
            if held is None or held.standing is not OriginStanding.PINNED:
                raise JournalError(f"{did} is not pinned here")
            origins.unpin(connection, did, self._clock())
            self._follow_memberships(connection)

    def _pin(
        self, did: str, base: str, key: str, method: str, name: str, standing: OriginStanding
    ) -> None:
        one = Origin(did=did, base=base, key=key, standing=standing, name=name)
        with self._store.write() as connection:
            origins.pin(connection, one, method, self._clock())
            self._follow_memberships(connection)

    def _follow_memberships(
        self, connection: Connection, pending: Mapping[str, Entry] | None = None
    ) -> None:
        memberships.follow(
            connection, http_hosts=self._http_hosts, now=self._clock(), pending=pending
        )

    def note_head(
        self, did: str, *, seq: int, last: str, valid_until: datetime, body: bytes
    ) -> None:
        """Keep the newest signed head of an origin; a local one only raises what is claimed.

        The caller has verified it. A head that goes back is not kept but raises an alert; one
        that names another entry than the one held under its number freezes the origin.
        """
        known = self.origin(did)
        if known is None or self.head(did) == body:
            return
        now = self._clock()
        with self._store.write() as connection:
            held = origins.find(connection, did)
            if held is None or self._contradicts(connection, did, seq, last, now):
                return
            if held.standing is OriginStanding.LOCAL:
                said = f"a peer holds entry {seq}, this node has {held.last_seq}"
                self._claim(connection, held, seq, last, said)
                return
            if seq < held.head_seq:
                said = f"number {seq} after number {held.head_seq}"
                origins.raise_alert(connection, "rollback", did, said, now)
                return
            until = held.head_valid_until
            if seq == held.head_seq and until is not None and valid_until < until:
                return  # an older one of the same log, from a slower relay
            values = {
                "head_seq": seq,
                "head_digest": last,
                "head_valid_until": to_micros(valid_until),
                "head": body,
            }
            connection.execute(update(origin).where(origin.c.did == did).values(**values))

    def tell_ahead(self, did: str, seq: int, last: str, said: str) -> None:
        """Publish nothing for a local origin until the entries are back that a peer holds."""
        with self._store.write() as connection:
            held = origins.find(connection, did)
            if held is not None and held.standing is OriginStanding.LOCAL:
                self._claim(connection, held, seq, last, said)

    def _claim(self, connection: Connection, held: Origin, seq: int, last: str, said: str) -> None:
        if seq > max(held.last_seq, held.head_seq):
            origins.raise_alert(connection, "restored-backup", held.did, said, self._clock())
            claim = update(origin).where(origin.c.did == held.did)
            connection.execute(claim.values(head_seq=seq, head_digest=last, head=None))

    def _contradicts(
        self, connection: Connection, did: str, seq: int, last: str, now: datetime
    ) -> bool:
        """Freeze an origin whose head names another entry than the one it signed before."""
        number = select(origin.c.id).where(origin.c.did == did).scalar_subquery()
        under = select(entry.c.digest).where(entry.c.origin_id == number, entry.c.seq == seq)
        digest = connection.execute(under).scalar()
        if digest is None or digest == last:
            return False
        said = f"its head says that number {seq} is {last}, held is {digest}"
        origins.freeze(connection, did, said, now)
        return True

    def note_own_head(
        self, did: str, *, seq: int, last: str, valid_until: datetime, body: bytes
    ) -> None:
        """Keep the head that this node has just signed, so that all its processes serve it.

        What peers claim of this node's log beyond that stays, until the entries are back.
        """
        valid = {"head_valid_until": to_micros(valid_until), "head": body}
        own = update(origin).where(origin.c.did == did)
        with self._store.write() as connection:
            grown = own.where(origin.c.head_seq <= seq)
            values = {"head_seq": seq, "head_digest": last, **valid}
            if connection.execute(grown.values(**values)).rowcount == 0:
                restored = own.where(origin.c.last_seq == seq, origin.c.head_seq > seq)
                connection.execute(restored.values(**valid))

    def end_of_log(self, did: str) -> tuple[int, str]:
        """Return number and digest of the last entry of an origin's log, (0, "") when empty."""
        query = select(origin.c.last_seq, origin.c.last_digest).where(origin.c.did == did)
        with self._store.read() as connection:
            row = connection.execute(query).first()
            return (0, "") if row is None else (int(row[0]), str(row[1]))

    def head(self, did: str) -> bytes | None:
        """Return the newest signed head of an origin, RFC 8785 bytes, None when there is none."""
        with self._store.read() as connection:
            found = connection.execute(select(origin.c.head).where(origin.c.did == did)).scalar()
            return None if found is None else bytes(found)

    def heads(self) -> dict[str, bytes]:
        """Return DID -> newest signed head, RFC 8785 bytes, of every origin that has one."""
        query = select(origin.c.did, origin.c.head).where(origin.c.head.is_not(None))
        with self._store.read() as connection:
            return {
                row.did: bytes(row.head) for row in connection.execute(query.order_by(origin.c.id))
            }

    def alert(self, kind: str, did: str, detail: str) -> None:
        """Tell the operator something that a person should look at."""
        with self._store.write() as connection:
            origins.raise_alert(connection, kind, did, detail, self._clock())

    def alerts(self) -> list[Alert]:
        """Return what a person should look at, newest first."""
        with self._store.read() as connection:
            return origins.open_alerts(connection)

    def settle(self, numbers: Iterable[int]) -> None:
        """Mark alerts as looked at, by their numbers."""
        with self._store.write() as connection:
            origins.settle(connection, numbers)

    def cursor(self, reader: str) -> int:
        """Return how far a reader has read, 0 before its first time."""
        query = select(cursor.c.position).where(cursor.c.reader == reader)
        with self._store.read() as connection:
            return int(connection.execute(query).scalar() or 0)

    def set_cursor(self, reader: str, position: int) -> None:
        """Keep how far a reader has read."""
        with self._store.write() as connection:
            changed = connection.execute(
                update(cursor).where(cursor.c.reader == reader).values(position=position)
            )
            if changed.rowcount == 0:
                connection.execute(insert(cursor).values(reader=reader, position=position))

    def move_cursor(self, reader: str) -> None:
        """Move a cursor on by one: a count of something that readers notice."""
        with self._store.write() as connection:
            moved = update(cursor).where(cursor.c.reader == reader)
            on = moved.values(position=cursor.c.position + 1)
            if connection.execute(on).rowcount == 0:
                connection.execute(insert(cursor).values(reader=reader, position=1))

    def verify_all(self, progress: Callable[[int], None] | None = None) -> VerifyReport:
        """Check every signature, digest and chain; memory stays flat."""
        return verify_entries(self._store, progress)
