"""How far a peer's feed was read, and what of it is missing: written with what was read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, delete, insert, update

from federation.journal.tables import gap, peer

MAX_URI: Final = 700
MAX_ETAG: Final = 200
DOUBT: Final = "doubt:"
"""What the rule of a page begins with that was read, though not as its node can have meant it."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A member that was refused and may be accepted later, or a page that must be read again.

    Attributes:
        version_uri: address of the member, or of the page itself.
        page_url: page that holds the member.
        rule: why it was refused.
    """

    version_uri: str
    page_url: str
    rule: str

    @property
    def is_page(self) -> bool:
        """Whether the whole page is meant."""
        return self.version_uri == self.page_url

    @property
    def is_doubt(self) -> bool:
        """Whether the page could be read, but is doubted."""
        return self.is_page and self.rule.startswith(DOUBT)


def note_cursor(connection: Connection, number: int, page_url: str, position: int) -> None:
    """Keep how far a peer's feed was read, in the transaction that appends what was read."""
    connection.execute(
        update(peer).where(peer.c.id == number).values(page_url=page_url, feed_position=position)
    )


def note_etag(connection: Connection, number: int, owner: str, etag: str) -> None:
    """Keep the validator of a feed root that was read to its end, if the lease is still held."""
    held = update(peer).where(peer.c.id == number, peer.c.lease_owner == owner)
    connection.execute(held.values(etag=etag if len(etag) <= MAX_ETAG else ""))


def note_gaps(
    connection: Connection, number: int, pages: Sequence[str], gaps: Iterable[Gap]
) -> None:
    """Keep what may become acceptable later on some pages, instead of what was kept of them."""
    rows = {
        one.version_uri: {
            "peer_id": number,
            "page_url": one.page_url,
            "version_uri": one.version_uri,
            "rule": one.rule,
        }
        for one in gaps
        if 0 < len(one.version_uri) <= MAX_URI
    }
    for start in range(0, len(pages), 1000):
        some = gap.c.page_url.in_(pages[start : start + 1000])
        connection.execute(delete(gap).where(gap.c.peer_id == number, some))
    if rows:
        same = gap.c.version_uri.in_(rows)
        connection.execute(delete(gap).where(gap.c.peer_id == number, same))
        connection.execute(insert(gap), list(rows.values()))
