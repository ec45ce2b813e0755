"""The node's key: replaced, and kept safe."""

import os
from dataclasses import dataclass, replace
from pathlib import Path

from federation import identity as identities
from federation import key_folder
from federation.identity import Identity, SigningKey, fingerprint
from federation.journal.journal import Journal
from node.runtime import Runtime, running
from node.services.errors import ServiceError
from node.services.indexer import IndexLock
from node.settings import Settings


@dataclass(frozen=True, slots=True)
class Rotated:
    """A key that was replaced.

    Attributes:
        old: fingerprint of the key before.
        new: fingerprint of the key that signs now.
        method: URL of the new key.
    """

    old: str
    new: str
    method: str


def rotate(settings: Settings) -> Rotated:
    """Replace the node's key by a new one and say so in its log, signed by both.

    Peers follow by themselves: nobody has to compare fingerprints again.

    Raises:
        ServiceError: the node is running: its processes would go on with the old key.
        FederationError: the node must not publish now.
    """
    lock = IndexLock(settings.index_lock)
    if not lock.acquire():
        raise ServiceError("this node is running; stop it first, then: lonja key rotate")
    try:
        with running(settings) as runtime:
            old, new = runtime.identity, _next_identity(runtime)
            publisher = settings.organisation_uri
            key_folder.change(settings.keys_folder, runtime.journal, new, publisher)
    finally:
        lock.release()
    before, after = old.key.public_multikey, new.key.public_multikey
    return Rotated(fingerprint(before), fingerprint(after), new.method)


def export(runtime: Runtime, file: Path) -> None:
    """Write the private key to a new file that only its owner can read.

    Raises:
        ServiceError: the file is there already, or cannot be written.
    """
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise ServiceError(f"{file} cannot be written: {error.strerror}") from error
    with os.fdopen(handle, "wb") as out:
        out.write(identities.as_json(runtime.identity) + b"\n")


def _next_identity(runtime: Runtime) -> Identity:
    """Return this node with a fresh key."""
    method = next_method(runtime.journal, runtime.identity.did)
    return replace(runtime.identity, method=method, key=SigningKey.generate())


def next_method(journal: Journal, did: str) -> str:
    """Return the URL of an origin's next key, numbered on from those that it has had."""
    ends = [key.method.rsplit("#key-", 1)[-1] for key in journal.published_keys(did)]
    return f"{did}#key-{max((int(end) for end in ends if end.isdecimal()), default=1) + 1}"
