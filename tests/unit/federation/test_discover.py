"""Who is at an address: a node is only ever believed about the address that was asked."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from federation.did_document import did_document
from federation.errors import IdentityError
from federation.fetch import Fetcher, FetchError
from federation.harvest import discover
from federation.identity import SigningKey, fingerprint
from tests.peers import TestPeer, serving

pytestmark = pytest.mark.integration

PLACE = "/.well-known/did.json"


@pytest.fixture
def peer(tmp_path: Path) -> Iterator[TestPeer]:
    with serving(tmp_path / "peer") as made:
        yield made


@pytest.fixture
def fetcher(peer: TestPeer) -> Iterator[Fetcher]:
    made = Fetcher(allow_hosts=[peer.url.removeprefix("http://")])
    yield made
    made.close()


def document(peer: TestPeer) -> dict[str, Any]:
    return dict(orjson.loads(peer.answer(PLACE)[1]))


def test_a_node_says_who_it_is(peer: TestPeer, fetcher: Fetcher) -> None:
    found = discover(peer.url, fetcher)
    key = peer.identity.key.public_multikey
    assert (found.did, found.base, found.key) == (peer.identity.did, peer.url, key)
    assert found.method == peer.identity.method
    assert (found.name, found.fingerprint) == ("Test peer", fingerprint(key))
    assert peer.asked == [PLACE]


def test_a_did_document_of_another_host_is_refused(
    peer: TestPeer, fetcher: Fetcher, tmp_path: Path
) -> None:
    with serving(tmp_path / "other") as other:
        peer.lie(PLACE, document(other), "application/did+json")
        with pytest.raises(IdentityError):
            discover(peer.url, fetcher)


def test_a_key_of_another_controller_is_not_taken(peer: TestPeer, fetcher: Fetcher) -> None:
    false = document(peer)
    for method in false["verificationMethod"]:
        method["controller"] = "did:web:other.example"
    peer.lie(PLACE, false, "application/did+json")
    with pytest.raises(IdentityError):
        discover(peer.url, fetcher)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"null",
        b'"did"',
        b"{}",
        b'{"id": 7}',
        b'{"id":"did:web:x","verificationMethod":7}',
    ],
)
def test_what_is_no_did_document_is_refused(peer: TestPeer, fetcher: Fetcher, body: bytes) -> None:
    peer.lie(PLACE, body, "application/did+json")
    with pytest.raises(IdentityError):
        discover(peer.url, fetcher)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("verificationMethod", None),
        ("verificationMethod", [None, 7, "x", {}]),
        ("verificationMethod", [{"id": "#key-1", "type": "Multikey", "publicKeyMultibase": "z"}]),
        ("assertionMethod", []),
        ("assertionMethod", "all"),
        ("id", ["did:web:127.0.0.1"]),
    ],
)
def test_a_did_document_without_a_usable_key_is_refused(
    peer: TestPeer, fetcher: Fetcher, key: str, value: object
) -> None:
    peer.lie(PLACE, {**document(peer), key: value}, "application/did+json")
    with pytest.raises(IdentityError):
        discover(peer.url, fetcher)


def test_a_web_page_is_no_node(peer: TestPeer, fetcher: Fetcher) -> None:
    peer.lie(PLACE, b"<html>Welcome</html>", "text/html")
    with pytest.raises(FetchError) as caught:
        discover(peer.url, fetcher)
    assert caught.value.code == "bad-type"


@pytest.mark.parametrize("services", [None, 7, [None, 7], [{"name": 7}], [{"name": "x" * 9999}]])
def test_a_strange_name_hurts_nobody(peer: TestPeer, fetcher: Fetcher, services: object) -> None:
    peer.lie(PLACE, {**document(peer), "service": services}, "application/did+json")
    assert len(discover(peer.url, fetcher).name) <= 200


def test_the_key_of_a_node_that_changed_it_is_the_new_one(peer: TestPeer, fetcher: Fetcher) -> None:
    from federation.identity import PublishedKey

    new = SigningKey.generate().public_multikey
    changed = did_document(
        peer.identity.did,
        [PublishedKey(f"{peer.identity.did}#key-2", new)],
        base=peer.url,
        name="Test peer",
    )
    peer.lie(PLACE, changed, "application/did+json")
    found = discover(peer.url, fetcher)
    assert (found.key, found.method) == (new, f"{peer.identity.did}#key-2")
