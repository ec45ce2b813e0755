"""Where a page begins: sort keys, and cursors that are as quick on the last page as on the first.

A cursor names the sort key of the last hit and how many hits with that very key were shown. By
relevance there is no key to go on from: such a cursor counts, and ends at `MAX_OFFSET`.
"""

import base64
import binascii
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import orjson

from search.api import MAX_OFFSET, SearchRequest, Sort

MAX_LIMIT: Final = 200
_TIE_BITS: Final = 30
_LAST_SECOND: Final = (1 << 33) - 1
_CODES: Final = {Sort.RELEVANCE: "r", Sort.NEWEST: "n", Sort.OLDEST: "o", Sort.TITLE: "t"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins.

    Attributes:
        key: number of the sort key to go on from, None to begin at the first hit.
        skip: hits to pass over from there.
    """

    key: int | None
    skip: int


def time_key(modified: int, uri: str) -> int:
    """Return the number by which "newest" and "oldest" sort: the second, then the URI's hash."""
    second = min(max(modified, 0), _LAST_SECOND)
    return second << _TIE_BITS | zlib.crc32(uri.encode()) & (1 << _TIE_BITS) - 1


def time_bounds(low: int | None, high: int | None) -> tuple[int | None, int | None]:
    """Return the sort keys between which records modified in a span of seconds lie."""
    return (
        None if low is None else min(max(low, 0), _LAST_SECOND) << _TIE_BITS,
        None if high is None else ((min(max(high, -1), _LAST_SECOND) + 1) << _TIE_BITS) - 1,
    )


def title_key(title: str, uri: str) -> str:
    """Return the text by which "title" sorts: the folded title, then the URI's hash."""
    return f"{title} {zlib.crc32(uri.encode()):08x}"


def title_number(key: str) -> int:
    """Return a number that grows with the title key, as far as its first eight bytes differ."""
    return int.from_bytes(key.encode()[:8].ljust(8, b"\0"))


def limit_of(request: SearchRequest) -> int:
    """Return how many hits are wanted, within bounds."""
    return min(max(request.limit, 1), MAX_LIMIT)


def place_of(request: SearchRequest, sort: Sort) -> Place:
    """Return where the page begins; a cursor of another order or from elsewhere is the start."""
    if not request.cursor:
        return Place(None, min(max(request.offset, 0), MAX_OFFSET))
    try:
        padded = request.cursor.encode() + b"=" * (-len(request.cursor) % 4)
        code, key, skip = orjson.loads(base64.urlsafe_b64decode(padded))
    except (ValueError, TypeError, binascii.Error):
        return Place(None, 0)
    numbers = isinstance(skip, int) and (key is None or isinstance(key, int))
    if code != _CODES[sort] or not numbers or skip < 0 or not 0 <= (key or 0) < 1 << 64:
        return Place(None, 0)
    return Place(key, skip if key is not None else min(skip, MAX_OFFSET))


def next_cursor(sort: Sort, place: Place, keys: Sequence[int], *, more: bool) -> str:
    """Return the cursor of the page after this one, "" when there is none.

    Args:
        sort: order of the hits.
        place: where this page began.
        keys: number of the sort key of each hit of this page; zeros by relevance.
        more: whether a hit follows.
    """
    if not more or not keys:
        return ""
    alike = next((run for run, key in enumerate(reversed(keys)) if key != keys[-1]), len(keys))
    reached = Place(keys[-1], alike)
    if sort is Sort.RELEVANCE:
        reached = Place(None, place.skip + len(keys))
        if reached.skip >= MAX_OFFSET:
            return ""
    elif alike == len(keys) and place != Place(None, 0):
        known = place.key == keys[-1]  # otherwise hits with this key may lie before the page
        reached = Place(keys[-1] if known else place.key, place.skip + alike)
    code = orjson.dumps([_CODES[sort], reached.key, reached.skip])
    return base64.urlsafe_b64encode(code).rstrip(b"=").decode()
