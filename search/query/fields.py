"""The names before a colon: which field, facet, relation or date they mean."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from search.analysis.fold import fold
from search.analysis.tokens import words
from search.api import ADAPTED_BANDS, FACETS, POPULATION_BANDS, RELATIONS, SAID
from search.countries import country_code
from search.facets import SCHEMES
from vocab.concepts import codes, find, is_code, labels
from vocab.terms import COLLECTIONS

TEXT_FIELDS: Final = ("title", "summary", "keywords", "body")
DATES: Final = ("modified", "started")


_BANDS: Final = {
    "population": POPULATION_BANDS,
    "adapted": ADAPTED_BANDS,
    "offers_help": ((SAID, 1),),
    "open_material": ((SAID, 1),),
}


class Kind(StrEnum):
    """What a field name stands for."""

    TEXT = "text"
    FACET = "facet"
    RELATION = "relation"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the query language: its kind and its name inside the engines."""

    kind: Kind
    name: str


_ALIASES: Final[dict[str, str]] = {
    "titulo": "title",
    "resumen": "summary",
    "abstract": "summary",
    "keyword": "keywords",
    "palabra": "keywords",
    "text": "body",
    "texto": "body",
    "tema": "theme",
    "asentamiento": "settlement",
    "poblacion": "population",
    "inhabitants": "population",
    "habitantes": "population",
    "fase": "phase",
    "compromiso": "commitment",
    "adaptado": "adapted",
    "pais": "country",
    "coste": "cost",
    "group": "target_group",
    "grupo": "target_group",
    "targetgroup": "target_group",
    "nivel": "level",
    "evidencia": "evidence",
    "madurez": "maturity",
    "helix": "sector",
    "metodo": "method",
    "lang": "language",
    "idioma": "language",
    "ods": "sdg",
    "tipo": "type",
    "license": "licence",
    "licencia": "licence",
    "origen": "origin",
    "editor": "publisher",
    "responsable": "lead",  # codespell:ignore
    "socio": "partner",
    "adaptedfrom": "adapted_from",
    "modificado": "modified",
    "start": "started",
    "inicio": "started",
}


def field_named(name: str) -> Field | None:
    """Return the field with an English or Spanish name, None for an unknown one."""
    plain = fold(name).replace("-", "_")
    plain = _ALIASES.get(plain, plain)
    for kind, names in (
        (Kind.TEXT, TEXT_FIELDS),
        (Kind.FACET, FACETS),
        (Kind.RELATION, RELATIONS),
        (Kind.DATE, DATES),
    ):
        if plain in names:
            return Field(kind, plain)
    return None


def codes_named(facet: str, text: str) -> tuple[str, ...]:
    """Return the codes of a facet that a text names by code or by label in any language."""
    text = text.strip()
    lower = text.lower()
    scheme = SCHEMES.get(facet)
    if scheme is not None:
        named = tuple(code for name, code in find(text) if name == scheme)
        return (lower,) if is_code(scheme, lower) else named or _labelled(scheme, text)
    match facet:
        case "country":
            return tuple(filter(None, (country_code(text),)))
        case "population" | "adapted" | "offers_help" | "open_material":
            return tuple(code for code, _ in _BANDS[facet] if code == lower)
        case "type":
            return tuple(name for name in COLLECTIONS if name.lower() == lower)
        case "language":
            return (lower,) if 2 <= len(lower) <= 8 and lower.isascii() else ()
        case _:  # licence and origin are URIs and DIDs, a region is a name
            return (text,) if ":" in text or (text and facet == "region") else ()


def _labelled(scheme: str, text: str) -> tuple[str, ...]:
    """Return the codes with a label in which all words of the text occur ("movilidad")."""
    wanted = {fold(word) for word in words(text)}
    return tuple(
        code
        for code in codes(scheme)
        if wanted
        and any(
            wanted <= {fold(word) for word in words(label)}
            for names in labels(scheme, code).values()
            for label in names
        )
    )
