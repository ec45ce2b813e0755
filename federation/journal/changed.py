"""Which records have changed since a position, by address only."""

from typing import Final

from sqlalchemy import select

from federation.journal.store import Store
from federation.journal.tables import entry, record
from federation.records import EntryState
from vocab.terms import SIGNED_BY_THE_NODE

MOST: Final = 100_000


def changed_uris(store: Store, after: int, until: int) -> list[str]:
    """Return the records whose newest version came after a position and not after another.

    The newest first, at most `MOST`. What was withdrawn, or has changed once more later, is not
    among them.
    """
    query = (
        select(record.c.uri)
        .join(entry, entry.c.position == record.c.position)
        .where(record.c.position > after, record.c.position <= until)
        .where(entry.c.state == str(EntryState.HELD), record.c.type.not_in(SIGNED_BY_THE_NODE))
        .order_by(record.c.position.desc())
        .limit(MOST)
    )
    with store.read() as connection:
        return list(connection.execute(query).scalars())
