"""Concept schemes: codes, their order, and their labels in every language."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from vocab.context import ONTOLOGY_FOLDER, terms
from vocab.terms import CONCEPTS

_SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
_POSITION: Final = "https://schema.org/position"
_SDG: Final = "https://metadata.un.org/sdg/"


@dataclass(slots=True)
class _Node:
    """What schemes.ttl says of one concept, scheme or collection."""

    scheme: str = ""
    position: int = 0
    broader: str = ""
    members: list[str] = field(default_factory=list)
    preferred: dict[str, str] = field(default_factory=dict)
    alternative: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Concept:
    code: str
    broader: str
    labels: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class _Scheme:
    labels: Mapping[str, str]
    concepts: Mapping[str, _Concept]


def scheme_names() -> tuple[str, ...]:
    """Return the names of all schemes ("helix", "theme", …), sorted."""
    return tuple(sorted(_schemes()))


def codes(scheme: str) -> tuple[str, ...]:
    """Return the codes of a scheme in the order in which they are shown; () if unknown."""
    found = _schemes().get(scheme)
    return tuple(found.concepts) if found else ()


def is_code(scheme: str, code: str) -> bool:
    """Say whether a scheme has a code."""
    found = _schemes().get(scheme)
    return found is not None and code in found.concepts


def broader(scheme: str, code: str) -> str:
    """Return the code that contains this one ("village" is part of "rural"), "" if none does."""
    concept = _concept(scheme, code)
    return concept.broader if concept else ""


def label(scheme: str, code: str, language: str) -> str:
    """Return the label in a language, else in English, else the code itself."""
    return next(
        (names[0] for wanted in (language, "en") if (names := labels(scheme, code).get(wanted))),
        code,
    )


def labels(scheme: str, code: str) -> dict[str, tuple[str, ...]]:
    """Return preferred then alternative labels per language code; {} for an unknown code."""
    concept = _concept(scheme, code)
    return dict(concept.labels) if concept else {}


def scheme_label(scheme: str, language: str) -> str:
    """Return the name of a scheme for people in a language, else in English, else its code."""
    found = _schemes().get(scheme)
    names = found.labels if found else {}
    return names.get(language) or names.get("en") or scheme


def concept_iri(scheme: str, code: str) -> str:
    """Return the address of a concept."""
    return _SDG + code if scheme == "sdg" else f"{CONCEPTS}{scheme}/{code}"


def key_scheme(key: str) -> str | None:
    """Return the scheme that a record key takes its codes from; None for other keys."""
    return key_schemes().get(key)


@lru_cache(maxsize=1)
def key_schemes() -> Mapping[str, str]:
    """Return the scheme per record key, for all keys whose values are concepts."""
    by_address = {concept_iri(scheme, ""): scheme for scheme in _schemes()}
    return MappingProxyType(
        {
            key: by_address[term.vocabulary]
            for key, term in terms().items()
            if term.vocabulary in by_address
        }
    )


def find(text: str) -> list[tuple[str, str]]:
    """Return (scheme, code) of all concepts with this label or code, in any language.

    Capitals, accents and spaces around make no difference.
    """
    return list(_by_label().get(fold(text), ()))


def code_named(scheme: str, text: str) -> str | None:
    """Return the code that a text is, or the one concept of the scheme with that name, else None.

    A name is a preferred label in any language; other words for a concept say too little. Capitals,
    accents and spaces around make no difference.
    """
    wanted = fold(text)
    hits = [code for name, code in find(text) if name == scheme]
    exact = [code for code in hits if wanted in _names(scheme, code)]
    return exact[0] if len(exact) == 1 else None


def fold(text: str) -> str:
    """Return a text without capitals, accents and surplus spaces, to compare labels by."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(bare.split())


def _names(scheme: str, code: str) -> set[str]:
    return {fold(code), *(fold(texts[0]) for texts in labels(scheme, code).values())}


def _concept(scheme: str, code: str) -> _Concept | None:
    found = _schemes().get(scheme)
    return found.concepts.get(code) if found else None


@lru_cache(maxsize=1)
def _by_label() -> Mapping[str, tuple[tuple[str, str], ...]]:
    found: dict[str, dict[tuple[str, str], None]] = {}
    for name, scheme in _schemes().items():
        for code, concept in scheme.concepts.items():
            for text in (code, *(text for texts in concept.labels.values() for text in texts)):
                found.setdefault(fold(text), {})[name, code] = None
    return MappingProxyType({text: tuple(hits) for text, hits in found.items()})


@lru_cache(maxsize=1)
def _schemes() -> Mapping[str, _Scheme]:
    nodes = _read()
    schemes = {iri: node for iri, node in nodes.items() if not node.scheme and not node.members}
    concepts: dict[str, list[tuple[int, _Concept]]] = {iri: [] for iri in schemes}
    for iri, node in nodes.items():
        if node.scheme:
            every = {
                language: (text, *node.alternative.get(language, ()))
                for language, text in node.preferred.items()
            }
            concept = _Concept(_code(iri), _code(node.broader), MappingProxyType(every))
            concepts[node.scheme].append((node.position, concept))
    return MappingProxyType(
        {
            _code(iri): _Scheme(
                MappingProxyType(node.preferred),
                MappingProxyType(
                    {
                        concept.code: concept
                        for _, concept in sorted(concepts[iri], key=lambda pair: pair[0])
                    }
                ),
            )
            for iri, node in schemes.items()
        }
    )


def _code(iri: str) -> str:
    return iri.rsplit("/", 1)[-1]


def _read() -> dict[str, _Node]:
    import pyoxigraph as ox  # parses the schemes some hundred times faster than rdflib

    nodes: dict[str, _Node] = {}
    data = (ONTOLOGY_FOLDER / "schemes.ttl").read_bytes()
    for quad in ox.parse(data, format=ox.RdfFormat.TURTLE):
        node = nodes.setdefault(quad.subject.value, _Node())
        match quad.predicate.value, quad.object:
            case (predicate, ox.Literal(value=text, language=str(language))):
                if predicate == _SKOS + "prefLabel":
                    node.preferred[language] = text
                elif predicate == _SKOS + "altLabel":
                    node.alternative.setdefault(language, []).append(text)
            case (predicate, ox.Literal(value=text)) if predicate == _POSITION:
                node.position = int(text)
            case (predicate, ox.NamedNode(value=target)) if predicate == _SKOS + "inScheme":
                node.scheme = target
            case (predicate, ox.NamedNode(value=target)) if predicate == _SKOS + "broader":
                node.broader = target
            case (predicate, ox.NamedNode(value=target)) if predicate == _SKOS + "member":
                node.members.append(target)
    return nodes
