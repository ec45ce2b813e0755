"""The thesaurus of search: everyday and professional terms, with their names in six languages.

Nobody tags records with these terms. They only tell what else a word may be called.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from vocab.concepts import is_code
from vocab.context import ONTOLOGY_FOLDER
from vocab.terms import CONCEPTS

_SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
_TERMS: Final = f"{CONCEPTS}term/"


@dataclass(frozen=True, slots=True)
class Entry:
    """One term.

    Attributes:
        code: its code, unique among the terms.
        labels: preferred then other labels per language code.
        broader: (scheme, code) of the concepts of the vocabulary that it belongs to.
    """

    code: str
    labels: Mapping[str, tuple[str, ...]]
    broader: tuple[tuple[str, str], ...]


@lru_cache(maxsize=1)
def entries() -> tuple[Entry, ...]:
    """Return all terms, in the order of their codes."""
    import pyoxigraph as ox  # as for the schemes: much quicker than rdflib

    preferred: dict[str, dict[str, str]] = {}
    others: dict[str, dict[str, list[str]]] = {}
    broader: dict[str, list[tuple[str, str]]] = {}
    data = (ONTOLOGY_FOLDER / "thesaurus.ttl").read_bytes()
    for quad in ox.parse(data, format=ox.RdfFormat.TURTLE):
        code = quad.subject.value.removeprefix(_TERMS)
        match quad.predicate.value.removeprefix(_SKOS), quad.object:
            case "prefLabel", ox.Literal(value=text, language=str(language)):
                preferred.setdefault(code, {})[language] = text
            case "altLabel", ox.Literal(value=text, language=str(language)):
                others.setdefault(code, {}).setdefault(language, []).append(text)
            case "broader", ox.NamedNode(value=target):
                scheme, _, named = target.removeprefix(CONCEPTS).partition("/")
                broader.setdefault(code, []).append((scheme, named))
    return tuple(
        Entry(
            code,
            MappingProxyType(
                {
                    language: (label, *others.get(code, {}).get(language, ()))
                    for language, label in preferred[code].items()
                }
            ),
            tuple(one for one in broader.get(code, ()) if is_code(*one)),
        )
        for code in sorted(preferred)
    )
