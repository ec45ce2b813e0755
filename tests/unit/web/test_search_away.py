"""Pages while the search server is away: what does not need it is there, the rest says so."""

import socket
from collections.abc import Callable

import pytest

from node.services.publish import Submission, publish_one
from tests.nodes import practice
from tests.unit.web.towns import Town

pytestmark = pytest.mark.integration


@pytest.fixture
def town(build: Callable[..., Town]) -> Town:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
    return build(search="opensearch", opensearch_url=url)


def test_search_says_so_to_people_and_programs(town: Town) -> None:
    page = town.client.get("/practices?q=bench", headers={"Accept": "text/html"})
    assert page.status_code == 503
    assert page.headers["Retry-After"] == "30"
    assert "The search does not answer just now" in page.text
    assert "Traceback" not in page.text
    answer = town.client.get("/api/v1/search?q=bench")
    assert (answer.status_code, answer.content_type) == (503, "application/problem+json")
    assert answer.json["title"] == "The search does not answer just now"
    assert "127.0.0.1" not in answer.text


def test_records_feed_and_readiness_go_on(town: Town) -> None:
    publisher = f"{town.base}/organisations/own"
    outcome = publish_one(
        town.runtime, Submission("test", practice("A bench", publisher=publisher))
    )
    path = outcome.uri.removeprefix(town.base)
    page = town.client.get(path, headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert "A bench" in page.text
    assert town.client.get(f"{path}.jsonld").status_code == 200
    assert town.client.get("/feed").status_code == 200
    assert town.client.get("/healthz").status_code == 200
    ready = town.client.get("/readyz")
    assert ready.status_code == 503
    assert ready.json["checks"]["index"]["error"] == "SearchUnavailableError"
