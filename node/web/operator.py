"""Who may administer: the session of the operator, and proof that a form was ours."""

import hmac
import secrets
import time
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Final, ParamSpec

from flask import Flask, Response, abort, make_response, render_template, request, session
from werkzeug.wrappers import Response as AnyResponse

from node.services.operator import SESSION_SECONDS, secret
from node.settings import Settings

_SINCE: Final = "since"
_FORM: Final = "form"

Arguments = ParamSpec("Arguments")
View = Callable[Arguments, AnyResponse | str]


def init_app(app: Flask, settings: Settings, *, https: bool) -> None:
    """Let an application know its operator by a signed cookie that scripts cannot read."""
    app.secret_key = secret(settings)
    app.config.update(
        SESSION_COOKIE_NAME="lonja-operator",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=https,
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=timedelta(seconds=SESSION_SECONDS),
    )
    app.context_processor(lambda: {"is_operator": is_operator, "form_token": form_token})


def enter() -> None:
    """Begin a session, with a new token for its forms."""
    session.clear()
    session.permanent = True
    session[_SINCE] = int(time.time())
    session[_FORM] = secrets.token_urlsafe(24)


def leave() -> None:
    """End the session."""
    session.clear()


def is_operator() -> bool:
    """Say whether this request comes from the operator's browser."""
    since = session.get(_SINCE)
    return isinstance(since, int) and 0 <= time.time() - since < SESSION_SECONDS


def form_token() -> str:
    """Return what every form of the operator carries."""
    return str(session.get(_FORM, ""))


def operator_only(view: View[Arguments]) -> View[Arguments]:
    """Show a view to the operator only; a form must be one of ours (no forged requests)."""

    @wraps(view)
    def guarded(*args: Arguments.args, **kwargs: Arguments.kwargs) -> AnyResponse | str:
        if not is_operator():
            return _closed()
        if request.method == "POST" and not _is_ours():
            abort(400)
        response = make_response(view(*args, **kwargs))
        response.headers["Cache-Control"] = "no-store"
        return response

    return guarded


def _is_ours() -> bool:
    said, known = request.form.get("form_token", ""), form_token()
    return bool(known) and hmac.compare_digest(said.encode(), known.encode())


def _closed() -> Response:
    page = render_template("enter.html", section="", token="", good=False)
    response = make_response(page, 403)
    response.headers["Cache-Control"] = "no-store"
    return response
