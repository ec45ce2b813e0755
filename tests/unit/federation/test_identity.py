"""DIDs, keys, and the document that publishes them."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.did_document import did_document, did_document_url, keys_in
from federation.errors import IdentityError
from federation.identity import (
    PublishedKey,
    SigningKey,
    base_of,
    did_of,
    fingerprint,
    public_key,
)

pytestmark = pytest.mark.unit

BASE = "https://lugo.example"
DID = "did:web:lugo.example"
NAMES = [
    ("https://lugo.example", "did:web:lugo.example", "https://lugo.example/.well-known/did.json"),
    (
        "https://lugo.example:8443",
        "did:web:lugo.example%3A8443",
        "https://lugo.example:8443/.well-known/did.json",
    ),
    (
        "https://region.example/nodes/lugo",
        "did:web:region.example:nodes:lugo",
        "https://region.example/nodes/lugo/did.json",
    ),
    (
        "http://127.0.0.1:8101",
        "did:web:127.0.0.1%3A8101",
        "http://127.0.0.1:8101/.well-known/did.json",
    ),
]


@pytest.mark.parametrize(("base", "did", "document"), NAMES)
def test_an_address_and_its_did(base: str, did: str, document: str) -> None:
    assert did_of(base) == did
    assert did_of(base + "/") == did
    assert base_of(did, http_hosts=["127.0.0.1:8101"]) == base
    assert did_document_url(base) == document


def test_http_is_only_for_hosts_that_are_named() -> None:
    assert base_of("did:web:127.0.0.1%3A8101") == "https://127.0.0.1:8101"


LABEL = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)
STEP = st.from_regex(r"[A-Za-z0-9_~][A-Za-z0-9._~-]{0,8}", fullmatch=True)


@given(
    host=st.lists(LABEL, min_size=1, max_size=4),
    port=st.none() | st.integers(1, 65535),
    path=st.lists(STEP, max_size=3),
)
def test_addresses_survive_the_way_through_their_did(
    host: list[str], port: int | None, path: list[str]
) -> None:
    authority = ".".join(host) + (f":{port}" if port else "")
    base = "/".join([f"https://{authority}", *path])
    assert base_of(did_of(base)) == base


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading_of_a_did(text: str) -> None:
    for did in (text, f"did:web:{text}"):
        try:
            base = base_of(did)
        except IdentityError:
            continue
        assert did_of(base) == did
        assert base.startswith("https://")


@pytest.mark.parametrize(
    "did",
    [
        "",
        "did:web:",
        "did:web::a",
        "did:web:a:",
        "did:key:z6Mk",
        "https://lugo.example",
        "did:web:lugo.example/practices",
        "did:web:lugo.example%2Fpractices",
        "did:web:lugo.example%40evil.example",
        "did:web:lugo.example%3A",
        "did:web:lugo.example%3Ax",
        "did:web:LUGO.example",
        "did:web:lugo.example:..",
        "did:web:lugo.example:%2e%2e",
        "did:web:lugo.example:a%2Fb",
        "did:web:lugo.example:a?b",
        "did:web:lugo.example#key-1",
        "did:web:" + "a" * 400,
    ],
)
def test_what_is_no_did_web_is_refused(did: str) -> None:
    with pytest.raises(IdentityError):
        base_of(did)


def test_what_is_no_address_has_no_did() -> None:
    with pytest.raises(IdentityError):
        did_of("lugo")


def test_a_key_signs_what_its_public_form_verifies() -> None:
    key = SigningKey.generate()
    again = SigningKey.from_bytes(key.to_bytes())
    assert again.public_multikey == key.public_multikey
    assert key.public_multikey.startswith("z6Mk")
    public_key(key.public_multikey).verify(again.sign(b"message"), b"message")
    assert key.to_bytes().hex() not in repr(key)


@pytest.mark.parametrize("raw", [b"", b"x" * 31, b"x" * 33])
def test_a_private_key_has_32_bytes(raw: bytes) -> None:
    with pytest.raises(IdentityError):
        SigningKey.from_bytes(raw)


@pytest.mark.parametrize(
    "multikey",
    ["", "z", "z6Mk", "u6Mk", "zQmNothing", "z" + "1" * 60, "z0OIl", "z6Mk" + "x" * 500, "zé"],
)
def test_what_is_no_multikey_is_refused(multikey: str) -> None:
    with pytest.raises(IdentityError):
        public_key(multikey)


@given(st.text(max_size=90))
def test_no_text_breaks_the_reading_of_a_key(text: str) -> None:
    with pytest.raises(IdentityError):
        public_key("z6Mk!" + text)


def document(*keys: PublishedKey) -> dict[str, Any]:
    return dict(did_document(DID, keys, base=BASE, name="Lugo"))


def test_the_document_names_the_key_that_signs() -> None:
    key = SigningKey.generate().public_multikey
    made = document(PublishedKey(f"{DID}#key-1", key))
    assert made["id"] == DID
    assert made["@context"][0] == "https://www.w3.org/ns/did/v1"
    (method,) = made["verificationMethod"]
    assert method == {
        "id": f"{DID}#key-1",
        "type": "Multikey",
        "controller": DID,
        "publicKeyMultibase": key,
    }
    assert made["assertionMethod"] == [f"{DID}#key-1"]
    assert keys_in(made, DID) == {f"{DID}#key-1": key}


def test_a_retired_key_is_shown_but_signs_no_more() -> None:
    old, new = (SigningKey.generate().public_multikey for _ in range(2))
    retired = datetime(2026, 6, 1, tzinfo=UTC)
    made = document(PublishedKey(f"{DID}#key-1", old, retired), PublishedKey(f"{DID}#key-2", new))
    assert made["verificationMethod"][0]["revoked"] == "2026-06-01T00:00:00Z"
    assert keys_in(made, DID) == {f"{DID}#key-2": new}


@pytest.mark.parametrize(
    "change",
    [
        {"id": "did:web:evil.example"},
        {"verificationMethod": None},
        {"verificationMethod": [None, 7, {}]},
        {"assertionMethod": []},
        {"assertionMethod": "did:web:lugo.example#key-1"},
    ],
    ids=str,
)
def test_a_document_without_a_usable_key_is_refused(change: dict[str, Any]) -> None:
    made = document(PublishedKey(f"{DID}#key-1", SigningKey.generate().public_multikey))
    with pytest.raises(IdentityError):
        keys_in({**made, **change}, DID)


@pytest.mark.parametrize(
    "change",
    [
        {"controller": "did:web:evil.example"},
        {"id": "did:web:evil.example#key-1"},
        {"publicKeyMultibase": "zQm"},
        {"publicKeyMultibase": None},
        {"revoked": "2020-01-01T00:00:00Z"},
    ],
    ids=str,
)
def test_a_key_of_somebody_else_is_not_used(change: dict[str, Any]) -> None:
    made = document(PublishedKey(f"{DID}#key-1", SigningKey.generate().public_multikey))
    made["verificationMethod"][0].update(change)
    made["assertionMethod"].append("did:web:evil.example#key-1")
    with pytest.raises(IdentityError):
        keys_in(made, DID)


def test_fingerprints_can_be_read_aloud_and_differ() -> None:
    one, other = (fingerprint(SigningKey.generate().public_multikey) for _ in range(2))
    assert one != other
    groups = one.split()
    assert len(groups) == 8
    assert all(len(group) == 4 for group in groups)
