"""Join a hub: ask with a signed membership, be approved, and push from then on."""

from dataclasses import dataclass, replace
from typing import Final

import orjson

from federation.identity import fingerprint
from federation.introductions import MEMBER
from federation.joining import asks_to_join, join_request, membership
from federation.journal.requests import JoinRequests
from federation.records import Entry, Peer, PeerState, Refusal
from node.runtime import Runtime
from node.services.errors import ServiceError
from node.services.federate import accept_peer, add_peer, vouch
from node.services.publish import Submission, publish_one
from node.services.shown import hide
from node.settings import load
from node.settings_file import save
from vocab.terms import JsonObject

_ALERT: Final = "join-request"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that was sent.

    Attributes:
        hub: the hub, as a peer of this node.
        hub_fingerprint: of the hub's key, to be compared with its operator.
        own_fingerprint: of this node's key, which the hub's operator compares.
        joined: whether the hub has accepted this node already.
    """

    hub: Peer
    hub_fingerprint: str
    own_fingerprint: str
    joined: bool


def ask(runtime: Runtime, url: str, *, accept: bool = False) -> Asked:
    """Ask the hub at an address to take this node in, and keep it as a peer.

    Asking again is harmless: it tells whether the hub's operator has approved by now.

    Args:
        runtime: of the node that asks.
        url: address of the hub.
        accept: whether the hub's fingerprint was compared, so that its records are taken in.

    Raises:
        ServiceError: the hub refuses, or lives at an address that this node may not reach.
        FederationError: the hub cannot be reached, or its identity does not hold.
    """
    added = add_peer(runtime, url)
    peer = accept_peer(runtime, added.peer, now=True) if accept else added.peer
    entry = _own_membership(runtime, peer.did) or _sign(runtime, peer.did)
    answer = runtime.fetcher.post(
        f"{peer.url}/inbox", entry.body, content_type="application/ld+json"
    )
    save(replace(load(runtime.settings.data, environment={}), hub=peer.url))
    return Asked(
        hub=peer,
        hub_fingerprint=added.fingerprint,
        own_fingerprint=fingerprint(runtime.identity.key.public_multikey),
        joined=answer.status in (200, 201),
    )


def _own_membership(runtime: Runtime, hub_did: str) -> Entry | None:
    own = runtime.journal.records(record_type="Membership", origin_did=runtime.identity.did)
    return next((e for e in own if asks_to_join(orjson.loads(e.body), hub_did)), None)


def _sign(runtime: Runtime, hub_did: str) -> Entry:
    settings = runtime.settings
    body = membership(runtime.identity, hub_did, settings.name, settings.languages[0])
    outcome = publish_one(runtime, Submission("membership of this node", body))
    if outcome.entry is None:
        said = "; ".join(finding.message() for finding in outcome.findings)
        raise ServiceError(f"the membership cannot be signed: {said}")
    return outcome.entry


def take_request(runtime: Runtime, document: JsonObject) -> PeerState | Refusal | None:
    """Keep a request to join this hub; None when the document is none.

    Returns:
        The state of the peer that asks, or why the request is refused.

    Raises:
        TooManyRequestsError: the operator has to look at those that wait first.
    """
    if not asks_to_join(document, runtime.identity.did):
        return None
    base = runtime.settings.base_url
    request = join_request(document, base, runtime.settings.allow_hosts)
    if isinstance(request, Refusal):
        return request
    state = JoinRequests(runtime.store, runtime.clock).keep(request)
    if state is PeerState.PENDING:
        said = f"{request.name or request.base} asks to join this hub"
        runtime.journal.alert(_ALERT, request.did, said)
    return state


def approve(runtime: Runtime, peer: Peer, role: str = "", *, now: bool = False) -> Peer:
    """Accept a peer; vouch for it in a role, as a member when it has asked to join.

    Raises:
        ServiceError: the peer shows another key than when it was added, or the role is unknown.
        FederationError: the node cannot be reached, or its identity does not hold.
    """
    asked = JoinRequests(runtime.store, runtime.clock).of(peer.id) is not None
    accepted = hide(runtime, accept_peer(runtime, peer, now=now or asked), hidden=False)
    told = [a.id for a in runtime.journal.alerts() if (a.kind, a.origin) == (_ALERT, peer.did)]
    runtime.journal.settle(told)
    wanted = role or (MEMBER if asked else "")
    if wanted:
        vouch(runtime, accepted, wanted)
    return accepted
