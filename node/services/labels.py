"""Names for codes: facets and their values in the reader's language.

Values of the vocabulary are named by the vocabulary, countries and languages by the Unicode CLDR;
only what is the program's own (names of facets, bands, types) comes from the catalogues.
"""

import re
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Final

from babel import Locale, UnknownLocaleError

from node.services.text import host_of
from node.services.translate import N_, catalogue
from search.api import ADAPTED_BANDS, FRESH, POPULATION_BANDS, SAID
from search.facets import SCHEMES
from vocab import concepts, glossary

_FACET_NAMES: Final[dict[str, str]] = {
    "theme": N_("Theme"),
    "region": N_("Region"),
    "phase": N_("Residents take part from"),
    "adapted": N_("Adapted elsewhere"),
    "commitment": N_("Commitment"),
    "offers_help": N_("Help offered"),
    "open_material": N_("Open material"),
    "fresh": N_("Changed"),
    "settlement": N_("Kind of place"),
    "population": N_("Inhabitants"),
    "country": N_("Country"),
    "cost": N_("Cost in euros"),
    "target_group": N_("Who it is for"),
    "level": N_("Participation"),
    "evidence": N_("Evidence"),
    "maturity": N_("How far it is"),
    "sector": N_("Sector"),
    "method": N_("Method"),
    "language": N_("Language of the record"),
    "sdg": N_("Sustainable Development Goal"),
    "type": N_("Kind of record"),
    "licence": N_("Licence"),
    "origin": N_("Published by"),
    "cluster": N_("Cluster"),
}
_BANDS: Final[dict[str, str]] = {
    "under-5k": N_("Under 5,000"),
    "5k-20k": N_("5,000 to 20,000"),
    "20k-50k": N_("20,000 to 50,000"),
    "50k-250k": N_("50,000 to 250,000"),
    "250k-1m": N_("250,000 to 1 million"),
    "over-1m": N_("Over 1 million"),
}
_ADAPTED: Final[dict[str, str]] = {
    "1": N_("In one place"),
    "2-4": N_("In 2 to 4 places"),
    "5+": N_("In 5 places or more"),
}
_OPTIONS: Final[dict[str, str]] = {"setup": N_("to set up"), "yearly": N_("a year")}
_HELP: Final = {SAID: N_("Helps others to repeat it")}
_MATERIAL: Final = {SAID: N_("Material under an open licence")}
_FRESH: Final[dict[str, str]] = {
    "30d": N_("In the last 30 days"),
    "1y": N_("In the last year"),
    "3y": N_("In the last 3 years"),
}
_CREATIVE_COMMONS = re.compile(
    r"^https?://creativecommons\.org/(?:licenses/([a-z-]+)/([0-9.]+)|publicdomain/(zero)/([0-9.]+))"
)
_LICENCE_NAMES: Final[dict[str, str]] = {
    "etalab": "Licence Ouverte 2.0",
    "opendatacommons.org/licenses/odbl": "ODbL 1.0",
    "opendatacommons.org/licenses/by": "ODC-BY 1.0",
    "opendatacommons.org/licenses/pddl": "PDDL 1.0",
    "open-government-licence": "Open Government Licence 3.0",
}


def facet_name(facet: str, language: str) -> str:
    """Return the name of a facet, "" for one that does not exist."""
    name = _FACET_NAMES.get(facet)
    return catalogue(language).gettext(name) if name else ""


def value_label(facet: str, code: str, language: str) -> str:
    """Return the label of a facet's value; an unknown code is shown as it is."""
    if facet in SCHEMES:
        label = concepts.label(SCHEMES[facet], code, language)
        return f"{code}. {label}" if facet == "sdg" and label != code else label
    if facet == "licence":
        return licence_name(code)
    namer = _NAMERS.get(facet)
    return namer(code, language) if namer else code


def facet_order(facet: str) -> tuple[str, ...]:
    """Return the codes of a facet whose values have an order of their own, () for others.

    Such as the bands of population, or the levels of participation.
    """
    if facet in _BANDED:
        return tuple(code for code, _ in _BANDED[facet])
    return concepts.codes(SCHEMES[facet]) if facet in _RANKED else ()


def type_name(record_type: str, language: str) -> str:
    """Return what a record type is called, for example "Best practice"."""
    return glossary.label(record_type, language)


def option_name(code: str, language: str) -> str:
    """Return what a word that the schema itself lists is called, such as a kind of cost."""
    return _own(_OPTIONS, code, language) if code in _OPTIONS else glossary.label(code, language)


def _own(names: dict[str, str], code: str, language: str) -> str:
    return catalogue(language).gettext(names[code]) if code in names else code


def country_name(code: str, language: str) -> str:
    """Return the name of a country by its ISO 3166-1 code; other texts are returned unchanged."""
    name = _locale(language).territories.get(code.upper()) if len(code) == 2 else None
    return str(name) if name else code


def language_name(code: str, language: str) -> str:
    """Return the name of a language ("es" in English: "Spanish"), the code where unknown."""
    name = _locale(language).languages.get(code.replace("-", "_"))
    return str(name) if name else code


def own_language_name(code: str) -> str:
    """Return the name of a language in itself ("español"), with a capital letter."""
    name = language_name(code, code)
    return name[:1].upper() + name[1:]


def licence_name(address: str) -> str:
    """Return the short name of a licence by its address, the address's host where unknown."""
    match = _CREATIVE_COMMONS.match(address)
    if match:
        kind, number, zero, zero_number = match.groups()
        return f"CC0 {zero_number}" if zero else f"CC {kind.upper()} {number}"
    for part, name in _LICENCE_NAMES.items():
        if part in address:
            return name
    return host_of(address) or address


@lru_cache(maxsize=64)
def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language)
    except (ValueError, UnknownLocaleError):
        return Locale("en")


_BANDED: Final = {"population": POPULATION_BANDS, "adapted": ADAPTED_BANDS, "fresh": FRESH}
_RANKED: Final = frozenset({"cost", "phase", "level", "evidence", "maturity", "sdg", "commitment"})
_NAMERS: Final[dict[str, Callable[[str, str], str]]] = {
    "population": partial(_own, _BANDS),
    "adapted": partial(_own, _ADAPTED),
    "offers_help": partial(_own, _HELP),
    "open_material": partial(_own, _MATERIAL),
    "fresh": partial(_own, _FRESH),
    "type": type_name,
    "country": country_name,
    "language": language_name,
}
