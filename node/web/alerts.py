"""Followed searches in the browser: confirmed and stopped by secret links, the operator's list."""

from typing import Final
from urllib.parse import urlencode

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from node.local.alerts import AlertState, Every, Wanted
from node.services import following
from node.services.alerts import follow, followed, forget, parameters_of, stopped_by
from node.services.digest import words_of
from node.services.errors import ServiceError
from node.services.notify import MAIL, WEBHOOK
from node.web.current import runtime
from node.web.i18n import current_language
from node.web.session import operator_only
from node.web.told import told

blueprint = Blueprint("alerts", __name__)

_MOST_LETTERS: Final = 2000


@blueprint.get("/alerts/<token>/stop")
def ask_to_stop(token: str) -> Response:
    """Where the link in a digest leads; looking at it stops nothing: programs look at links."""
    alert = followed(runtime()).by_token(token)
    words = words_of(runtime(), alert, current_language()) if alert else ""
    return _private("alert_stop.html", 200 if alert else 404, words=words, known=bool(alert))


@blueprint.post("/alerts/<token>/stop")
def stop(token: str) -> Response:
    """Stop the digests: the button of the page, or the mail program's own (RFC 8058).

    The token is all that is asked for: a mail program has no cookie and no form of ours. Who asks
    again is told the same.
    """
    stopped_by(runtime(), token)
    return _private("alert_stop.html", 200, words="", known=False, stopped=True)


@blueprint.get("/alerts/<token>/confirm")
def ask_to_confirm(token: str) -> Response:
    """Where the link in the first mail leads; looking at it confirms nothing."""
    alert = followed(runtime()).by_token(token)
    words = words_of(runtime(), alert, current_language()) if alert else ""
    waits = alert is not None and alert.state is AlertState.WAITING
    status = 200 if alert else 404
    return _private("alert_confirm.html", status, words=words, known=bool(alert), waits=waits)


@blueprint.post("/alerts/<token>/confirm")
def confirm(token: str) -> Response:
    """Let the digests begin. The token is all that is asked for, as where they are stopped."""
    following.confirm(runtime(), token)
    return redirect(f"{request.script_root}{request.path}", 303)


def _private(template: str, status: int, **values: object) -> Response:
    """Return a page whose address is a secret: kept by nobody, told to nobody."""
    response = make_response(render_template(template, section="", **values), status)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@blueprint.post("/admin/searches")
@operator_only
def add() -> Response:
    """Follow a search."""
    form = request.form
    parameters = parameters_of(form.get("query", "")[:_MOST_LETTERS])
    language = next(iter(parameters.pop("lang", [])), "") or current_language()
    target = form.get("target", "").strip()
    every = form.get("every", "")
    if every not in list(Every):
        abort(400)
    wanted = Wanted(
        query=urlencode(parameters, doseq=True),
        language=language,
        channel=WEBHOOK if target.startswith(("http://", "https://")) else MAIL,
        target=target,
        every=Every(every),
    )
    try:
        follow(runtime(), wanted)
    except ServiceError as error:
        flash(told(error), "problem")
    return _back()


@blueprint.post("/admin/searches/<int(max=2000000000):number>/remove")
@operator_only
def remove(number: int) -> Response:
    """Stop following a search."""
    forget(runtime(), number)
    return _back()


@blueprint.post("/admin/searches/<int(max=2000000000):number>/send")
@operator_only
def send(number: int) -> Response:
    """Let the worker look at a search within seconds, a paused one too."""
    followed(runtime()).make_due(number)
    return _back()


def _back() -> Response:
    return redirect(f"{request.script_root}/admin", 303)
