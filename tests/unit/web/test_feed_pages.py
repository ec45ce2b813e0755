import gzip
import json
from collections.abc import Callable

import pytest
import zstandard

from tests.unit.web.towns import Town, practice

pytestmark = pytest.mark.unit


@pytest.fixture
def full(town: Town) -> Town:
    """A node with one closed page and one open page."""
    town.publish(*[practice(f"Practice {number}") for number in range(103)])
    return town


def test_the_root_names_every_page_and_embeds_the_head(full: Town) -> None:
    answer = full.client.get("/feed")
    body = answer.get_json(force=True)
    assert answer.mimetype == "application/ld+json"
    nodes = {relation["node"] for relation in body["entries"][0]["relation"]}
    assert nodes == {f"{full.base}/feed/0", f"{full.base}/feed/1"}
    assert body["head"]["origin"] == full.runtime.identity.did
    assert body["position"] == 103
    assert json.loads(full.client.get("/feed/head").data)["seq"] == 103


def test_nothing_new_is_one_conditional_request(full: Town) -> None:
    first = full.client.get("/feed", headers={"Accept-Encoding": "zstd"})
    assert first.headers["Content-Encoding"] == "zstd"
    again = full.client.get("/feed", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    full.publish(practice("One more"))
    changed = full.client.get("/feed", headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200


def test_closed_pages_are_immutable_and_open_ones_are_not(full: Town) -> None:
    closed, still_open = full.client.get("/feed/0"), full.client.get("/feed/1")
    assert "immutable" in closed.headers["Cache-Control"]
    assert "immutable" not in still_open.headers["Cache-Control"]
    assert len(json.loads(closed.data)["member"]) == 100
    assert len(json.loads(still_open.data)["member"]) == 3
    assert full.client.get("/feed/2").status_code == 404
    assert {"Accept", "Accept-Encoding"} <= set(closed.vary)


@pytest.mark.parametrize(
    ("coding", "decode"),
    [
        ("gzip", gzip.decompress),
        ("zstd", lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data)),
    ],
)
def test_pages_come_compressed_to_who_can_read_it(
    full: Town, coding: str, decode: Callable[[bytes], bytes]
) -> None:
    for page in ("/feed/0", "/feed/1", "/feed"):
        plain = full.client.get(page)
        packed = full.client.get(page, headers={"Accept-Encoding": coding})
        assert packed.headers["Content-Encoding"] == coding
        assert decode(packed.data) == plain.data
        assert packed.headers["ETag"] != plain.headers["ETag"]


def test_pages_come_as_n_quads_to_who_prefers_them(full: Town) -> None:
    accept = "application/n-quads, application/ld+json;q=0.9"
    answer = full.client.get("/feed/0", headers={"Accept": accept})
    assert answer.mimetype == "application/n-quads"
    assert answer.data.count(b"<https://w3id.org/tree#member>") == 100
    assert full.client.get("/feed", headers={"Accept": accept}).mimetype == "application/n-quads"


def test_other_formats_are_refused_with_the_choices(full: Town) -> None:
    answer = full.client.get("/feed", headers={"Accept": "application/rss+xml"})
    assert answer.status_code == 406
    assert len(answer.get_json()["errors"]) == 3


def test_heads_of_others_are_relayed(full: Town) -> None:
    answer = full.client.get("/feed/heads")
    assert answer.get_json() == []
