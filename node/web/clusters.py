"""The page of a cluster: what a hub and its members do together, as signed memberships say."""

from typing import Any, Final
from urllib.parse import urlencode

import orjson
from flask import Blueprint, Response, abort, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from node.services.hubs import ClusterView, cluster, path_of
from node.services.members import Member
from node.services.question import CLUSTER, Question
from node.web.current import absolute, runtime
from node.web.i18n import PARAMETER, current_language
from node.web.practices import points_url
from node.web.words import merit_criteria, merit_names

blueprint = Blueprint("clusters", __name__)

_SHOWN_THEMES: Final = 12


@blueprint.get("/clusters/of/<did>")
def page(did: str) -> AnyResponse:
    """Show the cluster of a hub; where the hub has published a record of it, that is the page."""
    found = _cluster(did)
    if found.named.record:
        return redirect(request.script_root + found.named.path, 303)
    return Response(rendered(found), content_type="text/html; charset=utf-8")


@blueprint.get("/api/v1/cluster")
def as_json() -> Response:
    """Answer the same as JSON; the map reads the members from it."""
    found = _cluster(request.args.get("hub", ""))
    body = {
        "hub": found.named.did,
        "name": found.named.title or found.named.hub,
        "record": found.named.record or None,
        "url": absolute(found.named.path),
        "hits": [_member(one) for one in found.members],
        "practices": found.practices,
        "newest": [{"uri": card.uri, "title": card.title.text} for card in found.newest],
        "themes": [
            {"value": value.code, "label": value.label, "count": value.count}
            for value in found.themes.values
        ],
        "challenges": [{"uri": card.uri, "title": card.title.text} for card in found.challenges],
        "allied": [{"hub": one.did, "name": one.name} for one in found.allied],
        "join": found.join or None,
        "observations": {
            "published": found.observations,
            "looked_at": found.looked_at,
            "answered": found.answered,
        },
    }
    response = Response(orjson.dumps(body), content_type="application/json")
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Content-Language"] = current_language()
    return response


@blueprint.get("/recognition-criteria")
def criteria() -> str:
    """Say what organisations are recognised for, and how that is worked out."""
    return render_template(
        "recognition_criteria.html",
        section="about",
        canonical=absolute("/recognition-criteria"),
        names=merit_names(),
        criteria=merit_criteria(),
    )


def rendered(found: ClusterView, **more: Any) -> str:
    """Return the page of a cluster.

    Args:
        found: the cluster.
        more: what the page needs of the record that the hub has published about it.
    """
    some = any(_has_point(one) for one in found.members)
    question = Question(filters={CLUSTER: (found.named.did,)})
    shared = {"canonical": absolute(path_of(found.named.did)), "view": None, **more}
    return render_template(
        "cluster.html",
        section="organisations",
        cluster=found,
        shown=_SHOWN_THEMES,
        points_url=_points_url(found) if some else points_url(question),
        members_shown=some,
        merits=merit_names(),
        **shared,
    )


def _cluster(did: str) -> ClusterView:
    found = cluster(runtime(), did, current_language()) if did else None
    if found is None:
        abort(404)
    return found


def _points_url(found: ClusterView) -> str:
    query = urlencode({"hub": found.named.did, PARAMETER: current_language()})
    return f"{request.script_root}/api/v1/cluster?{query}"


def _has_point(one: Member) -> bool:
    return one.latitude is not None and one.longitude is not None


def _member(one: Member) -> dict[str, Any]:
    """Return a member as a search gives a hit; the map reads it."""
    body: dict[str, Any] = {
        "did": one.did,
        "title": one.name,
        "hub": one.is_hub,
        "hosted": one.hosted,
        "sector": one.sector.code if one.sector else None,
        "place": one.place,
        "practices": one.practices,
        "modified": one.news.isoformat() if one.news else None,
        "recognised": [str(merit.merit) for merit in one.recognised],
    }
    if one.path:
        body["url"] = absolute(one.path)
    if _has_point(one):
        body |= {"latitude": one.latitude, "longitude": one.longitude}
    return body
