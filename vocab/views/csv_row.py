"""Records as rows of a table (RFC 4180), for spreadsheets."""

from typing import Final

from vocab.language import pick
from vocab.terms import JsonObject, type_of
from vocab.views.reading import (
    dated,
    lists,
    many,
    number,
    pick_text,
    plain,
    titles,
    uri_of,
    web,
    webs,
)

CSV_COLUMNS: Final[tuple[str, ...]] = (
    "uri",
    "type",
    "title",
    "title_language",
    "summary",
    "place",
    "region",
    "country",
    "population",
    "settlement",
    "latitude",
    "longitude",
    "theme",
    "sdg",
    "target_group",
    "maturity",
    "evidence_level",
    "cost_band",
    "start_date",
    "end_date",
    "publisher",
    "lead",
    "organisations",
    "languages",
    "keywords",
    "license",
    "source",
    "credit",
    "adapted_from",
    "issued",
    "modified",
    "origin",
)
"""Header of the CSV export; `csv_row` gives the cells in this order."""

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def csv_row(document: JsonObject, language: str = "en") -> list[str]:
    """Return the cells of a record in the order of `CSV_COLUMNS`; lists are joined by "; ".

    Texts that a spreadsheet would run as a formula get an apostrophe in front; a cell for an
    address stays empty unless it is one of the web.

    Args:
        document: the record.
        language: preferred language of title, summary and place.
    """
    place = document.get("place")
    where = place if isinstance(place, dict) else {}
    title, title_language = pick(titles(document), [language])
    keywords = (word for words in lists(document.get("keyword")).values() for word in words)
    cells = {
        "uri": uri_of(document),
        "type": plain(type_of(document)),
        "title": title,
        "title_language": title_language,
        "summary": pick_text(document, "summary", language),
        "place": pick_text(where, "name", language),
        "region": plain(where.get("region")),
        "country": plain(where.get("country") or where.get("countryName")),
        "settlement": plain(where.get("settlement")),
        "theme": _joined(document, "theme"),
        "sdg": _joined(document, "sdg"),
        "target_group": _joined(document, "targetGroup"),
        "maturity": plain(document.get("maturity")),
        "evidence_level": plain(document.get("evidenceLevel")),
        "cost_band": plain(document.get("costBand")),
        "start_date": dated(document.get("startDate")),
        "end_date": dated(document.get("endDate")),
        "publisher": web(document.get("publisher")),
        "lead": web(document.get("lead")),
        "organisations": _joined(document, "organisationName"),
        "languages": _joined(document, "language"),
        "keywords": "; ".join(dict.fromkeys(keywords)),
        "license": web(document.get("license")),
        "source": web(document.get("source")),
        "credit": plain(document.get("credit")),
        "adapted_from": "; ".join(webs(document.get("adaptedFrom"))),
        "issued": dated(document.get("issued")),
        "modified": dated(document.get("modified")),
        "origin": plain(document.get("origin")),
    }
    numbers = {
        "population": _figure(where.get("population")),
        "latitude": _figure(where.get("lat")),
        "longitude": _figure(where.get("long")),
    }
    return [numbers[name] if name in numbers else _safe(cells[name]) for name in CSV_COLUMNS]


def _safe(text: str) -> str:
    return "'" + text if text.startswith(_FORMULA) else text


def _figure(value: object) -> str:
    known = number(value)
    return "" if known is None else str(known)


def _joined(document: JsonObject, key: str) -> str:
    return "; ".join(filter(None, map(plain, many(document.get(key)))))
