"""The inbox: how far this node holds the log of an origin, so that its publisher can ask."""

from typing import Final

import orjson
from flask import Blueprint, Response, request

from node.services.sentences import SENTENCES
from node.web import errors
from node.web.current import runtime
from node.web.i18n import current_language
from node.web.negotiate import JSON, conditional

blueprint = Blueprint("inbox", __name__)

_MOST: Final = 500  # characters of a DID that the journal keeps


@blueprint.get("/inbox/cursor")
def cursor() -> Response:
    """The number up to which every entry of an origin is held, and the digest of that entry.

    A publisher asks for it to learn whether an erasure has arrived. Nothing else is told.
    """
    did = request.args.get("origin", "")
    held = runtime().journal.reached(did) if did and len(did) <= _MOST else None
    if held is None:
        language = current_language()
        message = SENTENCES.messages("inbox-origin", {"origin": did})[language]
        return errors.problem(404, message, SENTENCES.fixes("inbox-origin")[language])
    body = {"origin": did, "contiguous": held.seq, "digest": held.digest}
    response = Response(orjson.dumps(body), content_type=JSON)
    response.headers["Cache-Control"] = "no-cache"
    response.set_etag(f"{held.seq}-{held.digest}")
    return conditional(response)
