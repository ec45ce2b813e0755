"""Publish: check a document, give it an address, sign it, append it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

import orjson

from federation.authoring import provisional
from federation.journal.journal import Draft
from federation.records import Entry
from node import clock
from node.runtime import Runtime
from node.services.errors import UserError
from node.services.sentences import SENTENCES, finding
from node.settings import Settings
from vocab.findings import Finding, violations
from vocab.terms import CONTEXT_URL, ENVELOPE_KEYS, JsonObject, type_of
from vocab.validate import check as check_fast
from vocab.validate import check_for_publishing

BATCH: Final = 100
MINTED_KEYS: Final = frozenset((*ENVELOPE_KEYS, "id", "modified", "conformsTo"))


@dataclass(frozen=True, slots=True)
class Submission:
    """One document to publish.

    Attributes:
        label: how to name it to its author (file, line, title).
        document: the authoring document, None when it could not be read at all.
        findings: why it could not be read.
        mint: address for a new record, chosen by the program; "" for a fresh one.
        identifier: an own record that was imported under it gets a new version; "" for none.
        replaces: digest of the version that its author saw, "" for whichever there is.
    """

    label: str
    document: JsonObject | None
    findings: tuple[Finding, ...] = ()
    mint: str = ""
    identifier: str = ""
    replaces: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one submission: published (`entry`), unchanged, or refused.

    Attributes:
        label: the name of the submission.
        uri: record URI, "" when refused before it had one.
        entry: the appended version, None when unchanged or refused.
        refused: whether a violation kept it out.
        findings: everything the checks said, warnings included.
    """

    label: str
    uri: str
    entry: Entry | None
    refused: bool
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class _Prepared:
    label: str
    draft: Draft
    findings: tuple[Finding, ...]

    @property
    def names(self) -> tuple[object, ...]:
        """Return what a later document may call this record by."""
        return self.draft.uri, self.draft.body.get("identifier")


def publish(runtime: Runtime, submissions: Iterable[Submission]) -> Iterator[Outcome]:
    """Publish documents; each outcome is yielded once it is durable.

    Documents are appended in transactions of up to 100, so that a crash loses nothing whose
    outcome was yielded. A refused document never holds back the others.
    """
    waiting: list[_Prepared] = []
    for submission in submissions:
        if any(name and name in _names(submission) for item in waiting for name in item.names):
            # The same record again: it is compared with what was said just before.
            yield from _append(runtime, waiting)
            waiting = []
        prepared = prepare(runtime, submission)
        if isinstance(prepared, Outcome):
            yield prepared
            continue
        waiting.append(prepared)
        if len(waiting) >= BATCH:
            yield from _append(runtime, waiting)
            waiting = []
    yield from _append(runtime, waiting)


def _names(submission: Submission) -> tuple[str | None, ...]:
    return _given(submission.document or {}), submission.identifier


def publish_one(runtime: Runtime, submission: Submission) -> Outcome:
    """Publish one document and return its outcome.

    Raises:
        ChangedError: the record has another version than the submission replaces.
    """
    (outcome,) = publish(runtime, [submission])
    return outcome


def _append(runtime: Runtime, waiting: list[_Prepared]) -> Iterator[Outcome]:
    if not waiting:
        return
    entries = runtime.journal.append_local([item.draft for item in waiting], runtime.identity)
    for item, entry in zip(waiting, entries, strict=True):
        yield Outcome(item.label, entry.uri, entry, False, item.findings)


def check(submission: Submission, settings: Settings) -> tuple[Finding, ...]:
    """Return what the checks say of a document; no node is needed and nothing is kept."""
    document = submission.document
    if document is None:
        return submission.findings
    base = settings.base_url
    return _check(_body(document, settings), base, _given(document) or "", submission.label)


def check_quickly(submission: Submission, settings: Settings) -> tuple[Finding, ...]:
    """Return what the fast check says, which refuses whatever the shapes would refuse.

    It costs so little that anybody may ask for it; publishing asks the shapes too.
    """
    document = submission.document
    if document is None:
        return submission.findings
    given = _given(document)
    body = {**_body(document, settings), **({"id": given} if given else {})}
    said = check_fast(body, authoring=True)
    return tuple(replace(item, record=submission.label) for item in said)


def _check(body: JsonObject, base: str, uri: str, label: str) -> tuple[Finding, ...]:
    envelope = provisional(body, base=base, uri=uri, now=clock.now())
    return tuple(replace(item, record=label) for item in check_for_publishing(envelope))


def prepare(runtime: Runtime, submission: Submission) -> _Prepared | Outcome:
    """Return a checked draft, or the outcome where nothing is to be appended."""
    label, document = submission.label, submission.document
    if document is None:
        return Outcome(label, "", None, True, submission.findings)
    if submission.identifier:
        held = runtime.journal.by_identifier(runtime.identity.did, submission.identifier)
        if held is not None and held.type != "Tombstone":
            document = {**document, "id": held.uri}
    if type_of(document) == "KeyRotation":
        return Outcome(label, "", None, True, (finding("key-command", "/type", record=label),))
    uri, current, problem = _address(runtime, document)
    uri = uri or submission.mint
    if problem is not None:
        return Outcome(label, uri, None, True, (replace(problem, record=label),))
    body = _body(document, runtime.settings)
    if current is not None and _body(orjson.loads(current.body), runtime.settings) == body:
        return Outcome(label, current.uri, None, False, ())
    findings = _check(body, runtime.identity.base, uri, label)
    if violations(list(findings)):
        return Outcome(label, uri, None, True, findings)
    draft = Draft(body, uri or None, type_of(body), submission.replaces)
    return _Prepared(label, draft, findings)


def _given(document: JsonObject) -> str | None:
    """Return the record URI that a document names: `isVersionOf` of an entry, else `id`."""
    given = document.get("isVersionOf") or document.get("id")
    return given if isinstance(given, str) else None


def _address(runtime: Runtime, document: JsonObject) -> tuple[str, Entry | None, Finding | None]:
    """Return the record URI ("" = to be minted), its current version, and what is wrong."""
    if "id" not in document and "isVersionOf" not in document:
        return "", None, None
    given = _given(document)
    if given is None or not given.startswith(runtime.identity.base + "/"):
        return "", None, _problem("foreign-id", document.get("id"))
    current = runtime.journal.current(given)
    if current is None:
        return given, None, _problem("unknown-id", given)
    if current.type == "Tombstone":
        return given, current, _problem("withdrawn-id", given)
    return given, current, None


def _body(document: JsonObject, settings: Settings) -> JsonObject:
    """Return what the author wrote, with the defaults filled and without the envelope."""
    body = {key: value for key, value in document.items() if key not in MINTED_KEYS}
    body.setdefault("@context", CONTEXT_URL)
    if type_of(body) != "Organisation" and settings.organisation_uri:
        body.setdefault("publisher", settings.organisation_uri)
    return body


def retract(runtime: Runtime, uri: str, reason: str = "", *, language: str = "") -> Entry:
    """Withdraw an own record with a public reason and return its tombstone.

    Raises:
        ServiceError: the record is not held, not ours, or already withdrawn.
    """
    current = _own(runtime, uri)
    said: Mapping[str, str] = (
        {language or runtime.settings.languages[0]: reason}
        if reason
        else SENTENCES.messages("withdrawn")
    )
    body: JsonObject = {
        "@context": CONTEXT_URL,
        "type": "Tombstone",
        "formerType": current.type,
        "reason": dict(said),
    }
    draft = Draft(body=body, uri=uri, record_type="Tombstone")
    return runtime.journal.append_local([draft], runtime.identity)[0]


def _own(runtime: Runtime, uri: str) -> Entry:
    if not uri.startswith(runtime.identity.base + "/"):
        raise UserError(
            "%(uri)s was published by another node; only its publisher can withdraw it", uri=uri
        )
    current = runtime.journal.current(uri)
    if current is None:
        raise UserError(
            "there is no record %(uri)s here; find it with: lonja search WORDS", uri=uri
        )
    if current.type == "Tombstone":
        raise UserError("%(uri)s is already withdrawn", uri=uri)
    return current


def _problem(rule: str, given: object) -> Finding:
    return finding(rule, "/id", detail=f"id: {given}")
