"""The vocabulary as people read it: classes, properties and concept schemes with their labels."""

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Final

import pyoxigraph

from vocab import concepts
from vocab.terms import NAMESPACE

_RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_RDFS: Final = "http://www.w3.org/2000/01/rdf-schema#"
_OWL: Final = "http://www.w3.org/2002/07/owl#"
_CLASSES: Final = (f"{_RDFS}Class", f"{_OWL}Class")
_PROPERTIES: Final = (
    f"{_RDF}Property",
    f"{_OWL}ObjectProperty",
    f"{_OWL}DatatypeProperty",
    f"{_OWL}AnnotationProperty",
)


@dataclass(frozen=True, slots=True)
class Term:
    """One class or property of the vocabulary."""

    iri: str
    name: str
    label: str
    comment: str


@dataclass(frozen=True, slots=True)
class Scheme:
    """One concept scheme: (code, label) of each concept, in its order."""

    name: str
    label: str
    concepts: tuple[tuple[str, str], ...]


def turtle() -> bytes:
    """Return the ontology as it is bundled."""
    return files("vocab").joinpath("ontology/ontology.ttl").read_bytes()


def classes(language: str) -> tuple[Term, ...]:
    """Return the minted classes, by name."""
    return _terms(_CLASSES, language)


def properties(language: str) -> tuple[Term, ...]:
    """Return the minted properties, by name."""
    return _terms(_PROPERTIES, language)


def schemes(language: str) -> tuple[Scheme, ...]:
    """Return the concept schemes with their labels."""
    return tuple(
        Scheme(
            name,
            concepts.scheme_label(name, language),
            tuple((code, concepts.label(name, code, language)) for code in concepts.codes(name)),
        )
        for name in concepts.scheme_names()
    )


@lru_cache(maxsize=64)
def _terms(kinds: tuple[str, ...], language: str) -> tuple[Term, ...]:
    types, texts = _statements()
    found = [
        Term(
            iri,
            iri.removeprefix(NAMESPACE),
            _best(texts.get((iri, f"{_RDFS}label"), {}), language),
            _best(texts.get((iri, f"{_RDFS}comment"), {}), language),
        )
        for iri, declared in types.items()
        if iri.startswith(NAMESPACE) and declared & set(kinds)
    ]
    return tuple(sorted(found, key=lambda term: term.name.casefold()))


def _best(texts: dict[str, str], language: str) -> str:
    return texts.get(language) or texts.get("en") or next(iter(texts.values()), "")


@lru_cache(maxsize=1)
def _statements() -> tuple[dict[str, set[str]], dict[tuple[str, str], dict[str, str]]]:
    """Return the types of each subject, and its texts per property and language."""
    types: dict[str, set[str]] = {}
    texts: dict[tuple[str, str], dict[str, str]] = {}
    for quad in pyoxigraph.parse(turtle(), format=pyoxigraph.RdfFormat.TURTLE):
        if not isinstance(quad.subject, pyoxigraph.NamedNode):
            continue
        subject, predicate = quad.subject.value, quad.predicate.value
        if predicate == f"{_RDF}type" and isinstance(quad.object, pyoxigraph.NamedNode):
            types.setdefault(subject, set()).add(quad.object.value)
        elif isinstance(quad.object, pyoxigraph.Literal):
            spoken = texts.setdefault((subject, predicate), {})
            spoken[quad.object.language or "en"] = quad.object.value
    return types, texts
