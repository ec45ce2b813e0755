"""The check of a record: fast for what arrives, complete for what is published."""

from itertools import islice

import orjson

from vocab.canonical import canonical_bytes
from vocab.compiled import root_of, schema, supported_types, validator
from vocab.document import MAX_BYTES, check_keys
from vocab.explain import explain
from vocab.findings import Finding, Severity, violations
from vocab.keys import MAX_FINDINGS
from vocab.messages import VIOLATION, WARNING, did_you_mean, finding
from vocab.rules import advice, between_keys
from vocab.terms import PRACTICE_TYPES, JsonObject


def check(document: JsonObject, *, authoring: bool = False) -> list[Finding]:
    """Return what is wrong with a document; violations refuse it.

    Args:
        document: a parsed document: a full entry, or with `authoring` one that its author can
            still mend and that needs no envelope.
        authoring: whether unknown keys and codes are violations, and missing recommended keys
            are told.
    """
    return _check(document, strict=authoring, envelope=not authoring)


def check_for_publishing(document: JsonObject) -> list[Finding]:
    """Return what is wrong with a document whose envelope is filled; violations refuse it.

    Beyond `check`, the SHACL shapes judge the record's graph: they decide. They are asked only
    when the fast check has no violation, since they would repeat it in other words.
    """
    found = _check(document, strict=True, envelope=True)
    if violations(found):
        return found
    try:
        data = canonical_bytes(document)
    except ValueError:
        return [*found, finding("bad-text", "")]
    if len(data) > MAX_BYTES:
        return [*found, finding("too-large", "", limit=MAX_BYTES // 1024)]
    from vocab.shacl import judge  # rdflib, pyld and pyshacl: only where records are published

    return _once([*found, *judge(orjson.loads(data))])


def _check(document: JsonObject, *, strict: bool, envelope: bool) -> list[Finding]:
    found = check_keys(document, authoring=strict)
    if any(item.rule == "too-deep" for item in found):
        return found  # nothing else can be asked without following it down
    types, wrong = _record_types(document, strict=strict)
    found += wrong
    roots = [root_of(record_type, envelope=envelope) for record_type in types]
    for root in roots:
        found += _by_schema(root, document)
        found += between_keys(root, document)
    if strict and roots:
        found += advice(roots, document)
    return _once(found) if found else found


def _by_schema(root: str, document: JsonObject) -> list[Finding]:
    compiled = validator(root)
    try:
        if compiled.is_valid(document):
            return []
        errors = islice(compiled.iter_errors(document), MAX_FINDINGS)
        return [item for error in errors for item in explain(schema(), error)]
    except UnicodeEncodeError:  # half a character; `parse` refuses it before it comes here
        return [finding("bad-text", "")]


def _once(found: list[Finding]) -> list[Finding]:
    """Return findings without repetition: one violation for each place, one advice for each rule.

    The first finding of a place stays: keys and addresses are judged before the schema, which
    knows less about them.
    """
    seen: set[tuple[str, str]] = set()
    kept = []
    for item in found:
        about = "" if item.severity is Severity.VIOLATION else item.rule
        if (item.pointer, about) not in seen:
            seen.add((item.pointer, about))
            kept.append(item)
    return kept


def _record_types(document: JsonObject, *, strict: bool) -> tuple[tuple[str, ...], list[Finding]]:
    """Return the supported types that a document declares, and what is wrong with `type`."""
    known = supported_types()
    declared = document.get("type")
    if isinstance(declared, str) and declared in known:
        return (declared,), []
    listed = ", ".join(known)
    if not declared:
        choice = {"en": f"Use one of: {listed}.", "es": f"Use uno de estos: {listed}."}
        return (), [finding("required", "/type", VIOLATION, choice, key="type")]
    names = declared if isinstance(declared, list) else [declared]
    supported = tuple(dict.fromkeys(name for name in names if name in known))
    found = []
    for name in names:
        if name not in known:
            text = str(name)
            newer = bool(supported) and not strict and text and not {":", "@"} & set(text)
            severity = WARNING if newer else VIOLATION
            mend = did_you_mean(text, known)
            found.append(finding("unknown-type", "/type", severity, mend, value=text, known=listed))
    if len(supported) > 1 and not set(supported) <= set(PRACTICE_TYPES):
        return (), [*found, finding("mixed-types", "/type", value=", ".join(supported))]
    return supported, found
