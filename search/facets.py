"""The facets of a record: which codes it is found under."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from search.api import ADAPTED_BANDS, POPULATION_BANDS, SAID
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
from vocab.concepts import codes
from vocab.licences import is_open
from vocab.terms import JsonObject, type_of

SCHEMES: Final[dict[str, str]] = {
    "theme": "theme",
    "settlement": "settlement",
    "cost": "cost-band",
    "target_group": "target-group",
    "phase": "phase",
    "level": "participation-level",
    "evidence": "evidence-level",
    "maturity": "maturity",
    "sector": "helix",
    "method": "method",
    "sdg": "sdg",
    "commitment": "commitment",
}
"""Concept scheme per facet, for those facets that have one."""

# How far an adaptation has come, said in the words of the practices beside which it is listed.
_STAGES: Final = {
    "planning": "planned",
    "piloting": "pilot",
    "adopted": "operational",
    "abandoned": "abandoned",
}

_MAX_REGION: Final = 80

Helix = Callable[[str], str | None]
"""Finds the sector of an organisation by its URI; None when it is unknown."""


def facets_of(
    document: JsonObject, origin: str, helix: Helix, adapted: int = 0
) -> dict[str, list[str]]:
    """Return the codes of a record per facet of `search.api.FACETS`; empty ones are left out.

    Args:
        document: the record.
        origin: DID of the node that signed it.
        helix: finds the sector of an organisation.
        adapted: how many adaptations elsewhere are known.
    """
    place = mapping(document.get("place"))
    country = string(place.get("country")).upper()
    phases = _phases(document)
    found = {
        "theme": strings(document.get("theme")),
        "settlement": strings(place.get("settlement")),
        "population": band_of(place.get("population")),
        "country": [country] if len(country) == 2 else [],
        "region": _regions(place),
        "cost": strings(document.get("costBand")),
        "target_group": strings(document.get("targetGroup")),
        "phase": _first_phase(phases),
        "level": _highest_level(phases),
        "evidence": strings(document.get("evidenceLevel")),
        "maturity": _maturity(document),
        "sector": sectors_of(document, helix),
        "adapted": [code for code, least in ADAPTED_BANDS if adapted >= least][-1:],
        "method": _methods(document, phases),
        "language": languages_of(document),
        "sdg": strings(document.get("sdg")),
        "commitment": strings(document.get("commitment")),
        "offers_help": [SAID]
        if mapping(document.get("mentoring")).get("available") is True
        else [],
        "open_material": [SAID] if _has_open_material(document) else [],
        "type": [type_of(document)],
        "licence": strings(document.get("license")),
        "origin": [origin],
    }
    return {name: values for name, values in found.items() if values}


def sectors_of(document: JsonObject, helix: Helix) -> list[str]:
    """Return the sectors of those who carry a record, as far as they are known.

    Its own (organisations), those of the lead and the partners, and who started the co-creation;
    the publisher's only when there is nothing else: a hub publishes for others.
    """
    found = strings(document.get("helix"))
    for key in ("lead", "partner"):
        found += _helixes(document.get(key), helix)
    found += strings(mapping(document.get("coCreation")).get("initiatedBy"))
    found = found or _helixes(document.get("publisher"), helix)
    return strings(found)


def _helixes(value: object, helix: Helix) -> list[str]:
    embedded = [string(item.get("helix")) for item in objects(value)]
    return strings(embedded + [helix(uri) or "" for uri in addresses(value)])


def band_of(population: object) -> list[str]:
    """Return the band of a number of inhabitants; nothing where it is unknown."""
    people = number(population)
    if people is None or people < 0:
        return []
    return [[code for code, least in POPULATION_BANDS if people >= least][-1]]


def _phases(document: JsonObject) -> list[dict[str, Any]]:
    co_creation = mapping(document.get("coCreation"))
    return list(objects(co_creation.get("participation", document.get("participation"))))


def _highest_level(phases: list[dict[str, Any]]) -> list[str]:
    order = _level_order()
    levels = [level for phase in phases for level in strings(phase.get("level"))]
    known = [level for level in levels if level in order]
    return [max(known, key=order.__getitem__)] if known else []


def _first_phase(phases: list[dict[str, Any]]) -> list[str]:
    """Return the first phase in which residents had a say; to be informed is not to take part."""
    levels = _level_order()
    order = codes("phase")
    shared = [
        phase
        for one in phases
        if any(levels.get(level, 0) >= levels["consult"] for level in strings(one.get("level")))
        for phase in strings(one.get("phase"))
        if phase in order
    ]
    return [min(shared, key=order.index)] if shared else []


def _has_open_material(document: JsonObject) -> bool:
    licences = (string(asset.get("license")) for asset in objects(document.get("asset")))
    return any(is_open(licence) for licence in licences)


def _regions(place: dict[str, Any]) -> list[str]:
    """Return the region's name, in one language only: it is one region."""
    named = strings(place.get("region")) or [*texts(place.get("region")).values()]
    return [" ".join(name.split())[:_MAX_REGION] for name in named[:1]]


@lru_cache(maxsize=1)
def _level_order() -> dict[str, int]:
    return {code: rank for rank, code in enumerate(codes("participation-level"))}


def _maturity(document: JsonObject) -> list[str]:
    declared = strings(document.get("maturity"))
    stage = _STAGES.get(string(document.get("stage")), "")
    return declared or strings(stage)


def _methods(document: JsonObject, phases: list[dict[str, Any]]) -> list[str]:
    found = strings(document.get("method"))
    found += strings(mapping(document.get("coCreation")).get("method"))
    for phase in phases:
        found += strings(phase.get("method"))
    return strings(found)
