"""Moments in tables and in the feed: whole microseconds since 1970, aware datetimes elsewhere."""

from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def to_micros(moment: datetime) -> int:
    """Return microseconds since 1970, exactly."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def from_micros(number: int) -> datetime:
    """Return the aware UTC datetime of microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=number)


def maybe_from_micros(number: int | None) -> datetime | None:
    """Return the datetime, None for None."""
    return None if number is None else from_micros(number)
