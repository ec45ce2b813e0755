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
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from vocab.context import Term, classes, terms
from vocab.keys import LANGUAGE_PATTERN
from vocab.messages import SENTENCES
from vocab.schema_values import TEXT_PATTERN, Schema, alternative, conditional, part, value
from vocab.shapes import ShapeError, Shapes, read_shapes
from vocab.terms import LOCAL_TYPES, RECORD_TYPES

if TYPE_CHECKING:
    from rdflib.term import Node

SCHEMA_FILE: Final = Path(__file__).parent / "schema.json"
_ANY_RECORD: Final = "http://purl.org/dc/terms/isVersionOf"
_ELSEWHERE: Final = ("NoPerson", "LocalOnly")  # vocab.keys refuses these before the schema is asked


def generate() -> Schema:
    """Return the JSON Schema of all records: those that are published, and those that stay."""
    shapes = Shapes(read_shapes())
    definitions: Schema = dict(_shared())
    roots: dict[str, list[str]] = {name: [] for name in (*RECORD_TYPES, *LOCAL_TYPES)}
    by_class = {classes()[name]: name for name in roots}
    for shape in shapes.node_shapes():
        name = shapes.name(shape)
        if name in _ELSEWHERE:
            continue
        targets = [str(target) for target in shapes.values(shape, "targetClass")]
        definitions[name] = _object(shapes, shape, targets)
        if any(str(path) == _ANY_RECORD for path in shapes.values(shape, "targetSubjectsOf")):
            targets = [classes()[record_type] for record_type in RECORD_TYPES]
        for target in targets:
            if target in by_class:
                roots[by_class[target]].append(name)
    whole: Schema = {}
    for record_type, parts in roots.items():
        whole[record_type + "Draft"] = _record(record_type, parts, envelope=False)
        if record_type not in LOCAL_TYPES:
            whole[record_type + "Record"] = _record(record_type, parts, envelope=True)
    definitions |= whole
    _add_parts_anywhere(shapes, definitions, whole)
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
    filled = SENTENCES.messages("filled-by-node")
    return {
        "type": "object",
        "required": required,
        "x-required": dict.fromkeys(required, filled),
        "properties": {
            "id": {"type": "string", "maxLength": 700},
            "proof": {"type": "object"},
            "type": {"anyOf": [declared, {"type": "array", "contains": declared}]},
        },
        "allOf": [{"$ref": f"#/$defs/{name}"} for name in parts if envelope or name != "Envelope"],
    }


def _add_parts_anywhere(shapes: Shapes, definitions: Schema, roots: Collection[str]) -> None:
    """Let every object hold every kind of part only in its right form.

    SHACL finds parts by the property that leads to them, wherever it is used; so the schema has
    to look at them also where no shape expects them.
    """
    parts = {shapes.key_of[path] for path in shapes.embedded}
    for name, definition in definitions.items():
        if name in roots:
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
    single = part(shapes, term)
    return {"type": "array", "items": single} if term.many else single


def _object(shapes: Shapes, shape: "Node", targets: list[str]) -> Schema:
    result: Schema = {"type": "object", "properties": {}}
    if shapes.values(shape, "targetObjectsOf") and targets:
        names = [name for name, iri in sorted(classes().items()) if iri in targets]
        mend = SENTENCES.messages("write-or-leave-out", {"known": ", ".join(names)})
        result["properties"]["type"] = {"enum": names, "x-mend": mend}
    for property_shape in sorted(shapes.values(shape, "property"), key=_sort_key(shapes)):
        _property(shapes, property_shape, result)
    for alternatives in shapes.values(shape, "or"):
        if shapes.severity(shape) != "violation":
            result.setdefault("x-advice", []).append(conditional(shapes, shape, alternatives))
            continue
        options = [alternative(shapes, option) for option in shapes.items(alternatives)]
        result.setdefault("allOf", []).append({"anyOf": options, "x-mend": shapes.mend(shape)})
    return result


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
    if shapes.number(shape, "maxCount") == 0:
        result["properties"][path[-1]] = {"not": {}, "x-mend": mend}
        return
    owner = result
    for step in path[:-1]:
        if terms()[step].many:
            raise ShapeError(f"a path through the list “{step}” means another thing in SHACL")
        owner = owner.setdefault("properties", {}).setdefault(step, {})
    if minimum:
        owner.setdefault("required", []).append(path[-1])
        owner.setdefault("x-required", {})[path[-1]] = mend
    constraints = value(shapes, shape, terms()[path[-1]], minimum)
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


def as_text(schema: Schema) -> str:
    """Return the schema as the bytes of the file, the same on every machine."""
    return json.dumps(schema, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    SCHEMA_FILE.write_text(as_text(generate()), encoding="utf-8")
