"""Whatever is asked: an answer of our own making, never a broken one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search.api import FACETS
from tests.unit.web.towns import Town, make_town, practice

pytestmark = pytest.mark.abuse

ROOTS = (
    *("/", "/practices", "/organisations", "/clusters", "/network", "/network/runs/1"),
    *("/network/peers/1", "/feed", "/feed/0", "/feed/head", "/feed/heads", "/developers"),
    *("/api/v1/search", "/ns", "/context/v1", "/healthz", "/robots.txt", "/sitemap.xml"),
    *("/opensearch.xml", "/.well-known/did.json", "/.well-known/api-catalog", "/about"),
    *("/static/app.css", "/at/vallalta.example/practices/x", "/at/x/y", "{record}", "{gone}"),
)
NAMES = ("q", "lang", "scope", "sort", "page", "limit", "cursor", "bbox", "near", "facets")
VALUES = (
    *("", "0", "-1", "99999", "nan,nan,nan,nan", "180,0,-180,10", "40,-3", "90,180,20000", "mine"),
    *("cluster", "newest", "title", "any", "a*", "(((", '"a', "[a TO b]", "~", "^9", "title:"),
    *("NOT NOT", "a~99 OR", "%ff%fe", "%00", "%ed%a0%80", "es", "W10=", "theme,country", "\u202e"),
)
HEADERS = {
    "Accept": (
        "*/*",
        "text/html",
        "application/ld+json",
        "text/turtle;q=2",
        "text/csv",
        ";;,q=nan",
    ),
    "Accept-Language": ("es", "xx-YY;q=nan", "*", "-", "\x00"),
    "Accept-Encoding": ("gzip", "zstd;q=nan", "identity;q=0", "*;q=0"),
    "If-None-Match": ("*", '"a"', 'W/"', "\xff"),
    "If-Modified-Since": ("x", "Thu, 01 Jan 9999999 00:00:00 GMT"),
    "Range": ("bytes=0-10", "bytes=9-1", "items=x"),
    "Cookie": ("lang=es", "lang=\xff", "=;;"),
    "Host": ("a..b", "x" * 300, "", "[::1", "host:x", "evil.example"),
}
tails = st.lists(
    st.one_of(
        st.sampled_from(("//", "/", "..", "%2F", "%00", "%FF", ".csv", ".ttl", "/v/1", "/v/x")),
        st.text(max_size=8),
    ),
    max_size=3,
)
pairs = st.tuples(st.sampled_from((*NAMES, *FACETS, "zzz")), st.sampled_from(VALUES) | st.text())
headers = st.lists(
    st.sampled_from([(name, value) for name, found in HEADERS.items() for value in found]),
    max_size=4,
    unique_by=lambda header: header[0],
)


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Town, dict[str, str]]]:
    """A node with one record and one withdrawn record."""
    folder: Path = tmp_path_factory.mktemp("web") / "node"
    town = make_town(folder, "https://vallalta.example")
    kept, gone = town.publish(practice("Street meetings"), practice("Night buses"))
    town.retract(gone)
    yield (
        town,
        {
            "record": kept.uri.removeprefix(town.base),
            "gone": gone.uri.removeprefix(town.base),
        },
    )
    town.runtime.close()


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    root=st.sampled_from(ROOTS),
    tail=tails,
    asked=st.lists(pairs, max_size=4),
    sent=headers,
    method=st.sampled_from(("GET", "GET", "GET", "HEAD", "OPTIONS", "POST", "TRACE")),
)
def test_no_request_breaks_the_node(
    node: tuple[Town, dict[str, str]],
    root: str,
    tail: list[str],
    asked: list[tuple[str, str]],
    sent: list[tuple[str, str]],
    method: str,
) -> None:
    town, paths = node
    path = root.format(**paths) + "".join(tail)
    environ = {
        "PATH_INFO": path.encode("utf-8", "replace").decode("latin-1"),
        "QUERY_STRING": "&".join(f"{k}={v}" for k, v in asked)
        .encode("utf-8", "replace")
        .decode("latin-1"),
        **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in sent},
    }
    answer = town.client.open(environ_overrides=environ, method=method)
    assert answer.status_code < 500
    assert "evil.example" not in answer.headers.get("Location", "")
    for _name, value in answer.headers:
        assert value.isascii()
        assert value.isprintable()
    if answer.status_code >= 400 and answer.mimetype != "text/html" and answer.data:
        gone = answer.status_code == 410 and answer.mimetype == "application/ld+json"
        assert gone or answer.mimetype == "application/problem+json"


@pytest.mark.parametrize("host", ["a..b", "x" * 300, "", "[::1"])
def test_a_nonsense_host_gets_an_answer(node: tuple[Town, dict[str, str]], host: str) -> None:
    for path in ("/", "/nothing"):
        overrides = {"HTTP_HOST": host, "HTTP_ACCEPT": "text/html"}
        answer = node[0].client.get(path, environ_overrides=overrides)
        assert answer.status_code in (200, 400, 404)
        assert answer.mimetype == "text/html"


@pytest.mark.parametrize("path", ["//evil.example", "/practices//evil.example", "//practices"])
def test_no_redirect_follows_the_host_header(node: tuple[Town, dict[str, str]], path: str) -> None:
    answer = node[0].client.get(environ_overrides={"PATH_INFO": path, "HTTP_HOST": "evil.example"})
    assert answer.status_code in (200, 404)
    assert "Location" not in answer.headers


def test_thousands_of_unknown_parameters_are_not_each_looked_up(
    node: tuple[Town, dict[str, str]],
) -> None:
    query = "&".join(f"unknown{number}=" for number in range(3000))
    answer = node[0].client.get("/api/v1/search?" + query)
    assert answer.status_code == 400
    assert len(answer.get_json()["errors"]) == 10
