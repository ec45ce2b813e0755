"""The only door out: every request of the program to another machine goes through here.

The address is checked on the connected socket, before a byte is sent, so that no name can change
its meaning between check and use. No redirects, no proxies of the environment, caps on inflated
bytes and on the clock.
"""

import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlsplit

import requests
import urllib3
import zstandard

from federation.addresses import endpoint
from federation.fetch_error import FetchError
from federation.guarded import GuardedAdapter, PlainHttpError, PrivateAddressError, Watch
from federation.inflate import Decoder, decoder_of

__all__ = ["FetchError", "FetchLimits", "Fetcher", "Response"]

_CHUNK: Final = 65_536
_BROKEN: Final = (
    urllib3.exceptions.HTTPError,
    OSError,
    EOFError,
    zlib.error,
    zstandard.ZstdError,
)
_EMPTY: Final = (204, 304)
_NONE: Final[Mapping[str, str]] = MappingProxyType({})
_TAKEN: Final = (200, 201, 202, 204)
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
class _Request:
    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """An answer that was taken in whole.

    Attributes:
        status: 200 or 304; of a POST also 201, 202 or 204.
        headers: names in lower case.
        body: decompressed bytes.
        wire: how many bytes the body was on the wire.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    wire: int = 0


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
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._session.headers["User-Agent"] = user_agent
        self._adapter = GuardedAdapter(self.allow_hosts)
        self._session.mount("http://", self._adapter)
        self._session.mount("https://", self._adapter)

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._session.close()

    def get(
        self,
        url: str,
        *,
        accept: str = "application/ld+json",
        etag: str = "",
        more: Mapping[str, str] = _NONE,
        types: Collection[str] = _JSON,
        limits: FetchLimits | None = None,
    ) -> Response:
        """GET a URL and return its whole answer, status 200, or 304 when `etag` still holds.

        `more` holds further headers.

        Raises:
            FetchError: with the rule that was broken.
        """
        headers = {"Accept": accept, "Accept-Encoding": "zstd, gzip", **more}
        if etag:
            headers["If-None-Match"] = etag
        good = (200, 304) if etag else (200,)
        return self._exchange(_Request("GET", url, headers), good, types, limits or self._limits)

    def post(
        self,
        url: str,
        body: bytes,
        *,
        content_type: str,
        more: Mapping[str, str] = _NONE,
        types: Collection[str] | None = _JSON,
        limits: FetchLimits | None = None,
    ) -> Response:
        """POST a body and return the whole answer, of status 200, 201, 202 or 204.

        `more` holds further headers; with `types` None the media type does not matter.

        Raises:
            FetchError: with the rule that was broken.
        """
        headers = {"Accept": "application/json", "Accept-Encoding": "zstd, gzip"}
        headers |= {"Content-Type": content_type, **more}
        request = _Request("POST", url, headers, body)
        return self._exchange(request, _TAKEN, types, limits or self._limits)

    def _exchange(
        self,
        request: _Request,
        good: Collection[int],
        types: Collection[str] | None,
        bounds: FetchLimits,
    ) -> Response:
        url = request.url
        self._check_url(url)
        with Watch(bounds.deadline_seconds) as watch:
            self._adapter.use(watch)
            with self._ask(request, bounds, watch) as answer:
                if watch.expired:  # headers that were cut off look like few headers
                    raise FetchError("too-slow", url)
                _check_answer(answer, url, types, good)
                empty = answer.status_code in _EMPTY
                body, wire = (b"", 0) if empty else _read(answer, url, bounds, watch)
                kept = {name.lower(): value for name, value in answer.headers.items()}
                return Response(answer.status_code, kept, body, wire)

    def _ask(self, request: _Request, bounds: FetchLimits, watch: Watch) -> requests.Response:
        url = request.url
        try:
            return self._session.request(
                request.method,
                url,
                data=request.body,
                headers=request.headers,
                stream=True,
                allow_redirects=False,
                timeout=(
                    min(bounds.connect_seconds, bounds.deadline_seconds),
                    bounds.deadline_seconds,
                ),
            )
        except PrivateAddressError as error:
            raise FetchError("private-address", url, str(error)) from error
        except PlainHttpError as error:
            raise FetchError("plain-http", url) from error
        except (requests.exceptions.InvalidURL, urllib3.exceptions.LocationValueError) as error:
            raise FetchError("bad-address", url[:200]) from error
        except requests.Timeout as error:
            raise FetchError("too-slow", url) from error
        except (requests.RequestException, urllib3.exceptions.HTTPError, ValueError) as error:
            rule = "too-slow" if watch.expired else "unreachable"
            raise FetchError(rule, url, type(error).__name__) from error

    def _check_url(self, url: str) -> None:
        try:
            parts = urlsplit(url)
            port = parts.port or (443 if parts.scheme == "https" else 80)
        except ValueError as error:
            raise FetchError("bad-address", url[:200]) from error
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise FetchError("bad-address", url[:200])
        if " " in url or not url.isprintable():  # parsers would drop some of it silently
            raise FetchError("bad-address", repr(url[:200]))
        if parts.username is not None or parts.password is not None:
            raise FetchError("bad-address", url[:200])
        if parts.scheme == "http" and endpoint(parts.hostname, port) not in self.allow_hosts:
            raise FetchError("plain-http", url[:200])


def _check_answer(
    answer: requests.Response, url: str, types: Collection[str] | None, good: Collection[int]
) -> None:
    status = answer.status_code
    if status in good and status in _EMPTY:
        return
    if 300 <= status < 400:
        where = answer.headers.get("Location", f"status {status}")
        raise FetchError("redirect", url, where[:200], status=status)
    if status in (429, 503):
        seconds = _pause(answer.headers.get("Retry-After", ""))
        raise FetchError("busy", url, f"status {status}", status=status, retry_after=seconds)
    if status not in good:
        raise FetchError("bad-status", url, f"status {status}", status=status)
    kind = answer.headers.get("Content-Type", "").split(";")[0].strip().lower()
    if types is not None and kind not in types:
        raise FetchError("bad-type", url, kind[:100] or "no media type", status=status)


def _pause(retry_after: str) -> float | None:
    """Return the seconds that a Retry-After asks for (RFC 9110, section 10.2.3), None for none."""
    said = retry_after.strip()
    if said.isascii() and said.isdigit():
        return float(said) if len(said) < 10 else None
    try:
        moment = parsedate_to_datetime(said)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _read(
    answer: requests.Response, url: str, bounds: FetchLimits, watch: Watch
) -> tuple[bytes, int]:
    """Return the decompressed body, never more of it than allowed, and its bytes on the wire.

    `read1` returns what has arrived, so that what is too large is noticed as it comes.
    """
    decoder = _decoder(answer.headers.get("Content-Encoding", ""), url)
    raw: Any = answer.raw
    body, wire = bytearray(), 0
    try:
        while piece := raw.read1(_CHUNK, decode_content=False):
            wire += len(piece)
            for part in decoder.feed(piece):
                body += part
                if len(body) > bounds.max_bytes:
                    raise FetchError("too-large", url, f"more than {bounds.max_bytes} bytes")
            if watch.expired:
                raise FetchError("too-slow", url)
        decoder.end()
    except _BROKEN as error:
        rule = "too-slow" if watch.expired else "broken-answer"
        raise FetchError(rule, url, type(error).__name__) from error
    if watch.expired:  # a body without length that was cut off looks whole
        raise FetchError("too-slow", url)
    return bytes(body), wire


def _decoder(encoding: str, url: str) -> Decoder:
    decoder = decoder_of(encoding)
    if decoder is None:
        raise FetchError("bad-type", url, f"Content-Encoding: {encoding[:50]}")
    return decoder
