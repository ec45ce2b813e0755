"""Dates as people write them in a query."""

import re
from calendar import monthrange
from datetime import UTC, datetime
from typing import Final

_DATE: Final = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?(?:T.*)?", re.ASCII)
_DAY: Final = 24 * 60 * 60


def day_span(text: str) -> tuple[int, int] | None:
    """Return the first and the last second of a year, month or day, None for anything else.

    Seconds since 1970, UTC: "2024", "2024-5", "2024-05-31".
    """
    match = _DATE.fullmatch(text.strip().strip("'\""))
    if match is None:
        return None
    year, month, day = (int(part) if part else None for part in match.groups())
    try:
        first = datetime(year or 0, month or 1, day or 1, tzinfo=UTC)
        last_month = month or 12
        last_day = day or monthrange(first.year, last_month)[1]
        last = datetime(first.year, last_month, last_day, tzinfo=UTC)
    except ValueError:
        return None
    return int(first.timestamp()), int(last.timestamp()) + _DAY - 1
