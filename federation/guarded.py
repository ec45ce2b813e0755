"""Connections that look at where they have arrived, and that end at the deadline of a request."""

import os
import socket
import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import Any

from requests.adapters import HTTPAdapter
from typing_extensions import override
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from federation.addresses import endpoint, is_public


class PrivateAddressError(Exception):
    """The connected socket is at an address that may not be reached."""


class PlainHttpError(Exception):
    """A connection without TLS was about to be made to a host that is not allowed."""


class Watch:
    """Ends a request at its deadline, wherever it stands: handshake, headers or body.

    The time limits of sockets are per read: a byte every second would go on for ever.
    """

    def __init__(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds
        self._timer = threading.Timer(max(0.0, seconds), self._fire)
        self._timer.daemon = True
        self._lock = threading.Lock()
        self._handle: socket.socket | None = None
        self._over = False

    @property
    def expired(self) -> bool:
        """Whether the deadline has passed."""
        return time.monotonic() >= self._until

    def __enter__(self) -> "Watch":
        self._timer.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._timer.cancel()
        with self._lock:
            self._over = True
            self._drop()

    def look_at(self, sock: Any) -> None:
        """Watch a socket; a handle of our own stays good when TLS takes the socket over."""
        with self._lock:
            self._drop()
            if not self._over:
                self._handle = socket.socket(fileno=os.dup(sock.fileno()))
        if self.expired:
            self._fire()

    def _fire(self) -> None:
        with self._lock:
            if self._handle is not None:
                with suppress(OSError):  # the other side was faster
                    self._handle.shutdown(socket.SHUT_RDWR)
                self._drop()

    def _drop(self) -> None:
        if self._handle is not None:
            self._handle.close()
            self._handle = None


class GuardedAdapter(HTTPAdapter):
    """Makes guarded connections for a session of requests.

    Args:
        allow_hosts: "host:port" that may be reached by http or at a private address.
    """

    def __init__(self, allow_hosts: frozenset[str]) -> None:
        self._allow_hosts = allow_hosts
        self._current = threading.local()
        super().__init__(max_retries=0)

    def use(self, watch: Watch) -> None:
        """Let a watch see the connection that this thread uses from now on."""
        self._current.watch = watch

    def _look_at(self, sock: Any) -> None:
        watch = getattr(self._current, "watch", None)
        if watch is not None:
            watch.look_at(sock)

    @override
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Use connections of our own kind in both pools."""
        super().init_poolmanager(*args, **kwargs)
        allowed, look_at = self._allow_hosts, self._look_at

        class Plain(HTTPConnection):
            @override
            def _new_conn(self) -> Any:
                if endpoint(self.host, self.port or 80) not in allowed:
                    raise PlainHttpError(self.host)
                sock = _checked(super()._new_conn(), self.host, self.port, allowed)
                look_at(sock)
                return sock

            @override
            def getresponse(self) -> Any:
                look_at(self.sock)
                return super().getresponse()

        class Secure(HTTPSConnection):
            @override
            def _new_conn(self) -> Any:
                sock = _checked(super()._new_conn(), self.host, self.port, allowed)
                look_at(sock)
                return sock

            @override
            def getresponse(self) -> Any:
                look_at(self.sock)
                return super().getresponse()

        plain = type("GuardedPool", (HTTPConnectionPool,), {"ConnectionCls": Plain})
        secure = type("GuardedTlsPool", (HTTPSConnectionPool,), {"ConnectionCls": Secure})
        self.poolmanager.pool_classes_by_scheme = {"http": plain, "https": secure}


def _checked(sock: Any, host: str, port: int | None, allowed: frozenset[str]) -> Any:
    """Return a connected socket, closed at once when its peer may not be reached."""
    address, peer_port = sock.getpeername()[:2]
    if not is_public(address) and endpoint(host, port or peer_port) not in allowed:
        sock.close()
        raise PrivateAddressError(address)
    return sock
