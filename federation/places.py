"""Places: where the records of a node without an address of its own live, under that of a hub.

Such a node is named by its key alone (did:key, W3C CCG), so nobody else can speak for it. Its
records live at `HUB/n/PLACE`, where PLACE is made of the key: a hub that gives the place away
cannot give it to another key, and what it signs itself is never accepted there.
"""

import hashlib
import re
from typing import Final

from federation.errors import IdentityError
from federation.identity import Identity, SigningKey, public_key

_METHOD: Final = "did:key:"
_FOLDER: Final = "/n/"
_PLACE: Final = re.compile(r"n/[0-9a-f]{32}(?:/|$)")


def is_did_key(did: str) -> bool:
    """Say whether a DID is a key."""
    return did.startswith(_METHOD)


def key_in(did: str) -> str:
    """Return the Multikey that a did:key is.

    Raises:
        IdentityError: it is no did:key of an Ed25519 key.
    """
    method, _, key = did.partition(_METHOD)
    if method or not key:
        raise IdentityError(f"'{did[:300]}' is no did:key")
    public_key(key)
    return key


def place_of(did: str) -> str:
    """Return the name of the place of a did:key: 32 hexadecimal digits, 128 bits of its hash.

    Raises:
        IdentityError: it is no did:key of an Ed25519 key.
    """
    return hashlib.sha256(key_in(did).encode()).hexdigest()[:32]


def base_under(hub: str, did: str) -> str:
    """Return where the records of a did:key live under the address of a hub.

    Raises:
        IdentityError: it is no did:key of an Ed25519 key.
    """
    return f"{hub}{_FOLDER}{place_of(did)}"


def hub_of(base: str) -> str:
    """Return the address of the hub under which a base address is a place, "" when it is none."""
    hub, _, _place = base.rpartition(_FOLDER)
    return hub if hub and is_in_place(base[len(hub) + 1 :]) else ""


def is_place_of(base: str, did: str) -> bool:
    """Say whether an address is the place of a did:key, under whatever hub."""
    try:
        return is_did_key(did) and base == base_under(hub_of(base), did)
    except IdentityError:
        return False


def is_in_place(path: str) -> bool:
    """Say whether a path below an origin's base address lies in a place that is another's."""
    return _PLACE.match(path) is not None


def first_method(did: str, key: str) -> str:
    """Return the URL by which the first key of a DID is usually named."""
    return f"{did}#{key}" if is_did_key(did) else f"{did}#key-1"


def new_identity(hub: str, key: SigningKey | None = None) -> Identity:
    """Return the identity of a node whose records live under the address of a hub."""
    own = key or SigningKey.generate()
    did = _METHOD + own.public_multikey
    return Identity(did, base_under(hub, did), first_method(did, own.public_multikey), own)
