"""What the keys and types of records mean, for people: names, explanations, relations.

All of it is read from ontology/ontology.ttl. Terms of other vocabularies that records use are
named there too, as this vocabulary uses them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from vocab.concepts import key_scheme
from vocab.context import ONTOLOGY_FOLDER, classes, terms
from vocab.terms import NAMESPACE

ONTOLOGY: Final = "https://w3id.org/lonja/ns"
_RDFS: Final = "http://www.w3.org/2000/01/rdf-schema#"
_OWL: Final = "http://www.w3.org/2002/07/owl#"
_LABEL: Final = _RDFS + "label"
_COMMENT: Final = _RDFS + "comment"
_BROADER: Final = (_RDFS + "subClassOf", _RDFS + "subPropertyOf")
_DEPRECATED: Final = _OWL + "deprecated"
_REPLACED: Final = "http://purl.org/dc/terms/isReplacedBy"
_VERSION: Final = _OWL + "versionInfo"


@dataclass(frozen=True, slots=True)
class Entry:
    """One key or type of a record.

    Attributes:
        key: as it stands in records.
        iri: what it means.
        is_class: whether it is a type; else it is a property.
        labels: name per language.
        comments: explanation per language.
        broader: IRIs of the classes or properties that it refines.
        scheme: the list that its values come from, "" for none.
        deprecated: whether new records should do without it.
        replaced_by: IRI of what to use instead, "" for nothing.
    """

    key: str
    iri: str
    is_class: bool
    labels: Mapping[str, str]
    comments: Mapping[str, str]
    broader: tuple[str, ...]
    scheme: str
    deprecated: bool
    replaced_by: str

    @property
    def minted(self) -> bool:
        """Say whether the term is this vocabulary's own."""
        return self.iri.startswith(NAMESPACE)

    def label(self, language: str) -> str:
        """Return the name in a language, else in English, else the key."""
        return self.labels.get(language) or self.labels.get("en") or self.key

    def comment(self, language: str) -> str:
        """Return the explanation in a language, else in English, else ""."""
        return self.comments.get(language) or self.comments.get("en", "")


def label(key: str, language: str) -> str:
    """Return what a key or type is called, the key itself where it is unknown."""
    entry = entries().get(key)
    return entry.label(language) if entry else key


@lru_cache(maxsize=1)
def entries() -> Mapping[str, Entry]:
    """Return every type and key of the context, types first, each in the order of its name."""
    return read((ONTOLOGY_FOLDER / "ontology.ttl").read_bytes())


@lru_cache(maxsize=1)
def version() -> str:
    """Return the version of the vocabulary, such as "1.0.0"."""
    said = _statements((ONTOLOGY_FOLDER / "ontology.ttl").read_bytes())
    return said[ONTOLOGY][_VERSION][0][0]


def conforms_to() -> str:
    """Return the address of this version, which a record states as `conformsTo`."""
    return f"{ONTOLOGY}/{version()}"


def read(data: bytes) -> Mapping[str, Entry]:
    """Return the entries that an ontology in Turtle describes; for all but tests, `entries`."""
    said = _statements(data)
    found = {key: _entry(key, iri, True, said.get(iri, {})) for key, iri in classes().items()}
    found = dict(sorted(found.items()))
    for key, term in sorted(terms().items()):
        found[key] = _entry(key, term.iri, False, said.get(term.iri, {}))
    return MappingProxyType(found)


def _entry(key: str, iri: str, is_class: bool, said: Mapping[str, list[tuple[str, str]]]) -> Entry:
    replaced = said.get(_REPLACED, [])
    return Entry(
        key=key,
        iri=iri,
        is_class=is_class,
        labels=MappingProxyType({tag: text for text, tag in said.get(_LABEL, [])}),
        comments=MappingProxyType({tag: text for text, tag in said.get(_COMMENT, [])}),
        broader=tuple(value for name in _BROADER for value, _ in said.get(name, [])),
        scheme="" if is_class else key_scheme(key) or "",
        deprecated=any(value == "true" for value, _ in said.get(_DEPRECATED, [])),
        replaced_by=replaced[0][0] if replaced else "",
    )


def _statements(data: bytes) -> dict[str, dict[str, list[tuple[str, str]]]]:
    """Return (value, language) per subject and predicate."""
    import pyoxigraph as ox  # parses Turtle some hundred times faster than rdflib

    said: dict[str, dict[str, list[tuple[str, str]]]] = {}
    for quad in ox.parse(data, format=ox.RdfFormat.TURTLE):
        if isinstance(quad.subject, ox.NamedNode) and not isinstance(quad.object, ox.Triple):
            tag = quad.object.language or "" if isinstance(quad.object, ox.Literal) else ""
            rows = said.setdefault(quad.subject.value, {})
            rows.setdefault(quad.predicate.value, []).append((quad.object.value, tag))
    return said
