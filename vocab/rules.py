"""Rules that JSON Schema cannot say: dates in order, no lineage to oneself, advice."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from vocab.compiled import (
    Relation,
    dates_in_order,
    definition,
    expected_keys,
    reference_of,
    values_apart,
)
from vocab.context import terms
from vocab.findings import Finding, Severity
from vocab.keys import MAX_FINDINGS
from vocab.messages import finding
from vocab.terms import ENVELOPE_KEYS, JsonObject

_OUTSIDE: Final = frozenset(
    (*ENVELOPE_KEYS, "modified", "conformsTo")
)  # filled by the node, in any type
_TIME: Final = re.compile(r"(\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d)?)(\.\d+)?Z?", re.ASCII)


def between_keys(root: str, document: JsonObject) -> list[Finding]:
    """Return what is wrong between the keys of a record.

    Args:
        root: the definition that the record is checked by ("PracticeRecord").
        document: the record.
    """
    found = []
    for rule in dates_in_order(root):
        first, second = _time(document.get(rule.key)), _time(document.get(rule.other))
        if first and second and second < first:
            found.append(_broken("end-before-start", rule, f"/{rule.other}"))
    for rule in values_apart(root):
        own = document.get(rule.other) or document.get("id")
        for index, value in enumerate(_list(document.get(rule.key))):
            if _same_record(value, own):
                found.append(_broken("self-lineage", rule, f"/{rule.key}/{index}"))
    uri = document.get("isVersionOf")
    if uri is not None and document.get("id") != f"{uri}/v/{document.get('version')}":
        found.append(finding("version-address", "/id"))
    return found


def advice(roots: Iterable[str], document: JsonObject) -> list[Finding]:
    """Return what is missing although it should be there, and what stands in the wrong place.

    At most 100 findings: nobody reads more, and a flood must cost nothing.

    Args:
        roots: the definitions that the record is checked by, one for each of its types.
        document: the record.
    """
    expected = _OUTSIDE.union(*map(expected_keys, roots))
    found = [
        finding("misplaced-key", f"/{key}", key=key)
        for key in document
        if key in terms() and key not in expected
    ]
    missing = (item for root in roots for item in _advice(root, document, ""))
    return [*found, *islice(missing, MAX_FINDINGS)]


def _broken(name: str, rule: Relation, pointer: str) -> Finding:
    severity = Severity(rule.severity)
    return finding(name, pointer, severity, rule.mend, key=rule.key, other=rule.other)


def _time(value: object) -> tuple[str, float] | None:
    """Return a date or time so that the order is that of time; None where it is neither."""
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    return (match[1], float(match[2] or 0)) if match else None


def _same_record(value: object, own: object) -> bool:
    """Say whether an address is that of the record or of one of its versions."""
    return (
        isinstance(value, str)
        and isinstance(own, str)
        and (value == own or value.startswith(f"{own}/v/"))
    )


def _list(value: object) -> list[object]:
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def _advice(name: str, value: object, pointer: str) -> Iterator[Finding]:
    if not isinstance(value, dict):
        return
    for rule in definition(name).get("x-advice", ()):
        *outer, key = rule["path"]
        owner: object = value
        for step in outer:
            owner = owner.get(step) if isinstance(owner, dict) else None
        applies = all(value.get(name) == held for name, held in rule.get("when", {}).items())
        if applies and isinstance(owner, dict) and len(_list(owner.get(key))) < rule["count"]:
            place = "/".join([pointer, *rule["path"]])
            yield finding("recommended", place, Severity(rule["severity"]), rule["mend"], key=key)
    for part in definition(name).get("allOf", ()):
        if "$ref" in part:
            yield from _advice(reference_of(part), value, pointer)
    for key, inner in definition(name).get("properties", {}).items():
        if key in value and reference_of(inner):
            for index, part in enumerate(_list(value[key])):
                place = f"{pointer}/{key}" + (f"/{index}" if isinstance(value[key], list) else "")
                yield from _misplaced(reference_of(inner), part, place)
                yield from _advice(reference_of(inner), part, place)


def _misplaced(name: str, value: object, pointer: str) -> Iterator[Finding]:
    if isinstance(value, dict) and "texts" not in name:
        for key in value:
            if key in terms() and key not in expected_keys(name):
                yield finding("misplaced-key", f"{pointer}/{key}", key=key)
