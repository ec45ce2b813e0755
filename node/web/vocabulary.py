"""The vocabulary's own addresses, so that each node can explain what its records say."""

from typing import Final

from flask import Blueprint, Response, make_response, render_template, request

from node.services import ontology
from node.web import errors
from node.web.current import absolute
from node.web.i18n import current_language
from node.web.negotiate import HTML, JSON_LD, TURTLE, choose, conditional
from vocab.context import context_bytes

blueprint = Blueprint("vocabulary", __name__)

_CACHE: Final = "public, max-age=3600"


@blueprint.get("/ns")
def terms() -> Response:
    """Classes, properties and concept schemes, as a page or as Turtle."""
    media_type = choose(request.accept_mimetypes, (TURTLE, HTML))
    if media_type is None:
        return errors.answer(406, choices=[(TURTLE, absolute("/ns")), (HTML, absolute("/ns"))])
    if media_type == TURTLE:
        response = Response(ontology.turtle(), content_type=f"{TURTLE}; charset=utf-8")
        response.vary.add("Accept")
    else:
        language = current_language()
        response = make_response(
            render_template(
                "vocabulary.html",
                section="",
                canonical=absolute("/ns"),
                classes=ontology.classes(language),
                properties=ontology.properties(language),
                schemes=ontology.schemes(language),
            )
        )
    response.headers["Cache-Control"] = _CACHE
    response.add_etag()
    return conditional(response)


@blueprint.get("/context/v1")
def context() -> Response:
    """The JSON-LD context of every record."""
    response = Response(context_bytes(), content_type=JSON_LD)
    response.headers["Cache-Control"] = _CACHE
    response.add_etag()
    return conditional(response)
