"""Looking places up by name, without reading the gazetteer into memory."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from search.analysis.fold import fold
from search.analysis.tokens import words

FILE: Final = Path(__file__).with_name("places.sqlite")
MIN_LETTERS: Final = 2
MAX_LETTERS: Final = 80
MOST: Final = 20
_LAST: Final = "\U0010ffff"

_BANDS: Final = ((50_000, "city"), (15_000, "dense-town"), (5_000, "semi-dense-town"))


@dataclass(frozen=True, slots=True)
class Town:
    """A populated place.

    Attributes:
        number: its number in GeoNames.
        name: its name, mostly the local one.
        country: ISO 3166-1 alpha-2 code.
        population: inhabitants.
        latitude: WGS 84 degrees.
        longitude: WGS 84 degrees.
    """

    number: int
    name: str
    country: str
    population: int
    latitude: float
    longitude: float


def places(name: str, country: str = "", limit: int = 8) -> list[Town]:
    """Return places by name: whole names before beginnings of names, larger places first.

    Args:
        name: name, or how it begins (two letters or more); case and accents do not matter.
        country: only places of this country (ISO 3166-1 alpha-2), "" for all.
        limit: most of them, at most 20.
    """
    key = folded(name[:MAX_LETTERS])
    if len(key) < MIN_LETTERS:
        return []
    most = min(max(limit, 1), MOST)
    found: dict[int, Town] = {}
    with closing(sqlite3.connect(f"file:{FILE}?mode=ro&immutable=1", uri=True)) as database:
        for town in _asked(database, "key = ?", (key,), country, most):
            found.setdefault(town.number, town)
        if len(found) < most:
            beginning = "key > ? AND key < ?"
            for town in _asked(database, beginning, (key, key + _LAST), country, most):
                found.setdefault(town.number, town)
    return list(found.values())[:most]


def settlement_guess(population: int) -> str:
    """Return the code of the kind of place that a number of inhabitants suggests.

    Only a guess: the degree of urbanisation (Eurostat) also asks how densely people live.
    """
    return next((code for least, code in _BANDS if population >= least), "village")


def folded(name: str) -> str:
    """Return a name as it is looked up: words in lower case without accents."""
    return " ".join(fold(word) for word in words(name))


def _asked(
    database: sqlite3.Connection, where: str, values: tuple[str, ...], country: str, most: int
) -> Iterator[Town]:
    if country:
        where, values = f"{where} AND country = ?", (*values, country)
    # The conditions are constants of this module; only values come from outside.
    rows = database.execute(
        "SELECT number, name, country, -population, latitude, longitude FROM place "  # noqa: S608
        f"WHERE {where} ORDER BY population LIMIT ?",
        (*values, most),
    )
    for row in rows:
        yield Town(*row)
