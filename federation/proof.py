"""Data Integrity proofs, cryptosuite eddsa-jcs-2022 (W3C, 15 May 2025, section 3.3)."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

import base58
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from federation.errors import IdentityError, ProofError
from federation.identity import SigningKey, public_key
from vocab.canonical import canonical_bytes
from vocab.terms import JsonObject

CRYPTOSUITE: Final = "eddsa-jcs-2022"


@dataclass(frozen=True, slots=True)
class Proof:
    """What a proof says about itself."""

    method: str
    created: str
    value: bytes

    @property
    def controller(self) -> str:
        """The DID whose key it claims to be made with."""
        return self.method.partition("#")[0]


def timestamp(moment: datetime) -> str:
    """Return a moment as the xsd:dateTime that entries carry, whole seconds, UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def sign(document: JsonObject, key: SigningKey, method: str, created: datetime) -> JsonObject:
    """Return the document with its proof; a proof that it already has is replaced.

    The document's `@context` is copied into the proof: some verifiers insist on it.
    """
    unsigned = {name: value for name, value in document.items() if name != "proof"}
    options: JsonObject = {
        "type": "DataIntegrityProof",
        "cryptosuite": CRYPTOSUITE,
        "created": timestamp(created),
        "verificationMethod": method,
        "proofPurpose": "assertionMethod",
    }
    if "@context" in unsigned:
        options["@context"] = unsigned["@context"]
    signature = key.sign(_hash_data(unsigned, options))
    return {
        **unsigned,
        "proof": {**options, "proofValue": "z" + base58.b58encode(signature).decode()},
    }


def _hash_data(unsigned: JsonObject, options: JsonObject) -> bytes:
    """Return SHA-256 of the proof options, then of the document (section 3.3.4)."""
    first = hashlib.sha256(canonical_bytes(options)).digest()
    return first + hashlib.sha256(canonical_bytes(unsigned)).digest()


def read(document: Mapping[str, object]) -> Proof:
    """Return the proof of a document, checked for form only.

    Raises:
        ProofError: there is none, or it is of another kind.
    """
    proof = document.get("proof")
    if not isinstance(proof, dict):
        raise ProofError("the document carries no proof")
    if proof.get("type") != "DataIntegrityProof" or proof.get("cryptosuite") != CRYPTOSUITE:
        raise ProofError(f"the proof is not of the kind {CRYPTOSUITE}")
    if proof.get("proofPurpose") != "assertionMethod":
        raise ProofError("the proof was made for another purpose")
    method, created, value = (
        proof.get(name) for name in ("verificationMethod", "created", "proofValue")
    )
    if not (isinstance(method, str) and isinstance(created, str) and isinstance(value, str)):
        raise ProofError("the proof is incomplete")
    if not value.startswith("z") or len(value) > 100:
        raise ProofError("the proof's value is not written in base58btc")
    try:
        signature = base58.b58decode(value[1:])
    except ValueError as error:
        raise ProofError("the proof's value is not written in base58btc") from error
    if len(signature) != 64:
        raise ProofError("the proof's value is no Ed25519 signature")
    return Proof(method=method, created=created, value=signature)


def verify(document: JsonObject, multikey: str) -> Proof:
    """Return the proof of a document once it holds for a key (section 3.3.2).

    Raises:
        ProofError: it does not hold, or is malformed.
    """
    found = read(document)
    proof = document["proof"]
    assert isinstance(proof, dict)  # noqa: S101  # `read` has just said so
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    unsigned = {name: value for name, value in document.items() if name != "proof"}
    if "@context" in options and not _begins_with(unsigned.get("@context"), options["@context"]):
        raise ProofError("the proof was made for another @context")
    try:
        data = _hash_data(unsigned, options)
        _public_key(multikey).verify(found.value, data)
    except (InvalidSignature, ValueError, IdentityError) as error:
        raise ProofError("the signature does not match the document") from error
    return found


def _begins_with(context: object, wanted: object) -> bool:
    whole = context if isinstance(context, list) else [context]
    start = wanted if isinstance(wanted, list) else [wanted]
    return whole[: len(start)] == start


@lru_cache(maxsize=1024)
def _public_key(multikey: str) -> Ed25519PublicKey:
    return public_key(multikey)
