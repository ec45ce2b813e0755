"""The records of a search as a file: GeoJSON for maps (RFC 7946), CSV for tables (RFC 4180)."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import orjson

from node.runtime import Runtime
from node.services.addresses import page_path
from node.services.cards import Card, card_of
from node.services.export import inert
from node.services.find import hit_json
from node.services.question import Question
from node.services.whole import MOST, Piece, pieces
from search.api import MAX_OFFSET, BoundingBox, Hit, Sort
from vocab import views
from vocab.terms import JsonObject

_EVERYWHERE: Final = BoundingBox(-180.0, -90.0, 180.0, 90.0)
_BOM: Final = "\ufeff"
_ABSENT: Final = ("lead", "keywords")  # the index does not keep them: an empty column would lie
_CHOSEN: Final = tuple(place for place, name in enumerate(views.CSV_COLUMNS) if name not in _ABSENT)
COLUMNS: Final = (*(views.CSV_COLUMNS[place] for place in _CHOSEN), "page")
"""Header of the CSV of a search: as in `lonja export --format csv`, without what the index does
not keep, and with the address of the page on this node."""


@dataclass(frozen=True, slots=True)
class File:
    """The records of a search.

    Attributes:
        body: the file.
        total: number of all matching records; those with a point on a map for GeoJSON.
        records: how many of them are in the file.
        truncated: whether more records follow.
        next: cursor of what follows, "" when nothing does or no cursor leads there.
    """

    body: bytes
    total: int
    records: int
    truncated: bool
    next: str


def geojson(runtime: Runtime, question: Question, language: str, most: int = MOST) -> File:
    """Return the records of a search that have a place as a FeatureCollection.

    The properties of a Feature are those of a hit in JSON; `total` and `truncated` are foreign
    members (RFC 7946, section 6.1).
    """
    if question.area is None:
        question = replace(question, area=_EVERYWHERE)  # only what a map can show
    features: list[bytes] = []
    last, base = Piece(0, (), ""), runtime.settings.base_url
    for last in pieces(runtime, question, language, most):
        features += [
            orjson.dumps(feature)
            for hit in last.hits
            if (feature := _feature(card_of(runtime, hit, language), base)) is not None
        ]
    more = _is_cut(question, last)
    about = {"type": "FeatureCollection", "total": last.total, "truncated": more}
    head = orjson.dumps(about)[:-1]
    body = head + b',"features":[\n' + b",\n".join(features) + b"\n]}\n"
    return File(body, last.total, len(features), more, last.next)


def _is_cut(question: Question, last: Piece) -> bool:
    """Say whether records follow the last page; by relevance no cursor leads past a number."""
    return bool(last.next) or (question.order is Sort.RELEVANCE and last.total > MAX_OFFSET)


def _feature(card: Card, base: str) -> JsonObject | None:
    """Return a record as a Feature: a point is longitude, then latitude (section 3.1.1)."""
    if card.longitude is None or card.latitude is None:
        return None
    properties = hit_json(card, base)
    del properties["latitude"], properties["longitude"]  # said by the geometry
    return {
        "type": "Feature",
        "id": card.uri,
        "geometry": {"type": "Point", "coordinates": [card.longitude, card.latitude]},
        "properties": properties,
    }


def table(runtime: Runtime, question: Question, language: str, most: int = MOST) -> File:
    """Return the records of a search as CSV with a header, UTF-8 with a byte order mark.

    The mark is there because spreadsheet programs that people open such a file with read it as
    an old 8-bit code page otherwise, and every accent is lost. Programs read it as "utf-8-sig".
    """
    text = _lines([COLUMNS])
    records, last = 0, Piece(0, (), "")
    for last in pieces(runtime, question, language, most):
        records += len(last.hits)
        text += _lines(_row(runtime, hit, language) for hit in last.hits)
    more = _is_cut(question, last)
    return File((_BOM + text).encode(), last.total, records, more, last.next)


def _row(runtime: Runtime, hit: Hit, language: str) -> list[str]:
    cells = views.csv_row(_document(hit), language)
    base = runtime.settings.base_url
    return [*(cells[place] for place in _CHOSEN), base + page_path(hit.uri, base)]


def _document(hit: Hit) -> JsonObject:
    """Return what the index keeps of a record under the names that it has in the record."""
    card: JsonObject = dict(hit.card)  # type: ignore[arg-type]  # an engine gives JSON back
    place = card.get("place")
    where: JsonObject = dict(place) if isinstance(place, dict) else {}
    return {
        **card,
        "isVersionOf": hit.uri,
        "place": {**where, "lat": card.get("lat"), "long": card.get("lon")},
        "theme": card.get("themes"),
        "targetGroup": card.get("targetGroups"),
        "sdg": card.get("sdgs"),
        "evidenceLevel": card.get("evidence"),
    }


def _lines(rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows([map(inert, row) for row in rows])
    return text.getvalue()
