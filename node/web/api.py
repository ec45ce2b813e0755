"""The API for programs, version 1."""

from typing import Final
from urllib.parse import urlencode

import orjson
from flask import Blueprint, Response, abort, render_template, request

from node.services.find import as_json, find
from node.services.question import read
from node.web.current import absolute, runtime
from node.web.errors import problem
from node.web.i18n import PARAMETER, current_language
from node.web.negotiate import JSON, choose

blueprint = Blueprint("api", __name__)

_BAD_REQUEST: Final = 400


@blueprint.get("/api")
def about() -> str:
    """A short page about the API."""
    return render_template(
        "api.html",
        section="",
        canonical=absolute("/api"),
        address=absolute("/api/v1/search"),
        feed_address=absolute("/feed"),
    )


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
