"""Records of members without an address of their own, at their places under this node's."""

from typing import Final

import orjson
from flask import Blueprint, Response, abort, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from federation.did_document import did_document
from federation.records import Origin
from node.services.addresses import page_path
from node.services.hosted import organisation_of
from node.web import records
from node.web.current import absolute, runtime
from vocab.terms import COLLECTIONS

blueprint = Blueprint("places", __name__)

_COLLECTIONS: Final = ", ".join(f'"{path}"' for path in sorted(set(COLLECTIONS.values())))
_RECORD: Final = f"/n/<place>/<any({_COLLECTIONS}):collection>/<name>"


@blueprint.get("/n/<place>")
@blueprint.get("/n/<place>/")
def home(place: str) -> AnyResponse:
    """The member itself: the page of its organisation."""
    origin = _origin(place)
    uri = organisation_of(runtime(), origin.did)
    if not uri:
        abort(404)
    return redirect(request.script_root + page_path(uri, runtime().settings.base_url), 302)


@blueprint.get("/n/<place>/did.json")
def identity(place: str) -> Response:
    """The member's keys, for programs that do not know did:key or must follow a change of key."""
    origin = _origin(place)
    document = did_document(
        origin.did,
        runtime().journal.published_keys(origin.did),
        base=runtime().settings.base_url,
        name=origin.name,
        records=origin.base,
    )
    response = Response(orjson.dumps(document), content_type="application/did+json")
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


@blueprint.get(_RECORD)
def record(place: str, collection: str, name: str) -> AnyResponse:
    """A record of a member."""
    return records.at_path(f"/n/{place}/{collection}/{name}")


@blueprint.get(_RECORD + "/v/<int(max=2000000000):number>")
def version(place: str, collection: str, name: str, number: int) -> Response:
    """One signed version of a record of a member."""
    return records.version_at_path(f"/n/{place}/{collection}/{name}", number)


def _origin(place: str) -> Origin:
    base = absolute(f"/n/{place}")
    found = next((one for one in runtime().journal.origins() if one.base == base), None)
    if found is None:
        abort(404)
    return found
