"""Observations at the desk: look at them, publish, refuse, answer, write down for somebody."""

from collections.abc import Callable

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from node.accounts.roles import Holder, Scope
from node.forms.inputs import text_languages
from node.local.observations import Observation, ObservationState, Said
from node.services import observations
from node.services.accounts import local_origins
from node.services.drafts import document_of, own_records
from node.services.errors import ServiceError
from node.services.observations import Reply
from node.services.personal import hints
from node.services.show import reference_to
from node.web.current import runtime
from node.web.desk import origin_name
from node.web.i18n import current_language
from node.web.session import needs, somebody
from node.web.told import told
from node.web.words import hint_kinds, observation_states
from vocab import concepts
from vocab.headline import headline_text
from vocab.terms import PRACTICE_TYPES

blueprint = Blueprint("moderate", __name__, url_prefix="/desk/observations")

_BY_HAND = ("phone", "paper")


@blueprint.get("")
@needs(Scope.MODERATE)
def listed() -> str:
    """What waits, the oldest first; what has waited for thirty days above all."""
    mine = [did for did in local_origins(runtime()) if somebody().may(Scope.MODERATE, did)]
    found = observations.observations(runtime()).list(mine)
    late = [one for one in found if observations.is_late(runtime(), one)]
    groups = [
        (_("Unanswered for 30 days"), late),
        (_("To be looked at"), _in(found, ObservationState.RECEIVED, late)),
        (_("Published, not answered yet"), _in(found, ObservationState.PUBLISHED, late)),
        (_("Answered"), _in(found, ObservationState.ANSWERED, [])[::-1][:50]),
    ]
    return render_template(
        "observations.html",
        section="desk",
        groups=[(name, [_row(one) for one in rows]) for name, rows in groups if rows],
        diligence=observations.diligence(runtime(), found),
        practices=_practices(mine),
        kinds=[
            (code, concepts.label("observation", code, current_language()))
            for code in concepts.codes("observation")
        ],
        languages=text_languages(current_language()),
    )


def _practices(origins: list[str]) -> list[tuple[str, str]]:
    """Return (URI, title) of the practices that somebody may say something of."""
    found = [
        (entry.uri, headline_text(body, current_language()))
        for did in origins
        for entry, body in own_records(runtime(), did)
        if entry.type in PRACTICE_TYPES and not body.get("source")
    ]
    return sorted(found, key=lambda pair: pair[1].casefold())


def _in(
    found: list[Observation], state: ObservationState, without: list[Observation]
) -> list[Observation]:
    return [one for one in found if one.state is state and one not in without]


def _row(one: Observation) -> tuple[Observation, str, object, str]:
    language = current_language()
    kind = concepts.label("observation", one.said.kind, language)
    practice = reference_to(runtime(), one.said.record, language)
    return one, kind, practice, origin_name(one.said.origin)


@blueprint.get("/<int(max=2000000000):number>")
@needs(Scope.MODERATE)
def one(number: int) -> str:
    """One observation, and what can be done with it."""
    held, language = _held(number), current_language()
    record = document_of(runtime().journal.current(held.published)) if held.published else {}
    texts = record.get("text")
    return render_template(
        "observation.html",
        section="desk",
        held=held,
        kind=concepts.label("observation", held.said.kind, language),
        practice=reference_to(runtime(), held.said.record, language),
        hints=[(hint_kinds()[hint.kind], hint.excerpt) for hint in hints(held.said.text)],
        states=observation_states(),
        published=reference_to(runtime(), held.published, language) if held.published else None,
        text=next(iter(texts.values()), "") if isinstance(texts, dict) else "",
        responses=[
            (code, concepts.label("response", code, language))
            for code in concepts.codes("response")
            if code != "received"
        ],
        languages=text_languages(language),
    )


@blueprint.post("/<int(max=2000000000):number>/publish")
@needs(Scope.MODERATE)
def publish(number: int) -> Response:
    """Publish it, with the text as the moderator left it."""
    text = request.form.get("text", "").replace("\r\n", "\n")
    return _done(number, lambda me, held: observations.publish(runtime(), me, held, text))


@blueprint.post("/<int(max=2000000000):number>/refuse")
@needs(Scope.MODERATE)
def refuse(number: int) -> Response:
    """Refuse it with a reason."""
    reason = request.form.get("reason", "")
    return _done(number, lambda me, held: observations.refuse(runtime(), me, held, reason))


@blueprint.post("/<int(max=2000000000):number>/answer")
@needs(Scope.MODERATE)
def answer(number: int) -> Response:
    """Answer it: you said, we did."""
    form = request.form
    reply = Reply(
        form.get("status", ""),
        form.get("text", ""),
        form.get("language", current_language()),
        _version_of(number) if form.get("improved") else "",
    )
    return _done(number, lambda me, held: observations.answer(runtime(), me, held, reply))


def _version_of(number: int) -> str:
    """Return the newest version of the practice, which the answer says it has led to."""
    entry = runtime().journal.current(_held(number).said.record)
    return entry.version_uri if entry is not None else ""


@blueprint.post("/by-hand")
@needs(Scope.MODERATE)
def by_hand() -> Response:
    """Write down what somebody said on the phone or on paper."""
    form = request.form
    found = observations.counter(runtime(), form.get("uri", ""))
    if found.entry is None or not found.here:
        abort(404)
    if not somebody().may(Scope.MODERATE, found.entry.origin):
        abort(403)
    kind, entered = form.get("kind", ""), form.get("entered", "")
    if not concepts.is_code("observation", kind) or entered not in _BY_HAND:
        abort(400)
    if not form.get("consent"):
        flash(_("Note down that the person agrees; without it the text cannot be taken."))
        return _list()
    month = runtime().clock().strftime("%Y-%m")
    said = Said(
        found.entry.uri,
        found.entry.origin,
        kind,
        form.get("text", ""),
        form.get("language", current_language()),
        month,
        entered=entered,
    )
    try:
        code = observations.receive(runtime(), said)
    except ServiceError as error:
        flash(told(error))
    else:
        flash(_("Written down. Give the person this receipt code: %(code)s", code=code))
    return _list()


def _held(number: int) -> Observation:
    found = observations.observations(runtime()).find(number)
    if found is None or not somebody().may(Scope.MODERATE, found.said.origin):
        abort(404)
    return found


def _list() -> Response:
    return redirect(request.script_root + "/desk/observations", 303)


def _done(number: int, act: Callable[[Holder, Observation], object]) -> Response:
    try:
        act(somebody(), _held(number))
    except ServiceError as error:
        flash(told(error))
    return redirect(f"{request.script_root}/desk/observations/{number}", 303)
