"""The API for programs, version 1."""

from typing import Final
from urllib.parse import urlencode

import orjson
from flask import Blueprint, Response, abort, render_template, request

from node.services.find import as_json, find
from node.services.publish import check_quickly
from node.services.question import read
from node.services.submissions import read_document
from node.web.current import absolute, runtime
from node.web.errors import problem
from node.web.i18n import PARAMETER, current_language
from node.web.negotiate import JSON, choose
from vocab.findings import violations
from vocab.language import LANGUAGES
from vocab.replicability import answers
from vocab.terms import PRACTICE_TYPES, type_of

blueprint = Blueprint("api", __name__)

_COMPLETIONS: Final = 8
_BAD_REQUEST: Final = 400
_UNPROCESSABLE: Final = 422


@blueprint.get("/api")
def about() -> str:
    """A short page about the API."""
    return render_template(
        "api.html",
        section="",
        canonical=absolute("/api"),
        address=absolute("/api/v1/search"),
        feed_address=absolute("/feed"),
        check_address=absolute("/api/v1/check"),
    )


@blueprint.post("/api/v1/check")
def check() -> Response:
    """Check a document without publishing it: what is wrong, and what would make it repeatable.

    Answers 200 with the findings, or 422 with a problem document when a violation refuses it.
    """
    language = _findings_language()
    submission = read_document(request.get_data(), "")
    found = check_quickly(submission, runtime().settings)
    listed = [item.as_json(language) for item in found]
    refused = violations(list(found))
    if refused:
        title = refused[0].message(language)
        answer = problem(_UNPROCESSABLE, title, refused[0].fix(language), errors=listed)
        answer.headers["Content-Language"] = language
        return answer
    document = submission.document or {}
    described = answers(document) if type_of(document) in PRACTICE_TYPES else ()
    body = {
        "valid": True,
        "findings": listed,
        "gaps": [answer.as_json(language) for answer in described],
    }
    response = Response(orjson.dumps(body), content_type=JSON)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Language"] = language
    return response


def _findings_language() -> str:
    """Return the language asked for: the findings speak more languages than the pages."""
    asked = request.args.get(PARAMETER, "")
    if asked in LANGUAGES:
        return asked
    return request.accept_languages.best_match(LANGUAGES) or current_language()


@blueprint.get("/api/v1/complete")
def complete() -> Response:
    """Say how what was typed so far may go on: names of concepts, words of records, titles."""
    language = current_language()
    limit = min(max(request.args.get("limit", _COMPLETIONS, int), 1), _COMPLETIONS)
    found = runtime().engine.complete(request.args.get("q", ""), language, limit)
    listed = [
        {"text": one.text, "kind": one.kind} | ({"uri": one.uri} if one.uri else {})
        for one in found
    ]
    response = Response(orjson.dumps({"completions": listed}), content_type=JSON)
    response.headers["Cache-Control"] = "public, max-age=60"
    response.headers["Content-Language"] = language
    response.vary.update(("Accept-Language", "Cookie"))
    return response


@blueprint.get("/api/v1/search")
def search() -> Response:
    """Search; the parameters are those of the results page, with limit, cursor and facets."""
    if choose(request.accept_mimetypes, (JSON,)) is None:
        abort(406)
    question, problems = read(request.args.to_dict(flat=False), extra=(PARAMETER,))
    language = current_language()
    if problems:
        errors = [
            {
                "parameter": item.parameter,
                "detail": item.messages.get(language) or item.messages["en"],
            }
            for item in problems
        ]
        return problem(_BAD_REQUEST, "Bad parameters", errors[0]["detail"], errors=errors)
    body = as_json(find(runtime(), question, language), root=request.script_root)
    response = Response(orjson.dumps(body), content_type=JSON)
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Content-Language"] = language
    response.vary.update(("Accept-Language", "Cookie"))
    if body["next"]:
        pairs = {**request.args.to_dict(flat=False), "cursor": [str(body["next"])]}
        url = f"{absolute(request.path)}?{urlencode(pairs, doseq=True)}"
        response.headers.add("Link", f'<{url}>; rel="next"')
    return response
