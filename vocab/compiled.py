"""The generated schema, loaded and compiled once a process."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson

if TYPE_CHECKING:
    import jsonschema_rs

_FILE: Final = Path(__file__).parent / "schema.json"
_REF: Final = "#/$defs/"


@dataclass(frozen=True, slots=True)
class Relation:
    """A rule between two keys of a record.

    Attributes:
        key: the first key.
        other: the key that it is compared with.
        severity: how much it weighs, as the shapes spell it.
        mend: how to mend it, per language.
    """

    key: str
    other: str
    severity: str
    mend: Mapping[str, str]


@lru_cache(maxsize=1)
def schema() -> Mapping[str, Any]:
    """Return the generated schema; nobody may change it."""
    loaded: dict[str, Any] = orjson.loads(_FILE.read_bytes())
    return loaded


def definition(name: str) -> Mapping[str, Any]:
    """Return a definition of the schema by its name."""
    found: Mapping[str, Any] = schema()["$defs"][name]
    return found


@lru_cache(maxsize=1)
def supported_types() -> tuple[str, ...]:
    """Return the record types that the schema knows."""
    names = (reference_of(option) for option in schema()["anyOf"])
    return tuple(name.removesuffix("Record") for name in names)


def root_of(record_type: str, *, envelope: bool) -> str:
    """Return the definition by which a record of a type is checked, with or without envelope."""
    return record_type + ("Record" if envelope else "Draft")


def reference_of(part: Mapping[str, Any]) -> str:
    """Return the name of the definition that a part of the schema points to, "" if none."""
    inner = part.get("items", part)
    target = inner.get("$ref") or inner.get("then", {}).get("$ref") or ""
    return str(target).removeprefix(_REF)


@lru_cache(maxsize=1)
def part_keys() -> frozenset[str]:
    """Return the keys that lead to embedded objects which a definition describes."""
    return frozenset(
        key
        for found in schema()["$defs"].values()
        for key, inner in found.get("properties", {}).items()
        if not reference_of(inner).startswith(("texts", "textLists")) and reference_of(inner)
    )


@lru_cache(maxsize=1)
def described_types() -> frozenset[str]:
    """Return the type names whose objects the shapes judge wherever they stand."""
    inner = (found.get("properties", {}).get("type", {}) for found in schema()["$defs"].values())
    parts = {name for declared in inner for name in declared.get("enum", ())}
    return frozenset(parts | set(supported_types()))


@lru_cache(maxsize=32)
def validator(root: str) -> "jsonschema_rs.Draft202012Validator":
    """Return the compiled validator of a definition."""
    import jsonschema_rs  # compiled code, loaded with the first record that is checked

    whole = {"$ref": _REF + root, "$defs": schema()["$defs"]}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)


@lru_cache(maxsize=64)
def expected_keys(name: str) -> frozenset[str]:
    """Return the keys that a definition speaks of, its parts' included."""
    found = definition(name)
    keys = set(found.get("properties", ())) - set(found.get("x-elsewhere", ()))
    for part in found.get("allOf", ()):
        if "$ref" in part:
            keys |= expected_keys(reference_of(part))
    return frozenset(keys)


def keys_of(record_type: str) -> frozenset[str]:
    """Return the keys that a record of a type is expected to have, its envelope included."""
    return expected_keys(root_of(record_type, envelope=True))


@lru_cache(maxsize=32)
def dates_in_order(root: str) -> tuple[Relation, ...]:
    """Return the pairs of dates of which the first must not be later."""
    return tuple(_relations(root, "x-order"))


@lru_cache(maxsize=32)
def values_apart(root: str) -> tuple[Relation, ...]:
    """Return the pairs of keys that must not share a value."""
    return tuple(_relations(root, "x-distinct"))


def _relations(root: str, keyword: str) -> Iterator[Relation]:
    found = definition(root)
    for rule in found.get(keyword, ()):
        yield Relation(rule["key"], rule["other"], rule["severity"], rule["mend"])
    for part in found.get("allOf", ()):
        if "$ref" in part:
            yield from _relations(reference_of(part), keyword)
