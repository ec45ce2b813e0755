"""Talking to the cluster: one place for time limits and for what goes wrong."""

import logging
import ssl
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import orjson
from typing_extensions import override

from search.api import SearchUnavailableError
from search.engines.cluster import Cluster, addresses, port_of

ASK_SECONDS: Final = 15.0
"""After this a question has failed; the server itself gives up earlier."""

WRITE_SECONDS: Final = 120.0
AWAY_SECONDS: Final = 2.0
"""For so long nobody else waits for a server that has just let somebody wait in vain."""

_CONNECTIONS: Final = 16
_RETRIES: Final = 2  # on another machine of the cluster, where there is one
_BUSY: Final = (429, 502, 503, 504)
_REFUSED: Final = (401, 403)


class AnsweredError(Exception):
    """The server answered with an error status.

    Attributes:
        status: HTTP status.
        kind: the server's name of the error, for example "index_not_found_exception".
    """

    def __init__(self, status: int, kind: str) -> None:
        super().__init__(f"{status} {kind}")
        self.status = status
        self.kind = kind


class Server:
    """The cluster. Safe to share between threads; connects when first asked."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._lock = threading.Lock()
        self._client: Any = None
        self._away_until = 0.0

    def send(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        seconds: float = ASK_SECONDS,
        **params: object,
    ) -> Any:
        """Send a request and return the answer's JSON.

        Args:
            method: HTTP method.
            path: what follows the address.
            body: bytes as they are, all else as JSON.
            seconds: how long to wait.
            params: query parameters.

        Raises:
            SearchUnavailableError: the cluster is away, overloaded, or refuses this user.
            AnsweredError: it answered with another error.
        """
        if time.monotonic() < self._away_until:
            raise self._unavailable("just now")
        client = self._opened()
        import opensearchpy.exceptions as wrong

        data = body if body is None or isinstance(body, bytes) else orjson.dumps(body)
        try:
            return client.transport.perform_request(
                method, path, params={**params, "request_timeout": seconds}, body=data
            )
        except wrong.ConnectionTimeout as error:
            self._away_until = time.monotonic() + AWAY_SECONDS
            raise self._unavailable(f"within {seconds:.0f} seconds") from error
        except wrong.ConnectionError as error:
            raise self._unavailable("") from error
        except wrong.TransportError as error:
            raise self._wrong(error) from error

    def ask(self, lines: Sequence[Mapping[str, object]], **params: str) -> list[dict[str, Any]]:
        """Send several searches as one request (`_msearch`) and return each answer.

        A search of an index that does not exist is answered by {}.

        Raises:
            SearchUnavailableError: as by `send`, or one of them failed.
        """
        body = b"\n".join([*map(orjson.dumps, lines), b""])
        sent = self.send("POST", "/_msearch", body, seconds=ASK_SECONDS, **params)
        answers: list[dict[str, Any]] = sent["responses"]
        return [self._checked(answer) for answer in answers]

    def close(self) -> None:
        """Close all connections; the next request opens new ones."""
        with self._lock:
            if self._client is not None:
                self._client.close()
                self._client = None

    def _checked(self, answer: dict[str, Any]) -> dict[str, Any]:
        status = answer.get("status", 200)
        if status == 404:
            return {}
        if status >= 400 or answer.get("timed_out"):
            kind = answer.get("error", {}).get("type", "it took too long")
            raise SearchUnavailableError(
                f"the search server {self._cluster.shown} could not answer: {kind}"
            )
        return answer

    def _opened(self) -> Any:
        with self._lock:
            if self._client is None:
                self._client = _connect(self._cluster)
            return self._client

    def _unavailable(self, how: str) -> SearchUnavailableError:
        return SearchUnavailableError(
            f"the search server {self._cluster.shown} does not answer {how}".rstrip()
            + "; everything but the search goes on"
        )

    def _wrong(self, error: Any) -> Exception:
        status = error.status_code if isinstance(error.status_code, int) else 0
        if status in _REFUSED:
            return SearchUnavailableError(
                f"the search server {self._cluster.shown} refuses this node's user; "
                "correct the user and password in opensearch_url"
            )
        if status in _BUSY or not status:
            return SearchUnavailableError(
                f"the search server {self._cluster.shown} is overloaded or starting ({status})"
            )
        return AnsweredError(status, str(error.error))


def _connect(cluster: Cluster) -> Any:
    try:
        from opensearchpy import JSONSerializer, OpenSearch
    except ImportError as error:
        raise SearchUnavailableError(
            "the search engine OpenSearch needs a package that is not installed; "
            "install it with: pip install 'lonja[opensearch]'"
        ) from error
    # The library logs every failed request with a traceback; what fails is said once, by us.
    logging.getLogger("opensearch").setLevel(logging.CRITICAL)

    class Quick(JSONSerializer):
        """Reads JSON several times as quickly."""

        @override
        def loads(self, s: str) -> Any:
            return orjson.loads(s)

    urls = addresses(cluster.urls)
    first = urlsplit(urls[0])
    options: dict[str, Any] = {}
    if first.scheme == "https":
        options["ssl_context"] = ssl.create_default_context()  # the system's authorities
    if first.username:
        options["http_auth"] = (unquote(first.username), unquote(first.password or ""))
    return OpenSearch(
        hosts=[_host(url) for url in urls],
        serializer=Quick(),
        http_compress=False,
        pool_maxsize=_CONNECTIONS,
        max_retries=_RETRIES,
        **options,
    )


def _host(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    return {
        "host": parts.hostname,
        "port": port_of(url),
        "use_ssl": parts.scheme == "https",
        "url_prefix": parts.path.strip("/"),
    }
