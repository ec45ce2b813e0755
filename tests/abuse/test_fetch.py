"""The only door out: what it refuses, and that nothing makes it wait or grow without end."""

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
import zstandard

from federation.addresses import is_public
from federation.fetch import Fetcher, FetchError, FetchLimits, Response

pytestmark = pytest.mark.abuse

Talk = Callable[[socket.socket], None]
JSON = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"


class Machine:
    """A machine that answers every connection as it is told, and remembers what it was asked."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.asked: list[bytes] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}/feed"

    def _serve(self) -> None:
        while not self._over.is_set():
            try:
                connection, _address = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):  # the other side has hung up, as it should
            asked = b""
            while b"\r\n\r\n" not in asked:
                piece = connection.recv(65536)
                if not piece:
                    return
                asked += piece
            self.asked.append(asked)
            self._talk(connection)

    def close(self) -> None:
        self._over.set()
        self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits for the next
        self._listener.close()
        self._thread.join(timeout=5)


@contextmanager
def machine(talk: Talk | bytes) -> Iterator[Machine]:
    answer = talk
    made = Machine(
        (lambda connection: connection.sendall(answer)) if isinstance(answer, bytes) else answer
    )
    yield made
    made.close()


def get(made: Machine, url: str = "", **more: Any) -> Response:
    """Fetch from a machine that is allowed."""
    fetcher = Fetcher(
        allow_hosts=[made.host], limits=FetchLimits(deadline_seconds=more.pop("seconds", 20))
    )
    try:
        return fetcher.get(url or made.url, **more)
    finally:
        fetcher.close()


def refused(action: Callable[[], object]) -> FetchError:
    """Return the refusal, which must tell everybody what happened and what to do."""
    with pytest.raises(FetchError) as caught:
        action()
    error = caught.value
    for texts in (error.messages, error.fixes):
        assert texts["en"]
        assert texts["es"]
        assert texts["en"] != texts["es"]
    return error


def with_body(body: bytes, *headers: bytes) -> bytes:
    lines = b"".join(header + b"\r\n" for header in headers)
    return JSON + lines + b"Content-Length: %d\r\n\r\n" % len(body) + body


def drip(start: bytes, drop: bytes, seconds: float = 30) -> Talk:
    def talk(connection: socket.socket) -> None:
        connection.sendall(start)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            connection.sendall(drop)
            time.sleep(0.05)

    return talk


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.8.8.8", "169.254.169.254",
        "172.16.0.1", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1",
        "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1",
        "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "3fff::1", "5f00::1",
        "fc00::1", "fd12::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "", "nonsense",
    ],
)  # fmt: skip
def test_addresses_inside_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "193.0.6.139", "2a00:1450::1", "::ffff:1.1.1.1"])
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "0x7f000001"],
)
def test_no_spelling_of_this_machine_is_reached(host: str) -> None:
    with machine(with_body(b"{}")) as made:
        fetcher = Fetcher(limits=FetchLimits(connect_seconds=2))
        for scheme, rules in (
            ("https", {"private-address", "unreachable"}),
            ("http", {"plain-http"}),
        ):
            url = f"{scheme}://{host}:{made.port}/feed"
            assert refused(lambda url=url: fetcher.get(url)).code in rules  # type: ignore[misc]
        fetcher.close()
        assert made.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "ftp://node.example/feed", "gopher://node.example/",
        "javascript:alert(1)", "data:application/json,{}", "//node.example/feed", "node.example",
        "https://", "https:///feed", "https://user@node.example/", "https://u:p@node.example/",
        "https://@node.example/", "https://node.example:99999/", "https://node.example:x/",
        "https://[::1/", "",
    ],
)  # fmt: skip
def test_addresses_of_other_kinds_are_refused(url: str) -> None:
    assert refused(lambda: Fetcher().get(url)).code == "bad-address"


def test_plain_http_is_refused_unless_the_host_is_allowed() -> None:
    with machine(with_body(b'{"a":1}')) as made:
        assert refused(lambda: Fetcher().get(made.url)).code == "plain-http"
        assert made.asked == []
        assert get(made).body == b'{"a":1}'


def test_a_name_that_leads_inside_is_refused_unless_it_is_allowed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known = socket.getaddrinfo

    def resolve(host: Any, port: Any, *more: Any, **named: Any) -> Any:
        return known("127.0.0.1" if host == "city.example" else host, port, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with machine(with_body(b"{}")) as made:
        url = f"//city.example:{made.port}/feed"
        inside = Fetcher(allow_hosts=[made.host])  # the address is allowed, the name is not
        assert refused(lambda: inside.get(f"https:{url}")).code == "private-address"
        assert refused(lambda: inside.get(f"http:{url}")).code == "plain-http"
        assert made.asked == []
        named = Fetcher(allow_hosts=[f"city.example:{made.port}"])
        assert named.get(f"http:{url}").body == b"{}"
        inside.close()
        named.close()


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See", "307 T", "308 P"])
def test_redirects_are_not_followed(status: str) -> None:
    with machine(with_body(b"{}")) as target:
        answer = f"HTTP/1.1 {status}\r\nLocation: {target.url}\r\nContent-Length: 0\r\n\r\n"
        with machine(answer.encode()) as made:
            error = refused(lambda: get(made))
            assert (error.code, error.detail) == ("redirect", target.url)
        assert target.asked == []


@pytest.mark.parametrize(
    ("encoding", "bomb"),
    [
        (b"gzip", gzip.compress(b"[" + b" " * 100_000_000, 9, mtime=0)),
        (b"zstd", zstandard.ZstdCompressor(level=9).compress(b"[" + b" " * 100_000_000)),
    ],
    ids=["gzip", "zstd"],
)
def test_a_decompression_bomb_is_noticed_before_it_has_gone_off(
    encoding: bytes, bomb: bytes
) -> None:
    assert len(bomb) < 200_000
    with machine(with_body(bomb, b"Content-Encoding: " + encoding)) as made:
        assert refused(lambda: get(made, limits=FetchLimits(max_bytes=8_000_000))).code == (
            "too-large"
        )


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_compressed_answers_are_taken(encoding: str) -> None:
    body = b'{"text":"' + b"practice " * 10_000 + b'"}'
    packed = gzip.compress(body) if encoding == "gzip" else zstandard.compress(body)
    with machine(with_body(packed, b"Content-Encoding: " + encoding.encode())) as made:
        assert get(made).body == body
        assert b"Accept-Encoding: zstd, gzip" in made.asked[0]


@pytest.mark.parametrize("encoding", [b"gzip", b"zstd"])
@pytest.mark.parametrize("keep", [0, 10, 40])
def test_a_compressed_answer_that_breaks_off_is_refused(encoding: bytes, keep: int) -> None:
    whole = gzip.compress(b"{}" * 90) if encoding == b"gzip" else zstandard.compress(b"{}" * 90)
    with machine(
        with_body(whole[: min(keep, len(whole) - 4)], b"Content-Encoding: " + encoding)
    ) as made:
        assert refused(lambda: get(made)).code == "broken-answer"


@pytest.mark.parametrize("encoding", [b"br", b"deflate", b"gzip, gzip", b"x-bomb"])
def test_an_encoding_that_was_not_asked_for_is_refused(encoding: bytes) -> None:
    with machine(with_body(b"{}", b"Content-Encoding: " + encoding)) as made:
        assert refused(lambda: get(made)).code == "bad-type"


def test_a_large_answer_is_not_read_to_its_end() -> None:
    sent = []

    def talk(connection: socket.socket) -> None:
        connection.sendall(JSON + b"Content-Length: 100000000\r\n\r\n")
        for _piece in range(100):
            connection.sendall(b" " * 1_000_000)
            sent.append(1)

    with machine(talk) as made:
        assert refused(lambda: get(made, limits=FetchLimits(max_bytes=3_000_000))).code == (
            "too-large"
        )
        assert len(sent) < 20


@pytest.mark.parametrize(
    ("start", "drop"),
    [
        (b"HTTP/1.1 ", b"2"),
        (b"HTTP/1.1 200 OK\r\nX-Long: ", b"x"),
        (b"HTTP/1.1 200 OK\r\n", b"X-Many: x\r\n"),
        (JSON + b"\r\n", b" "),
        (JSON + b"Content-Length: 1000000\r\n\r\n", b" "),
        (JSON + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
        (JSON + b"Transfer-Encoding: chunked\r\n\r\n1;", b"x"),
        (JSON + b"Content-Encoding: gzip\r\n\r\n", b""),
    ],
)
def test_a_drip_ends_at_the_deadline_wherever_it_drips(start: bytes, drop: bytes) -> None:
    with machine(drip(start, drop)) as made:
        began = time.monotonic()
        error = refused(lambda: get(made, seconds=0.6))
        # A hundred short headers are too many before they are too slow.
        assert error.code == "too-slow" or (b"Many" in drop and error.code == "unreachable")
        assert time.monotonic() - began < 10


def test_a_handshake_that_drips_ends_at_the_deadline() -> None:
    def talk(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            drip(b"\x16\x03\x03\x40\x00", b"\x02")(connection)

    made = Machine(talk)
    made._answer = talk  # type: ignore[method-assign]  # says nothing of HTTP
    fetcher = Fetcher(allow_hosts=[made.host], limits=FetchLimits(deadline_seconds=0.6))
    error = refused(lambda: fetcher.get(f"https://{made.host}/feed"))
    assert error.code == "too-slow"
    fetcher.close()
    made.close()


@pytest.mark.parametrize("kind", [b"text/html", b"application/xml", b"text/plain", b""])
def test_another_media_type_is_refused(kind: bytes) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: " + kind + b"\r\nContent-Length: 2\r\n\r\n{}"
    with machine(head) as made:
        assert refused(lambda: get(made)).code == "bad-type"


@pytest.mark.parametrize(
    ("status", "rule"),
    [
        ("404 Not Found", "bad-status"),
        ("410 Gone", "bad-status"),
        ("500 Error", "bad-status"),
        ("204 No Content", "bad-status"),
        ("304 Not Modified", "redirect"),  # nothing was asked that could be unchanged
        ("429 Slow down", "busy"),
        ("503 Busy", "busy"),
    ],
)
def test_other_answers_are_refused(status: str, rule: str) -> None:
    with machine(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode()) as made:
        error = refused(lambda: get(made))
        assert error.code == rule
        assert error.status == int(status[:3])


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("120", 120.0), ("0", 0.0), ("²", None), ("-5", None), ("9" * 400, None), ("Monday", None)],
)
def test_a_pause_that_makes_sense_is_kept(said: str, seconds: float | None) -> None:
    head = f"HTTP/1.1 503 Busy\r\nRetry-After: {said}\r\nContent-Length: 0\r\n\r\n"
    with machine(head.encode("utf-8")) as made:
        assert refused(lambda: get(made)).retry_after == seconds


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\x00\x01\x02",
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: y\r\n" % i for i in range(500)) + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX-Long: " + b"y" * 100_000 + b"\r\n\r\n",
        JSON + b"Content-Length: 10\r\n\r\n{}",
        JSON + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}",
    ],
)
def test_what_is_not_http_is_refused(answer: bytes) -> None:
    with machine(answer) as made:
        assert refused(lambda: get(made)).code in ("unreachable", "broken-answer")


def test_nobody_there_is_said_so() -> None:
    made = Machine(lambda _connection: None)
    made.close()
    assert refused(lambda: get(made)).code == "unreachable"


def test_an_unchanged_answer_is_one() -> None:
    with machine(b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n') as made:
        answer = get(made, etag='"a"')
        assert (answer.status, answer.body) == (304, b"")
        assert b'If-None-Match: "a"' in made.asked[0]


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with machine(with_body(b'"proxy"')) as proxy, machine(with_body(b'"node"')) as made:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://{proxy.host}")
        assert get(made).body == b'"node"'
        assert proxy.asked == []


def test_a_connection_is_used_again_after_a_request_in_time() -> None:
    def talk(connection: socket.socket) -> None:
        for _request in range(3):
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n")
            connection.sendall(b"Content-Length: 2\r\n\r\n{}")
            if not connection.recv(65536):
                return

    with machine(talk) as made:
        fetcher = Fetcher(allow_hosts=[made.host], limits=FetchLimits(deadline_seconds=5))
        assert [fetcher.get(made.url).body for _ in range(3)] == [b"{}"] * 3
        fetcher.close()
        assert len(made.asked) == 1  # one connection: its further requests went to `talk`
