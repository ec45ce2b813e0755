"""The check of a record: fast for what arrives, complete for what is published."""

from collections.abc import Sequence
from itertools import islice

import orjson

from vocab.accept import faultless
from vocab.canonical import canonical_bytes
from vocab.compiled import root_of, schema, supported_types, validator
from vocab.document import MAX_BYTES, check_keys
from vocab.explain import explain
from vocab.few import few_people
from vocab.findings import Finding, Severity, violations
from vocab.keys import MAX_FINDINGS, KeyCheck
from vocab.messages import SENTENCES, VIOLATION, WARNING, did_you_mean, finding
from vocab.rules import advice, between_keys
from vocab.terms import LOCAL_TYPES, PRACTICE_TYPES, JsonObject


def check(document: JsonObject, *, authoring: bool = False) -> list[Finding]:
    """Return what is wrong with a document; violations refuse it.

    Args:
        document: a parsed document: a full entry, or with `authoring` one that its author can
            still mend and that needs no envelope.
        authoring: whether unknown keys and codes are violations, and missing recommended keys
            are told.
    """
    if authoring:
        return _check(document, strict=True, envelope=False)
    return [] if faultless(document) else check_carefully(document)


def check_carefully(document: JsonObject) -> list[Finding]:
    """Return what `check` returns for a full entry, without its short way for faultless ones."""
    return _check(document, strict=False, envelope=True)


def check_local(document: JsonObject) -> list[Finding]:
    """Return what is wrong with a record that stays on the node, such as a consent record.

    Every other check refuses such a record, wherever it comes from.
    """
    found = KeyCheck(document, authoring=True, local=True).run()
    types, wrong = _declared(document, LOCAL_TYPES, strict=True)
    found += wrong
    roots = [root_of(record_type, envelope=False) for record_type in types]
    for root in roots:
        found += _by_schema(root, document)
    return _once([*found, *advice(roots, document)])


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
    if document.get("type") in LOCAL_TYPES:
        return [finding("local-only", "/type", value=document["type"])]
    found = check_keys(document, authoring=strict)
    if any(item.rule == "too-deep" for item in found):
        return found  # nothing else can be asked without following it down
    types, wrong = _declared(document, supported_types(), strict=strict)
    found += wrong
    roots = [root_of(record_type, envelope=envelope) for record_type in types]
    for root in roots:
        found += _by_schema(root, document)
        found += between_keys(root, document)
    if strict and roots:
        found += advice(roots, document)
        found += islice(few_people(document), MAX_FINDINGS)
    return _once(found) if found else found


def _by_schema(root: str, document: JsonObject) -> list[Finding]:
    compiled = validator(root)
    try:
        if compiled.is_valid(document):
            return []
        errors = compiled.iter_errors(document)
        every = (item for error in errors for item in explain(schema(), error))
        return list(islice(every, MAX_FINDINGS))
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


def _declared(
    document: JsonObject, known: Sequence[str], *, strict: bool
) -> tuple[tuple[str, ...], list[Finding]]:
    """Return those of the known types that a document declares, and what is wrong with `type`."""
    declared = document.get("type")
    if isinstance(declared, str) and declared in known:
        return (declared,), []
    listed = ", ".join(known)
    if not declared:
        choice = SENTENCES.messages("one-of-types", {"known": listed})
        return (), [finding("required", "/type", VIOLATION, choice, key="type")]
    names = declared if isinstance(declared, list) else [declared]
    supported = tuple(name for name in known if name in names)
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
