"""Headers that keep a browser from running, framing or sending what the node did not write."""

from typing import Final

from flask import Flask, Response, request

_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_SECRET: Final = ("/account", "/admin", "/desk", "/observe", "/setup")
"""Beginnings of addresses whose pages may hold what only one person may see: links, codes, drafts.
Nothing of them stays on a shared computer, or in the cache of a proxy."""
_EXPOSED: Final = "Content-Language, Content-Location, ETag, Link, Lonja-Total, Lonja-Truncated"
_ASKED: Final = "Accept, Accept-Language, If-Modified-Since, If-None-Match"
"""Request headers that scripts of other sites may send (Fetch standard, CORS protocol)."""


def init_app(app: Flask, *, https: bool) -> None:
    """Add the headers to every answer of `app`, errors included.

    Args:
        app: the application.
        https: whether the node's public address is https, so that browsers may insist on it.
    """

    @app.after_request
    def add_headers(response: Response) -> Response:
        headers = response.headers
        if request.path.startswith(_SECRET):
            headers["Cache-Control"] = "no-store"
        headers.setdefault("Content-Security-Policy", _POLICY)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        if https:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if response.mimetype != "text/html" or request.method == "OPTIONS":
            # All of it is public and read without credentials: pages of others may use it.
            headers.setdefault("Access-Control-Allow-Origin", "*")
            headers.setdefault("Access-Control-Expose-Headers", _EXPOSED)
        if request.method == "OPTIONS":
            headers.setdefault("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS")
            headers.setdefault("Access-Control-Allow-Headers", _ASKED)
            headers.setdefault("Access-Control-Max-Age", "86400")
        return response
