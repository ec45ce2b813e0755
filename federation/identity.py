"""Who a node is: its DID and its keys (did:web, Multikey), and the file that keeps them."""

import hashlib
import os
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote, urlsplit

import base58
import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from federation.errors import IdentityError

_PUBLIC_PREFIX: Final = b"\xed\x01"  # multicodec ed25519-pub, as a varint
FILE: Final = "identity.json"
"""Name of the file of a private key."""
_HOST: Final = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?", re.ASCII)
_STEP: Final = re.compile(r"[A-Za-z0-9._~-]+", re.ASCII)


class SigningKey:
    """An Ed25519 private key that never shows itself in a representation."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        raw = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.public_multikey = "z" + base58.b58encode(_PUBLIC_PREFIX + raw).decode()

    @classmethod
    def generate(cls) -> "SigningKey":
        """Return a new key from the system's randomness."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_bytes(cls, raw: bytes) -> "SigningKey":
        """Return the key of 32 raw bytes.

        Raises:
            IdentityError: they are not 32.
        """
        if len(raw) != 32:
            raise IdentityError("a private key has 32 bytes")
        return cls(Ed25519PrivateKey.from_private_bytes(raw))

    def to_bytes(self) -> bytes:
        """Return the 32 raw bytes of the private key."""
        return self._private.private_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """Return the 64 bytes of the signature (RFC 8032)."""
        return self._private.sign(message)


def public_key(multikey: str) -> Ed25519PublicKey:
    """Return the public key that a Multikey names (Controlled Identifiers 1.0, section 2.2.2).

    Raises:
        IdentityError: it is no Ed25519 Multikey.
    """
    well_formed = multikey.startswith("z") and len(multikey) < 80
    try:
        raw = base58.b58decode(multikey[1:]) if well_formed else b""
        if len(raw) == 34 and raw[:2] == _PUBLIC_PREFIX:
            return Ed25519PublicKey.from_public_bytes(raw[2:])
    except ValueError as error:
        raise IdentityError(f"'{multikey[:80]}' is no Multikey") from error
    raise IdentityError(f"'{multikey[:80]}' is no Ed25519 Multikey")


@dataclass(frozen=True, slots=True)
class Identity:
    """What a node signs with.

    Attributes:
        did: its DID.
        base: its public address without a trailing slash.
        method: URL of the key in the DID document, the proof's `verificationMethod`.
        key: the private key.
    """

    did: str
    base: str
    method: str
    key: SigningKey


@dataclass(frozen=True, slots=True)
class PublishedKey:
    """A key as the DID document shows it; a revoked one is kept, so that old proofs hold."""

    method: str
    multikey: str
    revoked: datetime | None = None


def did_of(base_url: str) -> str:
    """Return the did:web of a public address, port and sub-path included (did:web, section 3.1).

    Raises:
        IdentityError: the address has no host.
    """
    parts = urlsplit(base_url.rstrip("/"))
    if not parts.hostname:
        raise IdentityError(f"'{base_url}' is no web address")
    host = parts.hostname if parts.port is None else f"{parts.hostname}%3A{parts.port}"
    path = [quote(part, safe="") for part in parts.path.split("/") if part]
    return ":".join(["did:web", host, *path])


def base_of(did: str, *, http_hosts: Collection[str] = ()) -> str:
    """Return the public address that a did:web names, without a trailing slash.

    Args:
        did: the DID.
        http_hosts: "host:port" that are reached by http; all others by https.

    Raises:
        IdentityError: it is no did:web.
    """
    method, _, rest = did.partition("did:web:")
    parts = [unquote(part) for part in rest.split(":")]
    if method or len(did) > 300 or not _HOST.fullmatch(parts[0]):
        raise IdentityError(f"'{did[:300]}' is no did:web")
    if not all(_STEP.fullmatch(part) and part.strip(".") for part in parts[1:]):
        raise IdentityError(f"'{did[:300]}' is no did:web")
    scheme = "http" if parts[0] in http_hosts else "https"
    base = "/".join([f"{scheme}://{parts[0]}", *parts[1:]])
    if did_of(base) != did:  # another spelling would be a second name of the same node
        raise IdentityError(f"'{did[:300]}' is not the usual spelling of a did:web")
    return base


def fingerprint(multikey: str) -> str:
    """Return what two operators read to each other: eight groups of four hexadecimal digits."""
    digest = hashlib.sha256(multikey.encode()).hexdigest()[:32]
    return " ".join(digest[i : i + 4] for i in range(0, 32, 4))


def save(identity: Identity, folder: Path) -> None:
    """Write an identity to a folder that only its owner can read."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = folder / f"{FILE}.new"
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(as_json(identity))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(folder / FILE)  # never half a key, whatever happens


def as_json(identity: Identity) -> bytes:
    """Return an identity, private key included, as the file that `load` reads."""
    private = {
        "did": identity.did,
        "base": identity.base,
        "method": identity.method,
        "private": identity.key.to_bytes().hex(),
    }
    return orjson.dumps(private, option=orjson.OPT_INDENT_2)


def load(folder: Path) -> Identity:
    """Return the identity in a folder.

    Raises:
        IdentityError: it is missing or damaged.
    """
    try:
        read = orjson.loads((folder / FILE).read_bytes())
        key = SigningKey.from_bytes(bytes.fromhex(read["private"]))
        return Identity(did=read["did"], base=read["base"], method=read["method"], key=key)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IdentityError(f"the key in {folder} is missing or damaged: {error}") from error
