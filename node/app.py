"""The web application: its blueprints put together, and the entry point of the server."""

import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from flask import Flask

from node.orphan import end_with_parent
from node.runtime import Runtime, open_runtime
from node.services.addresses import page_path
from node.settings import load
from node.web import (
    account,
    admin,
    alerts,
    api,
    assets,
    atom,
    attaching,
    by_hand,
    challenges,
    clusters,
    collections,
    compression,
    current,
    desk,
    developers,
    editor,
    ending,
    errors,
    family,
    feed,
    filters,
    fit,
    health,
    i18n,
    importing,
    inbox,
    limits,
    moderate,
    network,
    observe,
    openapi,
    overview,
    people,
    places,
    practices,
    privacy,
    provider,
    quality,
    records,
    repeat,
    review,
    security_headers,
    session,
    site,
    told,
    villages,
    vocabulary,
    wellknown,
    writing,
)
from node.web.bodies import BodyGate
from search.api import SearchRequest, SearchUnavailableError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

MAX_BODY_BYTES: Final = 1_000_000


class _SubPath:
    """Serves the node below a path of its host, whether or not the proxy strips that path."""

    def __init__(self, app: "WSGIApplication", prefix: str) -> None:
        self._app = app
        self._prefix = prefix

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        path: str = environ.get("PATH_INFO", "")
        if path == self._prefix or path.startswith(self._prefix + "/"):
            environ["PATH_INFO"] = path[len(self._prefix) :] or "/"
        environ["SCRIPT_NAME"] = self._prefix
        return self._app(environ, start_response)


def create_app(runtime: Runtime) -> Flask:
    """Return the web application of a node."""
    settings = runtime.settings
    base = urlsplit(settings.base_url)
    https = base.scheme == "https"
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    # Werkzeug would answer "//" with a redirect to whatever the Host header names.
    app.url_map.merge_slashes = False
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    current.attach(app, runtime)
    for module in (errors, assets, compression, limits, told):
        module.init_app(app)
    i18n.init_app(app, settings.languages, https=https)
    filters.init_app(app)
    security_headers.init_app(app, https=https)
    session.init_app(app, settings, https=https)
    _offer_settings(app, runtime)
    for part in (
        site,
        privacy,
        account,
        provider,
        admin,
        people,
        desk,
        editor,
        attaching,
        importing,
        villages,
        quality,
        ending,
        review,
        repeat,
        observe,
        moderate,
        by_hand,
        alerts,
        practices,
        overview,
        family,
        fit,
        challenges,
        collections,
        clusters,
        records,
        places,
        network,
        feed,
        atom,
        inbox,
        api,
        developers,
        openapi,
        writing,
        vocabulary,
        wellknown,
        health,
    ):
        app.register_blueprint(part.blueprint)
    app.wsgi_app = BodyGate(app.wsgi_app)  # type: ignore[method-assign]  # Flask's own way
    if base.path:
        app.wsgi_app = _SubPath(app.wsgi_app, base.path)  # type: ignore[method-assign]  # Flask's own way
    return app


def _offer_settings(app: Flask, runtime: Runtime) -> None:
    """Offer to every template what all pages say of the node."""
    settings = runtime.settings
    uri = settings.organisation_uri
    shared: dict[str, object] = {
        "node_name": settings.name or "Lonja",
        "trial": settings.trial,
        "origin_did": runtime.identity.did,
        "organisation_uri": uri,
        "organisation_path": page_path(uri, settings.base_url) if uri else "",
    }
    offer: Callable[[], dict[str, object]] = lambda: shared  # noqa: E731  # Flask wants a callable
    app.context_processor(offer)


def _warm_up(runtime: Runtime, question: SearchRequest) -> None:
    with suppress(SearchUnavailableError):
        runtime.engine.search(question)


def wsgi() -> Flask:
    """Return the application of the node that LONJA_DATA names; what the server calls."""
    end_with_parent()
    runtime = open_runtime(load())
    # The first question loads the parser and the names of concepts and countries; nobody waits.
    question = SearchRequest(text="a", limit=1, facets=())
    threading.Thread(target=_warm_up, args=(runtime, question), name="warm-up").start()
    return create_app(runtime)
