"""A citizen says something of a practice, without an account, and looks up the answer."""

from typing import Final
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from node.local.observations import Observation, ObservationState, Said
from node.services import observations
from node.services.accounts import is_login
from node.services.addresses import page_path
from node.services.errors import ServiceError
from node.services.observations import Counter
from node.services.personal import Hint
from node.services.receipts import as_written, receipt_link
from node.services.said import said_in
from node.services.show import reference_to
from node.web import saying
from node.web.current import runtime
from node.web.i18n import current_language
from node.web.limits import client, pace
from node.web.told import told
from node.web.words import observation_states

blueprint = Blueprint("observe", __name__)

SENT_A_MINUTE: Final = 6
LOOKED_UP_A_MINUTE: Final = 20
"""Of one address: a code has 16 characters, so that guessing leads nowhere all the same."""
_TRAP: Final = "website"
"""A field that people do not see; programs that fill in everything do."""


@blueprint.get("/observe")
def form() -> str:
    """The form, or where there is one."""
    return _form(_counter(request.args.get("uri", "")))


@blueprint.post("/observe")
def send() -> Response | str | tuple[str, int]:
    """Take an observation; what looks like personal data is pointed out first."""
    found = _counter(request.form.get("uri", ""))
    if not found.here or found.entry is None:
        abort(403)
    if not pace().allows(f"observe {client()}", SENT_A_MINUTE):
        slow = _("Too many at once. Wait a minute and send it again; your text is still here.")
        return _form(found, said=slow), 429
    said, wrong = _said(found)
    if wrong:
        return _form(found, said=wrong), 422
    seen = saying.unconfirmed(said.text)
    if seen:
        return _form(found, seen=seen), 422
    if request.form.get(_TRAP):
        return render_template("observe_done.html", section="practices", code="", path="")
    try:
        code = observations.receive(runtime(), said, request.form.get("form", "")[:100])
    except ServiceError as error:
        return _form(found, said=told(error)), 422
    return done(code, found, mail=said.mail)


def done(code: str, found: Counter, *, mail: str = "", by_staff: bool = False) -> Response:
    """Return the page that shows a receipt code, the only time that it can be shown."""
    page = render_template(
        "observe_done.html",
        section="desk" if by_staff else "practices",
        code=code,
        link=receipt_link(runtime().settings, code),
        path=_path(found),
        mail=mail,
        by_staff=by_staff,
    )
    return _for_one_reader(make_response(page))


def _for_one_reader(response: Response) -> Response:
    """Keep what shows a code, or what a code leads to, out of every cache."""
    response.headers["Cache-Control"] = "no-store"
    return response


def _said(found: Counter) -> tuple[Said, str]:
    """Return what was sent, and what is wrong with it in the reader's language."""
    assert found.entry is not None  # noqa: S101  # the caller has looked
    mail = request.form.get("mail", "").strip() if runtime().settings.smtp else ""
    said, wrong = saying.said(found.entry, mail=mail)
    if not wrong and mail and not is_login(mail):
        wrong = _("This is no e-mail address. Leave it out, or write it as name@example.org.")
    if not wrong and not request.form.get("consent"):
        wrong = _("Without your consent the text cannot be taken. Tick the box, or leave it.")
    return said, str(wrong)


@blueprint.get("/observe/receipt")
def receipt() -> str:
    """Where a receipt code is typed in, or filled in from the fragment of the address."""
    return render_template("receipt.html", section="practices", held=None, said="")


@blueprint.post("/observe/receipt")
def look_up() -> Response | tuple[str, int]:
    """Show what became of an observation, or take it back."""
    code = request.form.get("code", "")
    held = _by_code(code)
    if isinstance(held, tuple):
        return held
    if request.form.get("act") == "withdraw" and held.state is not ObservationState.WITHDRAWN:
        observations.withdraw(runtime(), held)
        held = observations.by_code(runtime(), code) or held
    page = render_template("receipt.html", section="practices", code=code, said="", **_shown(held))
    return _for_one_reader(make_response(page))


@blueprint.post("/observe/receipt/file")
def receipt_file() -> Response | tuple[str, int]:
    """Give the receipt as a small text file; the code comes in a form and stands in no address."""
    code = as_written(request.form.get("code", ""))
    held = _by_code(code)
    if isinstance(held, tuple):
        return held
    practice = reference_to(runtime(), held.said.record, current_language())
    lines = (
        runtime().settings.name,
        _("About:") + f" {practice.title.text} {practice.uri}",
        _("Receipt code") + f": {code}",
        receipt_link(runtime().settings, code),
        _("Whoever has this code can read the answer and take the text back. Keep it to yourself."),
    )
    response = Response("\r\n\r\n".join(map(str, lines)) + "\r\n", mimetype="text/plain")
    response.headers["Content-Disposition"] = 'attachment; filename="lonja-receipt.txt"'
    return _for_one_reader(response)


def _by_code(code: str) -> Observation | tuple[str, int]:
    """Return the observation of a code, or the page that says why there is none."""
    if not pace().allows(f"receipt {client()}", LOOKED_UP_A_MINUTE):
        said = _("Too many attempts. Wait a minute and try again.")
        return render_template("receipt.html", section="practices", held=None, said=said), 429
    held = observations.by_code(runtime(), code)
    if held is None:
        said = _("No observation has this code. It is also unknown a year after it ended.")
        return render_template("receipt.html", section="practices", held=None, said=said), 404
    return held


def _shown(held: Observation) -> dict[str, object]:
    language = current_language()
    entry = runtime().journal.current(held.published) if held.published else None
    public = entry is not None and entry.type == "CitizenObservation"
    return {
        "held": held,
        "states": observation_states(),
        "practice": reference_to(runtime(), held.said.record, language),
        "view": said_in(runtime(), entry, language) if entry is not None and public else None,
    }


def _counter(uri: str) -> Counter:
    found = observations.counter(runtime(), uri)
    if found.entry is None:
        abort(404)
    return found


def _path(found: Counter) -> str:
    return page_path(found.entry.uri, runtime().settings.base_url) if found.entry else ""


def _form(found: Counter, said: str = "", seen: list[Hint] | None = None) -> str:
    assert found.entry is not None  # noqa: S101  # the caller has looked
    return render_template(
        "observe.html",
        section="practices",
        counter=found,
        practice=reference_to(runtime(), found.entry.uri, current_language()),
        said=said,
        can_mail=bool(runtime().settings.smtp),
        trap=_TRAP,
        **saying.words(seen or ()),
    )


@blueprint.get("/practices/<name>/observe")
def short(name: str) -> AnyResponse:
    """The form under the practice's own address, as it is printed on posters."""
    uri = f"{runtime().settings.base_url}/practices/{name}"
    return redirect(f"{request.script_root}/observe?{urlencode({'uri': uri})}", 303)
