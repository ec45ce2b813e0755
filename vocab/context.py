"""The JSON-LD context that comes with the program; no other one is ever used or fetched."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import orjson

from vocab.terms import CONTEXT_URL, JsonObject

ONTOLOGY_FOLDER: Final = Path(__file__).parent / "ontology"
_XSD_STRING: Final = "http://www.w3.org/2001/XMLSchema#string"

pyld_lock: Final = threading.Lock()
"""Held by whoever calls pyld: it keeps caches that do not bear two threads."""


class Kind(StrEnum):
    """What the value of a key is."""

    TEXTS = "texts"  # text per language code
    LINK = "link"  # an absolute IRI or an embedded object
    CODE = "code"  # a short code of a concept scheme or of another list
    TYPED = "typed"  # a number, a date, true or false …
    PLAIN = "plain"  # a string as it is


@dataclass(frozen=True, slots=True)
class Term:
    """One key of the context.

    Attributes:
        key: the key as it stands in a record.
        iri: the property that it means.
        kind: what its value is.
        datatype: IRI of the datatype of a typed or plain value, "" for the other kinds.
        vocabulary: what a code is appended to, "" for the other kinds.
        many: whether the value is always a list (or, for texts, a list per language).
    """

    key: str
    iri: str
    kind: Kind
    datatype: str
    vocabulary: str
    many: bool


@lru_cache(maxsize=1)
def context_bytes() -> bytes:
    """Return the bytes that `/context/v1` serves."""
    return (ONTOLOGY_FOLDER / "context-v1.jsonld").read_bytes()


def context_document() -> JsonObject:
    """Return the context document {"@context": {…}}; the caller may change its copy."""
    document: JsonObject = orjson.loads(context_bytes())
    return document


@lru_cache(maxsize=1)
def definitions() -> Mapping[str, Any]:
    """Return what stands under "@context" in context v1, read-only by agreement."""
    inner: dict[str, Any] = orjson.loads(context_bytes())["@context"]
    return MappingProxyType(inner)


def loader(url: str, options: Mapping[str, object] | None = None) -> dict[str, object]:
    """Return a bundled context as pyld's document loader wants it; never opens a connection.

    Raises:
        ValueError: any other address.
    """
    del options  # pyld passes headers for a request that is never made
    if url != CONTEXT_URL:
        raise ValueError(f"contexts are never fetched; only {CONTEXT_URL} is known, not {url}")
    return {
        "contentType": "application/ld+json",
        "contextUrl": None,
        "documentUrl": CONTEXT_URL,
        "document": context_document(),
    }


@lru_cache(maxsize=1)
def prefixes() -> Mapping[str, str]:
    """Return the namespace of each prefix of the context ("dct" …)."""
    return MappingProxyType(
        {
            name: value
            for name, value in definitions().items()
            if isinstance(value, str) and value.endswith(("#", "/"))
        }
    )


@lru_cache(maxsize=1)
def classes() -> Mapping[str, str]:
    """Return the class IRI of each type name ("Practice" …)."""
    return MappingProxyType(
        {
            name: expand(value)
            for name, value in definitions().items()
            if isinstance(value, str) and not value.startswith("@") and name not in prefixes()
        }
    )


@lru_cache(maxsize=1)
def terms() -> Mapping[str, Term]:
    """Return every key that a record may use, but for `id` and `type`."""
    return MappingProxyType(
        {key: _term(key, value) for key, value in definitions().items() if isinstance(value, dict)}
    )


@lru_cache(maxsize=1)
def names() -> frozenset[str]:
    """Return every name that means something by itself: keys, type names, prefixes, aliases.

    None of them may be used as a code: JSON-LD would read it as the name (a trap that the two
    RDF libraries fall into differently).
    """
    return frozenset(name for name in definitions() if not name.startswith("@"))


def expand(compact: str) -> str:
    """Return the full form of "prefix:name"; anything else comes back unchanged."""
    prefix, colon, rest = compact.partition(":")
    return prefixes().get(prefix, prefix + colon) + rest if colon else compact


def _term(key: str, value: Mapping[str, Any]) -> Term:
    declared = value.get("@type", "")
    container = value.get("@container", ())
    containers = {container} if isinstance(container, str) else set(container)
    datatype = vocabulary = ""
    if "@language" in containers:
        kind = Kind.TEXTS
    elif declared == "@id":
        kind = Kind.LINK
    elif declared == "@vocab":
        kind = Kind.CODE
        vocabulary = value.get("@context", {}).get("@vocab", "")
    else:
        kind = Kind.TYPED if declared else Kind.PLAIN
        datatype = expand(declared) if declared else _XSD_STRING
    return Term(key, expand(value["@id"]), kind, datatype, vocabulary, "@set" in containers)
