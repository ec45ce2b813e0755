"""The feed (LDES) over HTTP: its root, its pages, the signed heads."""

import hashlib
from typing import Final

from flask import Blueprint, Response, abort, request

from federation.feed import FeedDocument
from node.web import errors
from node.web.compression import accepted_coding
from node.web.current import absolute, runtime
from node.web.negotiate import JSON, JSON_LD, N_QUADS, choose, conditional

blueprint = Blueprint("feed", __name__)

_OFFERS: Final = (JSON_LD, N_QUADS, JSON)
_CLOSED: Final = "public, max-age=31536000, immutable"
_OPEN: Final = "public, no-cache"


@blueprint.get("/feed")
def root() -> Response:
    """The entry page: every page of the feed with its bounds, and the node's signed head."""
    media_type = _media_type("/feed")
    if isinstance(media_type, Response):
        return media_type
    return _answer(runtime().feed.root(nquads=media_type == N_QUADS), media_type)


@blueprint.get("/feed/<int(max=2000000000):number>")
@blueprint.get("/feed/<int(max=2000000000):number>-<int(max=100, min=1):revision>")
def page(number: int, revision: int = 0) -> Response:
    """One page of signed versions; a closed one comes as it was compressed once.

    After an erasure a closed page has another address, and the old one answers 410.
    """
    media_type = _media_type(request.path)
    if isinstance(media_type, Response):
        return media_type
    feed = runtime().feed
    document = feed.page(
        number, revision=revision, nquads=media_type == N_QUADS, encoding=accepted_coding()
    )
    if document is None:
        abort(410 if feed.is_gone(number, revision) else 404)
    return _answer(document, media_type)


@blueprint.get("/feed/head")
def head() -> Response:
    """How far this node's own log reaches, signed and valid for some days."""
    body = runtime().feed.head()
    etag = hashlib.sha256(body).hexdigest()[:32]
    return _answer(FeedDocument(body, etag), JSON_LD)


@blueprint.get("/feed/heads")
def heads() -> Response:
    """The newest signed heads of the publishers whose records this node relays."""
    return _answer(runtime().feed.heads(), JSON)


def _media_type(path: str) -> str | Response:
    """Return the media type to answer with, or the refusal that lists what there is."""
    chosen = choose(request.accept_mimetypes, _OFFERS)
    if chosen is not None:
        return chosen
    return errors.answer(406, choices=[(offer, absolute(path)) for offer in _OFFERS])


def _answer(document: FeedDocument, media_type: str) -> Response:
    response = Response(document.body, content_type=media_type)
    response.headers["Cache-Control"] = _CLOSED if document.closed else _OPEN
    response.vary.update(("Accept", "Accept-Encoding"))
    if document.encoding:
        response.headers["Content-Encoding"] = document.encoding
    response.set_etag(document.etag)
    return conditional(response)
