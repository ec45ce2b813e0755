"""The family of a practice: a tree from the first one down, and where they are."""

from typing import Any

import orjson
from flask import Blueprint, Response, abort, render_template, request

from node.services.family import FamilyTree, Member, family_tree
from node.web.current import absolute, runtime
from node.web.i18n import PARAMETER, current_language

blueprint = Blueprint("family", __name__)


@blueprint.get("/family")
def page() -> str:
    """Show the family of the practice that `uri` names."""
    tree, uri = _tree(), request.args["uri"]
    return render_template(
        "family.html",
        section="practices",
        tree=tree,
        uri=uri,
        canonical=tree.first.reference.uri,
        points=any(_point(one) for one in tree.first.members()),
        points_query={"uri": uri, PARAMETER: current_language()},
    )


@blueprint.get("/api/v1/family")
def as_json() -> Response:
    """Answer the same as JSON: who descends from whom."""
    tree = _tree()
    body = {
        "total": tree.size,
        "countries": tree.countries,
        "stages": {code: number for code, _label, number in tree.stages},
        "hits": [_hit(one) for one in tree.first.members()],
        "family": _branch(tree.first),
    }
    response = Response(orjson.dumps(body), content_type="application/json")
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Content-Language"] = current_language()
    return response


def _tree() -> FamilyTree:
    uri = request.args.get("uri", "")
    tree = family_tree(runtime(), uri, current_language()) if uri else None
    if tree is None:
        abort(404)
    return tree


def _hit(one: Member) -> dict[str, Any]:
    """Return a practice as a search gives it; the map reads it."""
    hit: dict[str, Any] = {"uri": one.reference.uri, "title": one.reference.title.text}
    if one.reference.title.language:
        hit["language"] = one.reference.title.language
    if one.reference.path:
        hit["url"] = absolute(one.reference.path)
    if one.card is not None:
        hit |= {"place": one.card.place, "country": one.card.country, "host": one.card.host}
        if one.card.stage:
            hit["stage"] = one.card.stage.code
        if _point(one):
            hit |= {"latitude": one.card.latitude, "longitude": one.card.longitude}
    return hit


def _branch(one: Member) -> dict[str, Any]:
    return {"uri": one.reference.uri, "adaptations": [_branch(child) for child in one.children]}


def _point(one: Member) -> bool:
    return one.card is not None and one.card.latitude is not None and one.card.longitude is not None
