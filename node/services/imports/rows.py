"""One row of somebody's catalogue to one authoring document; nothing is invented or lost."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from node.services.imports.columns import CODE, CODES, KEYWORDS, NOTES, TEXTS, Row
from node.services.imports.countries import country_code
from node.services.imports.making import Converted, Making, is_web
from node.services.imports.parts import contact, costs, mentoring, results, steps
from vocab.concepts import code_named
from vocab.findings import Severity
from vocab.licences import licence_address
from vocab.terms import JsonObject, JsonValue

MATURITY: Final = {
    "abandon": "abandoned",
    "abandon-investigation": "abandoned",
}
"""States of a project that say without doubt which maturity is meant, beside its names."""

_MOST_THEMES: Final = 4


def convert(values: Mapping[str, JsonValue], label: str) -> Converted:
    """Return a `Practice` document for a row with the keys of docs/how-to/import.md.

    A key without a place of its own is kept as text in `importNote`, with a finding; so is a value
    that does not say for certain what is meant.
    """
    row = Row(values)
    making = Making(row, Converted(label), _language(row))
    for convert_part in _PARTS:
        convert_part(making)
    for heading, value in row.rest():
        making.note(f"{heading}: {value}")
        making.tell("unknown-column", f"/{heading}", key=heading)
    return making.result


def _language(row: Row) -> str:
    """Return the language of texts that do not say theirs, "" where nothing does."""
    title = row.peek("title")
    if isinstance(title, dict) and title:
        return next(iter(title))
    declared = row.peek("language")
    if isinstance(declared, str) and re.fullmatch("[A-Za-z]{2,3}", declared.strip()):
        return declared.strip().lower()
    named = (re.fullmatch("title_([a-z]{2})", column) for column in row.columns())
    return next((match[1] for match in named if match), "")


def _texts(making: Making) -> None:
    row, document = making.row, making.document
    declared = row.text("language")
    if declared and declared.lower() != making.language:
        making.keep("language", declared)
    plain = any(isinstance(row.peek(key), str) for key in (*TEXTS, "city", "result"))
    if plain and not making.said_language:
        making.tell("language-unsaid", "/title")
    for key, term in TEXTS.items():
        texts = row.texts(key, making.language)
        if texts:
            document[term] = texts
    title = document.get("title")
    if isinstance(title, dict):
        document["language"] = list(title)
    original = row.text("original_language")
    if original:
        document["originalLanguage"] = original


def _origin(making: Making) -> None:
    row, document = making.row, making.document
    source, number, url = (row.text(key) for key in ("source", "source_id", "url"))
    if url:
        document["source"] = url
    if number or url:
        document["identifier"] = f"{source}:{number or url}" if number or source else url
    else:  # the name of the source alone would make one record of all its rows
        making.tell("no-number", "/identifier")
    credit = row.text("credit") or source or url
    if credit:
        document["credit"] = credit
    licence = row.text("licence")
    if licence:
        document["license"] = licence_address(licence) or licence


def _place(making: Making) -> None:
    row = making.row
    place: JsonObject = {}
    names = row.texts("city", making.language)
    if names:
        place["name"] = names
    place.update(_country(making))
    region = row.text("region")
    if region:
        place["region"] = region
    settlement = making.code("settlement", "settlement", "/place/settlement")
    if settlement:
        place["settlement"] = settlement
    place.update(_point(making))
    population = making.number("population", "/place/population", whole=True)
    if population is not None:
        place["population"] = int(population)
    if place:
        making.document["place"] = {"type": "Place", **place}


def _point(making: Making) -> JsonObject:
    latitude = making.number("lat", "/place/lat")
    longitude = making.number("lon", "/place/long")
    if latitude is not None and longitude is not None:
        return {"lat": latitude, "long": longitude}
    for name, other, value in (("lat", "lon", latitude), ("lon", "lat", longitude)):
        if value is not None:
            making.alone(name, other, str(value))
    return {}


def _country(making: Making) -> JsonObject:
    """Return the code where it is certain, and the spelling where the code does not say it all."""
    written = making.row.text("country")
    if not written:
        return {}
    code = country_code(written)
    if code is None:
        making.tell("country-unsure", "/place/countryName", value=written)
        return {"countryName": written}
    return {"country": code} if code == written else {"country": code, "countryName": written}


def _dates(making: Making) -> None:
    for key, term in (("start", "startDate"), ("end", "endDate")):
        day = making.day(key, f"/{term}")
        if day:
            making.document[term] = day


def _concepts(making: Making) -> None:
    row, document = making.row, making.document
    words: list[str] = []
    for column, (term, scheme) in CODES.items():
        codes: dict[str, None] = {}
        for word in row.items(column):
            code = code_named(scheme, word)
            if code is None:
                making.hint(column, scheme, word, f"/{term}")
            elif term == "theme" and len(codes) == _MOST_THEMES and code not in codes:
                making.tell("themes-many", "/theme", Severity.INFO, value=word)
            else:
                codes[code] = None
                continue
            words.append(word)
        if codes:
            document[term] = [*codes]
    for column in KEYWORDS:
        words += row.items(column)
    for column, (term, scheme) in CODE.items():
        code = making.code(column, scheme, f"/{term}")
        if code:
            document[term] = code
    words += _status(making)
    if words:
        document["keyword"] = {making.language: [*dict.fromkeys(words)]}


def _status(making: Making) -> list[str]:
    """Fill `maturity` from the state of a project, else return the state as a keyword."""
    status = making.row.text("status")
    code = MATURITY.get(status) or code_named("maturity", status)
    if code and making.document.setdefault("maturity", code) == code:
        return []
    return [status] if status else []


def _links(making: Making) -> None:
    row, document = making.row, making.document
    lead = row.text("lead")
    if is_web(lead):
        document["lead"] = lead
    partners = row.items("partners")
    known: list[JsonValue] = [partner for partner in partners if is_web(partner)]
    if known:
        document["partner"] = known
    names = [name for name in (lead, *partners) if name and not is_web(name)]
    names += row.items("organisations")
    if names:
        document["organisationName"] = [*dict.fromkeys(names)]
    links = row.items("links")
    good: list[JsonValue] = [link for link in links if is_web(link)]
    if good:
        document["seeAlso"] = good
    for link in links:
        if not is_web(link):
            making.note(f"link: {link}")
            making.tell("link-unsure", "/seeAlso", Severity.INFO, value=link)


def _notes(making: Making) -> None:
    for key in NOTES:
        text = making.row.text(key)
        if text:
            making.note(f"{key}: {text}")


_PARTS: Final[tuple[Callable[[Making], None], ...]] = (
    _texts,
    _origin,
    _place,
    _dates,
    _concepts,
    results,
    costs,
    steps,
    contact,
    mentoring,
    _links,
    _notes,
)
