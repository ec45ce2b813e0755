"""Compressing answers that are made anew: pages, search results, open feed pages."""

import gzip
from typing import Final

import zstandard
from flask import Flask, Response, request

from node.web.session import holder

_SMALLEST: Final = 1000
_TYPES: Final = frozenset(
    (
        "text/html",
        "text/csv",
        "text/turtle",
        "text/plain",
        "application/atom+xml",
        "application/geo+json",
        "application/json",
        "application/ld+json",
        "application/n-quads",
        "application/n-triples",
        "application/rdf+xml",
        "application/xml",
        "application/linkset+json",
        "application/opensearchdescription+xml",
    )
)
CODINGS: Final = ("zstd", "gzip")


def accepted_coding() -> str:
    """Return the best content coding that the client takes, "" for none."""
    return next((c for c in CODINGS if request.accept_encodings.quality(c) > 0), "")


def compress(body: bytes, coding: str) -> bytes:
    """Return `body` in a content coding of `CODINGS`."""
    if coding == "zstd":
        return zstandard.ZstdCompressor(level=3).compress(body)
    return gzip.compress(body, 5, mtime=0)


def init_app(app: Flask) -> None:
    """Compress what is worth it, but no page of somebody's own.

    Such a page holds secrets (tokens of forms, codes) beside words of the address, and its
    compressed length would tell of them.
    """

    @app.after_request
    def squeeze(response: Response) -> Response:
        fixed = "Content-Encoding" in response.headers or response.direct_passthrough
        if fixed or response.is_streamed or response.mimetype not in _TYPES:
            return response
        page = response.mimetype == "text/html"
        if response.cache_control.no_store or (page and holder() is not None):
            return response
        response.vary.add("Accept-Encoding")
        body = response.get_data()
        coding = accepted_coding()
        if not coding or len(body) < _SMALLEST or request.method == "HEAD":
            return response
        response.set_data(compress(body, coding))
        response.headers["Content-Encoding"] = coding
        etag, weak = response.get_etag()
        if etag and not weak:  # other bytes, same meaning (RFC 9110, section 8.8.1)
            response.set_etag(etag, weak=True)
        return response
