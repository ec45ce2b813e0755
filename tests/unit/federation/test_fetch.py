"""The door out: what it lets through, what it refuses, and that it says why in two languages."""

import gzip
import json
import socket
import threading
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
import zstandard

from federation.addresses import is_public
from federation.fetch import Fetcher, FetchError, FetchLimits
from federation.fetch_error import RULES
from tests.unit.federation.wire import Wire, answer, dripping, wire

pytestmark = pytest.mark.unit

QUICK = FetchLimits(max_bytes=1_000_000, deadline_seconds=0.4, connect_seconds=0.4)


@pytest.fixture
def server() -> Iterator[Wire]:
    with wire() as made:
        yield made


@pytest.fixture
def fetcher(server: Wire) -> Iterator[Fetcher]:
    made = Fetcher(allow_hosts=[server.host], user_agent="lonja/test", limits=QUICK)
    yield made
    made.close()


def refused(fetcher: Fetcher, url: str, **options: Any) -> FetchError:
    with pytest.raises(FetchError) as caught:
        fetcher.get(url, **options)
    return caught.value


# -- what is let through ---------------------------------------------------------------------


def test_an_answer_is_returned_whole(server: Wire, fetcher: Fetcher) -> None:
    server.says("HTTP/1.1 200 OK", 'ETag: "a"', body=b'{"a":1}', kind="application/ld+json")
    got = fetcher.get(server.url("/feed"))
    assert (got.status, got.body) == (200, b'{"a":1}')
    assert got.headers["etag"] == '"a"'


def test_a_request_says_who_asks_and_for_what(server: Wire, fetcher: Fetcher) -> None:
    fetcher.get(server.url("/feed/3"), accept="application/ld+json")
    (asked,) = server.requests
    assert asked.startswith("GET /feed/3 HTTP/1.1")
    assert "User-Agent: lonja/test" in asked
    assert "Accept: application/ld+json" in asked
    assert "Accept-Encoding: zstd, gzip" in asked
    assert "If-None-Match" not in asked


def test_what_has_not_changed_is_not_sent_again(server: Wire, fetcher: Fetcher) -> None:
    server.script = lambda sock: sock.sendall(answer("HTTP/1.1 304 Not Modified", 'ETag: "a"'))
    got = fetcher.get(server.url(), etag='"a"')
    assert (got.status, got.body) == (304, b"")
    assert 'If-None-Match: "a"' in server.requests[0]


def test_one_connection_serves_many_requests(server: Wire, fetcher: Fetcher) -> None:
    for _ in range(5):
        fetcher.get(server.url())
    assert (server.connections, len(server.requests)) == (1, 5)


def test_several_threads_may_ask_at_once(server: Wire, fetcher: Fetcher) -> None:
    got: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: got.append(fetcher.get(server.url()).body))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == [b"{}"] * 8


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("", b'{"a":1}'),
        ("identity", b'{"a":1}'),
        ("gzip", gzip.compress(b'{"a":1}', mtime=0)),
        ("GZIP", gzip.compress(b'{"a":1}', mtime=0)),
        ("zstd", zstandard.compress(b'{"a":1}')),
    ],
)
def test_compressed_answers_are_unpacked(
    server: Wire, fetcher: Fetcher, encoding: str, packed: bytes
) -> None:
    lines = [f"Content-Encoding: {encoding}"] if encoding else []
    server.says("HTTP/1.1 200 OK", *lines, body=packed)
    assert fetcher.get(server.url()).body == b'{"a":1}'


def test_an_answer_may_come_in_chunks(server: Wire, fetcher: Fetcher) -> None:
    head = ["HTTP/1.1 200 OK", "Content-Type: application/json", "Transfer-Encoding: chunked"]
    body = b'3\r\n{"a\r\n4\r\n":1}\r\n0\r\n\r\n'
    server.script = lambda sock: sock.sendall(answer(*head, body=body))
    assert json.loads(fetcher.get(server.url()).body) == {"a": 1}


def test_the_media_type_may_have_parameters(server: Wire, fetcher: Fetcher) -> None:
    server.says(body=b"{}", kind='Application/LD+JSON; charset=UTF-8; profile="x"')
    assert fetcher.get(server.url()).body == b"{}"


def test_the_environment_names_no_proxy_and_no_password(
    server: Wire, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    fetcher.get(server.url())
    assert "Authorization" not in server.requests[0]


def test_no_cookie_is_kept(server: Wire, fetcher: Fetcher) -> None:
    server.says("HTTP/1.1 200 OK", "Set-Cookie: who=you; Path=/", body=b"{}")
    fetcher.get(server.url())
    fetcher.get(server.url())
    assert "Cookie" not in server.requests[1]


# -- where it does not go --------------------------------------------------------------------

NOT_PUBLIC = [
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:10::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "not an address",
    "",
]


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_addresses_that_lead_inside_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "193.0.6.139", "::ffff:8.8.8.8", "2a00:1450:4003::1", "2606:4700::1111"]
)
def test_addresses_of_the_public_internet_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "127.1"])
def test_a_private_address_is_refused_before_a_byte_is_sent(server: Wire, host: str) -> None:
    error = refused(Fetcher(limits=QUICK), server.url(scheme="https", host=host))
    assert error.code == "private-address"
    assert server.heard_in_the_end() == 0


def test_a_name_that_changes_its_meaning_after_the_check_is_refused(
    server: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rebound(_host: str, port: int, *_more: Any, **_named: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", rebound)
    error = refused(Fetcher(limits=QUICK), server.url(scheme="https", host="node.example"))
    assert error.code == "private-address"
    assert server.heard_in_the_end() == 0


def test_plain_http_needs_the_administrator(server: Wire) -> None:
    assert refused(Fetcher(limits=QUICK), server.url()).code == "plain-http"
    assert server.connections == 0


def test_a_host_is_allowed_with_its_port_only(server: Wire) -> None:
    with wire() as other:
        fetcher = Fetcher(allow_hosts=[other.host], limits=QUICK)
        assert refused(fetcher, server.url()).code == "plain-http"
        assert refused(fetcher, server.url(scheme="https")).code == "private-address"
        assert fetcher.get(other.url()).status == 200
    assert server.heard_in_the_end() == 0


def test_a_host_is_allowed_under_its_own_name_only(server: Wire, fetcher: Fetcher) -> None:
    assert refused(fetcher, server.url(host="localhost")).code == "plain-http"
    error = refused(fetcher, server.url(scheme="https", host="localhost"))
    assert error.code == "private-address"
    assert server.heard_in_the_end() == 0


@pytest.mark.skipif(not socket.has_ipv6, reason="this machine has no IPv6")
def test_a_host_may_be_allowed_by_its_ipv6_address() -> None:
    try:
        context = wire(socket.AF_INET6)
        with context as server:
            url = server.url(host="[::1]")
            assert Fetcher(allow_hosts=[f"[::1]:{server.port}"]).get(url).status == 200
            assert refused(Fetcher(), url).code == "plain-http"
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://node.example/feed",
        "gopher://node.example/",
        "data:application/json,{}",
        "//node.example/feed",
        "node.example/feed",
        "",
        "https://",
        "https:///feed",
        "https://user@node.example/feed",
        "https://user:secret@node.example/feed",
        "https://:@node.example/feed",
        "https://node.example:99999/feed",
        "https://node.example:port/feed",
        "https://[::1/feed",
        "https://exa mple/feed",
        "https://node.example/\r\nHost: other",
        "https://" + "a" * 3000 + ".example/",
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    assert refused(Fetcher(limits=QUICK), url).code == "bad-address"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(server: Wire, fetcher: Fetcher, status: int) -> None:
    with wire() as victim:
        server.says(f"HTTP/1.1 {status} Elsewhere", f"Location: {victim.url('/secret')}")
        error = refused(fetcher, server.url())
        assert error.code == "redirect"
        assert victim.url("/secret") in str(error)
        assert victim.connections == 0


# -- what it does not take -------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["text/html", "text/turtle", "application/xml", "", "json"])
def test_an_answer_of_another_kind_is_refused(server: Wire, fetcher: Fetcher, kind: str) -> None:
    server.says(body=b"{}", kind=kind)
    assert refused(fetcher, server.url()).code == "bad-type"


@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, gzip", "zstd, gzip", "x"])
def test_a_compression_that_was_not_asked_for_is_refused(
    server: Wire, fetcher: Fetcher, encoding: str
) -> None:
    server.says("HTTP/1.1 200 OK", f"Content-Encoding: {encoding}", body=b"{}")
    assert refused(fetcher, server.url()).code == "bad-type"


@pytest.mark.parametrize("status", [204, 206, 400, 401, 403, 404, 410, 500, 502])
def test_an_error_of_the_other_side_is_told(server: Wire, fetcher: Fetcher, status: int) -> None:
    server.says(f"HTTP/1.1 {status} Whatever", body=b"" if status == 204 else b"{}")
    error = refused(fetcher, server.url())
    assert (error.code, error.status) == ("bad-status", status)


def test_an_unasked_304_is_no_answer(server: Wire, fetcher: Fetcher) -> None:
    server.script = lambda sock: sock.sendall(answer("HTTP/1.1 304 Not Modified"))
    assert refused(fetcher, server.url()).status == 304


@pytest.mark.parametrize(
    ("after", "seconds"),
    [("120", 120.0), ("0", 0.0), ("", None), ("-5", None), ("soon", None), ("9" * 400, None)],
)
def test_who_is_busy_says_when_to_come_back(
    server: Wire, fetcher: Fetcher, after: str, seconds: float | None
) -> None:
    for status in (429, 503):
        server.says(f"HTTP/1.1 {status} Busy", f"Retry-After: {after}")
        error = refused(fetcher, server.url())
        assert (error.code, error.status, error.retry_after) == ("busy", status, seconds)


def test_who_is_busy_may_name_a_moment(server: Wire, fetcher: Fetcher) -> None:
    moment = datetime.now(UTC) + timedelta(minutes=10)
    server.says("HTTP/1.1 503 Busy", f"Retry-After: {format_datetime(moment, usegmt=True)}")
    after = refused(fetcher, server.url()).retry_after
    assert after is not None
    assert 500 < after <= 600
    past = datetime.now(UTC) - timedelta(days=1)
    server.says("HTTP/1.1 503 Busy", f"Retry-After: {format_datetime(past, usegmt=True)}")
    assert refused(fetcher, server.url()).retry_after == 0


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_a_decompression_bomb_does_not_go_off(
    server: Wire, fetcher: Fetcher, encoding: str
) -> None:
    pack = gzip.compress if encoding == "gzip" else zstandard.compress
    bomb = pack(b"0" * 100_000_000)
    assert len(bomb) < 100_000
    server.says("HTTP/1.1 200 OK", f"Content-Encoding: {encoding}", body=bomb)
    tracemalloc.start()
    try:
        assert refused(fetcher, server.url()).code == "too-large"
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


def test_an_answer_that_is_too_large_is_not_read_to_the_end(server: Wire, fetcher: Fetcher) -> None:
    sent: list[int] = []

    def script(sock: socket.socket) -> None:
        sock.sendall(answer("HTTP/1.1 200 OK", "Content-Type: application/json"))
        sent.extend(sock.send(b" " * 100_000) for _ in range(1000))

    server.script = script
    assert refused(fetcher, server.url()).code == "too-large"
    assert sum(sent) < 20_000_000
    server.says(body=b"{}")
    assert fetcher.get(server.url()).status == 200  # on another connection


def test_the_limits_may_be_set_for_one_request(server: Wire, fetcher: Fetcher) -> None:
    server.says(body=b'"' + b"a" * 2000 + b'"')
    tight = FetchLimits(max_bytes=1000)
    assert refused(fetcher, server.url(), limits=tight).code == "too-large"
    assert len(fetcher.get(server.url()).body) == 2002


JSON_HEAD = answer("HTTP/1.1 200 OK", "Content-Type: application/json")


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        (JSON_HEAD, b" "),
        (
            answer("HTTP/1.1 200 OK", "Content-Type: application/json", "Content-Length: 99999"),
            b"x",
        ),
        (b"HTTP/1.1 200 OK\r\nX-Slow: ", b"x"),
        (b"HTTP/1.1 200 OK\r\n", b"X-More: 1\r\n"),
        (b"", b"H"),
        (b"", b""),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["body", "length", "header", "headers", "status", "silence", "continue"],
)
def test_a_slow_drip_is_cut_off_wherever_it_stands(
    server: Wire, fetcher: Fetcher, head: bytes, piece: bytes
) -> None:
    server.script = dripping(head, piece)
    assert refused(fetcher, server.url()).code == "too-slow"


def test_a_drip_of_compressed_content_is_cut_off(server: Wire, fetcher: Fetcher) -> None:
    head = ["HTTP/1.1 200 OK", "Content-Type: application/json", "Content-Encoding: gzip"]
    server.script = dripping(answer(*head) + gzip.compress(b"{}", mtime=0)[:10], b"\x00")
    assert refused(fetcher, server.url()).code in ("too-slow", "broken-answer")


def test_a_handshake_that_never_comes_is_cut_off() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        host = f"127.0.0.1:{listener.getsockname()[1]}"
        fetcher = Fetcher(allow_hosts=[host], limits=QUICK)
        assert refused(fetcher, f"https://{host}/").code == "too-slow"


def test_who_does_not_speak_tls_is_unreachable_by_https(server: Wire, fetcher: Fetcher) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    host = f"127.0.0.1:{listener.getsockname()[1]}"

    def plain() -> None:
        sock, _address = listener.accept()
        sock.recv(1000)
        sock.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        sock.close()

    thread = threading.Thread(target=plain)
    thread.start()
    assert refused(Fetcher(allow_hosts=[host], limits=QUICK), f"https://{host}/").code in (
        "unreachable",
        "too-slow",
    )
    thread.join()
    listener.close()


def test_who_is_not_there_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        host = f"127.0.0.1:{listener.getsockname()[1]}"
    assert refused(Fetcher(allow_hosts=[host], limits=QUICK), f"http://{host}/").code == (
        "unreachable"
    )


@pytest.mark.parametrize(
    ("lines", "body"),
    [
        (["Content-Length: 1000"], b"{}"),
        (["Transfer-Encoding: chunked"], b"ff\r\n{}"),
        (["Content-Encoding: gzip"], gzip.compress(b'{"a": 1}', mtime=0)[:-6]),
        (["Content-Encoding: gzip"], b"not gzip at all"),
        (["Content-Encoding: gzip"], b""),
        (["Content-Encoding: zstd"], zstandard.compress(b'{"a": 1}')[:-3]),
        (["Content-Encoding: zstd"], b"not zstd at all"),
    ],
    ids=["length", "chunk", "cut gzip", "no gzip", "empty gzip", "cut zstd", "no zstd"],
)
def test_an_answer_that_breaks_off_is_never_taken_for_a_whole_one(
    server: Wire, fetcher: Fetcher, lines: list[str], body: bytes
) -> None:
    head = ["HTTP/1.1 200 OK", "Content-Type: application/json", "Connection: close", *lines]

    def script(sock: socket.socket) -> None:
        sock.sendall(answer(*head, body=body))
        sock.shutdown(socket.SHUT_RDWR)

    server.script = script
    assert refused(fetcher, server.url()).code == "broken-answer"


@pytest.mark.parametrize(
    "garbage", [b"\x00\x01\x02\r\n\r\n", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 999999 ?\r\n\r\n"]
)
def test_what_is_no_http_is_unreachable(server: Wire, fetcher: Fetcher, garbage: bytes) -> None:
    def script(sock: socket.socket) -> None:
        sock.sendall(garbage)
        sock.shutdown(socket.SHUT_RDWR)

    server.script = script
    assert refused(fetcher, server.url()).code in ("unreachable", "broken-answer")


# -- how it says so --------------------------------------------------------------------------


@pytest.mark.parametrize("rule", sorted(RULES))
def test_every_refusal_speaks_six_languages_and_shows_a_way_out(rule: str) -> None:
    error = FetchError(rule, "https://node.example/feed", "detail")
    assert error.code == rule
    assert "https://node.example/feed" in str(error)
    for sentences in (error.messages, error.fixes):
        assert len(set(sentences.values())) == 6
        assert all(sentence.endswith((".", "!")) for sentence in sentences.values())
