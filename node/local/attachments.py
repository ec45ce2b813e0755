"""Which files belong to which drafts and records."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, insert, select

from federation.journal.store import Store
from federation.micros import to_micros
from node.local.drafts import GoneDraftError
from node.local.tables import attachment as table
from node.local.tables import draft


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file beside a draft or a record.

    Attributes:
        digest: SHA-256 of its bytes, in hexadecimal; the name of the file.
        name: as it is downloaded.
        media_type: of the kinds that are allowed.
        size: in bytes.
        origin: DID of the origin whose it is.
        record: URI of the record that shows it, "" before that is published.
    """

    digest: str
    name: str
    media_type: str
    size: int
    origin: str
    record: str


class Attachments:
    """The files of a node."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    def add(self, key: str, found: Attachment) -> None:
        """Note that a file belongs to a draft, by its key; once is enough."""
        with self._store.write() as connection:
            number = connection.execute(select(draft.c.id).where(draft.c.key == key)).scalar()
            if number is None:
                raise GoneDraftError(key)
            same = (
                table.c.draft_id == number,
                table.c.digest == found.digest,
                table.c.name == found.name,
            )
            if connection.execute(select(table.c.id).where(*same)).first() is not None:
                return
            values = {
                "digest": found.digest,
                "origin": found.origin,
                "name": found.name,
                "media_type": found.media_type,
                "size": found.size,
                "draft_id": number,
                "record": "",
                "created": to_micros(self._now()),
            }
            connection.execute(insert(table).values(**values))

    def find(self, digest: str, name: str) -> list[Attachment]:
        """Return what is known of a file: one for each draft or record it belongs to."""
        mine = table.c.digest == digest, table.c.name == name
        with self._store.read() as connection:
            return [_attachment(row) for row in connection.execute(select(table).where(*mine))]

    def of_draft(self, key: str) -> list[Attachment]:
        """Return the files of a draft."""
        query = select(table).join(draft, table.c.draft_id == draft.c.id)
        query = query.where(draft.c.key == key).order_by(table.c.id)
        with self._store.read() as connection:
            return [_attachment(row) for row in connection.execute(query)]

    def orphans(self) -> list[str]:
        """Forget the files of drafts that are gone; return the digests that nobody needs now."""
        lost = table.c.draft_id.is_(None), table.c.record == ""
        with self._store.write() as connection:
            digests = list(connection.execute(select(table.c.digest).where(*lost)).scalars())
            connection.execute(delete(table).where(*lost))
            return [
                digest
                for digest in dict.fromkeys(digests)
                if not connection.execute(
                    select(func.count()).select_from(table).where(table.c.digest == digest)
                ).scalar_one()
            ]


def _attachment(row: Row[Any]) -> Attachment:
    return Attachment(
        digest=row.digest,
        name=row.name,
        media_type=row.media_type,
        size=row.size,
        origin=row.origin,
        record=row.record,
    )
