"""Drafts: write, submit, review, publish. A draft may lack anything; what is published may not."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

import orjson

from federation.errors import ChangedError
from federation.records import Entry
from node.accounts.roles import Holder, Scope
from node.local.drafts import Draft, Drafts, DraftState, GoneDraftError, StaleDraftError
from node.runtime import Runtime
from node.services.accounts import audit
from node.services.errors import ServiceError, UserError
from node.services.hosted import acting_as
from node.services.publish import MINTED_KEYS, Submission, check_quickly, publish_one
from vocab.findings import Finding, Severity, violations
from vocab.headline import headline_text
from vocab.licences import licence_address
from vocab.terms import CONTEXT_URL, PRACTICE_TYPES, SIGNED_BY_THE_NODE, JsonObject, type_of

LATEST: Final = timedelta(days=366)
"""How far ahead a publication may be set."""
_LONGEST_NOTE: Final = 4000
_MOST_ORGANISATIONS: Final = 1000  # that a form offers to choose from


class ChangedRecordError(ServiceError):
    """The record was published anew since the draft began; publishing would undo that."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A draft and what the checks say of it.

    Attributes:
        findings: violations first, then advice.
        missing: how many of them keep it from being published.
    """

    findings: tuple[Finding, ...]
    missing: int


def drafts(runtime: Runtime) -> Drafts:
    """Return the drafts of a node."""
    return Drafts(runtime.store, runtime.clock)


def acting(runtime: Runtime, origin: str) -> Runtime:
    """Return the node with the identity of one of its origins, by its DID.

    Raises:
        ServiceError: it is no origin of this node (any more).
    """
    return runtime if origin == runtime.identity.did else acting_as(runtime, origin)


def begin(runtime: Runtime, holder: Holder, record_type: str, origin: str) -> Draft:
    """Begin a new record with what the node knows of it already."""
    return keep(runtime, holder, beginning(runtime, record_type, origin), origin)


def beginning(runtime: Runtime, record_type: str, origin: str) -> JsonObject:
    """Return what the node knows of a new record of an origin already."""
    publisher = acting(runtime, origin).settings.organisation_uri
    body: JsonObject = {
        "@context": CONTEXT_URL,
        "type": record_type,
        "license": licence_address("CC-BY-4.0"),
    }
    if publisher and record_type != "Organisation":
        body |= {"publisher": publisher}
    if publisher and record_type in PRACTICE_TYPES:
        body |= {"lead": publisher, **told_before(runtime, publisher)}
    return body


def told_before(runtime: Runtime, organisation: str) -> JsonObject:
    """Return where an organisation is and whom to ask there, as its practices mostly say too."""
    said = document_of(current(runtime, organisation))
    return {key: said[key] for key in ("place", "contact") if key in said}


def inhabitants(runtime: Runtime, origin: str) -> int | None:
    """Return how many people live where an origin's organisation is, None when it does not say."""
    place = told_before(runtime, acting(runtime, origin).settings.organisation_uri).get("place")
    people = place.get("population") if isinstance(place, dict) else None
    return people if isinstance(people, int) and people > 0 else None


def keep(runtime: Runtime, holder: Holder, body: JsonObject, origin: str) -> Draft:
    """Keep an authoring document as a new draft."""
    return drafts(runtime).add(origin, body, holder.account, record="", based_on="")


def change(runtime: Runtime, holder: Holder, uri: str) -> Draft:
    """Return the draft that changes an own record: the one there is, or a new one.

    Raises:
        ServiceError: the record is not held or not the node's own.
    """
    held = drafts(runtime).of_record(uri)
    if held is not None:
        return held
    entry = current(runtime, uri)
    if entry is None or entry.type in SIGNED_BY_THE_NODE:
        raise UserError("%(uri)s is no record that can be changed here", uri=uri)
    document = orjson.loads(entry.body)
    body = {key: value for key, value in document.items() if key not in MINTED_KEYS}
    body["id"] = uri
    return drafts(runtime).add(
        entry.origin, body, holder.account, record=uri, based_on=entry.digest
    )


def current(runtime: Runtime, uri: str) -> Entry | None:
    """Return the newest version of a record."""
    return runtime.journal.current(uri)


def document_of(entry: Entry | None) -> JsonObject:
    """Return what a version says, {} for none."""
    found: JsonObject = orjson.loads(entry.body) if entry is not None and entry.body else {}
    return found


def own_records(runtime: Runtime, did: str) -> Iterator[tuple[Entry, JsonObject]]:
    """Yield the records of an origin that people write, with their documents."""
    for entry in runtime.journal.records(origin_did=did):
        if entry.type not in SIGNED_BY_THE_NODE and entry.body:
            yield entry, orjson.loads(entry.body)


def organisations(runtime: Runtime, language: str) -> list[tuple[str, str]]:
    """Return (URI, name) of the organisations that are known here, by their name."""
    held = (one for one in runtime.journal.records(record_type="Organisation") if one.body)
    found = [
        (one.uri, headline_text(orjson.loads(one.body), language))
        for one in islice(held, _MOST_ORGANISATIONS)
    ]
    return sorted(found, key=lambda pair: pair[1].casefold())


def check(runtime: Runtime, draft: Draft) -> Checked:
    """Return what keeps a draft from being published, and what would make it better."""
    submission = Submission("", draft.body)
    found = check_quickly(submission, acting(runtime, draft.origin).settings)
    weight = list(Severity)
    ordered = sorted(found, key=lambda one: weight.index(one.severity))
    return Checked(tuple(ordered), len(violations(list(found))))


def submit(runtime: Runtime, holder: Holder, draft: Draft, text: str = "") -> Draft:
    """Hand a draft to the reviewers.

    Raises:
        ServiceError: it has violations.
        StaleDraftError: somebody else has saved it meanwhile.
    """
    _demand_complete(runtime, draft)
    return _move(runtime, holder, draft, DraftState.SUBMITTED, text)


def give_back(runtime: Runtime, holder: Holder, draft: Draft, text: str) -> Draft:
    """Return a draft to its author with what is to be done.

    Raises:
        ServiceError: nothing is said.
        StaleDraftError: somebody else has saved it meanwhile.
    """
    if not text.strip():
        raise UserError("say what is to be done, so that the author knows")
    return _move(runtime, holder, draft, DraftState.RETURNED, text)


def recall(runtime: Runtime, holder: Holder, draft: Draft) -> Draft:
    """Take a draft back to go on writing."""
    return _move(runtime, holder, draft, DraftState.WRITING, "")


def comment(runtime: Runtime, holder: Holder, draft: Draft, text: str) -> None:
    """Say something of a draft."""
    if text.strip():
        drafts(runtime).note(draft.key, holder.name, "comment", text.strip()[:_LONGEST_NOTE])


def _move(runtime: Runtime, holder: Holder, draft: Draft, state: DraftState, text: str) -> Draft:
    moved = drafts(runtime).save(draft.key, draft.revision, state=str(state), publish_at=None)
    kind = "recalled" if state is DraftState.WRITING else str(state)
    drafts(runtime).note(draft.key, holder.name, kind, text.strip()[:_LONGEST_NOTE])
    return moved


def schedule(runtime: Runtime, holder: Holder, draft: Draft, at: datetime) -> Draft:
    """Let a draft be published at a time.

    Raises:
        ServiceError: it has violations, or the time is past or too far ahead.
        StaleDraftError: somebody else has saved it meanwhile.
    """
    _demand_complete(runtime, draft)
    if not runtime.clock() < at < runtime.clock() + LATEST:
        raise UserError("choose a time from now on, at most a year ahead")
    held = drafts(runtime).save(
        draft.key, draft.revision, state=str(DraftState.SCHEDULED), publish_at=at
    )
    drafts(runtime).note(draft.key, holder.name, "scheduled", at.strftime("%Y-%m-%d %H:%M UTC"))
    audit(runtime).note(holder.login, "scheduled", draft.record or draft.key)
    return held


def publish(
    runtime: Runtime, holder: Holder, draft: Draft, *, over: str = ""
) -> tuple[str, tuple[Finding, ...]]:
    """Publish a draft; it is gone once it is a record.

    Args:
        runtime: of the node.
        holder: who does it.
        draft: as it was seen.
        over: digest of a version published meanwhile that the draft may replace all the same.

    Returns:
        The record URI, and what the checks still advise; the URI is "" when they refuse it.

    Raises:
        ChangedRecordError: the record has another version than the one that the draft began from.
        ServiceError: the draft's origin is not one of this node any more.
        StaleDraftError: somebody else has saved or published it meanwhile.
        GoneDraftError: the same, and it is gone.
    """
    if type_of(draft.body) in SIGNED_BY_THE_NODE:
        raise UserError("the node signs such records itself; nobody writes them")
    # Whoever else publishes it in this moment is not the one who saw this revision any more.
    draft = drafts(runtime).save(draft.key, draft.revision)
    if draft.record:
        held = current(runtime, draft.record)
        if held is not None and held.digest not in (draft.based_on, over):
            raise ChangedRecordError(f"{draft.record} was changed since this draft began")
    document: JsonObject = {**draft.body}
    if draft.record:
        document["id"] = draft.record
    else:
        document.pop("id", None)
    submission = Submission(draft.key, document, replaces=over or draft.based_on)
    try:
        outcome = publish_one(acting(runtime, draft.origin), submission)
    except ChangedError as error:  # between the look above and the transaction
        raise ChangedRecordError(str(error)) from error
    if outcome.refused:
        return "", outcome.findings
    drafts(runtime).settle_attachments(draft.key, outcome.uri)
    drafts(runtime).remove(draft.key)
    audit(runtime).note(holder.login, "published", outcome.uri)
    return outcome.uri, outcome.findings


def discard(runtime: Runtime, holder: Holder, draft: Draft) -> None:
    """Throw a draft away."""
    drafts(runtime).remove(draft.key)
    audit(runtime).note(holder.login, "discarded", draft.record or draft.key)


def may_edit(holder: Holder, draft: Draft) -> bool:
    """Say whether somebody may write on a draft: while it is reviewed, only reviewers."""
    if draft.state in (DraftState.SUBMITTED, DraftState.SCHEDULED):
        return holder.may(Scope.PUBLISH, draft.origin)
    return holder.may(Scope.WRITE, draft.origin)


def publish_due(runtime: Runtime) -> int:
    """Publish the drafts whose time has come, and return how many were.

    One that is refused now goes back to its author with the reason.
    """
    scheduler = Holder(None, "scheduler", "scheduler")
    count = 0
    for draft in drafts(runtime).due():
        try:
            uri, findings = publish(runtime, scheduler, draft)
            said = "; ".join(one.message() for one in violations(list(findings)))
        except ServiceError as error:
            uri, said = "", str(error)
        except (StaleDraftError, GoneDraftError):
            continue  # somebody did it by hand in this moment
        if uri:
            count += 1
        else:
            held = drafts(runtime).find(draft.key)
            if held is not None:
                give_back(runtime, scheduler, held, said)
    return count


def _demand_complete(runtime: Runtime, draft: Draft) -> None:
    missing = check(runtime, draft).missing
    if missing:
        raise UserError(
            "something is still missing (%(missing)s); see the list beside the form",
            missing=missing,
        )
