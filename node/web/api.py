"""The API for programs, version 1."""

from typing import Final
from urllib.parse import urlencode

import orjson
from flask import Blueprint, Response, abort, request

from node.services.files import geojson, table
from node.services.find import as_json, find
from node.services.publish import check_quickly
from node.services.question import Problem, Question
from node.services.sentences import SENTENCES
from node.services.submissions import read_document
from node.services.whole import MOST
from node.web.asked import ask, bad_parameters
from node.web.current import absolute, runtime
from node.web.errors import problem
from node.web.i18n import PARAMETER, current_language
from node.web.limits import client, pace
from node.web.negotiate import CSV, GEO_JSON, JSON, choose
from vocab.findings import violations
from vocab.language import LANGUAGES
from vocab.replicability import answers
from vocab.terms import PRACTICE_TYPES, type_of

blueprint = Blueprint("api", __name__)

_COMPLETIONS: Final = 8
FORMAT: Final = "format"
FILES_A_MINUTE: Final = 60
"""Of one address: a file costs fifty times what a page does."""
_UNPROCESSABLE: Final = 422
_FORMATS: Final = {"json": JSON, "geojson": GEO_JSON, "csv": CSV}


@blueprint.post("/api/v1/check")
def check() -> Response:
    """Check a document without publishing it: what is wrong, and what would make it repeatable.

    Answers 200 with the findings, or 422 with a problem document when a violation refuses it.
    """
    language = findings_language()
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


def findings_language() -> str:
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
    """Search; the parameters are those of the results page, with limit, cursor and facets.

    One page as JSON, or the whole answer as a file, by `format` or by the Accept header.
    """
    question, refused = ask(FORMAT)
    if refused is not None:
        return refused
    media_type = _format() or choose(request.accept_mimetypes, tuple(_FORMATS.values()))
    if media_type is None:
        abort(406)
    if media_type == JSON:
        return _page(question)
    return _file(question, media_type)


def _format() -> str | None:
    """Return the media type that the parameter `format` names, None without it."""
    wanted = request.args.get(FORMAT, "")
    if not wanted:
        return None
    if wanted not in _FORMATS:
        known = {"name": FORMAT, "known": ", ".join(_FORMATS)}
        said = Problem(FORMAT, SENTENCES.messages("question-one-of", known))
        abort(bad_parameters([said]))
    return _FORMATS[wanted]


def _page(question: Question) -> Response:
    language = current_language()
    body = as_json(find(runtime(), question, language), root=request.script_root)
    return _answer(orjson.dumps(body), JSON, str(body["next"] or ""))


def _file(question: Question, media_type: str) -> Response:
    """Return all records of the question, or as many as `limit` asks for."""
    if not pace().allows(f"file {client()}", FILES_A_MINUTE):
        answer = problem(429, "Too many files", "Wait a minute; a page of JSON costs less.")
        answer.headers["Retry-After"] = "60"
        return answer
    write = geojson if media_type == GEO_JSON else table
    most = question.size if "limit" in request.args else MOST
    made = write(runtime(), question, current_language(), most)
    kind = GEO_JSON if media_type == GEO_JSON else f"{CSV}; charset=utf-8; header=present"
    response = _answer(made.body, kind, made.next)
    ending = "geojson" if media_type == GEO_JSON else "csv"
    response.headers["Content-Disposition"] = f'attachment; filename="practices.{ending}"'
    response.headers["Lonja-Total"] = str(made.total)
    response.headers["Lonja-Truncated"] = "true" if made.truncated else "false"
    return response


def _answer(body: bytes, content_type: str, cursor: str) -> Response:
    response = Response(body, content_type=content_type)
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Content-Language"] = current_language()
    response.vary.update(("Accept", "Accept-Language", "Cookie"))
    if cursor:
        pairs = {**request.args.to_dict(flat=False), "cursor": [cursor]}
        url = f"{absolute(request.path)}?{urlencode(pairs, doseq=True)}"
        response.headers.add("Link", f'<{url}>; rel="next"')
    return response
