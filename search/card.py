"""What a result list shows of a record, kept in the index so that a page needs nothing else."""

from itertools import islice
from typing import Final

from search.facets import Helix, sectors_of
from search.values import (
    addresses,
    languages_of,
    mapping,
    number,
    objects,
    string,
    strings,
    texts,
)
from vocab.headline import headline, shortened
from vocab.terms import JsonObject, JsonValue, type_of

SUMMARY_CHARACTERS: Final = 320
_MANY: Final = 20


def card_of(document: JsonObject, origin: str, helix: Helix) -> dict[str, JsonValue]:
    """Return the card of a record: only what is known, so that a gap is an absent key.

    Keys: type, title{language}, summary{language} (shortened at a word), place{name{language},
    country, countryName, region, settlement, population}, lat, lon, themes[], targetGroups[],
    maturity, stage, evidence, costBand, sectors[], sdgs[], language[] (of the title),
    startDate, endDate, opens, closes, setup[{amount, currency}], conditions[{type, essential,
    description{language}}], helpLanguages[], answered (when an
    observation was), modified, issued, origin, publisher,
    organisationName[], adaptedFrom[], source, credit, license.
    """
    place = mapping(document.get("place"))
    card: dict[str, JsonValue] = {
        "type": type_of(document),
        "title": {**headline(document)},
        "summary": {
            language: shortened(text, SUMMARY_CHARACTERS)
            for language, text in texts(document.get("summary")).items()
        },
        "place": _place(place),
        "lat": number(place.get("lat")),
        "lon": number(place.get("long")),
        "themes": [*strings(document.get("theme"))],
        "targetGroups": [*strings(document.get("targetGroup"))],
        "sectors": [*sectors_of(document, helix)],
        "sdgs": [*strings(document.get("sdg"))],
        "language": [*languages_of(document)],
        "origin": origin,
        "publisher": next(iter(addresses(document.get("publisher"))), ""),
        "organisationName": [*strings(document.get("organisationName"))],
        "adaptedFrom": [*addresses(document.get("adaptedFrom"))],
        "setup": _setup(document),
        "conditions": _conditions(document),
        "answered": _answered(document),
        "helpLanguages": [*strings(mapping(document.get("mentoring")).get("language"))],
    }
    for key, name in _PLAIN.items():
        card[name] = string(document.get(key))
    return {key: value for key, value in card.items() if value not in (None, "", [], {})}


_PLAIN: Final = {
    "maturity": "maturity",
    "stage": "stage",
    "evidenceLevel": "evidence",
    "costBand": "costBand",
    "startDate": "startDate",
    "endDate": "endDate",
    "opens": "opens",
    "closes": "closes",
    "modified": "modified",
    "issued": "issued",
    "source": "source",
    "credit": "credit",
    "license": "license",
}


def _setup(document: JsonObject) -> list[JsonValue]:
    """Return what it cost to set up, in whole units of a currency."""
    return [
        {"amount": int(amount), "currency": string(cost.get("currency"))}
        for cost in islice(objects(document.get("cost")), _MANY)
        if string(cost.get("costKind")) == "setup"
        and (amount := number(cost.get("amount"))) is not None
    ]


def _answered(document: JsonObject) -> str:
    """Return when an observation was answered, "" while it is not; to say "received" is nothing."""
    response = mapping(document.get("response"))
    if not texts(response.get("description")):
        return ""
    return string(response.get("issued")) or string(document.get("modified"))


def _conditions(document: JsonObject) -> list[JsonValue]:
    """Return what must be there for it to work elsewhere."""
    return [
        {
            "type": string(one.get("conditionType")),
            "essential": one.get("essential") is True,
            "description": {
                language: shortened(text, SUMMARY_CHARACTERS)
                for language, text in texts(one.get("description")).items()
            },
        }
        for one in islice(objects(document.get("condition")), _MANY)
    ]


def _place(place: JsonObject) -> dict[str, JsonValue]:
    name, population = texts(place.get("name")), number(place.get("population"))
    known: dict[str, JsonValue] = {
        "name": {**name},
        "country": string(place.get("country")).upper(),
        "countryName": string(place.get("countryName")),
        "region": string(place.get("region")),
        "settlement": string(place.get("settlement")),
        "population": None if population is None else int(population),
    }
    return {key: value for key, value in known.items() if value not in (None, "", {})}
