"""What is known of the records of one state of an index besides their words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import orjson

from search.api import BoundingBox, Circle, SearchEntry
from search.document import Prepared, family_number
from search.engines.whoosh import bits
from search.engines.whoosh.library import Reader
from search.engines.whoosh.schema import ROW
from search.geo import inside, point_key, point_of, ranges
from search.paging import time_key, title_key

_NO_KEY: Final = ""


@dataclass(frozen=True, slots=True)
class Segment:
    """The rows of one segment of the index: it never changes, but for records deleted from it."""

    facets: Mapping[str, Mapping[str, int]]
    links: Mapping[str, list[int]]
    when: list[int]
    started: list[int | None]
    population: list[int | None]
    families: list[int]
    titles: list[str]
    points: list[tuple[float, float] | None]
    records: int


def row(entry: SearchEntry, ready: Prepared) -> bytes:
    """Return the row of an entry as it lies in the column."""
    point = None
    if entry.latitude is not None and entry.longitude is not None:
        point = [entry.latitude, entry.longitude]
    return orjson.dumps(
        [
            time_key(entry.modified, entry.uri),
            entry.started,
            entry.population,
            family_number(entry.family),
            title_key(ready.title_key, entry.uri),
            point,
            {name: list(codes) for name, codes in entry.facets.items()},
            ready.links,
        ]
    )


def read_segment(reader: Reader) -> Segment:
    """Read the rows of a segment; documents without a row are no records."""
    column = reader.column_reader(ROW)
    size = reader.doc_count_all()
    codes: dict[str, dict[str, list[int]]] = {}
    links: dict[str, list[int]] = {}
    when = [0] * size
    started: list[int | None] = [None] * size
    population: list[int | None] = [None] * size
    families = [0] * size
    titles = [_NO_KEY] * size
    points: list[tuple[float, float] | None] = [None] * size
    records = []
    for number in range(size):
        data = column[number]
        if not data:
            continue
        records.append(number)
        (
            when[number],
            started[number],
            population[number],
            families[number],
            titles[number],
            points[number],
            facets,
            linked,
        ) = orjson.loads(data)
        for name, values in facets.items():
            for code in values:
                codes.setdefault(name, {}).setdefault(code, []).append(number)
        for link in linked:
            links.setdefault(link, []).append(number)
    return Segment(
        facets={
            name: {code: bits.from_numbers(every, size) for code, every in values.items()}
            for name, values in codes.items()
        },
        links=links,
        when=when,
        started=started,
        population=population,
        families=families,
        titles=titles,
        points=points,
        records=bits.from_numbers(records, size),
    )


class Table:
    """All segments of a state of the index, numbered through."""

    def __init__(self, parts: Iterable[tuple[Segment, int, frozenset[int]]]) -> None:
        """Put a table together from segments, their first numbers, and their deleted records."""
        self._segments: list[tuple[Segment, int]] = []
        self.when: list[int] = []
        self.titles: list[str] = []
        self.families: list[int] = []
        self._started: list[int | None] = []
        self._population: list[int | None] = []
        self._points: list[tuple[float, float] | None] = []
        self.facets: dict[str, dict[str, int]] = {}
        self.records = 0
        for segment, first, deleted in parts:
            self._segments.append((segment, first))
            self.when += segment.when
            self.titles += segment.titles
            self.families += segment.families
            self._started += segment.started
            self._population += segment.population
            self._points += segment.points
            gone = bits.from_numbers(deleted, len(segment.when))
            self.records |= (segment.records & ~gone) << first
            for name, values in segment.facets.items():
                mine = self.facets.setdefault(name, {})
                for code, held in values.items():
                    mine[code] = mine.get(code, 0) | held << first
        self.size = len(self.when)

    def with_codes(self, facet: str, codes: Iterable[str]) -> int:
        """Return the records with one of these codes."""
        values = self.facets.get(facet, {})
        found = 0
        for code in codes:
            found |= values.get(code, 0)
        return found & self.records

    def linked(self, links: Iterable[str]) -> int:
        """Return the records with one of these links ("relation URI")."""
        found = [
            first + number
            for segment, first in self._segments
            for link in links
            for number in segment.links.get(link, ())
        ]
        return bits.from_numbers(found, self.size) & self.records

    def between(self, column: str, low: int | None, high: int | None) -> int:
        """Return the records whose number in a column lies in a span."""
        columns: dict[str, Sequence[int | None]] = {
            "when": self.when,
            "started": self._started,
            "population": self._population,
        }
        found = [
            number
            for number, key in enumerate(columns[column])
            if key is not None and (low is None or key >= low) and (high is None or key <= high)
        ]
        return bits.from_numbers(found, self.size) & self.records

    def within(self, area: BoundingBox | Circle) -> int:
        """Return the records in an area."""
        boxes = ranges(area)
        found = []
        for number, point in enumerate(self._points):
            if point is None:
                continue
            latitude, longitude = point
            if not any(
                box.south <= latitude <= box.north and box.west <= longitude <= box.east
                for box in boxes
            ):
                continue
            if isinstance(area, BoundingBox) or inside(
                area, *point_of(point_key(latitude, longitude))
            ):
                found.append(number)
        return bits.from_numbers(found, self.size) & self.records
