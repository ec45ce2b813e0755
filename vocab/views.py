"""Records in other people's words: schema.org for search engines, CSV for spreadsheets."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from vocab import concepts
from vocab.language import pick
from vocab.terms import PRACTICE_TYPES, JsonObject, JsonValue, type_of

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

_ORGANISATION_TYPES: Final[Mapping[str, str]] = {
    "government": "GovernmentOrganization",
    "academia": "EducationalOrganization",
}
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def schema_org(document: JsonObject, language: str) -> JsonObject:
    """Return a record as schema.org JSON-LD, for the head of its page.

    Args:
        document: a record; a tombstone or a membership gives {}.
        language: preferred language of the texts.
    """
    record_type = type_of(document)
    if record_type in PRACTICE_TYPES:
        view = _creative_work(document, language)
    elif record_type == "Organisation":
        sector = _text(document.get("helix"))
        view = _organisation(document, language, _ORGANISATION_TYPES.get(sector, "Organization"))
    elif record_type == "Cluster":
        view = _organisation(document, language, "Organization")
    else:
        return {}
    known: JsonObject = {"@context": "https://schema.org"}
    known.update({key: value for key, value in view.items() if value not in (None, "", [], {})})
    return known


def _creative_work(document: JsonObject, language: str) -> dict[str, Any]:
    name, name_language = pick(_texts(document.get("title")), [language])
    return {
        "@type": "CreativeWork",
        "@id": _uri(document),
        "url": _uri(document),
        "name": name,
        "abstract": _pick(document, "summary", language),
        "description": _pick(document, "description", language)
        or _pick(document, "solution", language),
        "about": [*_labels(document, "theme", language), *_labels(document, "sdg", language)],
        "keywords": _keywords(document),
        "audience": [
            {"@type": "Audience", "audienceType": label}
            for label in _labels(document, "targetGroup", language)
        ],
        "publisher": _reference(document.get("publisher")),
        "creator": _reference(document.get("lead")),
        "contributor": [
            *map(_reference, _list(document.get("partner"))),
            *(
                {"@type": "Organization", "name": n}
                for n in _list(document.get("organisationName"))
            ),
        ],
        "spatialCoverage": _place(document.get("place"), language),
        "temporalCoverage": _period(document),
        "datePublished": document.get("issued"),
        "dateModified": document.get("modified"),
        "version": document.get("version"),
        "inLanguage": _list(document.get("language")) or name_language,
        "license": document.get("license"),
        "creditText": document.get("credit"),
        "identifier": document.get("identifier"),
        "sameAs": document.get("sameAs"),
        "isBasedOn": [*_list(document.get("adaptedFrom")), *_list(document.get("source"))],
        "creativeWorkStatus": next(iter(_labels(document, "maturity", language)), None),
        "encoding": [_asset(part, language) for part in _list(document.get("asset"))],
    }


def _organisation(document: JsonObject, language: str, kind: str) -> dict[str, Any]:
    contact = document.get("contact")
    email = _text(contact.get("email")) if isinstance(contact, dict) else ""
    return {
        "@type": kind,
        "@id": _uri(document),
        "url": document.get("homepage") or _uri(document),
        "name": _pick(document, "name", language),
        "description": _pick(document, "description", language),
        "email": email.removeprefix("mailto:"),
        "location": _place(document.get("place"), language),
        "memberOf": _reference(document.get("memberOf")),
        "member": [_reference(uri) for uri in _list(document.get("member"))],
        "sameAs": document.get("sameAs"),
    }


def _place(value: JsonValue, language: str) -> dict[str, Any] | None:
    if not isinstance(value, dict):
        return None
    address = {
        "@type": "PostalAddress",
        "addressCountry": value.get("country") or value.get("countryName"),
        "addressRegion": value.get("region"),
    }
    place: dict[str, Any] = {
        "@type": "Place",
        "name": _pick(value, "name", language),
        "address": {key: item for key, item in address.items() if item},
    }
    if "lat" in value and "long" in value:
        place["geo"] = {
            "@type": "GeoCoordinates",
            "latitude": value["lat"],
            "longitude": value["long"],
        }
    return {key: item for key, item in place.items() if item and item != {"@type": "PostalAddress"}}


def _asset(value: JsonValue, language: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        return {}
    media: dict[str, Any] = {
        "@type": "MediaObject",
        "name": _pick(value, "title", language),
        "contentUrl": value.get("url"),
        "encodingFormat": value.get("mediaType"),
        "license": value.get("license"),
    }
    return {key: item for key, item in media.items() if item}


def _period(document: JsonObject) -> str:
    """Return the time covered as an ISO 8601 interval, open where an end is unknown."""
    start, end = _text(document.get("startDate")), _text(document.get("endDate"))
    return f"{start or '..'}/{end or '..'}" if start or end else ""


def csv_row(document: JsonObject) -> list[str]:
    """Return the cells of a record in the order of `CSV_COLUMNS`; lists are joined by "; ".

    Texts that a spreadsheet would run as a formula get an apostrophe in front.
    """
    place = document.get("place")
    where = place if isinstance(place, dict) else {}
    title, title_language = pick(_texts(document.get("title") or document.get("name")), ["en"])
    cells = {
        "uri": _uri(document),
        "type": type_of(document),
        "title": _safe(title),
        "title_language": title_language,
        "summary": _safe(_pick(document, "summary", "en")),
        "place": _safe(_pick(where, "name", "en")),
        "region": _safe(_text(where.get("region"))),
        "country": _safe(_text(where.get("country") or where.get("countryName"))),
        "population": _text(where.get("population")),
        "settlement": _text(where.get("settlement")),
        "latitude": _text(where.get("lat")),
        "longitude": _text(where.get("long")),
        "theme": _joined(document, "theme"),
        "sdg": _joined(document, "sdg"),
        "target_group": _joined(document, "targetGroup"),
        "maturity": _text(document.get("maturity")),
        "evidence_level": _text(document.get("evidenceLevel")),
        "cost_band": _text(document.get("costBand")),
        "start_date": _text(document.get("startDate")),
        "end_date": _text(document.get("endDate")),
        "publisher": _text(document.get("publisher")),
        "lead": _text(document.get("lead")),
        "organisations": _safe(_joined(document, "organisationName")),
        "languages": _joined(document, "language"),
        "keywords": _safe("; ".join(_keywords(document))),
        "license": _text(document.get("license")),
        "source": _text(document.get("source")),
        "credit": _safe(_text(document.get("credit"))),
        "adapted_from": _joined(document, "adaptedFrom"),
        "issued": _text(document.get("issued")),
        "modified": _text(document.get("modified")),
        "origin": _text(document.get("origin")),
    }
    return [cells[name] for name in CSV_COLUMNS]


def _safe(text: str) -> str:
    return "'" + text if text.startswith(_FORMULA) else text


def _uri(document: JsonObject) -> str:
    return _text(document.get("isVersionOf") or document.get("id"))


def _text(value: JsonValue) -> str:
    return "" if value is None or isinstance(value, dict | list) else str(value)


def _texts(value: JsonValue) -> dict[str, str]:
    if not isinstance(value, dict):
        return {}
    return {code: text for code, text in value.items() if isinstance(text, str)}


def _pick(document: JsonObject, key: str, language: str) -> str:
    return pick(_texts(document.get(key)), [language])[0]


def _list(value: JsonValue) -> list[Any]:
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def _joined(document: JsonObject, key: str) -> str:
    return "; ".join(map(_text, _list(document.get(key))))


def _labels(document: JsonObject, key: str, language: str) -> Sequence[str]:
    scheme = concepts.key_scheme(key) or ""
    return [concepts.label(scheme, _text(code), language) for code in _list(document.get(key))]


def _keywords(document: JsonObject) -> list[str]:
    value = document.get("keyword")
    if not isinstance(value, dict):
        return []
    return list(dict.fromkeys(_text(word) for words in value.values() for word in _list(words)))


def _reference(value: JsonValue) -> dict[str, Any] | None:
    return {"@type": "Organization", "@id": value} if isinstance(value, str) else None
