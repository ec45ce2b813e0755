"""The fields of a form, read off the schema that is generated from the shapes.

What a record may say is decided in one place, the shapes; a key that they gain is in the form at
once, named and explained by the ontology.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

from vocab.compiled import definition, reference_of, root_of
from vocab.concepts import key_scheme
from vocab.context import Kind, Term, terms
from vocab.terms import ENVELOPE_KEYS

_XSD: Final = "http://www.w3.org/2001/XMLSchema#"
_OUTSIDE: Final = frozenset(
    (
        *ENVELOPE_KEYS,
        *("id", "type", "modified", "conformsTo", "visibility", "publisher", "proof", "response"),
        *("identifier", "importNote", "recoveryDigest", "originalLanguage", "countryName"),
    )
)
"""Keys that the node fills in, or that have pages of their own."""
_TOLD: Final[tuple[str, ...]] = (
    *("order", "title", "name", "indicator", "conditionType", "costKind", "phase", "group"),
    *("country", "region", "settlement", "population", "lat", "long"),
    *("amount", "currency", "value", "unit", "baseline", "measuredOn", "measureMethod"),
    *("level", "method", "participants", "womenPercent", "essential", "available", "personalData"),
    *("url", "mediaType", "description"),
)
_MINOR: Final = frozenset(
    (
        *("region", "lat", "long", "lau", "nuts", "address", "source", "description"),
        *("measuredOn", "mediaType", "womenPercent", "inclusion", "note"),
    )
)
"""Keys of embedded objects that few know or need; a form folds them away while they are empty."""
_ORGANISATIONS: Final = frozenset({"lead", "partner", "accountable", "parent", "member"})


class Control(StrEnum):
    """How a value is asked for."""

    TEXTS = "texts"  # one text per language
    TEXT_LISTS = "text-lists"  # lines per language
    CHOICE = "choice"  # one code of a scheme
    CHOICES = "choices"  # several
    OPTION = "option"  # one of the words that the schema lists
    ADDRESS = "address"  # an address, of a record or of a page
    ADDRESSES = "addresses"  # one a line
    TEXT = "text"
    LINES = "lines"
    NUMBER = "number"
    WHOLE = "whole"
    DAY = "day"
    MONTH = "month"
    YES_NO = "yes-no"
    COUNTRY = "country"
    LANGUAGE = "language"
    LANGUAGES = "languages"
    LICENCE = "licence"
    MAIL = "mail"
    PART = "part"  # an embedded object
    PARTS = "parts"  # several


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of a form.

    Attributes:
        key: as it stands in the record.
        control: how its value is asked for.
        required: whether nothing is published without it.
        scheme: the list that codes come from, "" for none.
        options: the words to choose from, where the schema lists them.
        parts: the fields of an embedded object.
        organisation: whether the address is that of an organisation.
        minor: whether it is one of the details of an embedded object.
    """

    key: str
    control: Control
    required: bool = False
    scheme: str = ""
    options: tuple[str, ...] = ()
    parts: tuple["FormField", ...] = ()
    organisation: bool = False
    minor: bool = False


@lru_cache(maxsize=32)
def fields_of(record_type: str) -> tuple[FormField, ...]:
    """Return all fields of a record type, in the order of the schema."""
    return _fields(root_of(record_type, envelope=False))


def _fields(name: str) -> tuple[FormField, ...]:
    properties, required = _collected(name)
    known = terms()
    return tuple(
        _field(key, rules, key in required)
        for key, rules in sorted(properties.items(), key=_rank)
        if key in known and key not in _OUTSIDE
    )


def _rank(item: tuple[str, object]) -> tuple[int, str]:
    """Sort keys as somebody would tell them: what it is, where, how much, how it is known."""
    key = item[0]
    return (_TOLD.index(key) if key in _TOLD else len(_TOLD), key)


def _collected(name: str) -> tuple[dict[str, dict[str, Any]], set[str]]:
    """Return the properties and the required keys of a definition and all that it includes."""
    found = definition(name)
    elsewhere = set(found.get("x-elsewhere", ()))
    properties: dict[str, dict[str, Any]] = {}
    required = set(found.get("required", ()))
    for part in found.get("allOf", ()):
        if "$ref" in part:
            inner, more = _collected(reference_of(part))
            for key, rules in inner.items():
                properties[key] = {**properties.get(key, {}), **rules}
            required |= more
    for key, rules in found.get("properties", {}).items():
        if key not in elsewhere:
            properties[key] = {**properties.get(key, {}), **rules}
    return properties, required


def _field(key: str, rules: Mapping[str, Any], required: bool) -> FormField:
    part = reference_of(rules)
    if part and not part.startswith("text"):
        many = terms()[key].many or rules.get("type") == "array"
        inner = tuple(
            replace(one, minor=one.key in _MINOR and not one.required) for one in _fields(part)
        )
        return FormField(key, Control.PARTS if many else Control.PART, required, parts=inner)
    scheme = key_scheme(key) or ""
    options = tuple(rules.get("enum", ())) if not scheme else ()
    control = _control(terms()[key], rules, bool(scheme), bool(options))
    return FormField(key, control, required, scheme, options, (), key in _ORGANISATIONS)


def _control(term: Term, rules: Mapping[str, Any], scheme: bool, options: bool) -> Control:
    if term.kind is Kind.TEXTS:
        return Control.TEXT_LISTS if term.many else Control.TEXTS
    if term.key in _BY_KEY:
        one, several = _BY_KEY[term.key]
        return several if term.many else one
    if options:
        return Control.OPTION
    if term.kind is Kind.LINK:
        return Control.ADDRESSES if term.many else Control.ADDRESS
    if scheme:
        return Control.CHOICES if term.many else Control.CHOICE
    datatype = term.datatype.removeprefix(_XSD)
    found = _BY_DATATYPE.get(datatype) or _BY_DATATYPE.get(str(rules.get("type")))
    return Control.LINES if term.many else found or Control.TEXT


_BY_KEY: Final[Mapping[str, tuple[Control, Control]]] = {
    "country": (Control.COUNTRY, Control.LINES),
    "language": (Control.LANGUAGE, Control.LANGUAGES),
    "license": (Control.LICENCE, Control.ADDRESSES),
    "email": (Control.MAIL, Control.LINES),
}
_BY_DATATYPE: Final[Mapping[str, Control]] = {
    "boolean": Control.YES_NO,
    "date": Control.DAY,
    "gYearMonth": Control.MONTH,
    "integer": Control.WHOLE,
    "nonNegativeInteger": Control.WHOLE,
    "double": Control.NUMBER,
    "number": Control.NUMBER,
}
