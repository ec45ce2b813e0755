"""The only door out: every request of the program to another machine goes through here.

The address is checked on the connected socket, before a byte is sent, so that no name can change
its meaning between check and use. No redirects, no proxies of the environment, caps on inflated
bytes and on the clock.
"""

import time
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import requests
import urllib3
import zstandard
from requests.adapters import HTTPAdapter
from typing_extensions import override
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from federation.addresses import is_public
from federation.errors import FederationError
from federation.inflate import Decoder, decoder_of

_CHUNK: Final = 65_536
_BROKEN: Final = (
    urllib3.exceptions.HTTPError,
    OSError,
    EOFError,
    zlib.error,
    zstandard.ZstdError,
)
_JSON: Final = ("application/ld+json", "application/json", "application/did+json")


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """What one answer may cost.

    Attributes:
        max_bytes: after decompression.
        deadline_seconds: from the request to the last byte.
        connect_seconds: to get a connection.
    """

    max_bytes: int = 32_000_000
    deadline_seconds: float = 60.0
    connect_seconds: float = 10.0


@dataclass(frozen=True, slots=True)
class Response:
    """An answer that was taken in whole.

    Attributes:
        status: 200 or 304.
        headers: names in lower case.
        body: decompressed bytes.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes


class FetchError(FederationError):
    """A request was not made, or its answer was not taken.

    Attributes:
        code: stable name of the rule.
        messages: sentence per language ("en", "es").
        retry_after: seconds after which the other side asks to come back, None when it says none.
    """

    def __init__(
        self, code: str, url: str, detail: str = "", retry_after: float | None = None
    ) -> None:
        english, spanish = _SENTENCES[code]
        super().__init__(f"{url}: {english}" + (f" ({detail})" if detail else ""))
        self.code = code
        self.url = url
        self.detail = detail
        self.retry_after = retry_after
        self.messages = {"en": english, "es": spanish}


_SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "bad-address": (
        "This is no address that may be fetched: it must be https, without user name.",
        "No es una dirección que pueda consultarse: debe ser https y sin nombre de usuario.",
    ),
    "plain-http": (
        "Plain http is refused; the administrator can allow this host and port.",
        "Se rechaza http sin cifrar; quien administra puede permitirlo.",
    ),
    "private-address": (
        "The name leads to a private address; the administrator can allow this host and port.",
        "El nombre lleva a una dirección privada; quien administra puede permitirla.",
    ),
    "unreachable": (
        "The node cannot be reached.",
        "No se puede contactar con el nodo.",
    ),
    "redirect": (
        "The node answers with a redirect, which is not followed; use its own address.",
        "El nodo responde con una redirección, que no se sigue; use su propia dirección.",
    ),
    "bad-status": (
        "The node answers with an error.",
        "El nodo responde con un error.",
    ),
    "busy": (
        "The node asks to come back later.",
        "El nodo pide volver más tarde.",
    ),
    "bad-type": (
        "The answer is of another kind than what was asked for.",
        "La respuesta es de otro tipo que el pedido.",
    ),
    "too-large": (
        "The answer is larger than allowed; the rest was not read.",
        "La respuesta es mayor de lo permitido; no se leyó el resto.",
    ),
    "too-slow": (
        "The answer took longer than allowed.",
        "La respuesta tardó más de lo permitido.",
    ),
    "broken-answer": (
        "The answer broke off or cannot be decompressed.",
        "La respuesta se cortó o no puede descomprimirse.",
    ),
}


class _PrivateAddressError(Exception):
    """The connected socket is at an address that may not be reached."""


class Fetcher:
    """Makes requests; one may be used by several threads.

    Args:
        allow_hosts: "host:port" that may be reached by http or at a private address.
        user_agent: how the program names itself.
        limits: what one answer may cost.
    """

    def __init__(
        self,
        *,
        allow_hosts: Collection[str] = (),
        user_agent: str = "lonja",
        limits: FetchLimits | None = None,
    ) -> None:
        self.allow_hosts = frozenset(allow_hosts)
        self._limits = limits or FetchLimits()
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["User-Agent"] = user_agent
        adapter = _GuardedAdapter(self.allow_hosts)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._session.close()

    def get(
        self,
        url: str,
        *,
        accept: str = "application/ld+json",
        etag: str = "",
        types: Collection[str] = _JSON,
        limits: FetchLimits | None = None,
    ) -> Response:
        """GET a URL and return its whole answer, status 200, or 304 when `etag` still holds.

        Raises:
            FetchError: with the rule that was broken.
        """
        bounds = limits or self._limits
        self._check_url(url)
        until = time.monotonic() + bounds.deadline_seconds
        headers = {"Accept": accept, "Accept-Encoding": "zstd, gzip"}
        if etag:
            headers["If-None-Match"] = etag
        try:
            answer = self._session.get(
                url,
                headers=headers,
                stream=True,
                allow_redirects=False,
                timeout=(bounds.connect_seconds, bounds.deadline_seconds),
            )
        except _PrivateAddressError as error:
            raise FetchError("private-address", url, str(error)) from error
        except requests.Timeout as error:
            raise FetchError("too-slow", url) from error
        except (requests.RequestException, urllib3.exceptions.HTTPError, ValueError) as error:
            raise FetchError("unreachable", url, type(error).__name__) from error
        with answer:
            _check_answer(answer, url, types)
            body = b"" if answer.status_code == 304 else _read(answer, url, bounds, until)
            kept = {name.lower(): value for name, value in answer.headers.items()}
            return Response(answer.status_code, kept, body)

    def _check_url(self, url: str) -> None:
        try:
            parts = urlsplit(url)
            port = parts.port or (443 if parts.scheme == "https" else 80)
        except ValueError as error:
            raise FetchError("bad-address", url[:200]) from error
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise FetchError("bad-address", url[:200])
        if parts.username is not None or parts.password is not None:
            raise FetchError("bad-address", url[:200])
        if parts.scheme == "http" and f"{parts.hostname}:{port}" not in self.allow_hosts:
            raise FetchError("plain-http", url)


def _check_answer(answer: requests.Response, url: str, types: Collection[str]) -> None:
    status = answer.status_code
    if status == 304:
        return
    if 300 <= status < 400:
        raise FetchError("redirect", url, answer.headers.get("Location", "")[:200])
    if status in (429, 503):
        after = answer.headers.get("Retry-After", "")
        seconds = float(after) if after.isdigit() else None
        raise FetchError("busy", url, f"status {status}", retry_after=seconds)
    if status != 200:
        raise FetchError("bad-status", url, f"status {status}")
    kind = answer.headers.get("Content-Type", "").split(";")[0].strip().lower()
    if kind not in types:
        raise FetchError("bad-type", url, kind[:100] or "no media type")


def _read(answer: requests.Response, url: str, bounds: FetchLimits, until: float) -> bytes:
    """Return the decompressed body, never more of it than allowed.

    `read1` returns what has arrived; reading whole chunks would wait for ever on a slow drip.
    """
    decoder = _decoder(answer.headers.get("Content-Encoding", ""), url)
    raw: Any = answer.raw
    body = bytearray()
    try:
        while True:
            left = until - time.monotonic()
            if left <= 0:
                raise FetchError("too-slow", url)
            _set_timeout(raw, left)
            piece = raw.read1(_CHUNK, decode_content=False)
            if not piece:
                break
            for part in decoder.feed(piece):
                body += part
                if len(body) > bounds.max_bytes:
                    raise FetchError("too-large", url, f"more than {bounds.max_bytes} bytes")
        decoder.end()
    except (urllib3.exceptions.ReadTimeoutError, TimeoutError) as error:
        raise FetchError("too-slow", url) from error
    except _BROKEN as error:
        raise FetchError("broken-answer", url, type(error).__name__) from error
    return bytes(body)


def _decoder(encoding: str, url: str) -> Decoder:
    decoder = decoder_of(encoding)
    if decoder is None:
        raise FetchError("bad-type", url, f"Content-Encoding: {encoding[:50]}")
    return decoder


def _set_timeout(raw: Any, seconds: float) -> None:
    """Let the next read of the socket end with the deadline."""
    connection = getattr(raw, "_connection", None) or getattr(raw, "connection", None)
    sock = getattr(connection, "sock", None)
    if sock is not None:
        sock.settimeout(max(0.05, seconds))


class _GuardedAdapter(HTTPAdapter):
    """Connections that look at where they have arrived before they say anything."""

    def __init__(self, allow_hosts: frozenset[str]) -> None:
        self._allow_hosts = allow_hosts
        super().__init__(max_retries=0)

    @override
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Use connections of our own kind in both pools."""
        super().init_poolmanager(*args, **kwargs)
        allowed = self._allow_hosts

        class Plain(HTTPConnection):
            @override
            def _new_conn(self) -> Any:
                return _checked(super()._new_conn(), self.host, self.port, allowed)

        class Secure(HTTPSConnection):
            @override
            def _new_conn(self) -> Any:
                return _checked(super()._new_conn(), self.host, self.port, allowed)

        plain = type("GuardedPool", (HTTPConnectionPool,), {"ConnectionCls": Plain})
        secure = type("GuardedTlsPool", (HTTPSConnectionPool,), {"ConnectionCls": Secure})
        self.poolmanager.pool_classes_by_scheme = {"http": plain, "https": secure}


def _checked(sock: Any, host: str, port: int | None, allowed: frozenset[str]) -> Any:
    """Return a connected socket, closed at once when its peer may not be reached."""
    address, peer_port = sock.getpeername()[:2]
    if not is_public(address) and f"{host}:{port or peer_port}" not in allowed:
        sock.close()
        raise _PrivateAddressError(address)
    return sock
