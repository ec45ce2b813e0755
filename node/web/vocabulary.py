"""The vocabulary's own addresses, so that each node can explain what its records say."""

from collections.abc import Callable
from typing import Final

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from node.services import terms
from node.web import errors
from node.web.current import absolute
from node.web.i18n import current_language
from node.web.negotiate import HTML, JSON_LD, N_TRIPLES, RDF_XML, TURTLE, choose, conditional
from vocab import published
from vocab.context import context_bytes

blueprint = Blueprint("vocabulary", __name__)

_CACHE: Final = "public, max-age=3600"
_FORMS: Final = {TURTLE: "turtle", RDF_XML: "rdfxml", N_TRIPLES: "ntriples"}
_OFFERS: Final = (TURTLE, HTML, RDF_XML, N_TRIPLES)


@blueprint.get("/ns")
def vocabulary() -> Response:
    """Classes, properties and concept schemes, as a page or as RDF."""
    return _answer("/ns", lambda form: published.file("ontology", form), _page)


@blueprint.get("/ns/shapes")
@blueprint.get("/ns/schemes")
def files() -> Response:
    """The shapes and the lists of values, whole."""
    name = request.path.rsplit("/", 1)[-1]
    return _answer(f"/ns/{name}", lambda form: published.file(name, form), _page)


@blueprint.get("/ns/<int:_major>.<int:_minor>.<int:_patch>")
def version(_major: int, _minor: int, _patch: int) -> AnyResponse:
    """The address that records state as `conformsTo` leads to what this node knows."""
    return redirect(f"{request.script_root}/ns", 302)


@blueprint.get("/ns/<key>")
def term(key: str) -> Response:
    """One type or key, as a page or as RDF."""
    found = terms.term(key, current_language())
    if found is None:
        abort(404)
    return _answer(
        f"/ns/{key}",
        lambda form: published.term(key, form),
        lambda: render_template("term.html", section="", canonical=absolute(f"/ns/{key}"), **found),
    )


@blueprint.get("/cs/<scheme>")
def scheme(scheme: str) -> Response:
    """One list of values, as a page or as RDF."""
    found = terms.scheme(scheme, current_language())
    if found is None:
        abort(404)
    return _answer(
        f"/cs/{scheme}",
        lambda form: published.scheme(scheme, form),
        lambda: render_template(
            "scheme.html", section="", canonical=absolute(f"/cs/{scheme}"), scheme=found
        ),
    )


@blueprint.get("/context/v1")
def context() -> Response:
    """The JSON-LD context of every record."""
    response = Response(context_bytes(), content_type=JSON_LD)
    response.headers["Cache-Control"] = _CACHE
    response.add_etag()
    return conditional(response)


def _page() -> str:
    language = current_language()
    return render_template(
        "vocabulary.html",
        section="",
        canonical=absolute("/ns"),
        vocabulary=terms.overview(language),
    )


def _answer(path: str, as_rdf: Callable[[str], bytes], as_page: Callable[[], str]) -> Response:
    media_type = choose(request.accept_mimetypes, _OFFERS)
    if media_type is None:
        return errors.answer(406, choices=[(kind, absolute(path)) for kind in _OFFERS])
    if media_type in _FORMS:
        response = Response(as_rdf(_FORMS[media_type]), content_type=f"{media_type}; charset=utf-8")
    else:
        response = make_response(as_page())
    response.vary.add("Accept")
    response.headers["Cache-Control"] = _CACHE
    response.add_etag()
    return conditional(response)
