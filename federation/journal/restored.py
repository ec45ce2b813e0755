"""A node that was restored publishes nothing before its peers have been asked what it has lost.

Peers may hold entries of its log that the backup lacks. Signing other entries with their numbers
would fork the log, and everybody would freeze the node as if its key had been stolen.
"""

from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from federation.errors import JournalError
from federation.journal import origins
from federation.journal.store import open_store
from federation.journal.tables import cursor, peer, run
from federation.records import PeerState, RunState

_READER: Final = "restored"
"""Name under which the number of the first run after the restore is kept."""

HUB: Final = "restored:hub"
"""Cursor: 1 while the hub that this node pushes to was not asked what it holds."""


def mark_restored(
    journal: Path, did: str, made: str, now: datetime, *, pushes: bool = False
) -> None:
    """Let a journal that nobody uses yet know that it comes from a backup; alert the operator.

    Args:
        journal: its file; nothing else is left beside it.
        did: the node itself.
        made: when the backup was made, for people.
        now: the moment of the restore.
        pushes: whether the node pushes to a hub.

    Raises:
        JournalError: it is no journal, or cannot be written.
    """
    lock = journal.with_name(f"{journal.name}-lock")
    store = open_store(journal, lock=lock)
    try:
        with store.write() as connection:
            _mark(connection, did, made, now)
            _keep(connection, HUB, int(pushes))
    except SQLAlchemyError as error:
        raise JournalError(f"{journal} is no journal of a node: {error}") from error
    finally:
        store.close()
        for file in journal.parent.glob(f"{journal.name}-*"):
            file.unlink()


def _mark(connection: Connection, did: str, made: str, now: datetime) -> None:
    first = 1 + int(connection.execute(select(func.max(run.c.id))).scalar() or 0)
    _keep(connection, _READER, first)
    said = f"restored from a backup of {made or 'an unknown time'}: harvest before publishing"
    origins.raise_alert(connection, "restored-backup", did, said, now)


def _keep(connection: Connection, reader: str, position: int) -> None:
    kept = update(cursor).where(cursor.c.reader == reader).values(position=position)
    if connection.execute(kept).rowcount == 0:
        connection.execute(insert(cursor).values(reader=reader, position=position))


def check_asked(connection: Connection) -> None:
    """Do nothing once everybody was asked who may hold newer entries of a restored node.

    Raises:
        JournalError: somebody was not; the message says how to ask.
    """
    hub = select(cursor.c.position).where(cursor.c.reader == HUB)
    if connection.execute(hub).scalar():
        raise JournalError(
            "this node was restored from a backup, and its hub may hold newer entries of it: "
            "publishing now could fork its log. First ask the hub: lonja push"
        )
    unasked = unasked_peers(connection)
    if unasked:
        raise JournalError(
            f"this node was restored from a backup, and {', '.join(unasked[:3])} may hold "
            "newer entries of it: publishing now could fork its log. First: lonja harvest; a "
            "peer that cannot be reached can be left out with: lonja peer suspend URL"
        )


def unasked_peers(connection: Connection) -> list[str]:
    """Return the accepted peers that were not read to the end since the node was restored.

    Those that push have nothing to be read.
    """
    first = connection.execute(select(cursor.c.position).where(cursor.c.reader == _READER)).scalar()
    if first is None:
        return []
    read = select(run.c.id).where(
        run.c.peer_id == peer.c.id,
        run.c.id >= first,
        run.c.state.in_((str(RunState.DONE), str(RunState.UNCHANGED))),
    )
    harvested = (peer.c.state == str(PeerState.ACCEPTED)) & peer.c.next_at.is_not(None)
    waiting = select(peer.c.url).where(harvested, ~read.exists())
    return list(connection.execute(waiting.order_by(peer.c.url)).scalars())
