"""From a record to what the engines index."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from search.api import SearchEntry
from search.card import card_of
from search.facets import Helix, facets_of
from search.values import addresses, mapping, number, seconds, strings, texts
from vocab.context import Kind, terms
from vocab.headline import headline
from vocab.terms import TRUST_TYPES, JsonObject, type_of

NOT_LISTED: Final = frozenset({"Tombstone", *TRUST_TYPES, "FeedHead", ""})
_APART: Final = frozenset({"title", "summary", "keyword", "place", "name", "proof"})
_RELATIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "adapted_from": ("adaptedFrom",),
    "publisher": ("publisher",),
    "lead": ("lead",),
    "partner": ("partner",),
    "about": ("about", "answers", "assessed", "recipient", "implementedAs"),
}
_MAX_PEOPLE: Final = 10**11
_MAX_BODY: Final = 100_000  # characters per language: a record may be large, a posting list not


def _unknown(_uri: str) -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class Family:
    """What is known of a record's relatives.

    Attributes:
        first: URI of the practice that it and others were adapted from in the end, "" for none.
        adapted: how many adaptations of it, elsewhere, are known.
    """

    first: str = ""
    adapted: int = 0


_ALONE: Final = Family()


def from_record(
    document: JsonObject,
    *,
    uri: str,
    digest: str,
    origin: str,
    helix: Helix = _unknown,
    family: Family = _ALONE,
) -> SearchEntry | None:
    """Return the search entry of a record, None for what is not listed (a tombstone …).

    Args:
        document: the record, with or without its envelope.
        uri: its record URI.
        digest: digest of this version.
        origin: DID of the node that signed it.
        helix: finds the sector of an organisation by its URI, where the caller knows it.
        family: what is known of its relatives.
    """
    if type_of(document) in NOT_LISTED:
        return None
    place = mapping(document.get("place"))
    latitude, longitude = number(place.get("lat")), number(place.get("long"))
    if latitude is None or longitude is None or abs(latitude) > 90 or abs(longitude) > 180:
        latitude = longitude = None
    return SearchEntry(
        uri=uri,
        digest=digest,
        title=headline(document),
        summary=texts(document.get("summary")),
        body=_body(document),
        keywords=_keywords(document),
        facets=facets_of(document, origin, helix, family.adapted),
        links={
            relation: found
            for relation, keys in _RELATIONS.items()
            if (found := [uri for key in keys for uri in addresses(document.get(key))])
        },
        modified=seconds(document.get("modified")) or seconds(document.get("issued")) or 0,
        started=seconds(document.get("startDate")),
        population=_people(place.get("population")),
        latitude=latitude,
        longitude=longitude,
        family=family.first,
        card=card_of(document, origin, helix),
    )


def _people(value: object) -> int | None:
    people = number(value)
    return int(people) if people is not None and 0 <= people <= _MAX_PEOPLE else None


def _body(document: JsonObject) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for key, value in document.items():
        if key not in _APART:
            _collect(key, value, found)
    return {language: "\n".join(parts)[:_MAX_BODY] for language, parts in found.items()}


def _collect(key: str, value: object, found: dict[str, list[str]]) -> None:
    """Gather all texts in a language, however deep they lie in the record."""
    if isinstance(value, dict):
        if key in _text_keys():
            for language, text in texts(value).items():
                found.setdefault(language, []).append(text)
        else:
            for inner, item in value.items():
                _collect(inner, item, found)
    elif isinstance(value, list):
        for item in value:
            _collect(key, item, found)


@lru_cache(maxsize=1)
def _text_keys() -> frozenset[str]:
    return frozenset(key for key, term in terms().items() if term.kind is Kind.TEXTS)


def _keywords(document: JsonObject) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {"": _names(document)}
    keyword = document.get("keyword")
    if isinstance(keyword, dict):
        for language, own in keyword.items():
            found.setdefault(language, []).extend(strings(own))
    return {language: list(dict.fromkeys(own)) for language, own in found.items() if own}


def _names(document: JsonObject) -> list[str]:
    """Return the names of places and organisations, which are words of no language.

    A country given by its code and the labels of concepts are found through their codes.
    """
    place = mapping(document.get("place"))
    names = [*texts(place.get("name")).values()]
    names += [*strings(place.get("region")), *texts(place.get("region")).values()]
    names += strings(place.get("countryName")) + strings(document.get("countryName"))
    names += strings(document.get("organisationName")) + strings(document.get("credit"))
    return names
