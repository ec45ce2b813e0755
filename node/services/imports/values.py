"""Numbers and days as offices write them; None where it is not certain what is meant."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from vocab.keys import MAX_INTEGER

_SPACES: Final = re.compile(r"[\s\u00a0\u202f'’]")
_GROUPED: Final = re.compile(r"[+-]?\d{1,3}(?:[\s\u00a0\u202f'’]\d{3})+(?:[.,]\d+)?")
_DECIMAL: Final = re.compile(r"[+-]?\d+(?:[.,]\d+)?")
_THOUSANDS: Final = re.compile(r"\d{1,3}(?:\.\d{3})+|\d{1,3}(?:,\d{3})+")
_BOTH: Final = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+,\d+|[+-]?\d{1,3}(?:,\d{3})+\.\d+")
_ISO: Final = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ][\d:.]+(?:Z|[+-][\d:]+)?)?")
_DAY_FIRST: Final = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})")


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that was read; `doubtful` when it could be read in another way."""

    value: float
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Day:
    """A day that was read, as YYYY-MM-DD; `doubtful` when day and month could be exchanged."""

    iso: str
    doubtful: bool = False


def read_number(written: float | str, *, whole: bool = False) -> Figure | None:
    """Return a number with a decimal point or comma; None where it is none.

    Args:
        written: a number, or what stands in a cell.
        whole: whether only whole numbers make sense: then "98.000" is a doubtful 98000.
    """
    text, doubtful = str(written).strip(), False
    if not isinstance(written, str):
        value = float(written)
    elif whole and _THOUSANDS.fullmatch(text):
        value, doubtful = float(re.sub("[.,]", "", text)), True
    elif _BOTH.fullmatch(text):
        decimal = max(text.rfind(","), text.rfind("."))
        value = float(re.sub("[.,]", "", text[:decimal]) + "." + text[decimal + 1 :])
    elif _DECIMAL.fullmatch(text) or _GROUPED.fullmatch(text):
        value = float(_SPACES.sub("", text).replace(",", "."))
    else:
        return None
    if abs(value) > MAX_INTEGER or (whole and not value.is_integer()):
        return None
    return Figure(value, doubtful)


def read_day(written: str) -> Day | None:
    """Return a day written with the year first, or with the day first; None where it is neither."""
    iso, first = _ISO.fullmatch(written), _DAY_FIRST.fullmatch(written)
    if iso:
        year, month, day = iso.groups()
    elif first:
        day, _, month, year = first.groups()
    else:
        return None
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        return None
    either = first is not None and first[2] == "/" and int(day) <= 12 and day != month
    return Day(found.isoformat(), doubtful=either)
