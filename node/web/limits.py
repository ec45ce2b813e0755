"""What a request may cost: how large its body may be, and how often somebody may ask."""

import ipaddress
import threading
import time
import zlib
from collections import deque
from typing import Final

import zstandard
from flask import Flask, current_app, request

from federation.inflate import decoder_of
from node.web.current import runtime

MAX_BODY_BYTES: Final = 8_000_000
"""Of one push, compressed or not."""
MEMBER_A_MINUTE: Final = 600
"""Pushes of an accepted origin: more than this machine can take in."""
STRANGER_A_MINUTE: Final = 60
"""Of an address, for whoever has not shown to be accepted."""
_IPV6_NETWORK: Final = 64
_LONGEST_ADDRESS: Final = 60
_SENDERS: Final = 10_000
_PACE: Final = "lonja-pace"
_BROKEN: Final = (EOFError, zlib.error, zstandard.ZstdError)


class BodyTooLargeError(Exception):
    """The body is larger than allowed, as it came or decompressed."""


class BrokenBodyError(Exception):
    """The body is in an unknown coding, or breaks off."""


class Pace:
    """Counts what senders ask for in the last minute; each process counts for itself."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._times: dict[str, deque[float]] = {}

    def allows(self, sender: str, most: int) -> bool:
        """Say whether a sender may ask once more in this minute, and count it."""
        now = time.monotonic()
        with self._lock:
            if len(self._times) > _SENDERS:
                self._times.clear()
            times = self._times.setdefault(sender, deque())
            while times and times[0] < now - 60:
                times.popleft()
            if len(times) >= most:
                return False
            times.append(now)
            return True


def init_app(app: Flask) -> None:
    """Give an application a pace of its own."""
    app.extensions[_PACE] = Pace()


def client() -> str:
    """Return who asks, for counting: an IPv4 address, or the /64 network of an IPv6 one.

    What a proxy says of its client is believed of the proxies in `trusted_proxies` only, and of
    what they pass on only the last address, which they have seen themselves.
    """
    seen = _plain(request.remote_addr or "")
    if seen in runtime().settings.trusted_proxies:
        said = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
        seen = _plain(said) if said else seen
    if ":" not in seen:
        return seen[:_LONGEST_ADDRESS]
    try:
        return str(ipaddress.ip_network((seen, _IPV6_NETWORK), strict=False))
    except ValueError:
        return seen[:_LONGEST_ADDRESS]


def _plain(text: str) -> str:
    """Return an address as it is compared: an IPv4 one in IPv6 clothes is an IPv4 one."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return text
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


def pace() -> Pace:
    """Return the pace of the application at hand."""
    found: Pace = current_app.extensions[_PACE]
    return found


def read_body() -> bytes:
    """Return the body of the request, decompressed.

    Raises:
        BodyTooLargeError: it is larger than allowed.
        BrokenBodyError: it breaks off, or is in another coding than zstd or gzip.
    """
    request.max_content_length = MAX_BODY_BYTES
    if (request.content_length or 0) > MAX_BODY_BYTES:
        raise BodyTooLargeError
    decoder = decoder_of(request.headers.get("Content-Encoding", ""))
    if decoder is None:
        raise BrokenBodyError
    body = bytearray()
    try:
        while piece := request.stream.read(65_536):
            for part in decoder.feed(piece):
                body += part
                if len(body) > MAX_BODY_BYTES:
                    raise BodyTooLargeError
        decoder.end()
    except _BROKEN as error:
        raise BrokenBodyError from error
    return bytes(body)
