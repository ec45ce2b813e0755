"""A citizen says something of a practice, without an account, and looks up the answer."""

import re
from typing import Final
from urllib.parse import urlencode

from flask import Blueprint, abort, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from node.forms.inputs import text_languages
from node.local.observations import Observation, ObservationState, Said
from node.services import observations
from node.services.accounts import is_login
from node.services.addresses import page_path
from node.services.errors import ServiceError
from node.services.observations import Counter
from node.services.personal import Hint, hints
from node.services.show import reference_to
from node.web.current import runtime
from node.web.i18n import current_language
from node.web.limits import client, pace
from node.web.told import told
from node.web.words import hint_kinds, observation_states
from vocab import concepts

blueprint = Blueprint("observe", __name__)

SENT_A_MINUTE: Final = 6
LOOKED_UP_A_MINUTE: Final = 20
"""Of one address: a code has 16 characters, so that guessing leads nowhere all the same."""
_MONTH: Final = re.compile(r"[12][0-9]{3}-(0[1-9]|1[0-2])")
_TRAP: Final = "website"
"""A field that people do not see; programs that fill in everything do."""


@blueprint.get("/observe")
def form() -> Response | str:
    """The form, or where there is one."""
    found = _counter(request.args.get("uri", ""))
    return _form(found)


@blueprint.post("/observe")
def send() -> str | tuple[str, int]:
    """Take an observation; what looks like personal data is pointed out first."""
    found = _counter(request.form.get("uri", ""))
    if not found.here or found.entry is None:
        abort(403)
    if not pace().allows(f"observe {client()}", SENT_A_MINUTE):
        said = _("Too many at once. Wait a minute and send it again; your text is still here.")
        return _form(found, said=said), 429
    said, wrong = _said(found)
    if wrong:
        return _form(found, said=wrong), 422
    seen = hints(said.text)
    if seen and not request.form.get("anyway"):
        return _form(found, seen=seen), 422
    if request.form.get(_TRAP):
        return render_template("observe_done.html", section="practices", code="", uri="")
    try:
        code = observations.receive(runtime(), said)
    except ServiceError as error:
        return _form(found, said=told(error)), 422
    return render_template(
        "observe_done.html", section="practices", code=code, path=_path(found), mail=said.mail
    )


def _said(found: Counter) -> tuple[Said, str]:
    """Return what was sent, and what is wrong with it in the reader's language."""
    form, now = request.form, runtime().clock()
    assert found.entry is not None  # noqa: S101  # the caller has looked
    rating = form.get("rating", "")
    said = Said(
        record=found.entry.uri,
        origin=found.entry.origin,
        kind=form.get("kind", ""),
        text=form.get("text", "").replace("\r\n", "\n"),
        language=form.get("language", current_language()),
        month=form.get("month", "") or now.strftime("%Y-%m"),
        groups=tuple(c for c in form.getlist("group") if concepts.is_code("target-group", c)),
        rating=int(rating) if rating in {"1", "2", "3", "4", "5"} else None,
        mail=form.get("mail", "").strip() if runtime().settings.smtp else "",
    )
    languages = {code for code, _name in text_languages("en")}
    month_is_good = _MONTH.fullmatch(said.month) and said.month <= now.strftime("%Y-%m")
    checks = (
        (concepts.is_code("observation", said.kind), _("Choose what kind of observation it is.")),
        (said.text.strip(), _("Say what you have seen or lived through.")),
        (month_is_good, _("Give the month as in 2026-03, not one that is still to come.")),
        (said.language in languages, _("Choose the language of your text.")),
        (
            not said.mail or is_login(said.mail),
            _("This is no e-mail address. Leave it out, or write it as name@example.org."),
        ),
        (
            form.get("consent"),
            _("Without your consent the text cannot be taken. Tick the box, or leave it."),
        ),
    )
    return said, next((str(sentence) for good, sentence in checks if not good), "")


@blueprint.get("/observe/receipt")
def receipt() -> str:
    """Where a receipt code is typed in."""
    return render_template("receipt.html", section="practices", held=None, said="")


@blueprint.post("/observe/receipt")
def look_up() -> str | tuple[str, int]:
    """Show what became of an observation, or take it back."""
    if not pace().allows(f"receipt {client()}", LOOKED_UP_A_MINUTE):
        said = _("Too many attempts. Wait a minute and try again.")
        return render_template("receipt.html", section="practices", held=None, said=said), 429
    code = request.form.get("code", "")
    held = observations.by_code(runtime(), code)
    if held is None:
        said = _("No observation has this code. It is also unknown a year after it ended.")
        return render_template("receipt.html", section="practices", held=None, said=said), 404
    if request.form.get("act") == "withdraw" and held.state is not ObservationState.WITHDRAWN:
        observations.withdraw(runtime(), held)
        held = observations.by_code(runtime(), code)
    return render_template("receipt.html", section="practices", code=code, said="", **_shown(held))


def _shown(held: Observation | None) -> dict[str, object]:
    if held is None:
        abort(404)
    language, base = current_language(), runtime().settings.base_url
    return {
        "held": held,
        "states": observation_states(),
        "practice": reference_to(runtime(), held.said.record, language),
        "published": page_path(held.published, base) if held.published else "",
    }


def _counter(uri: str) -> Counter:
    found = observations.counter(runtime(), uri)
    if found.entry is None:
        abort(404)
    return found


def _path(found: Counter) -> str:
    return page_path(found.entry.uri, runtime().settings.base_url) if found.entry else ""


def _form(found: Counter, said: str = "", seen: list[Hint] | None = None) -> str:
    language = current_language()
    assert found.entry is not None  # noqa: S101  # the caller has looked
    return render_template(
        "observe.html",
        section="practices",
        counter=found,
        practice=reference_to(runtime(), found.entry.uri, language),
        said=said,
        hints=[(hint_kinds()[one.kind], one.excerpt) for one in seen or ()],
        kinds=_labels("observation", language),
        groups=_labels("target-group", language),
        languages=text_languages(language),
        values=request.form,
        month=request.form.get("month") or runtime().clock().strftime("%Y-%m"),
        own_language=request.form.get("language") or language,
        can_mail=bool(runtime().settings.smtp),
        trap=_TRAP,
    )


def _labels(scheme: str, language: str) -> list[tuple[str, str]]:
    return [(code, concepts.label(scheme, code, language)) for code in concepts.codes(scheme)]


@blueprint.get("/practices/<name>/observe")
def short(name: str) -> Response:
    """The form under the practice's own address, as it is printed on posters."""
    uri = f"{runtime().settings.base_url}/practices/{name}"
    return redirect(f"{request.script_root}/observe?{urlencode({'uri': uri})}", 303)
