"""The vocabulary as people read it: types, keys and lists of values in their language."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vocab import concepts, glossary
from vocab.compiled import keys_of, supported_types
from vocab.glossary import Entry


@dataclass(frozen=True, slots=True)
class Named:
    """A term, or a value of a list, with what it is called and means.

    Attributes:
        key: as it stands in records.
        label: its name.
        comment: what it means; may be "".
        synonyms: other words by which it is found.
    """

    key: str
    label: str
    comment: str = ""
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scheme:
    """One list of values.

    Attributes:
        name: its name in addresses.
        label: its name for people.
        values: its values in their order.
        keys: keys of records that take a value from it.
    """

    name: str
    label: str
    values: tuple[Named, ...]
    keys: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """The whole vocabulary: its version, types, keys and lists."""

    version: str
    types: tuple[Named, ...]
    keys: tuple[Named, ...]
    schemes: tuple[Scheme, ...]


def overview(language: str) -> Overview:
    """Return the whole vocabulary in a language."""
    every = glossary.entries().values()
    return Overview(
        version=glossary.version(),
        types=tuple(_named(entry, language) for entry in every if entry.is_class),
        keys=tuple(_named(entry, language) for entry in every if not entry.is_class),
        schemes=tuple(_scheme(name, language) for name in concepts.scheme_names()),
    )


def term(key: str, language: str) -> Mapping[str, Any] | None:
    """Return what the page of one key or type shows, None where there is no such term.

    Returns:
        entry (the term), name (in words), scheme (its list of values or None), keys (those of a
        type), types (those that use a key), broader and replaced_by (addresses or keys).
    """
    entry = glossary.entries().get(key)
    if entry is None:
        return None
    by_iri = {other.iri: other for other in glossary.entries().values()}
    users = [name for name in supported_types() if key in keys_of(name)]
    own = keys_of(key) if key in supported_types() else frozenset[str]()
    everything = glossary.entries()
    return {
        "entry": entry,
        "name": _named(entry, language),
        "scheme": _scheme(entry.scheme, language) if entry.scheme else None,
        "keys": tuple(_named(everything[name], language) for name in everything if name in own),
        "types": tuple(_named(everything[name], language) for name in users),
        "broader": tuple((iri, by_iri.get(iri)) for iri in entry.broader),
        "replaced_by": by_iri.get(entry.replaced_by),
    }


def scheme(name: str, language: str) -> Scheme | None:
    """Return one list of values, None where there is none of that name."""
    return _scheme(name, language) if name in concepts.scheme_names() else None


def _named(entry: Entry, language: str) -> Named:
    return Named(entry.key, entry.label(language), entry.comment(language))


def _scheme(name: str, language: str) -> Scheme:
    values = []
    for code in concepts.codes(name):
        words = concepts.labels(name, code).get(language, ())
        values.append(Named(code, concepts.label(name, code, language), synonyms=tuple(words[1:])))
    users = [key for key, own in concepts.key_schemes().items() if own == name]
    keys = tuple(_named(glossary.entries()[key], language) for key in users)
    return Scheme(name, concepts.scheme_label(name, language), tuple(values), keys)
