"""Rows of a file as drafts: whoever may not publish completes them, and somebody else decides."""

from pathlib import Path
from typing import Final

from federation.records import Entry
from node.accounts.roles import Holder
from node.runtime import Runtime
from node.services import drafts
from node.services.imports.run import submissions_of
from node.services.publish import MINTED_KEYS, Outcome, Submission, prepare
from vocab.terms import (
    COLLECTIONS,
    CONTEXT_URL,
    LOCAL_TYPES,
    SIGNED_BY_THE_NODE,
    JsonObject,
    type_of,
)

MOST: Final = 100
"""Rows of one file that become drafts: more than that nobody completes by hand."""
_WRITTEN: Final = frozenset(COLLECTIONS) - {*SIGNED_BY_THE_NODE, *LOCAL_TYPES}


def keep_as_drafts(runtime: Runtime, holder: Holder, source: Path, form: str) -> int:
    """Keep what is new or changed in a file as drafts, and return how many there are.

    A row that was imported before becomes a change of its record, unless one is begun already.

    Args:
        runtime: of the node, with the identity of the origin that the drafts are for.
        holder: whose drafts they are.
        source: the file.
        form: "csv", "jsonl" or "jsonld".

    Raises:
        ServiceError: the file as a whole cannot be read.
    """
    kept = 0
    for submission in submissions_of(runtime, source, form):
        kept += _keep(runtime, holder, submission)
        if kept == MOST:
            break
    return kept


def _keep(runtime: Runtime, holder: Holder, submission: Submission) -> bool:
    document, did = submission.document, runtime.identity.did
    if document is None or type_of(document) not in _WRITTEN:
        return False
    outcome = prepare(runtime, submission)
    if isinstance(outcome, Outcome) and not outcome.refused:
        return False  # it is published like this already
    body = {key: value for key, value in document.items() if key not in (*MINTED_KEYS, "id")}
    held = _held(runtime, submission)
    if held is None:
        drafts.keep(runtime, holder, {**_known(runtime, body), **body}, did)
        return True
    if drafts.drafts(runtime).of_record(held.uri) is not None:
        return False
    drafts.drafts(runtime).add(
        did, {**body, "id": held.uri}, holder.account, record=held.uri, based_on=held.digest
    )
    return True


def _known(runtime: Runtime, body: JsonObject) -> JsonObject:
    """Return what the node adds to a new draft: little to a practice of somebody else."""
    if "source" in body:
        return {"@context": CONTEXT_URL, "publisher": runtime.settings.organisation_uri}
    return drafts.beginning(runtime, type_of(body), runtime.identity.did)


def _held(runtime: Runtime, submission: Submission) -> Entry | None:
    """Return the own record that a row is about, None for a new one."""
    document = submission.document or {}
    given = document.get("isVersionOf") or document.get("id")
    if isinstance(given, str):
        found = runtime.journal.current(given)
    elif submission.identifier:
        found = runtime.journal.by_identifier(runtime.identity.did, submission.identifier)
    else:
        return None
    own = found is not None and found.origin == runtime.identity.did
    return found if own and found is not None and found.type not in SIGNED_BY_THE_NODE else None
