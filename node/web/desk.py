"""The desk: drafts, what waits for review, own records, and the ways to begin a new one."""

from dataclasses import dataclass
from typing import Final

from flask import Blueprint, abort, flash, redirect, render_template, request
from werkzeug.wrappers import Response

from node.accounts.roles import Holder, Scope
from node.local.drafts import Draft, DraftState
from node.services import drafts, labels, observations
from node.services.accounts import local_origins
from node.services.addresses import page_path
from node.services.challenges import answered_by_others
from node.services.coded import label
from node.services.errors import ServiceError
from node.services.repeat import repeated_elsewhere
from node.web.current import runtime
from node.web.i18n import current_language
from node.web.session import demand, holder, needs, somebody
from node.web.told import told
from node.web.words import draft_states
from search.values import string
from vocab.headline import headline_text
from vocab.terms import COLLECTIONS

blueprint = Blueprint("desk", __name__, url_prefix="/desk")

TYPES: Final = (
    *("BestPractice", "Practice", "Adaptation", "Challenge", "Proposal", "CoCreationProcess"),
    *("TrainingResource", "ProcurementModel", "Recognition", "SelfAssessment", "Organisation"),
    "Cluster",
)
"""Types that a form is offered for, the most wanted first."""
_RECORDS: Final = 200


@dataclass(frozen=True, slots=True)
class _Own:
    """A record of the node, as the desk lists it; `stage` is "" for what is no adaptation."""

    position: int
    uri: str
    title: str
    type_name: str
    path: str
    stage: str


@blueprint.get("")
@needs(Scope.READ)
def desk() -> str:
    """What there is to do."""
    me, language = somebody(), current_language()
    origins = readable(me)
    held = drafts.drafts(runtime()).list(origins)
    writable = [did for did in origins if me.may(Scope.WRITE, did)]
    moderated = [did for did in origins if me.may(Scope.MODERATE, did)]
    records = _records(writable, language)
    return render_template(
        "desk.html",
        section="desk",
        groups=[
            (state, listed)
            for state in (DraftState.SUBMITTED, *_OTHERS)
            if (listed := [_row(one, language) for one in held if one.state is state])
        ],
        states=draft_states(),
        types=[(code, labels.type_name(code, language)) for code in TYPES if code in COLLECTIONS],
        writable=writable_origins(),
        records=records,
        under_way=[row for row in records if row.stage],
        unanswered=sum(
            map(observations.waiting, observations.observations(runtime()).list(moderated))
        ),
        elsewhere=repeated_elsewhere(runtime(), origins, language),
        proposed=answered_by_others(runtime(), origins, language),
    )


_OTHERS: Final = (DraftState.RETURNED, DraftState.WRITING, DraftState.SCHEDULED)


@blueprint.post("/new")
@needs(Scope.WRITE)
def new() -> Response:
    """Begin a new record."""
    origin, record_type = request.form.get("origin", ""), request.form.get("type", "")
    me = demand(Scope.WRITE, origin)
    if record_type not in TYPES:
        abort(400)
    return to_draft(drafts.begin(runtime(), me, record_type, origin))


@blueprint.post("/change")
@needs(Scope.WRITE)
def change() -> Response:
    """Begin to change an own record, or go on doing so."""
    uri = request.form.get("uri", "")
    entry = drafts.current(runtime(), uri)
    if entry is None:
        abort(404)
    me = demand(Scope.WRITE, entry.origin)
    try:
        return to_draft(drafts.change(runtime(), me, uri))
    except ServiceError as error:
        flash(told(error))
        return redirect(request.script_root + "/desk", 303)


def to_draft(draft: Draft, tail: str = "") -> Response:
    """Lead to a draft."""
    return redirect(f"{request.script_root}/desk/drafts/{draft.key}{tail}", 303)


def readable(me: Holder) -> list[str]:
    """Return the origins whose drafts somebody may see."""
    return [did for did in local_origins(runtime()) if me.may(Scope.READ, did)]


def writable_origins() -> list[tuple[str, str]]:
    """Return (DID, name) of the origins that whoever asks may write for, [] for the public."""
    me = holder()
    if me is None:
        return []
    found = (did for did in local_origins(runtime()) if me.may(Scope.WRITE, did))
    return [(did, origin_name(did)) for did in found]


def draft_or_404(key: str, scope: Scope = Scope.READ) -> tuple[Draft, Holder]:
    """Return a draft and who asks for it; whoever may not see it is told that there is none."""
    found, me = drafts.drafts(runtime()).find(key), somebody()
    if found is None or found.origin not in readable(me):
        abort(404)
    if not me.may(scope, found.origin):
        abort(403)
    return found, me


def origin_name(did: str) -> str:
    """Return what an origin of the node is called."""
    held = runtime().journal.origin(did)
    return (held.name if held else "") or did


def _row(draft: Draft, language: str) -> tuple[Draft, str, str, str]:
    title = headline_text(draft.body, language)
    return draft, title, labels.type_name(draft.type, language), origin_name(draft.origin)


def _records(origins: list[str], language: str) -> list[_Own]:
    """Return the newest own records."""
    base = runtime().settings.base_url
    found = [
        _Own(
            entry.position,
            entry.uri,
            headline_text(body, language),
            labels.type_name(entry.type, language),
            page_path(entry.uri, base),
            label("adaptation-stage", string(body.get("stage")), language),
        )
        for did in origins
        for entry, body in drafts.own_records(runtime(), did)
    ]
    return sorted(found, key=lambda one: -one.position)[:_RECORDS]
