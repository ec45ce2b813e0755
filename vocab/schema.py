"""Generates vocab/schema.json from the shapes: `python -m vocab.schema`.

The JSON Schema (draft 2020-12) is the fast half of the check: whatever the shapes refuse and JSON
Schema can say, it says; what it cannot say stands beside it under keywords of our own:

    x-mend      how to mend a value, per language
    x-required  how to mend each missing key
    x-advice    keys that should be there: path, count, severity and sentence
    x-order     pairs of dates of which the first must not be later
    x-distinct  pairs of keys that must not share a value
    x-elsewhere keys that belong in other objects, and are checked here all the same

A test generates the file again and demands that nothing differs.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from vocab.context import Kind, Term, classes, terms
from vocab.keys import CODE_PATTERN, LANGUAGE_CODE, LANGUAGE_PATTERN
from vocab.shapes import ShapeError, Shapes, read_shapes
from vocab.terms import COLLECTIONS

if TYPE_CHECKING:
    from rdflib.term import Node

SCHEMA_FILE: Final = Path(__file__).parent / "schema.json"
TEXT_PATTERN: Final = r"^[\t\n\r ]*[^\u0000-\u0020][^\u0000-\u0008\u000b\u000c\u000e-\u001f]*$"
"""Not blank, and no control characters: XML, databases and pages cannot hold them."""

RECORD_TYPES: Final = (*COLLECTIONS, "Tombstone")

_XSD: Final = "http://www.w3.org/2001/XMLSchema#"
_JSON_TYPES: Final[Mapping[str, dict[str, str]]] = {
    _XSD + "integer": {"type": "integer"},
    _XSD + "double": {"type": "number"},
    _XSD + "boolean": {"type": "boolean"},
    _XSD + "date": {"type": "string", "format": "date"},
    _XSD + "dateTime": {"type": "string", "format": "date-time"},
}
_LANGUAGES: Final = "http://id.loc.gov/vocabulary/iso639-1/"

Schema: TypeAlias = dict[str, Any]


def generate() -> Schema:
    """Return the JSON Schema of all records that can be published now."""
    shapes = Shapes(read_shapes())
    definitions: Schema = dict(_shared())
    roots: dict[str, list[str]] = {name: [] for name in RECORD_TYPES}
    by_class = {classes()[name]: name for name in RECORD_TYPES}
    for shape in shapes.node_shapes():
        targets = [str(target) for target in shapes.values(shape, "targetClass")]
        if shapes.name(shape) == "NoPerson":
            continue  # vocab.keys refuses persons before any schema is asked
        definitions[shapes.name(shape)] = _object(shapes, shape, targets)
        for target in targets:
            if target in by_class:
                roots[by_class[target]].append(shapes.name(shape))
    for record_type, parts in roots.items():
        for envelope, suffix in ((False, "Draft"), (True, "Record")):
            definitions[record_type + suffix] = _record(record_type, parts, envelope=envelope)
    _add_parts_anywhere(shapes, definitions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://w3id.org/lonja/schema/v1",
        "$comment": "Generated from ontology/shapes.ttl by: python -m vocab.schema",
        "title": "Lonja record",
        "anyOf": [{"$ref": f"#/$defs/{name}Record"} for name in RECORD_TYPES],
        "$defs": definitions,
    }


def _shared() -> Iterator[tuple[str, Schema]]:
    text = {"type": "string", "pattern": TEXT_PATTERN}
    lists = {"type": "array", "minItems": 1, "items": text}
    for name, inner in (("texts", text), ("textLists", lists)):
        yield (
            name,
            {
                "type": "object",
                "minProperties": 1,
                "patternProperties": {f"^{LANGUAGE_PATTERN}$": inner},
                "additionalProperties": False,
            },
        )


def _record(record_type: str, parts: Iterable[str], *, envelope: bool) -> Schema:
    declared = {"const": record_type}
    required = ["@context", "id", "type"] if envelope else ["type"]
    filled = {"en": "The node fills this in.", "es": "Lo rellena el nodo."}
    return {
        "type": "object",
        "required": required,
        "x-required": dict.fromkeys(required, filled),
        "properties": {
            "id": {"type": "string", "maxLength": 700},
            "proof": {"type": "object"},
            "type": {"anyOf": [declared, {"type": "array", "contains": declared}]},
        },
        "allOf": [{"$ref": f"#/$defs/{part}"} for part in parts if envelope or part != "Envelope"],
    }


def _add_parts_anywhere(shapes: Shapes, definitions: Schema) -> None:
    """Let every object hold every kind of part only in its right form.

    SHACL finds parts by the property that leads to them, wherever it is used; so the schema has
    to look at them also where no shape expects them.
    """
    parts = {shapes.key_of[path] for path in shapes.embedded}
    for name, definition in definitions.items():
        if name.endswith(("Draft", "Record")):
            merged = [definitions[ref["$ref"].rsplit("/", 1)[-1]] for ref in definition["allOf"]]
        elif name in shapes.embedded.values():
            merged = [definition]
        else:
            continue
        told = {key for part in merged for key in part["properties"]}
        for key in sorted(parts - told):
            definition["properties"][key] = _of_part(shapes, terms()[key])
            definition.setdefault("x-elsewhere", []).append(key)


def _of_part(shapes: Shapes, term: Term) -> Schema:
    reference = {"$ref": f"#/$defs/{shapes.embedded[term.iri]}"}
    return {"type": "array", "items": reference} if term.many else reference


def _object(shapes: Shapes, shape: "Node", targets: list[str]) -> Schema:
    result: Schema = {"type": "object", "properties": {}}
    if shapes.values(shape, "targetObjectsOf") and targets:
        names = [name for name, iri in sorted(classes().items()) if iri in targets]
        result["properties"]["type"] = {"enum": names, "x-mend": _type_mend(names)}
    for property_shape in sorted(shapes.values(shape, "property"), key=_sort_key(shapes)):
        _property(shapes, property_shape, result)
    for alternatives in shapes.values(shape, "or"):
        options = [_alternative(shapes, option) for option in shapes.items(alternatives)]
        result.setdefault("allOf", []).append({"anyOf": options, "x-mend": shapes.mend(shape)})
    return result


def _type_mend(names: list[str]) -> dict[str, str]:
    listed = ", ".join(names)
    return {"en": f"Write {listed}, or leave it out.", "es": f"Escriba {listed}, o quítelo."}


def _sort_key(shapes: Shapes) -> Any:
    def key(shape: "Node") -> tuple[str, str, str]:
        return "/".join(shapes.path(shape)), shapes.severity(shape), str(shapes.mend(shape))

    return key


def _property(shapes: Shapes, shape: "Node", result: Schema) -> None:
    """Add what one property shape says to the schema of its object."""
    path = shapes.path(shape)
    severity = shapes.severity(shape)
    minimum = shapes.number(shape, "minCount") or 0
    mend = shapes.mend(shape)
    if minimum and severity != "violation":
        advice = {"path": path, "count": minimum, "severity": severity, "mend": mend}
        result.setdefault("x-advice", []).append(advice)
        return
    _relations(shapes, shape, result)
    owner = result
    for step in path[:-1]:
        if terms()[step].many:
            raise ShapeError(f"a path through the list “{step}” means another thing in SHACL")
        owner = owner.setdefault("properties", {}).setdefault(step, {})
    if minimum:
        owner.setdefault("required", []).append(path[-1])
        owner.setdefault("x-required", {})[path[-1]] = mend
    constraints = _value(shapes, shape, terms()[path[-1]], minimum)
    if constraints:
        if mend:
            constraints["x-mend"] = mend
        owner.setdefault("properties", {}).setdefault(path[-1], {}).update(constraints)


def _relations(shapes: Shapes, shape: "Node", result: Schema) -> None:
    """Add the constraints that compare two keys."""
    key = shapes.path(shape)[-1]
    for parameter, keyword in (("lessThanOrEquals", "x-order"), ("disjoint", "x-distinct")):
        other = shapes.value(shape, parameter)
        if other is not None:
            result.setdefault(keyword, []).append(
                {
                    "key": key,
                    "other": shapes.key_of[str(other)],
                    "severity": shapes.severity(shape),
                    "mend": shapes.mend(shape),
                }
            )


def _value(shapes: Shapes, shape: "Node", term: Term, minimum: int) -> Schema:
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
        return {"$ref": f"#/$defs/{shapes.embedded[term.iri]}"}
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


def _alternative(shapes: Shapes, option: "Node") -> Schema:
    """Return one alternative of sh:or, which asks for keys to be there, absent, or true/false."""
    parts: list[Schema] = []
    for shape in shapes.values(option, "property"):
        key = shapes.path(shape)[-1]
        wanted = shapes.value(shape, "hasValue")
        if shapes.number(shape, "maxCount") == 0:
            parts.append({"not": {"required": [key]}})
        elif wanted is not None:
            parts.append({"required": [key], "properties": {key: {"const": str(wanted) == "true"}}})
        elif shapes.number(shape, "minCount"):
            parts.append({"required": [key]})
        else:
            raise ShapeError(f"an alternative that the generator cannot say, for “{key}”")
    return {"allOf": sorted(parts, key=json.dumps)}


def as_text(schema: Schema) -> str:
    """Return the schema as the bytes of the file, the same on every machine."""
    return json.dumps(schema, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    SCHEMA_FILE.write_text(as_text(generate()), encoding="utf-8")
