"""What the shapes say of single values, as JSON Schema: the inner half of vocab.schema."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from vocab.context import Kind, Term, terms
from vocab.keys import CODE_PATTERN, LANGUAGE_CODE
from vocab.shapes import ShapeError, Shapes
from vocab.terms import RECORD_TYPES

if TYPE_CHECKING:
    from rdflib.term import Node

Schema: TypeAlias = dict[str, Any]


TEXT_PATTERN: Final = r"^[\t\n\r ]*[^\u0000-\u0020][^\u0000-\u0008\u000b\u000c\u000e-\u001f]*$"
"""Not blank, and no control characters: XML, databases and pages cannot hold them."""

_XSD: Final = "http://www.w3.org/2001/XMLSchema#"
_JSON_TYPES: Final[Mapping[str, dict[str, str]]] = {
    _XSD + "integer": {"type": "integer"},
    _XSD + "double": {"type": "number"},
    _XSD + "boolean": {"type": "boolean"},
    _XSD + "date": {"type": "string", "format": "date"},
    _XSD + "dateTime": {"type": "string", "format": "date-time"},
    _XSD + "gYearMonth": {"type": "string"},
}
_LANGUAGES: Final = "http://id.loc.gov/vocabulary/iso639-1/"


def part(shapes: Shapes, term: Term) -> Schema:
    """Return what an embedded object must be, or else its address where it may be a record."""
    name = shapes.embedded[term.iri]
    reference = {"$ref": f"#/$defs/{name}"}
    if name not in RECORD_TYPES:
        return reference
    return {"type": ["object", "string"], "if": {"type": "object"}, "then": reference}


def conditional(shapes: Shapes, shape: "Node", alternatives: "Node") -> Schema:
    """Return the advice to fill one key when another has a value: `sh:or (sh:not…, minCount…)`."""
    unless, wanted = shapes.items(alternatives)
    (asked,) = shapes.values(wanted, "property")
    condition = alternative(shapes, unless)["not"]["properties"]
    return {
        "path": shapes.path(asked),
        "count": shapes.number(asked, "minCount"),
        "severity": shapes.severity(shape),
        "mend": shapes.mend(shape),
        "when": {key: value["const"] for key, value in condition.items()},
    }


def value(shapes: Shapes, shape: "Node", term: Term, minimum: int) -> Schema:
    """Return what a property shape says of the value of a key."""
    speaks = ("datatype", "nodeKind", "in", "pattern", "minInclusive", "maxInclusive")
    item = (
        _item(shapes, shape, term)
        if any(shapes.value(shape, name) is not None for name in speaks)
        else {}
    )
    if not term.many or term.kind is Kind.TEXTS:
        return item
    result: Schema = {"type": "array"}
    if item:
        result["items"] = item
    if term.kind in (Kind.LINK, Kind.CODE) and term.iri not in shapes.embedded:
        result["uniqueItems"] = True
    if minimum:
        result["minItems"] = minimum
    maximum = shapes.number(shape, "maxCount")
    if maximum is not None:
        result["maxItems"] = maximum
    return result


def _item(shapes: Shapes, shape: "Node", term: Term) -> Schema:
    if term.kind is Kind.TEXTS:
        return {"$ref": "#/$defs/textLists" if term.many else "#/$defs/texts"}
    if term.iri in shapes.embedded:
        return part(shapes, term)
    result: Schema = dict(_JSON_TYPES.get(term.datatype, {"type": "string"}))
    pattern = shapes.value(shape, "pattern")
    if term.kind is Kind.CODE:
        result["pattern"] = _code_pattern(term, str(pattern) if pattern else "")
    elif pattern is not None:
        result["pattern"] = TEXT_PATTERN if str(pattern) == r"\S" else str(pattern)
    for parameter, keyword in (
        ("minInclusive", "minimum"),
        ("maxInclusive", "maximum"),
        ("maxLength", "maxLength"),
    ):
        limit = shapes.number(shape, parameter)
        if limit is not None:
            result[keyword] = limit
    allowed = shapes.value(shape, "in")
    if allowed is not None:
        result["enum"] = [
            str(value).removeprefix(term.vocabulary) for value in shapes.items(allowed)
        ]
    return result


def _code_pattern(term: Term, pattern: str) -> str:
    """Return the pattern of a code, given that of the address that it is expanded to."""
    if term.vocabulary == _LANGUAGES:
        return f"^{LANGUAGE_CODE}$"
    rest = pattern.removeprefix("^" + term.vocabulary)
    return "^" + rest if rest and rest != pattern else f"^{CODE_PATTERN}$"


def alternative(shapes: Shapes, option: "Node") -> Schema:
    """Return one alternative of sh:or: keys that are there, that are absent, or have a value."""
    unless = shapes.value(option, "not")
    if unless is not None:
        (denied,) = alternative(shapes, unless)["allOf"]
        return {"not": denied}
    parts: list[Schema] = []
    for shape in shapes.values(option, "property"):
        key = shapes.path(shape)[-1]
        wanted = shapes.value(shape, "hasValue")
        if shapes.number(shape, "maxCount") == 0:
            parts.append({"not": {"required": [key]}})
        elif wanted is not None:
            value = {"const": _constant(wanted, terms()[key])}
            parts.append({"required": [key], "properties": {key: value}})
        elif shapes.number(shape, "minCount"):
            parts.append({"required": [key]})
        else:
            raise ShapeError(f"an alternative that the generator cannot say, for “{key}”")
    return {"allOf": sorted(parts, key=json.dumps)}


def _constant(value: "Node", term: Term) -> bool | str:
    """Return a value of RDF as it stands in a record: a code, or true or false."""
    if term.kind is Kind.CODE:
        return str(value).removeprefix(term.vocabulary)
    return str(value) == "true"
