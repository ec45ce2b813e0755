"""Discover: who is at an address, before anybody trusts it."""

from dataclasses import dataclass

import orjson

from federation.did_document import did_document_url, keys_in
from federation.errors import IdentityError
from federation.fetch import Fetcher
from federation.identity import did_of, fingerprint
from federation.places import is_did_key, is_place_of
from vocab.terms import JsonObject


@dataclass(frozen=True, slots=True)
class Discovered:
    """What a node says of itself; nothing of it is trusted before the fingerprint is compared.

    Attributes:
        did: its DID, which belongs to the address that was asked, or is its key.
        base: where its records live: at that address, or in the place of its key.
        key: its current Multikey.
        method: URL of that key.
        name: the organisation that runs it, "" when it does not say.
        fingerprint: of the key, to be read out on the phone.
    """

    did: str
    base: str
    key: str
    method: str
    name: str
    fingerprint: str


def discover(base: str, fetcher: Fetcher) -> Discovered:
    """Return who is at an address.

    Raises:
        FetchError: it cannot be fetched.
        IdentityError: there is no DID document of that very address, nor one of a key.
    """
    answer = fetcher.get(did_document_url(base), accept="application/did+json, application/json")
    try:
        document = orjson.loads(answer.body)
    except orjson.JSONDecodeError as error:
        raise IdentityError(f"{base} shows no DID document: it is not JSON") from error
    if not isinstance(document, dict):
        raise IdentityError(f"{base} shows no DID document")
    did, records = _identity(document, base)
    method, key = next(iter(keys_in(document, did).items()))
    return Discovered(did, records, key, method, _name(document), fingerprint(key))


def _identity(document: JsonObject, base: str) -> tuple[str, str]:
    """Return the DID of a document and where its records live.

    A node that began under a hub keeps key and addresses when it moves to a place of its own.
    """
    did, known = document.get("id"), document.get("alsoKnownAs")
    if not isinstance(did, str) or not is_did_key(did):
        return did_of(base), base
    names = known if isinstance(known, list) else []
    records = next((n for n in names if isinstance(n, str) and is_place_of(n, did)), "")
    if not records:
        raise IdentityError(f"{base} is {did} but does not say where its records live")
    return did, records


def _name(document: JsonObject) -> str:
    services = document.get("service")
    for service in services if isinstance(services, list) else []:
        name = service.get("name") if isinstance(service, dict) else None
        if isinstance(name, str):
            return name[:200]
    return ""
