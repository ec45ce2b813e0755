"""The first-run page: a small application that runs until the node has been made."""

import hmac
import threading
from collections.abc import Callable
from typing import Final

from flask import Flask, Response, make_response, render_template, request
from typing_extensions import override
from werkzeug.serving import WSGIRequestHandler, make_server

from node.forms.inputs import countries
from node.services.errors import ServiceError
from node.services.first_run import FirstRun, Wishes, first_run
from node.services.labels import own_language_name
from node.settings import LANGUAGES, SECTORS, Settings, SettingsError, is_loopback
from node.web import assets, compression, filters, i18n, security_headers
from node.web.i18n import current_language
from node.web.session import enter, keep_cookie
from node.web.told import told
from vocab import concepts

_FIELDS: Final = ("name", "sector", "base_url", "town", "country", "hub", "login", "person")


def setup_app(settings: Settings, token: str, done: Callable[[FirstRun], None]) -> Flask:
    """Return the application of the first run.

    Args:
        settings: of the node that is to be made.
        token: that the link in the log carries; nobody gets in without it.
        done: called once the node is there.
    """
    app = Flask("node.app", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = 100_000
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    https = settings.base_url.startswith("https:")
    for module in (assets, compression):
        module.init_app(app)
    i18n.init_app(app, LANGUAGES, https=https)
    filters.init_app(app)
    security_headers.init_app(app, https=https)
    keep_cookie(app, settings, https=https)
    app.add_url_rule("/", view_func=lambda: _show(settings, token), endpoint="root")
    app.add_url_rule("/setup", view_func=lambda: _show(settings, token), endpoint="show")
    app.add_url_rule(
        "/setup",
        view_func=lambda: _make(settings, token, done),
        methods=["POST"],
        endpoint="make",
    )
    return app


def _knows(token: str) -> bool:
    said = request.values.get("token", "")
    return hmac.compare_digest(said.encode("utf-8", "replace"), token.encode())


def _show(settings: Settings, token: str) -> Response:
    if not _knows(token):
        return _page(settings, "", 403)
    return _page(settings, token, 200)


def _page(settings: Settings, token: str, status: int, said: str = "") -> Response:
    language = current_language()
    page = render_template(
        "setup.html",
        token=token,
        said=said,
        values={name: request.form.get(name, "") for name in _FIELDS},
        default_url="" if is_loopback(settings.base_url) else settings.base_url,
        sectors=[(code, concepts.label("helix", code, language)) for code in SECTORS],
        countries=countries(language),
        languages=[(code, own_language_name(code)) for code in LANGUAGES],
        chosen=request.form.getlist("language") or [language],
    )
    response = make_response(page, status)
    response.headers["Cache-Control"] = "no-store"
    return response


def _make(settings: Settings, token: str, done: Callable[[FirstRun], None]) -> Response:
    if not _knows(token):
        return _page(settings, "", 403)
    form = request.form
    given = {name: form.get(name, "").strip() for name in _FIELDS}
    languages = tuple(code for code in LANGUAGES if code in form.getlist("language"))
    own = current_language()
    ordered = tuple(sorted(languages, key=lambda code: code != own))
    wishes = Wishes(**given, languages=ordered, password=form.get("password", ""))
    try:
        made = first_run(settings, wishes)
    except (ServiceError, SettingsError) as error:
        return _page(settings, token, 422, told(error))
    enter(made.session)  # the node that is about to start knows the same cookie
    page = render_template("setup_done.html", node=made.settings, hub_problem=made.hub_problem)
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    done(made)
    return response


class _Quiet(WSGIRequestHandler):
    """Writes no access log: the address of the page holds the token."""

    @override
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


def run_setup(settings: Settings, token: str, ready: Callable[[str], None]) -> None:
    """Serve the first-run page until the node has been made.

    Args:
        settings: of the node that is to be made.
        token: for the link.
        ready: called with the link once the page can be opened.

    Raises:
        OSError: the port is taken.
    """
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    host, port = settings.listen
    finished = threading.Event()
    app = setup_app(settings, token, lambda _made: finished.set())
    server = make_server(host, port, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, name="setup")
    thread.start()
    ready(f"http://{host}:{port}/setup?token={token}")
    try:
        finished.wait()
    finally:
        server.shutdown()  # after the answer that is under way
        thread.join()
        server.server_close()
