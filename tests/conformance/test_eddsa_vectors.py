"""The official vectors of the cryptosuite eddsa-jcs-2022 (W3C), byte for byte.

What the vectors do not say is tried as well: everything that a relay could change must break the
proof.
"""

import copy
import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import base58
import pytest

from federation import proof
from federation.errors import ProofError
from federation.identity import SigningKey
from vocab.canonical import canonical_bytes

Document = dict[str, Any]

pytestmark = pytest.mark.conformance


@pytest.fixture
def vectors(shared: Path) -> Path:
    return shared / "conformance" / "vc-di-eddsa"


@pytest.fixture
def unsigned(vectors: Path) -> Document:
    return _json(vectors / "unsigned.json")


@pytest.fixture
def signed(vectors: Path) -> Document:
    return _json(vectors / "eddsa-jcs-2022" / "signedJCS.json")


@pytest.fixture
def public(vectors: Path) -> str:
    return str(_json(vectors / "keyPair.json")["publicKeyMultibase"])


@pytest.fixture
def key(vectors: Path) -> SigningKey:
    secret = str(_json(vectors / "keyPair.json")["privateKeyMultibase"])
    raw = base58.b58decode(secret[1:])
    assert raw[:2] == b"\x80\x26"
    return SigningKey.from_bytes(raw[2:])


def _json(path: Path) -> Document:
    return dict(json.loads(path.read_bytes()))


def _text(vectors: Path, name: str) -> str:
    return (vectors / "eddsa-jcs-2022" / name).read_text("utf-8").strip()


def test_the_private_key_gives_the_public_one(key: SigningKey, public: str) -> None:
    assert key.public_multikey == public


def test_the_canonical_document_and_its_hash(vectors: Path, unsigned: Document) -> None:
    canonical = canonical_bytes(unsigned)
    assert canonical.decode() == _text(vectors, "canonDocJCS.txt")
    assert hashlib.sha256(canonical).hexdigest() == _text(vectors, "docHashJCS.txt")


def test_the_canonical_proof_options_and_their_hash(vectors: Path) -> None:
    options = _json(vectors / "eddsa-jcs-2022" / "proofConfigJCS.json")
    canonical = canonical_bytes(options)
    assert canonical.decode() == _text(vectors, "proofCanonJCS.txt")
    assert hashlib.sha256(canonical).hexdigest() == _text(vectors, "proofHashJCS.txt")


def test_what_is_signed_is_the_hash_of_the_options_then_of_the_document(
    vectors: Path, signed: Document
) -> None:
    assert proof.examine(signed).signed_data.hex() == _text(vectors, "combinedHashJCS.txt")


def test_the_signature_in_both_forms(vectors: Path, signed: Document, key: SigningKey) -> None:
    examined = proof.examine(signed)
    assert key.sign(examined.signed_data).hex() == _text(vectors, "sigHexJCS.txt")
    assert examined.proof.value.hex() == _text(vectors, "sigHexJCS.txt")
    assert signed["proof"]["proofValue"] == _text(vectors, "sigBTC58JCS.txt")


def test_signing_reproduces_the_signed_document(
    unsigned: Document, signed: Document, key: SigningKey
) -> None:
    made = proof.read(signed)
    again = proof.sign(unsigned, key, made.method, datetime.fromisoformat(made.created))
    assert again == signed
    assert canonical_bytes(again) == canonical_bytes(signed)


def test_the_signed_document_verifies(signed: Document, public: str) -> None:
    assert proof.verify(signed, public).created == "2023-02-24T23:36:38Z"
    assert proof.examine(signed).body == canonical_bytes(signed)


def test_another_key_does_not_verify_it(signed: Document) -> None:
    with pytest.raises(ProofError):
        proof.verify(signed, SigningKey.generate().public_multikey)


Change = Callable[[Document], object]


def _set(name: str, value: object) -> Change:
    return lambda document: document.update({name: value})


def _in_proof(name: str, value: object) -> Change:
    return lambda document: document["proof"].update({name: value})


CHANGES = {
    "a text": _set("name", "Another credential"),
    "a key added": _set("extra", True),
    "a key taken away": lambda document: document.pop("validFrom"),
    "a nested text": lambda document: document["credentialSubject"].update({"alumniOf": "x"}),
    "a context added": lambda document: document["@context"].append("https://a.example/ctx"),
    "the contexts in another order": lambda document: document["@context"].reverse(),
    "the proof's contexts": _in_proof("@context", ["https://www.w3.org/ns/credentials/v2"]),
    "no context in the proof": lambda document: document["proof"].pop("@context"),
    "the date of the proof": _in_proof("created", "2024-02-24T23:36:38Z"),
    "the key's address": _in_proof("verificationMethod", "did:key:z6Mk#z6Mk"),
    "a key added to the proof": _in_proof("nonce", "1"),
    "another purpose": _in_proof("proofPurpose", "authentication"),
    "another cryptosuite": _in_proof("cryptosuite", "eddsa-rdfc-2022"),
    "another type of proof": _in_proof("type", "Ed25519Signature2020"),
    "no value": lambda document: document["proof"].pop("proofValue"),
    "a value of another base": _in_proof("proofValue", "uAAAA"),
    "a value that is no text": _in_proof("proofValue", 12),
    "two proofs": lambda document: document.update({"proof": [document["proof"]]}),
    "no proof": lambda document: document.pop("proof"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_changed_document_does_not_verify(signed: Document, public: str, change: Change) -> None:
    changed = copy.deepcopy(signed)
    change(changed)
    with pytest.raises(ProofError):
        proof.verify(changed, public)


@pytest.mark.parametrize(
    "spelling", ["{}\n", "{} ", "\t{}", "z{}", "1{}"], ids=["line", "blank", "tab", "z", "one"]
)
def test_a_signature_can_be_written_in_one_way_only(
    signed: Document, public: str, spelling: str
) -> None:
    changed = copy.deepcopy(signed)
    value = changed["proof"]["proofValue"]
    _in_proof("proofValue", spelling.format(value))(changed)
    with pytest.raises(ProofError):
        proof.verify(changed, public)


def test_every_bit_of_the_signature_counts(signed: Document, public: str) -> None:
    value = proof.read(signed).value
    for place in range(0, 512, 17):
        flipped = bytearray(value)
        flipped[place // 8] ^= 1 << place % 8
        changed = copy.deepcopy(signed)
        _in_proof("proofValue", "z" + base58.b58encode(bytes(flipped)).decode())(changed)
        with pytest.raises(ProofError):
            proof.verify(changed, public)
