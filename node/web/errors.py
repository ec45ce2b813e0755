"""Errors as a page for people, or as problem+json (RFC 9457) for programs."""

import logging
from collections.abc import Mapping, Sequence
from typing import Final

import orjson
from flask import Flask, Response, flash, make_response, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.exceptions import HTTPException

from node.local.drafts import GoneDraftError
from node.web.i18n import current_language
from node.web.negotiate import HTML, JSON, choose
from search.api import SearchUnavailableError

log = logging.getLogger(__name__)

PROBLEM: Final = "application/problem+json"
_SERVER_ERROR: Final = 500
_UNAVAILABLE: Final = 503


def _gone(_error: GoneDraftError) -> Response:
    """Lead back from a draft that somebody published or threw away in this moment."""
    flash(_("The draft is gone: it was published or thrown away."))
    return redirect(request.script_root + "/desk", 303)  # type: ignore[return-value]  # Flask's own kind


def problem(
    status: int, title: str, detail: str = "", *, errors: Sequence[Mapping[str, str]] = ()
) -> Response:
    """Return a problem document (RFC 9457, section 3).

    Args:
        status: HTTP status.
        title: what is wrong, in a few words.
        detail: what to do about it.
        errors: one object for each thing that is wrong, with "parameter" or "pointer".
    """
    body: dict[str, object] = {"type": "about:blank", "title": title, "status": status}
    if detail:
        body["detail"] = detail
    if errors:
        body["errors"] = [dict(error) for error in errors]
    response = Response(orjson.dumps(body), status=status, content_type=PROBLEM)
    response.headers["Content-Language"] = current_language()
    response.headers["Cache-Control"] = "no-store"
    return response


def _words(status: int) -> tuple[str, str]:
    """Return title and explanation of a status for people."""
    match status:
        case 404:
            return _("This page does not exist"), _(
                "The address may be mistyped, or the record was never received by this node."
            )
        case 405:
            return _("This address does not take that"), _("It can only be read.")
        case 406:
            return _("Not in that form"), _("What you ask for is not offered in this format.")
        case 410:
            return _("Withdrawn"), _("What was here was withdrawn by its publisher.")
        case _ if status >= _SERVER_ERROR:
            return _own_words(status)
        case _:
            return _("This request cannot be understood"), ""


def _own_words(status: int) -> tuple[str, str]:
    """Return title and explanation of what is not the visitor's fault."""
    if status == _UNAVAILABLE:
        return _("The search does not answer just now"), _(
            "The search server is away or busy. Records, downloads and the exchange with other "
            "nodes go on; try the search again in a minute."
        )
    return _("Something went wrong on this node"), _(
        "It was written to the log. Nothing that was published is lost; try again later."
    )


def wants_page() -> bool:
    """Say whether the answer to this request is for a person."""
    path = request.path
    return (
        not path.startswith(("/api/", "/feed", "/.well-known/"))
        and choose(request.accept_mimetypes, (JSON, HTML)) == HTML
    )


def answer(status: int, *, choices: Sequence[tuple[str, str]] = ()) -> Response:
    """Return an error answer in the form that the client can read.

    Args:
        status: HTTP status.
        choices: (media type, address) of what is offered instead.
    """
    title, detail = _words(status)
    if not wants_page():
        listed = [{"media_type": media_type, "href": url} for media_type, url in choices]
        return problem(status, title, detail, errors=listed)
    page = render_template(
        "error.html", status=status, heading=title, explanation=detail, choices=choices
    )
    response = make_response(page, status)
    response.headers["Cache-Control"] = "no-store"
    return response


def init_app(app: Flask) -> None:
    """Answer every error of `app` in one shape."""

    @app.errorhandler(HTTPException)
    def known(error: HTTPException) -> Response:
        if error.response is not None:
            return make_response(error.response)
        response = answer(error.code or _SERVER_ERROR)
        for name, value in error.get_headers():
            if name == "Allow":
                response.headers[name] = value
        return response

    app.register_error_handler(GoneDraftError, _gone)

    @app.errorhandler(SearchUnavailableError)
    def away(error: SearchUnavailableError) -> Response:
        log.warning("%s", error)
        response = answer(_UNAVAILABLE)
        response.headers["Retry-After"] = "30"
        return response

    @app.errorhandler(Exception)
    def unknown(error: Exception) -> Response:
        log.error("a request failed", exc_info=error)
        return answer(_SERVER_ERROR)
