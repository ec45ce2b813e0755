"""A bad line in front of a node: a proxy on loopback that spoils requests, seeded, as it is told.

It listens where the node says that it is (its public port) and asks the node where it really
listens. What becomes of a request is drawn from `rates`; the rest pass unharmed.
"""

import http.client
import random
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

_HOP: Final = frozenset(("connection", "keep-alive", "transfer-encoding", "content-length", "date"))
SLOW_BYTES: Final = 160_000
"""Bytes in a second on a slow line: ten times 128 kbit/s, so that tests stay short."""
_PIECE: Final = 4096
_HELD: Final = 12
"""Answers of one address that are kept, to be told again when they are old."""


@dataclass(frozen=True)
class Answer:
    """What the node answered, or what is made of it."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def with_header(self, name: str, value: str) -> "Answer":
        kept = [one for one in self.headers if one[0].lower() != name.lower()]
        return Answer(self.status, (*kept, (name, value)), self.body)


@dataclass
class FaultProxy:
    """The line: what it spoils, and what it has spoilt.

    Attributes:
        port: the public port of the node.
        upstream: the port on which the node really listens.
        rates: fault -> share of the requests that it befalls; the sum is at most 1.
        down: whether nobody is there at all.
        cut: says of each request whether nobody is there any more; None never.
        asked: how many requests have come.
        done: fault -> how often it happened since they were chosen.
        change: changes an answer after all that, as a lying relay would; gets its path.
    """

    port: int
    upstream: int
    seed: int = 0
    rates: dict[str, float] = field(default_factory=dict)
    down: bool = False
    cut: Callable[[], bool] | None = None
    asked: int = 0
    done: dict[str, int] = field(default_factory=dict)
    change: Callable[[str, Answer], Answer] | None = None

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)
        self._lock = threading.Lock()
        self._held: dict[str, list[Answer]] = {}

    def spoil(self, *faults: str, rate: float = 0.3) -> None:
        """Let these faults, and no others, befall a share of all requests."""
        unknown = set(faults) - set(FAULTS)
        assert not unknown, unknown
        self.rates = {fault: rate / len(faults) for fault in faults}
        self.done = {}

    def heal(self) -> None:
        """Be a good line from now on."""
        self.rates, self.down, self.cut, self.change = {}, False, None, None

    def is_down(self) -> bool:
        """Count a request and say whether anybody is there."""
        with self._lock:
            self.asked += 1
            return self.down or (self.cut is not None and self.cut())

    def draw(self) -> str:
        """Return what befalls the next request, "" for nothing."""
        with self._lock:
            point = self._dice.random()
            for fault, rate in self.rates.items():
                point -= rate
                if point < 0:
                    self.done[fault] = self.done.get(fault, 0) + 1
                    return fault
        return ""

    def number(self, below: int) -> int:
        """Return a random number."""
        with self._lock:
            return self._dice.randrange(max(1, below))

    def hold(self, path: str, answer: Answer) -> None:
        """Keep a good answer, to be told again much later."""
        with self._lock:
            held = self._held.setdefault(path, [])
            if answer.status == 200 and len(held) < _HELD and answer not in held[-1:]:
                held.append(answer)

    def stale(self, path: str, answer: Answer) -> Answer:
        """Return some older answer of the same address."""
        with self._lock:
            held = self._held.get(path, [])
            return self._dice.choice(held) if held else answer

    def ask(self, path: str, headers: Mapping[str, str], *, plain: bool) -> Answer:
        """Ask the node itself; `plain` asks for an answer that is not compressed."""
        line = http.client.HTTPConnection("127.0.0.1", self.upstream, timeout=30)
        try:
            sent = {k: v for k, v in headers.items() if k.lower() not in _HOP}
            if plain:
                sent = {k: v for k, v in sent.items() if k.lower() != "accept-encoding"}
            line.request("GET", path, headers=sent)
            got = line.getresponse()
            kept = [one for one in got.getheaders() if one[0].lower() not in _HOP]
            return Answer(got.status, tuple(kept), got.read())
        finally:
            line.close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    proxy: FaultProxy

    def log_message(self, *_words: Any) -> None:
        """Say nothing."""

    def handle(self) -> None:
        with suppress(OSError):  # the reader may hang up whenever it likes
            super().handle()

    def do_GET(self) -> None:
        proxy = self.proxy
        if proxy.is_down():
            self._reset()
            return
        fault = proxy.draw()
        if fault == "reset" and proxy.number(2):
            self._reset()
            return
        try:
            plain = fault == "garbage" or proxy.change is not None
            answer = proxy.ask(self.path, dict(self.headers.items()), plain=plain)
        except OSError:  # the node is not there: neither is who stands before it
            self._reset()
            return
        if proxy.change is not None:
            answer = proxy.change(self.path, answer)
        if not fault:
            proxy.hold(self.path, answer)
        FAULTS.get(fault, _Handler.say)(self, answer)

    # -- what may become of an answer --------------------------------------------------------

    def say(self, answer: Answer) -> None:
        """Pass it on."""
        self._head(answer)
        self.wfile.write(answer.body)

    def _reset(self, _answer: Answer | None = None) -> None:
        """End the connection as a machine does that knows nothing of it."""
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close_connection = True
        self.connection.close()

    def _lose(self, _answer: Answer) -> None:
        """Never answer."""
        self.close_connection = True

    def _truncate(self, answer: Answer) -> None:
        self._head(answer)
        self.wfile.write(answer.body[: self.proxy.number(len(answer.body))])
        self.close_connection = True

    def _mistype(self, answer: Answer) -> None:
        self.say(answer.with_header("Content-Type", "text/html; charset=utf-8"))

    def _garble(self, answer: Answer) -> None:
        """Change some bytes, wherever they are."""
        body = bytearray(answer.body)
        for _byte in range(1 + self.proxy.number(3)):
            if body:
                body[self.proxy.number(len(body))] = self.proxy.number(256)
        self.say(Answer(answer.status, answer.headers, bytes(body)))

    def _fail(self, _answer: Answer) -> None:
        kind = ("Content-Type", "text/plain")
        self.say(Answer(500, (kind,), b"out of order"))

    def _excuse(self, _answer: Answer) -> None:
        headers = (("Content-Type", "text/plain"), ("Retry-After", "1"))
        self.say(Answer(503, headers, b"come back later"))

    def _delay(self, answer: Answer) -> None:
        time.sleep(0.05 + self.proxy.number(200) / 1000)
        self.say(answer)

    def _drip(self, answer: Answer) -> None:
        """Send it as slowly as a narrow line does."""
        self._head(answer)
        for start in range(0, len(answer.body), _PIECE):
            piece = answer.body[start : start + _PIECE]
            self.wfile.write(piece)
            time.sleep(len(piece) / SLOW_BYTES)

    def _repeat(self, answer: Answer) -> None:
        self.say(self.proxy.stale(self.path, answer))

    def _head(self, answer: Answer) -> None:
        self.send_response_only(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        if answer.status != 304:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()


FAULTS: Final[dict[str, Callable[[_Handler, Answer], None]]] = {
    "reset": _Handler._reset,
    "loss": _Handler._lose,
    "truncated": _Handler._truncate,
    "type": _Handler._mistype,
    "garbage": _Handler._garble,
    "error": _Handler._fail,
    "busy": _Handler._excuse,
    "delay": _Handler._delay,
    "slow": _Handler._drip,
    "stale": _Handler._repeat,
}
"""What may befall a request. "stale": an answer that was given earlier is given again."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *_about: Any) -> None:
        """Say nothing: readers that hang up are what this is for."""


@contextmanager
def faulty_line(port: int, upstream: int, *, seed: int = 0) -> Iterator[FaultProxy]:
    """Stand on a node's public port, before the port on which it listens."""
    proxy = FaultProxy(port, upstream, seed)
    handler = type("LineHandler", (_Handler,), {"proxy": proxy})
    server = _Server(("127.0.0.1", port), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
