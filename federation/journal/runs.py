"""Runs: the ledgers of harvests, kept for both sides to see."""

import builtins
import json
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from federation.errors import PeerGoneError
from federation.journal.store import Store
from federation.journal.tables import peer, refusal, run
from federation.micros import from_micros, maybe_from_micros, to_micros
from federation.records import Refusal, Run, RunState, Verdict

_COUNTS = ("announced", "new", "changed", "unchanged", "deleted", "refused")


class Runs:
    """The ledgers of a node."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock

    def start(self, peer_id: int) -> int:
        """Open a ledger and return its number.

        Raises:
            PeerGoneError: there is no such peer any more.
        """
        now = to_micros(self._clock())
        row = {"peer_id": peer_id, "state": str(RunState.RUNNING), "started": now}
        row |= {"heartbeat": now, "told": False}
        with self._store.write() as connection:
            if connection.execute(select(peer.c.id).where(peer.c.id == peer_id)).first() is None:
                raise PeerGoneError(f"there is no peer number {peer_id}")
            key = connection.execute(insert(run).values(**row)).inserted_primary_key
            assert key is not None  # noqa: S101  # every dialect in use returns it
            return int(key[0])

    def finish(  # noqa: PLR0913  # the closing line of a ledger has this many columns
        self,
        number: int,
        state: RunState,
        *,
        seconds: float,
        requests: int = 0,
        received: int = 0,
        wire: int = 0,
        error: str = "",
        messages: dict[str, str] | None = None,
        warnings: Iterable[str] = (),
        note: Callable[[Connection], None] | None = None,
    ) -> Run:
        """Close a ledger and return it; `note` writes in the same transaction.

        Raises:
            PeerGoneError: the peer was removed meanwhile, and its ledgers with it.
        """
        now = to_micros(self._clock())
        values = {
            "state": str(state),
            "ended": now,
            "heartbeat": now,
            "requests": requests,
            "bytes": received,
            "wire_bytes": wire,
            "seconds": seconds,
            "error": error,
            "messages": json.dumps(messages or {}),
            "warnings": json.dumps(list(warnings)),
        }
        with self._store.write() as connection:
            connection.execute(update(run).where(run.c.id == number).values(**values))
            if note is not None:
                note(connection)
        found = self.get(number)
        if found is None:
            raise PeerGoneError(f"there is no run {number}")
        return found

    def list(self, peer_id: int | None = None, limit: int = 20) -> builtins.list[Run]:
        """Return ledgers without their refusals, newest first."""
        query = _runs().order_by(run.c.id.desc()).limit(limit)
        if peer_id is not None:
            query = query.where(run.c.peer_id == peer_id)
        with self._store.read() as connection:
            return [self._run_of(row) for row in connection.execute(query)]

    def get(self, number: int, *, refusals: int = 10_000) -> Run | None:
        """Return a ledger with up to `refusals` of its refused members."""
        with self._store.read() as connection:
            row = connection.execute(_runs().where(run.c.id == number)).first()
            if row is None:
                return None
            found = connection.execute(
                select(refusal)
                .where(refusal.c.run_id == number)
                .order_by(refusal.c.id)
                .limit(refusals)
            )
            return self._run_of(row, tuple(_refusal_of(each) for each in found))

    def wire_bytes(self, peer_id: int, since: datetime) -> int:
        """Return what the harvests of a peer have cost on the wire since a moment, in bytes."""
        query = select(func.sum(run.c.wire_bytes)).where(
            run.c.peer_id == peer_id, run.c.started >= to_micros(since)
        )
        with self._store.read() as connection:
            return int(connection.execute(query).scalar() or 0)

    def _run_of(self, row: Row[Any], refusals: tuple[Refusal, ...] = ()) -> Run:
        state = RunState(row.state)
        if state is RunState.RUNNING and not self._is_leased(row):
            state = RunState.INTERRUPTED
        return Run(
            id=row.id,
            peer=row.url,
            state=state,
            started=from_micros(row.started),
            ended=maybe_from_micros(row.ended),
            requests=row.requests,
            bytes=row.bytes,
            wire_bytes=row.wire_bytes,
            seconds=row.seconds,
            error=row.error,
            messages=json.loads(row.messages),
            warnings=tuple(json.loads(row.warnings)),
            refusals=refusals,
            **{name: getattr(row, name) for name in _COUNTS},
        )

    def _is_leased(self, row: Row[Any]) -> bool:
        """Say whether somebody is at the peer: a run cannot be "running" for ever."""
        return row.lease_until is not None and row.lease_until >= to_micros(self._clock())


def note_verdicts(
    connection: Connection, number: int, verdicts: Iterable[Verdict | Refusal], now: datetime
) -> None:
    """Add a page's verdicts to a ledger, in the transaction that appends its members.

    Raises:
        PeerGoneError: the peer was removed meanwhile; the page is not appended.
    """
    added = dict.fromkeys(_COUNTS, 0)
    refused: list[Refusal] = []
    for verdict in verdicts:
        added["announced"] += 1
        if isinstance(verdict, Refusal):
            refused.append(verdict)
            added["refused"] += 1
        else:
            added[str(verdict)] += 1
    values: dict[str, Any] = {name: run.c[name] + added[name] for name in _COUNTS}
    found = connection.execute(
        update(run).where(run.c.id == number).values(heartbeat=to_micros(now), **values)
    )
    if found.rowcount == 0:
        raise PeerGoneError(f"there is no run {number}")
    if refused:
        connection.execute(insert(refusal), [_row(number, one) for one in refused])


def _row(number: int, one: Refusal) -> dict[str, Any]:
    return {
        "run_id": number,
        "version_uri": one.version_uri[:700],
        "rule": one.rule,
        "pointer": one.pointer[:500],
        "messages": json.dumps(dict(one.messages)),
        "fixes": json.dumps(dict(one.fixes)),
        "detail": one.detail[:2000],
    }


def _refusal_of(row: Row[Any]) -> Refusal:
    return Refusal(
        version_uri=row.version_uri,
        rule=row.rule,
        pointer=row.pointer,
        messages=json.loads(row.messages),
        fixes=json.loads(row.fixes),
        detail=row.detail,
    )


def _runs() -> Any:
    return select(run, peer.c.url, peer.c.lease_until).join(peer, run.c.peer_id == peer.c.id)
