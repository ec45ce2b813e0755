"""One row of somebody's catalogue to one authoring document; nothing is invented or lost."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from node.services.imports.countries import country_code
from node.services.sentences import finding
from vocab.findings import Finding, Severity
from vocab.licences import licence_address
from vocab.terms import CONTEXT_URL, JsonObject, JsonValue

MATURITY: Final = {
    "abandon": "abandoned",
    "abandon-investigation": "abandoned",
    "abandoned": "abandoned",
    "ended": "ended",
    "planned": "planned",
    "pilot": "pilot",
    "operational": "operational",
    "mainstreamed": "mainstreamed",
}
"""States of a project that say without doubt which maturity is meant; others stay keywords."""

TEXTS: Final = {
    "title": "title",
    "summary": "summary",
    "body": "description",
    "problem": "problem",
    "solution": "solution",
    "lesson": "lesson",
    "difficulty": "difficulty",
}
TAGS: Final = ("themes", "target_groups", "methods", "tags", "keywords")
NOTES: Final = ("raw_kind", "lang_source", "location_of", "note")
DERIVED: Final = frozenset(("licence_class",))
"""Keys that only repeat what another key says."""


@dataclass(slots=True)
class Converted:
    """A row as an authoring document, and what was noticed on the way."""

    label: str
    document: JsonObject
    findings: list[Finding] = field(default_factory=list)


def convert(row: Mapping[str, JsonValue], label: str) -> Converted:
    """Return a `Practice` document for a row with the keys of docs/reference/import.md.

    A key without a place of its own is kept as text in `importNote`, with a finding.
    """
    result = Converted(label, {"@context": CONTEXT_URL, "type": "Practice"})
    language = _language(row)
    used = set(DERIVED)
    for convert_part in _PARTS:
        used |= convert_part(row, language, result)
    rest = [key for key in row if key not in used and row[key] not in (None, "", [], {})]
    for key in rest:
        _note(result, f"{key}: {row[key]}")
        result.findings.append(_unknown(label, key))
    return result


def _language(row: Mapping[str, JsonValue]) -> str:
    title = row.get("title")
    if isinstance(title, dict) and title:
        return next(iter(title))
    declared = row.get("language")
    return declared if isinstance(declared, str) and declared else "en"


def _texts(row: Mapping[str, JsonValue], language: str, result: Converted) -> set[str]:
    used: set[str] = {"language"}
    for key, term in TEXTS.items():
        texts: dict[str, JsonValue] = {}
        value = row.get(key)
        if isinstance(value, dict):
            texts.update({k: v for k, v in value.items() if isinstance(v, str) and v.strip()})
            used.add(key)
        elif isinstance(value, str) and value.strip():
            texts[language] = value
            used.add(key)
        for column in row:
            match = re.fullmatch(rf"{key}_([a-z]{{2}})", column)
            text = row[column]
            if match and isinstance(text, str):
                used.add(column)
                if text.strip():
                    texts[match[1]] = text
        if texts:
            result.document[term] = texts
    title = result.document.get("title")
    if isinstance(title, dict):
        result.document["language"] = list(title)
    original = row.get("original_language")
    if isinstance(original, str) and original:
        result.document["originalLanguage"] = original
        used.add("original_language")
    return used


def _origin(row: Mapping[str, JsonValue], _language: str, result: Converted) -> set[str]:
    document = result.document
    source, number, url = (_text(row, key) for key in ("source", "source_id", "url"))
    if url:
        document["source"] = url
    if number or url:
        document["identifier"] = f"{source}:{number or url}" if number or source else url
    else:  # the name of the source alone would make one record of all its rows
        result.findings.append(_unnumbered(result.label))
    credit = _text(row, "credit") or source or url
    if credit:
        document["credit"] = credit
    licence = _text(row, "licence") or _text(row, "license")
    if licence:
        document["license"] = licence_address(licence) or licence
    return {"source", "source_id", "url", "credit", "licence", "license"}


def _place(row: Mapping[str, JsonValue], language: str, result: Converted) -> set[str]:
    place: JsonObject = {}
    if _text(row, "city"):
        place["name"] = {language: _text(row, "city")}
    place.update(_country(row, result))
    for key in ("region", "settlement"):
        if _text(row, key):
            place[key] = _text(row, key)
    latitude, longitude = _number(row, "lat"), _number(row, "lon")
    if latitude is not None and longitude is not None:
        place["lat"], place["long"] = latitude, longitude
    population = _number(row, "population")
    if population is not None and population.is_integer():
        place["population"] = int(population)
    if place:
        result.document["place"] = {"type": "Place", **place}
    return {"city", "country", "region", "lat", "lon", "population", "settlement"}


def _country(row: Mapping[str, JsonValue], result: Converted) -> JsonObject:
    """Return the code where it is certain, and the spelling where the code does not say it all."""
    written = _text(row, "country")
    if not written:
        return {}
    code = country_code(written)
    if code is None:
        result.findings.append(_doubtful_country(result.label, written))
        return {"countryName": written}
    return {"country": code} if code == written else {"country": code, "countryName": written}


def _dates(row: Mapping[str, JsonValue], _language: str, result: Converted) -> set[str]:
    for key, term in (("start", "startDate"), ("end", "endDate")):
        value = _text(row, key)
        if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            result.document[term] = value
        elif value:
            # A year or a month alone is no xsd:date; it is kept as it was written.
            _note(result, f"{key}: {value}")
    return {"start", "end"}


def _tags(row: Mapping[str, JsonValue], language: str, result: Converted) -> set[str]:
    words: list[str] = []
    for key in TAGS:
        words += _list(row, key)
    status = _text(row, "status")
    if status in MATURITY:
        result.document["maturity"] = MATURITY[status]
    elif status:
        words.append(status)
    sector = _text(row, "sector")
    if sector:
        words.append(sector)
    unique = list(dict.fromkeys(word.strip() for word in words if word.strip()))
    if unique:
        result.document["keyword"] = {language: [*unique]}
    return {*TAGS, "status", "sector"}


def _links(row: Mapping[str, JsonValue], _language: str, result: Converted) -> set[str]:
    organisations = _list(row, "organisations")
    if organisations:
        result.document["organisationName"] = [*dict.fromkeys(organisations)]
    good: list[JsonValue] = []
    bad: list[str] = []
    for link in dict.fromkeys(_list(row, "links")):
        if re.fullmatch(r"https?://[^\s<>\"{}|\\^`]+", link):
            good.append(link)
        else:
            bad.append(link)
    if good:
        result.document["seeAlso"] = good
    for link in bad:
        _note(result, f"link: {link}")
    return {"organisations", "links"}


def _notes(row: Mapping[str, JsonValue], _language: str, result: Converted) -> set[str]:
    for key in NOTES:
        if _text(row, key):
            _note(result, f"{key}: {_text(row, key)}")
    return set(NOTES)


_PARTS: Final[tuple[Callable[[Mapping[str, JsonValue], str, Converted], set[str]], ...]] = (
    _texts,
    _origin,
    _place,
    _dates,
    _tags,
    _links,
    _notes,
)


def _text(row: Mapping[str, JsonValue], key: str) -> str:
    value = row.get(key)
    return value.strip() if isinstance(value, str) else ""


def _list(row: Mapping[str, JsonValue], key: str) -> list[str]:
    value = row.get(key)
    if isinstance(value, str):
        return [part.strip() for part in value.split(";") if part.strip()]
    if isinstance(value, list):
        return [part.strip() for part in value if isinstance(part, str) and part.strip()]
    return []


def _number(row: Mapping[str, JsonValue], key: str) -> float | None:
    value = row.get(key)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    try:
        return float(value.replace(",", ".")) if isinstance(value, str) and value else None
    except ValueError:
        return None


def _note(result: Converted, text: str) -> None:
    earlier = result.document.get("importNote")
    result.document["importNote"] = f"{earlier}; {text}" if earlier else text


def _doubtful_country(label: str, country: str) -> Finding:
    return finding(
        "country-unsure", "/place/countryName", Severity.WARNING, record=label, value=country
    )


def _unnumbered(label: str) -> Finding:
    return finding("no-number", "/identifier", Severity.WARNING, record=label)


def _unknown(label: str, key: str) -> Finding:
    return finding("unknown-column", f"/{key}", Severity.WARNING, record=label, key=key)
