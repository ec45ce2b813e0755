"""Joining a hub: the membership that a node signs itself, and what a hub makes of it.

A node asks by handing the hub a signed entry of its own log. The hub's operator compares the
fingerprint and signs a membership in turn: it holds once both have signed.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from federation import proof
from federation.errors import IdentityError, ProofError
from federation.identity import Identity, base_of, public_key
from federation.introductions import MEMBER
from federation.places import base_under, hub_of, is_did_key, is_place_of, key_in
from federation.records import Refusal
from federation.refusals import refusal
from federation.trust import MAX_BYTES
from vocab.findings import violations
from vocab.language import pick
from vocab.terms import CONTEXT_URL, JsonObject
from vocab.validate import check

_NAME: Final = 200


@dataclass(frozen=True, slots=True)
class JoinRequest:
    """A node that asks to join; nothing of it is trusted before its fingerprint is compared.

    Attributes:
        did: its DID.
        base: where its records live: its own address, or a place under that of the hub.
        key: the Multikey it signs with.
        name: how it calls itself.
        body: the signed entry, RFC 8785 bytes.
    """

    did: str
    base: str
    key: str
    name: str
    body: bytes


def membership(own: Identity, hub_did: str, name: str, language: str) -> JsonObject:
    """Return the body that a node signs to join a hub."""
    body: JsonObject = {
        "@context": CONTEXT_URL,
        "type": "Membership",
        "memberDid": own.did,
        "memberKey": own.key.public_multikey,
        "memberRole": MEMBER,
        "hubDid": hub_did,
    }
    if is_did_key(own.did):
        body["memberBase"] = own.base
    return {**body, "name": {language: name}} if name else body


def asks_to_join(document: JsonObject, hub_did: str) -> bool:
    """Say whether a document is a membership that a member has signed for a hub."""
    named = document.get("type") == "Membership" and document.get("hubDid") == hub_did
    return named and document.get("memberDid") == document.get("origin")


def join_request(
    document: JsonObject, hub_base: str, http_hosts: Collection[str]
) -> JoinRequest | Refusal:
    """Return a request whose own proof holds, or why it is none.

    Args:
        document: what `asks_to_join`.
        hub_base: address of the hub.
        http_hosts: "host:port" that are reached by http.
    """
    uri = document.get("id")
    name = uri[:500] if isinstance(uri, str) else ""
    did, key = str(document.get("memberDid")), str(document.get("memberKey"))
    try:
        public_key(key)
        base = _base(document, did, hub_base, http_hosts)
    except IdentityError as error:
        return refusal("foreign-address", name, detail=str(error)[:500])
    if not base or not name.startswith(f"{base}/"):
        return refusal("foreign-address", name)
    try:
        examined = proof.examine(document)
        examined.verify(key)
    except (ProofError, ValueError) as error:
        return refusal("bad-proof", name, detail=str(error)[:500])
    if examined.proof.controller != did:
        return refusal("foreign-key", name, detail=examined.proof.method[:500])
    if len(examined.body) > MAX_BYTES or violations(check(document)):
        return refusal("no-envelope", name)
    names = document.get("name")
    said, _language = pick(
        {k: v for k, v in names.items() if isinstance(v, str)} if isinstance(names, dict) else {},
        ("en",),
    )
    return JoinRequest(did, base, key, said[:_NAME], examined.body)


def _base(document: JsonObject, did: str, hub_base: str, http_hosts: Collection[str]) -> str:
    if not is_did_key(did):
        return base_of(did, http_hosts=http_hosts)
    if document.get("memberKey") != key_in(did):
        return ""
    said = document.get("memberBase")
    own = isinstance(said, str) and is_place_of(said, did) and hub_of(said) == hub_base
    return base_under(hub_base, did) if own else ""
