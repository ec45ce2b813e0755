"""How many requests may be sending a body at once: whoever sends slowly must not keep readers out.

Each request takes a thread of the server until its body has come. Those with a body are given a
part of the threads only; who comes when all of these are taken is asked to try again.
"""

import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

MOST: Final = 32
_SAID: Final = b"Too many requests at once. Try again in a few seconds.\n"
_HEADERS: Final = [
    ("Content-Type", "text/plain; charset=utf-8"),
    ("Retry-After", "5"),
    ("Cache-Control", "no-store"),
    ("Content-Length", str(len(_SAID))),
]


class BodyGate:
    """Lets in so many requests with a body at a time."""

    def __init__(self, app: "WSGIApplication", most: int = MOST) -> None:
        self._app = app
        self._free = threading.BoundedSemaphore(most)

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer a request, or say that it is too many."""
        if not _has_body(environ):
            return self._app(environ, start_response)
        if not self._free.acquire(blocking=False):
            start_response("503 Service Unavailable", [*_HEADERS])
            return [_SAID]
        try:
            return self._app(environ, start_response)
        finally:
            self._free.release()


def _has_body(environ: "WSGIEnvironment") -> bool:
    sent = environ.get("CONTENT_LENGTH") or "0"
    return sent != "0" or "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower()
