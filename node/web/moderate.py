"""Observations at the desk: look at them, publish, refuse, answer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, abort, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from federation.records import Entry
from node.accounts.roles import Holder, Scope
from node.forms.inputs import text_languages
from node.local.observations import Observation, ObservationState
from node.services import moderation, observations
from node.services.accounts import local_origins
from node.services.errors import ServiceError
from node.services.fields import Month
from node.services.moderation import Reply, SettledError
from node.services.personal import hints
from node.services.reading import Text
from node.services.said import said_in
from node.services.show import Reference, reference_to
from node.services.text import one_line
from node.web.current import runtime
from node.web.desk import origin_name
from node.web.i18n import current_language
from node.web.saying import shown_hints
from node.web.session import needs, somebody
from node.web.told import told
from node.web.words import case_states, ways_of_entry
from vocab import concepts

blueprint = Blueprint("moderate", __name__, url_prefix="/desk/observations")

_ENDED_LISTED = 50


@dataclass(frozen=True, slots=True)
class Row:
    """An observation in the list.

    Attributes:
        held: the observation.
        text: what it says; the heading of its page once it is published.
        kind: what kind it is, in words.
        practice: that it is about.
        origin: name of the origin that answers.
        late: for how many days an answer is late.
        due: until when it is to be answered, None once it is.
    """

    held: Observation
    text: Text
    kind: str
    practice: Reference
    origin: str
    late: int
    due: date | None


@blueprint.get("")
@needs(Scope.MODERATE)
def listed() -> str:
    """What waits, the oldest first; what has waited for thirty days above all."""
    mine = [did for did in local_origins(runtime()) if somebody().may(Scope.MODERATE, did)]
    found = observations.observations(runtime()).list(mine)
    late = [one for one in found if observations.days_late(runtime(), one)]
    groups = [
        (_("Unanswered for 30 days"), late),
        (_("To be looked at"), _in(found, ObservationState.RECEIVED, late)),
        (_("Published, not answered yet"), _in(found, ObservationState.PUBLISHED, late)),
        (_("Answered"), _in(found, ObservationState.ANSWERED, [])[::-1][:_ENDED_LISTED]),
        (_("Not published"), _in(found, ObservationState.REFUSED, [])[::-1][:_ENDED_LISTED]),
    ]
    return render_template(
        "observations.html",
        section="desk",
        groups=[(name, [_row(one) for one in rows]) for name, rows in groups if rows],
        diligence=observations.diligence(runtime(), found),
        states=case_states(),
        several=len(mine) > 1,
    )


def _in(
    found: Sequence[Observation], state: ObservationState, without: Sequence[Observation]
) -> list[Observation]:
    return [one for one in found if one.state is state and one not in without]


def _row(one: Observation) -> Row:
    language = current_language()
    text = Text(one_line(one.said.text), one.said.language)
    return Row(
        held=one,
        text=text or reference_to(runtime(), one.published, language).title,
        kind=concepts.label("observation", one.said.kind, language),
        practice=reference_to(runtime(), one.said.record, language),
        origin=origin_name(one.said.origin),
        late=observations.days_late(runtime(), one),
        due=observations.due(one),
    )


@blueprint.get("/<int(max=2000000000):number>")
@needs(Scope.MODERATE)
def one(number: int) -> str:
    """One observation, and what can be done with it."""
    return _case(_held(number))


def _case(held: Observation, act: str = "", said: str = "", *, settled: bool = False) -> str:
    """Return the page of an observation.

    Args:
        held: as it is now.
        act: "publish", "refuse" or "answer" when that was tried in vain: what was typed is kept.
        said: why it was in vain.
        settled: because somebody else was faster.
    """
    language = current_language()
    entry = _record(held)
    return render_template(
        "observation.html",
        section="desk",
        held=held,
        kind=concepts.label("observation", held.said.kind, language),
        practice=reference_to(runtime(), held.said.record, language),
        hints=shown_hints(hints(request.form.get("text") or held.said.text)),
        states=case_states(),
        way=ways_of_entry()[held.said.entered],
        month=Month.fromisoformat(f"{held.said.month}-01"),
        groups=[concepts.label("target-group", code, language) for code in held.said.groups],
        late=observations.days_late(runtime(), held),
        due=observations.due(held),
        published=reference_to(runtime(), held.published, language) if entry else None,
        view=said_in(runtime(), entry, language) if entry else None,
        seen=entry.digest if entry else "",
        responses=[
            (code, concepts.label("response", code, language))
            for code in concepts.codes("response")
            if code != "received"
        ],
        languages=text_languages(language),
        act=act,
        typed=request.form if act else {},
        said=said,
        settled=settled,
    )


def _record(held: Observation) -> Entry | None:
    """Return the record of a published observation, None where there is none any more."""
    entry = runtime().journal.current(held.published) if held.published else None
    return entry if entry is not None and entry.type == "CitizenObservation" else None


@blueprint.post("/<int(max=2000000000):number>/publish")
@needs(Scope.MODERATE)
def publish(number: int) -> Response | tuple[str, int]:
    """Publish it, with the text as the moderator left it."""
    text = request.form.get("text", "").replace("\r\n", "\n")
    if hints(text) and not request.form.get("sure"):
        said = _("Nothing is published yet: take out what is personal, or tick that it is not.")
        return _case(_held(number), "publish", str(said)), 422
    return _done(number, "publish", lambda me, held: moderation.publish(runtime(), me, held, text))


@blueprint.post("/<int(max=2000000000):number>/refuse")
@needs(Scope.MODERATE)
def refuse(number: int) -> Response | tuple[str, int]:
    """Refuse it with a reason."""
    reason = request.form.get("reason", "")
    return _done(number, "refuse", lambda me, held: moderation.refuse(runtime(), me, held, reason))


@blueprint.post("/<int(max=2000000000):number>/answer")
@needs(Scope.MODERATE)
def answer(number: int) -> Response | tuple[str, int]:
    """Answer it: you said, we did."""
    form = request.form
    reply = Reply(
        status=form.get("status", ""),
        text=form.get("text", "").replace("\r\n", "\n"),
        language=form.get("language", current_language()),
        seen=form.get("seen", ""),
        resulted_in=_version_of(number) if form.get("improved") else "",
    )
    return _done(number, "answer", lambda me, held: moderation.answer(runtime(), me, held, reply))


def _version_of(number: int) -> str:
    """Return the newest version of the practice, which the answer says it has led to."""
    entry = runtime().journal.current(_held(number).said.record)
    return entry.version_uri if entry is not None else ""


def _held(number: int) -> Observation:
    found = observations.observations(runtime()).find(number)
    if found is None or not somebody().may(Scope.MODERATE, found.said.origin):
        abort(404)
    return found


def _done(
    number: int, act: str, do: Callable[[Holder, Observation], object]
) -> Response | tuple[str, int]:
    """Do something with an observation and show it; where that fails, what was typed is kept."""
    try:
        do(somebody(), _held(number))
    except ServiceError as error:
        settled = isinstance(error, SettledError)
        page = _case(_held(number), act, told(error), settled=settled)
        return page, 409 if settled else 422
    return redirect(f"{request.script_root}/desk/observations/{number}", 303)
