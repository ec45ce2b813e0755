"""The feed (LDES) over HTTP: its root, its pages, the signed heads."""

from typing import Final

from flask import Blueprint, Response, abort, request

from node.web.compression import CODINGS
from node.web.current import runtime
from node.web.negotiate import JSON, JSON_LD, N_QUADS, choose

blueprint = Blueprint("feed", __name__)

_OFFERS: Final = (JSON_LD, N_QUADS, JSON)
_CLOSED: Final = "public, max-age=31536000, immutable"
_OPEN: Final = "public, max-age=0, must-revalidate"


@blueprint.get("/feed")
def root() -> Response:
    """The root."""
    return Response("x")
