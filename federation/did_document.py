"""The DID document: how a node publishes its keys (DID 1.0, did:web, Multikey)."""

from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from federation.errors import IdentityError
from federation.identity import PublishedKey, public_key
from vocab.terms import JsonObject

_DID_CONTEXT: Final = "https://www.w3.org/ns/did/v1"
_MULTIKEY_CONTEXT: Final = "https://w3id.org/security/multikey/v1"


def did_document_url(base: str) -> str:
    """Return where the DID document of a node is (did:web, section 3.2)."""
    path = "/did.json" if urlsplit(base).path.strip("/") else "/.well-known/did.json"
    return base + path


def did_document(
    did: str, keys: Iterable[PublishedKey], *, base: str, name: str = "", records: str = ""
) -> JsonObject:
    """Return the DID document of an origin; revoked keys stay in it, for old proofs.

    Args:
        did: the origin.
        keys: what it signs and has signed with.
        base: address of the node; its feed is named as a service.
        name: of the organisation that runs the node.
        records: where its records live, when that is not at `base` (did:key).
    """
    methods: list[JsonObject] = []
    current: list[str] = []
    for key in keys:
        shown: JsonObject = {
            "id": key.method,
            "type": "Multikey",
            "controller": did,
            "publicKeyMultibase": key.multikey,
        }
        if key.revoked is None:
            current.append(key.method)
        else:
            shown["revoked"] = key.revoked.strftime("%Y-%m-%dT%H:%M:%SZ")
        methods.append(shown)
    document: JsonObject = {
        "@context": [_DID_CONTEXT, _MULTIKEY_CONTEXT],
        "id": did,
        "verificationMethod": [*methods],
        "assertionMethod": [*current],
        "service": [
            {
                "id": f"{did}#feed",
                "type": "LonjaFeed",
                "serviceEndpoint": f"{base}/feed",
                "name": name,
            }
        ],
    }
    return {**document, "alsoKnownAs": [records]} if records else document


def keys_in(document: JsonObject, did: str) -> dict[str, str]:
    """Return method URL -> Multikey of the keys that a DID document allows to sign records.

    Raises:
        IdentityError: the document is of another DID, or names no usable key; keys of other
            kinds are left out.
    """
    if document.get("id") != did:
        raise IdentityError(f"the document says it is of {document.get('id')}, not of {did}")
    methods, allowed = document.get("verificationMethod"), document.get("assertionMethod")
    if not isinstance(methods, list) or not isinstance(allowed, list):
        raise IdentityError(f"the document of {did} names no key to verify records with")
    found: dict[str, str] = {}
    for method in methods:
        if not isinstance(method, dict) or "revoked" in method:
            continue
        name, key = method.get("id"), method.get("publicKeyMultibase")
        if not isinstance(name, str) or not isinstance(key, str) or name not in allowed:
            continue
        if method.get("controller") == did and name.startswith(did + "#") and _is_ed25519(key):
            found[name] = key
    if not found:
        raise IdentityError(f"the document of {did} names no Ed25519 key to verify records with")
    return found


def _is_ed25519(multikey: str) -> bool:
    try:
        public_key(multikey)
    except IdentityError:
        return False
    return True
