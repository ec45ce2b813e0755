"""Data Integrity proofs, cryptosuite eddsa-jcs-2022 (W3C, 15 May 2025, section 3.3)."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

import base58
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from federation.errors import IdentityError, ProofError
from federation.identity import SigningKey, public_key
from vocab.canonical import multihash, writer_for
from vocab.terms import JsonObject

CRYPTOSUITE: Final = "eddsa-jcs-2022"
_VALUE: Final = re.compile("z[1-9A-HJ-NP-Za-km-z]{64,88}")


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


@dataclass(frozen=True, slots=True)
class Examined:
    """A signed document taken apart; `verify` says whether its proof holds.

    Attributes:
        proof: what the proof says about itself.
        body: RFC 8785 bytes of the whole document, proof included.
        digest: of the document without its proof.
        signed_data: what the signature must be over: SHA-256 of the proof's options, then of the
            document (section 3.3.4).
    """

    proof: Proof
    body: bytes
    digest: str
    signed_data: bytes

    def verify(self, multikey: str) -> None:
        """Do nothing when the proof was made with a key.

        Raises:
            ProofError: it was not, or the document was changed afterwards.
        """
        try:
            _public_key(multikey).verify(self.proof.value, self.signed_data)
        except (InvalidSignature, IdentityError) as error:
            raise ProofError("the signature does not match the document") from error

    def verify_any(self, multikeys: Iterable[str]) -> None:
        """Do nothing when the proof was made with one of some keys of its controller.

        Raises:
            ProofError: it was not, or the document was changed afterwards.
        """
        problem = ProofError(f"no key of {self.proof.controller} is known")
        for multikey in multikeys:
            try:
                return self.verify(multikey)
            except ProofError as error:
                problem = error
        raise problem


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
    write = writer_for({"document": unsigned, "options": options})
    data = _hash(write(options)) + _hash(write(unsigned))
    signature = key.sign(data)
    return {
        **unsigned,
        "proof": {**options, "proofValue": "z" + base58.b58encode(signature).decode()},
    }


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
    # Decoders forgive white space, so that one signature could be written in many ways.
    signature = base58.b58decode(value[1:]) if _VALUE.fullmatch(value) else b""
    if len(signature) != 64:
        raise ProofError("the proof's value is no Ed25519 signature in base58btc")
    return Proof(method=method, created=created, value=signature)


def examine(document: JsonObject) -> Examined:
    """Return a signed document taken apart; whether its proof holds is not yet asked.

    Section 3.3.2 lets the document have more contexts than its proof: then the signature is over
    the proof's. Here it must be over the document as it stands, or a relay could add a context
    and so give the same signed version another digest.

    Raises:
        ProofError: it has no proof, or one that is malformed or of another `@context`.
        ValueError: it has no canonical form.
    """
    found = read(document)
    proof = document["proof"]
    assert isinstance(proof, dict)  # noqa: S101  # `read` has just said so
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    unsigned = {name: value for name, value in document.items() if name != "proof"}
    if "@context" in options and unsigned.get("@context") != options["@context"]:
        raise ProofError("the proof was made for another @context")
    write = writer_for(document)
    hashed = _hash(write(unsigned))
    return Examined(found, write(document), multihash(hashed), _hash(write(options)) + hashed)


def verify(document: JsonObject, multikey: str) -> Proof:
    """Return the proof of a document once it holds for a key (section 3.3.2).

    Raises:
        ProofError: it does not hold, or is malformed.
    """
    try:
        examined = examine(document)
    except ValueError as error:
        raise ProofError("the signature cannot be over what has no canonical form") from error
    examined.verify(multikey)
    return examined.proof


def _hash(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


@lru_cache(maxsize=1024)
def _public_key(multikey: str) -> Ed25519PublicKey:
    return public_key(multikey)
