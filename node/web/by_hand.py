"""Staff write down what somebody said on the phone, at the counter or on paper."""

from flask import Blueprint, abort, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from node.accounts.roles import Scope
from node.local.observations import BY_STAFF
from node.services import observations
from node.services.accounts import audit, local_origins
from node.services.drafts import own_records
from node.services.errors import ServiceError
from node.services.personal import Hint
from node.web import saying
from node.web.current import runtime
from node.web.i18n import current_language
from node.web.observe import done
from node.web.session import needs, somebody
from node.web.told import told
from node.web.words import ways_of_entry
from vocab.headline import headline_text
from vocab.terms import PRACTICE_TYPES

blueprint = Blueprint("by_hand", __name__, url_prefix="/desk/observations/by-hand")


@blueprint.get("")
@needs(Scope.MODERATE)
def form() -> str:
    """The form, for one of the practices that somebody may answer for."""
    return _form()


@blueprint.post("")
@needs(Scope.MODERATE)
def send() -> Response | tuple[str, int]:
    """Keep what was written down; what looks like personal data is pointed out first."""
    found = observations.counter(runtime(), request.form.get("uri", ""))
    if found.entry is None or not found.here:
        abort(404)
    if not somebody().may(Scope.MODERATE, found.entry.origin):
        abort(403)
    entered = request.form.get("entered", "")
    if entered not in BY_STAFF:
        abort(400)
    said, wrong = saying.said(found.entry, entered)
    if not wrong and not request.form.get("consent"):
        wrong = _("Note down that the person agrees; without it the text cannot be taken.")
    if wrong:
        return _form(said=str(wrong)), 422
    seen = saying.unconfirmed(said.text)
    if seen:
        return _form(seen=seen), 422
    try:
        code = observations.receive(runtime(), said, request.form.get("form", "")[:100])
    except ServiceError as error:
        return _form(said=told(error)), 422
    audit(runtime()).note(somebody().login, "observation-entered", found.entry.uri)
    return done(code, found, by_staff=True)


def _form(said: str = "", seen: list[Hint] | None = None) -> str:
    return render_template(
        "by_hand.html",
        section="desk",
        practices=_practices(),
        ways=[(code, ways_of_entry()[code]) for code in BY_STAFF],
        said=said,
        **saying.words(seen or ()),
    )


def _practices() -> list[tuple[str, str]]:
    """Return (URI, title) of the practices that somebody may say something of."""
    found = [
        (entry.uri, headline_text(body, current_language()))
        for did in local_origins(runtime())
        if somebody().may(Scope.MODERATE, did)
        for entry, body in own_records(runtime(), did)
        if entry.type in PRACTICE_TYPES and not body.get("source")
    ]
    return sorted(found, key=lambda pair: pair[1].casefold())
