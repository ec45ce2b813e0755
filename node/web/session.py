"""Who is signed in, what they may do here, and proof that a form was ours."""

import hmac
import secrets
from collections.abc import Callable
from functools import wraps
from typing import Final, ParamSpec
from urllib.parse import urlsplit

from flask import Flask, Response, abort, g, make_response, render_template, request
from flask import session as cookie
from werkzeug.wrappers import Response as AnyResponse

from node.accounts.keys import SESSION
from node.accounts.roles import EVERY_ORIGIN, OPERATOR, Holder, Scope
from node.services.accounts import audit, keys, local_origins, session_holder
from node.services.operator import secret
from node.services.provider import provider_name
from node.settings import Settings
from node.web.current import runtime

_KEY: Final = "key"
_FORM: Final = "form"
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_NOT_NOTED: Final = frozenset({"form_token", "target"})
"""Fields of forms that the audit log has no business with: it is never forgotten."""
_AUDITED_BY_SERVICE: Final = frozenset({"people", "account"})

Arguments = ParamSpec("Arguments")
Answer = AnyResponse | str | tuple[str, int]
View = Callable[Arguments, Answer]


def init_app(app: Flask, settings: Settings, *, https: bool) -> None:
    """Let an application know who is signed in."""
    keep_cookie(app, settings, https=https)
    app.before_request(_refuse_foreign_forms)
    app.context_processor(
        lambda: {"holder": holder, "form_token": form_token, "may_somewhere": may_somewhere}
    )


def keep_cookie(app: Flask, settings: Settings, *, https: bool) -> None:
    """Let an application sign the cookie of its sessions, which scripts cannot read."""
    app.secret_key = secret(settings)
    app.config.update(
        SESSION_COOKIE_NAME="lonja-session",
        SESSION_COOKIE_PATH=urlsplit(settings.base_url).path or "/",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=https,
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=SESSION,
    )


def enter(session_secret: str) -> None:
    """Hand a session to this browser, in the place of whatever it carried before."""
    cookie.clear()
    cookie.permanent = True
    cookie[_KEY] = session_secret
    cookie[_FORM] = secrets.token_urlsafe(24)
    g.pop("holder", None)


def enter_as_operator() -> None:
    """Begin a session of the operator, who came by a link of the command."""
    enter(keys(runtime()).begin_session(None))
    audit(runtime()).note(OPERATOR.login, "signed-in", OPERATOR.login)


def leave() -> None:
    """End the session, here and for whoever may have copied the cookie."""
    held = cookie.get(_KEY)
    if isinstance(held, str):
        keys(runtime()).end_session(held)
    cookie.clear()
    g.pop("holder", None)


def holder() -> Holder | None:
    """Return who sent this request, None for a visitor."""
    if "holder" not in g:
        held = cookie.get(_KEY)
        g.holder = session_holder(runtime(), held) if isinstance(held, str) else None
    found: Holder | None = g.holder
    return found


def somebody() -> Holder:
    """Return who sent this request, inside a view that `needs` somebody."""
    found = holder()
    if found is None:
        abort(403)
    return found


def may_somewhere(scope: str) -> bool:
    """Say whether who sent this request may do something for any origin."""
    found = holder()
    return found is not None and found.may_somewhere(scope)


def demand(scope: str, origin: str) -> Holder:
    """Return who sent this request if they may do something for an origin of this node.

    Answers 403 when they may not, 404 when this node does not sign for the origin.
    """
    found = somebody()
    if not found.may(scope, origin):
        abort(403)
    if origin not in local_origins(runtime()):
        abort(404)
    return found


def form_token() -> str:
    """Return what every form of somebody who is signed in carries."""
    return str(cookie.get(_FORM, ""))


def needs(
    scope: Scope, origin: str | None = None
) -> Callable[[View[Arguments]], Callable[Arguments, Answer]]:
    """Show a view only to who may do something; a form must be one of ours (no forged requests).

    Args:
        scope: what it takes.
        origin: for which origin; None for any, when the view itself looks at which.
    """

    def guard(view: View[Arguments]) -> Callable[Arguments, Answer]:
        @wraps(view)
        def guarded(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Answer:
            found = holder()
            if found is None:
                return _sign_in_first()
            may = found.may_somewhere(scope) if origin is None else found.may(scope, origin)
            if not may:
                return _closed()
            if request.method not in _SAFE and not is_ours():
                abort(400)
            response = make_response(view(*args, **kwargs))
            response.headers["Cache-Control"] = "no-store"
            _note(found, scope)
            return response

        return guarded

    return guard


def _note(found: Holder, scope: Scope) -> None:
    """Write an administrative act to the audit log, unless its service has done so."""
    administers = scope is Scope.ADMINISTER and request.method not in _SAFE
    if administers and request.blueprint not in _AUDITED_BY_SERVICE:
        said = ", ".join(
            f"{name}={value}"
            for name, value in request.form.items()
            if value and name not in _NOT_NOTED
        )
        audit(runtime()).note(found.login, str(request.endpoint), request.path, said)


def operator_only(view: View[Arguments]) -> Callable[Arguments, Answer]:
    """Show a view to the owners of the node only."""
    return needs(Scope.ADMINISTER, EVERY_ORIGIN)(view)


def is_ours() -> bool:
    """Say whether a form carries the token of its session."""
    said, known = request.form.get("form_token", ""), form_token()
    return bool(known) and hmac.compare_digest(
        said.encode("utf-8", "replace"), known.encode("utf-8", "replace")
    )


def local_path(text: str) -> str:
    """Return a path of this node to go on to, "/" for anything that leads elsewhere."""
    good = text.startswith("/") and not text.startswith(("//", "/\\")) and text.isprintable()
    return text if good else request.script_root + "/"


def _refuse_foreign_forms() -> None:
    """Answer 403 to a form that another site sent (programs name no origin, browsers do)."""
    said = request.headers.get("Origin")
    if request.method in _SAFE or said is None or request.path.startswith("/api/"):
        return
    own = urlsplit(runtime().settings.base_url)
    if said not in (f"{own.scheme}://{own.netloc}", f"{request.scheme}://{request.host}"):
        abort(403)


def _sign_in_first() -> AnyResponse:
    """Show the door in the place of what lies behind it."""
    path = request.script_root + (request.full_path.rstrip("?") if request.method == "GET" else "/")
    name = provider_name(runtime())
    page = render_template("enter.html", section="", next=path, login="", said="", provider=name)
    return _refused(page)


def _closed() -> Response:
    return _refused(render_template("closed.html", section=""))


def _refused(page: str) -> Response:
    response = make_response(page, 403)
    response.headers["Cache-Control"] = "no-store"
    return response
