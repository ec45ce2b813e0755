"""Codes of the vocabulary with the words for them."""

from dataclasses import dataclass

from node.services.reading import Reader
from node.services.text import one_line
from node.services.translate import N_, catalogue
from vocab import concepts
from vocab.few import without_few
from vocab.terms import JsonObject


@dataclass(frozen=True, slots=True)
class Coded:
    """A code of the vocabulary and its label."""

    code: str
    label: str


def shown(document: JsonObject, language: str) -> JsonObject:
    """Return a record as pages show it: "fewer than 5 people" for a number of a few."""
    return without_few(document, catalogue(language).gettext(N_("fewer than 5 people")))


def label(scheme: str, code: str, language: str) -> str:
    """Return the label of a code, "" for no code, the code itself where it is unknown."""
    return concepts.label(scheme, one_line(code), language) if code else ""


def code_of(scheme: str, code: str, language: str) -> Coded:
    """Return a code with its label."""
    return Coded(code, label(scheme, code, language))


def coded(record: Reader, key: str, scheme: str, language: str) -> tuple[Coded, ...]:
    """Return the codes of a field with their labels."""
    return tuple(code_of(scheme, one_line(code), language) for code in record.strings(key))


def labels_of(record: Reader, key: str, scheme: str, language: str) -> tuple[str, ...]:
    """Return the labels of the codes of a field."""
    return tuple(label(scheme, code, language) for code in record.strings(key))
