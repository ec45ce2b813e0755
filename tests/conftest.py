"""Fixtures that all tests share."""

import os
import secrets
import socket
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
import requests

from search.engines.cluster import Cluster
from tests.nodes import Node, make_nodes
from tests.opensearch.server import CannotRunError, Running, opensearch

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data and conformance material beside the checkout."""
    folder = Path(os.environ.get("LONJA_SHARED", ROOT.parent / "shared"))
    if not (folder / "conformance").is_dir():
        pytest.skip("the folder of real data and conformance material is not on this machine")
    return folder


@pytest.fixture(scope="session")
def opensearch_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A real OpenSearch server, empty at first."""
    try:
        with opensearch(tmp_path_factory.mktemp("opensearch")) as running:
            yield running
    except CannotRunError as why:
        pytest.skip(str(why))


@pytest.fixture
def cluster(opensearch_server: Running) -> Iterator[Cluster]:
    """A part of a real OpenSearch server for one test, which is emptied afterwards."""
    mine = Cluster(opensearch_server.url, f"test-{secrets.token_hex(6)}")
    yield mine
    with requests.Session() as session:
        session.trust_env = False
        session.delete(f"{mine.urls}/{mine.prefix}.*?expand_wildcards=all").raise_for_status()


@pytest.fixture(autouse=True)
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test may connect to anything but this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            host = str(address[0])
            try:
                away = not ip_address(host.split("%")[0]).is_loopback
            except ValueError:
                away = host != "localhost"
            if away:
                raise AssertionError(f"a test tried to reach {host}")
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture
def nodes(tmp_path: Path) -> Iterator[Callable[..., list[Node]]]:
    """Make nodes by name; their servers are stopped when the test ends."""
    made: list[Node] = []

    def make(*names: str, **options: Any) -> list[Node]:
        fresh = make_nodes(tmp_path, *names, **options)
        made.extend(fresh)
        return fresh

    yield make
    for node in made:
        node.stop()
