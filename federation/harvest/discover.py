"""Discover: who is at an address, before anybody trusts it."""

from dataclasses import dataclass

import orjson

from federation.errors import IdentityError
from federation.fetch import Fetcher
from federation.identity import did_document_url, did_of, fingerprint, keys_in
from vocab.terms import JsonObject


@dataclass(frozen=True, slots=True)
class Discovered:
    """What a node says of itself; nothing of it is trusted before the fingerprint is compared.

    Attributes:
        did: its DID, which belongs to the address that was asked.
        base: its public address.
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
        IdentityError: there is no DID document of that very address.
    """
    answer = fetcher.get(did_document_url(base), accept="application/did+json, application/json")
    try:
        document = orjson.loads(answer.body)
    except orjson.JSONDecodeError as error:
        raise IdentityError(f"{base} shows no DID document: it is not JSON") from error
    if not isinstance(document, dict):
        raise IdentityError(f"{base} shows no DID document")
    did = did_of(base)
    method, key = next(iter(keys_in(document, did).items()))
    return Discovered(did, base, key, method, _name(document), fingerprint(key))


def _name(document: JsonObject) -> str:
    services = document.get("service")
    for service in services if isinstance(services, list) else []:
        name = service.get("name") if isinstance(service, dict) else None
        if isinstance(name, str):
            return name[:200]
    return ""
