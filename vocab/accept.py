"""The fast way through the check: one compiled schema that lets only faultless records pass.

It is the generated schema made narrower by what vocab.keys asks of keys, addresses and codes: an
object holds known keys only, an address is one that needs no second look, a code is in its list.
What passes would get no finding; what does not is looked at again, with care and with words.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from vocab.addresses import form_of
from vocab.compiled import definition, part_keys, reference_of, root_of, supported_types
from vocab.context import Kind, Term, terms
from vocab.keys import MAX_INTEGER, known_codes
from vocab.rules import between_keys
from vocab.terms import CONTEXT_URL, JsonObject

if TYPE_CHECKING:
    import jsonschema_rs

_Schema = dict[str, Any]
_DEFINITIONS: Final = "#/$defs/"
_TEXTS: Final = ("texts", "textLists")


def faultless(document: JsonObject) -> bool:
    """Say whether a full entry is certain to have no finding at all.

    Args:
        document: a parsed document with its envelope.
    """
    record_type = document.get("type")
    if not isinstance(record_type, str) or record_type not in supported_types():
        return False
    try:
        if not _validator(record_type).is_valid(document):
            return False
    except UnicodeEncodeError:
        return False  # half a character: the careful way says it
    root = root_of(record_type, envelope=True)
    if not _own_parts(document, root, f"{document['isVersionOf']}#"):
        return False
    return not between_keys(root, document)


def _own_parts(value: JsonObject, name: str, own: str) -> bool:
    """Say whether the addresses of an object's parts, and of theirs, are under the record's own."""
    for key, inner_name in _parts(name):
        inner = value.get(key)
        if inner is None:
            continue
        for part in inner if isinstance(inner, list) else (inner,):
            if isinstance(part, dict):
                if "id" in part and not str(part["id"]).startswith(own):
                    return False
                if _parts(inner_name) and not _own_parts(part, inner_name, own):
                    return False
    return True


@lru_cache(maxsize=64)
def _parts(name: str) -> tuple[tuple[str, str], ...]:
    """Return the keys of a definition that lead to parts, with the definition of each part."""
    return tuple(
        (key, inner)
        for piece in _pieces(name)
        for key, value in piece.get("properties", {}).items()
        if key not in piece.get("x-elsewhere", ())
        and (inner := reference_of(value))
        and inner not in _TEXTS
    )


@lru_cache(maxsize=64)
def _validator(record_type: str) -> "jsonschema_rs.Draft202012Validator":
    import jsonschema_rs  # compiled code, loaded with the first record that is checked

    schema = narrowed(record_type)
    options = jsonschema_rs.RegexOptions()  # linear in the length of a text
    return jsonschema_rs.Draft202012Validator(
        schema, validate_formats=True, pattern_options=options
    )


def narrowed(record_type: str) -> _Schema:
    """Return the schema of faultless records of a type (JSON Schema, draft 2020-12)."""
    definitions: _Schema = {name: definition(name) for name in _TEXTS}
    root = _object(root_of(record_type, envelope=True), definitions, part=False)
    root["properties"] |= {
        "@context": {"const": CONTEXT_URL},
        "id": _address("id"),
        "type": {"const": record_type},
        "proof": _proof(),
    }
    return {**root, "$defs": definitions}


def _object(name: str, definitions: _Schema, *, part: bool) -> _Schema:
    """Return one object schema of everything that a definition and its parts ask for."""
    found: dict[str, list[_Schema]] = {}
    required: set[str] = set()
    others: list[_Schema] = []
    for piece in _pieces(name):
        required |= set(piece.get("required", ()))
        others += [rule for rule in piece.get("allOf", ()) if "$ref" not in rule]
        for key, inner in piece.get("properties", {}).items():
            if key in piece.get("x-elsewhere", ()):
                continue  # a part in a place of another one; so parts never hold each other
            if key in terms():
                found.setdefault(key, []).append(_value(terms()[key], inner, definitions))
            elif key == "type":
                found.setdefault(key, []).append(inner)
    properties = {
        key: inner[0] if len(inner) == 1 else {"allOf": inner} for key, inner in found.items()
    }
    if part:
        properties["id"] = _address("id")
    return {
        "type": "object",
        "properties": properties,
        "required": sorted(required),
        "additionalProperties": False,
        **({"allOf": others} if others else {}),
    }


def _pieces(name: str) -> Iterable[Mapping[str, Any]]:
    found = definition(name)
    yield found
    for part in found.get("allOf", ()):
        if "$ref" in part:
            yield from _pieces(reference_of(part))


def _value(term: Term, inner: Mapping[str, Any], definitions: _Schema) -> _Schema:
    """Return the schema of a key's value, narrowed."""
    plain = {key: item for key, item in inner.items() if not key.startswith("x-")}
    if term.kind is Kind.TEXTS:
        return {"$ref": _DEFINITIONS + ("textLists" if term.many else "texts"), **plain}
    if not term.many:
        return _single(term, plain, definitions)
    items = _single(term, plain.pop("items", {}), definitions)
    return {**plain, "type": "array", "items": items}


def _single(term: Term, inner: Mapping[str, Any], definitions: _Schema) -> _Schema:
    plain = {key: item for key, item in inner.items() if not key.startswith("x-")}
    name = reference_of(plain)
    if name:
        return _part(name, plain, definitions)
    if term.key in part_keys():
        return plain  # what a part must hold besides; that it is a part is said elsewhere
    narrow: _Schema = {"type": ["string", "number", "boolean"]}
    if term.kind is Kind.LINK:
        narrow = _address(term.key)
    elif term.kind is Kind.CODE:
        known = known_codes(term.key)
        narrow = {"enum": sorted(known)} if known else {"type": "string", "pattern": "^[a-z]{2,3}$"}
        if term.key == "mediaType":
            narrow = {"type": "string", "pattern": "^[a-z]+/[A-Za-z0-9.+-]+$"}
        if "enum" not in narrow or "enum" not in plain:
            plain.pop("pattern", None)
    if plain.get("type") in ("integer", "number"):
        narrow = {"minimum": -MAX_INTEGER, "maximum": MAX_INTEGER}
    return {"allOf": [plain, narrow]} if plain.keys() & narrow.keys() else {**plain, **narrow}


def _part(name: str, plain: Mapping[str, Any], definitions: _Schema) -> _Schema:
    """Return what an embedded object must be, or its address where that may stand instead."""
    if name not in definitions:
        definitions[name] = _object(name, definitions, part=True)
    reference = {"$ref": _DEFINITIONS + name}
    if "then" not in plain:
        return reference
    return {"if": {"type": "object"}, "then": reference, "else": _address("")}


def _address(key: str) -> _Schema:
    return {"type": "string", "pattern": form_of(key).plain, "maxLength": 600}


def _proof() -> _Schema:
    text = {"type": "string", "maxLength": 600}
    keys = ("created", "cryptosuite", "proofValue")
    return {
        "type": "object",
        "properties": {
            **dict.fromkeys(keys, text),
            "type": {"const": "DataIntegrityProof"},
            "@context": {"const": CONTEXT_URL},
            "proofPurpose": {"const": "assertionMethod"},
            "verificationMethod": _address("verificationMethod"),
        },
        "additionalProperties": False,
    }
