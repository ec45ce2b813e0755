"""Peers: add, accept, vouch for, harvest."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from federation.addresses import endpoint
from federation.harvest import Progress, discover, harvest
from federation.identity import base_of, public_key
from federation.places import first_method, hub_of, is_did_key, is_place_of, place_of
from federation.records import Entry, Origin, OriginStanding, Peer, PeerState, Run
from federation.words import in_words, is_fingerprint_of
from node.runtime import Runtime
from node.services.errors import ServiceError, UserError
from node.services.publish import Submission, publish_one
from node.settings import FILE_NAME, Settings, check_base_url, is_loopback
from vocab.terms import CONTEXT_URL, JsonObject

ROLES = ("member", "allied-hub")


@dataclass(frozen=True, slots=True)
class Added:
    """A peer that was added, and the fingerprint its operator reads out on the phone."""

    peer: Peer
    fingerprint: str


def add_peer(runtime: Runtime, url: str, *, interval_minutes: int | None = None) -> Added:
    """Look up a node's identity and keep it as a pending peer.

    Raises:
        ServiceError: a trial node may only have peers on this machine.
        FederationError: the node cannot be reached, or its identity does not hold.
    """
    base = check_base_url(url)
    if runtime.settings.trial and not is_loopback(base):
        raise UserError(
            "a trial node only has peers on this machine; give it its public address first: "
            "lonja init --base-url https://…"
        )
    if base == runtime.identity.base:
        raise UserError("a node cannot be its own peer")
    _check_allowed(base, runtime.settings)
    found = discover(base, runtime.fetcher)
    seconds = 60 * (interval_minutes or runtime.settings.harvest_minutes)
    peer = runtime.peers.add(
        base, did=found.did, key=found.key, name=found.name, interval_seconds=seconds
    )
    return Added(peer, found.fingerprint)


def accept_peer(runtime: Runtime, peer: Peer, *, now: bool = False) -> Peer:
    """Pin a peer's key and begin to harvest it, one interval from now or at once.

    A node whose records live in a place under this one's address has none of its own: it pushes.

    Raises:
        ServiceError: the node shows another key than when it was added.
        FederationError: the node cannot be reached, or its identity does not hold.
    """
    if peer.did and is_place_of(peer.url, peer.did):
        method = first_method(peer.did, peer.key)
        runtime.journal.pin(
            did=peer.did, base=peer.url, key=peer.key, method=method, name=peer.name
        )
        return runtime.peers.accept(peer.id, harvested=False)
    _check_allowed(peer.url, runtime.settings)
    found = discover(peer.url, runtime.fetcher)
    if found.key != peer.key or found.did != peer.did:
        raise UserError(
            "%(url)s shows another key than when it was added; ask its operator, then remove "
            "the peer and add it again",
            url=peer.url,
        )
    runtime.journal.pin(
        did=found.did, base=found.base, key=found.key, method=found.method, name=found.name
    )
    return runtime.peers.accept(peer.id, now=now)


def vouch(runtime: Runtime, peer: Peer, role: str, until: datetime | None = None) -> Entry:
    """Sign that a peer is a member of this hub, or an allied hub, and return the entry.

    Nodes that accept this hub then accept the peer's records from it as well.

    Raises:
        ServiceError: the peer is not accepted, or the role does not exist.
    """
    if peer.state is not PeerState.ACCEPTED:
        raise ServiceError(f"{peer.url} is {peer.state}; accept it first")
    if role not in ROLES:
        raise ServiceError(f"'{role}' is no role; choose one of {', '.join(ROLES)}")
    document: JsonObject = {
        "@context": CONTEXT_URL,
        "type": "Membership",
        "memberDid": peer.did,
        "memberKey": peer.key,
        "memberRole": role,
    }
    if is_did_key(peer.did):
        origin = runtime.journal.origin(peer.did)
        document["memberBase"] = peer.url if origin is None else origin.base
    if until is not None:
        document["until"] = until.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    outcome = publish_one(runtime, Submission(f"membership of {peer.url}", document))
    if outcome.entry is None:
        said = "; ".join(finding.message() for finding in outcome.findings)
        raise ServiceError(f"the membership cannot be signed: {said}")
    return outcome.entry


def compare(peer: Peer, said: str | None) -> None:
    """Do nothing when the fingerprint that was read out is that of a peer; None says nothing.

    Raises:
        ServiceError: it is another.
    """
    if said is not None and not is_fingerprint_of(said, peer.key):
        raise UserError(
            "this is not the fingerprint of %(url)s: its key is %(words)s; either "
            "somebody misheard, or somebody stands between the two nodes",
            url=peer.url,
            words=in_words(peer.key),
        )


def pin_origin(runtime: Runtime, did: str, key: str, base: str, name: str) -> Origin:
    """Trust an origin that no network leads to: its operator has given its key by hand.

    Raises:
        ServiceError: the DID is this node's own, or the address is not that of the DID.
        IdentityError: DID or key cannot be used.
    """
    public_key(key)
    if did == runtime.identity.did:
        raise UserError("a node trusts itself already")
    if is_did_key(did):
        if not is_place_of(base, did):
            raise ServiceError(f"give where its records live: --base https://HUB/n/{place_of(did)}")
        records = base
    else:
        records = base_of(did, http_hosts=runtime.settings.allow_hosts)
    method = first_method(did, key)
    runtime.journal.pin(did=did, base=records, key=key, method=method, name=name)
    origin = runtime.journal.origin(did)
    if origin is None:
        raise ServiceError(f"{did} could not be pinned")
    return origin


def pinned(runtime: Runtime) -> list[Origin]:
    """Return the origins that were pinned and are no peers: they come by bundle or push."""
    peers = {peer.did for peer in runtime.peers.list()}
    known = runtime.journal.origins()
    return [one for one in known if one.standing is OriginStanding.PINNED and one.did not in peers]


def suggested(runtime: Runtime) -> list[dict[str, str]]:
    """Return the nodes that accepted hubs vouch for and that are no peers of this one.

    They are suggestions: nothing is asked of them unless an administrator adds them.
    """
    peers = {peer.did for peer in runtime.peers.list()}
    names = {one.did: one.name or one.did for one in runtime.journal.origins()}
    return [
        {
            "did": one.did,
            "url": one.base,
            "name": one.name,
            "introduced_by": names.get(one.introduced_by, one.introduced_by),
        }
        for one in runtime.journal.origins()
        if one.standing is OriginStanding.INTRODUCED
        and one.did not in peers
        and not hub_of(one.base)
    ]


def find_peer(runtime: Runtime, name: str) -> Peer:
    """Return the peer that a URL, a DID or a name means.

    Raises:
        ServiceError: no peer, or more than one, is meant.
    """
    wanted = name.rstrip("/")
    peers = runtime.peers.list()
    meant = [p for p in peers if wanted in (p.url, p.did)] or [
        p for p in peers if p.name.casefold() == name.casefold()
    ]
    if len(meant) == 1:
        return meant[0]
    known = ", ".join(peer.url for peer in peers) or "none yet; add one with: lonja peer add URL"
    what = "no peer" if not meant else "more than one peer"
    raise ServiceError(f"'{name}' means {what}; peers are: {known}")


def harvest_peer(
    runtime: Runtime,
    peer: Peer,
    *,
    lease: str | None = None,
    progress: Callable[[Progress], None] | None = None,
    stop: threading.Event | None = None,
) -> Run:
    """Harvest one peer now and return its ledger; never raises for what a peer does."""
    return harvest(
        peer,
        journal=runtime.journal,
        peers=runtime.peers,
        runs=runtime.runs,
        fetcher=runtime.fetcher,
        clock=runtime.clock,
        lease=lease,
        progress=progress,
        stop=stop,
    )


def accepted_peers(runtime: Runtime) -> list[Peer]:
    """Return the peers that are harvested; those that push have no next run."""
    accepted = [peer for peer in runtime.peers.list() if peer.state is PeerState.ACCEPTED]
    return [peer for peer in accepted if peer.next_at is not None]


def waiting_peers(runtime: Runtime) -> list[Peer]:
    """Return the peers that would be harvested once the operator accepts them."""
    return [peer for peer in runtime.peers.list() if peer.state is PeerState.PENDING]


def find_accepted_peer(runtime: Runtime, name: str) -> Peer:
    """Return the accepted peer that a URL, a DID or a name means.

    Raises:
        ServiceError: no peer, or more than one, is meant, or it is not accepted.
    """
    peer = find_peer(runtime, name)
    if peer.state is not PeerState.ACCEPTED:
        raise ServiceError(f"{peer.url} is {peer.state}; first: lonja peer accept {peer.url}")
    return peer


def is_allowed(base: str, settings: Settings) -> bool:
    """Say whether the settings let this node ask a peer: by https, or as `allow_hosts` says."""
    parts = urlsplit(base)
    host = endpoint(parts.hostname or "", parts.port or 80)
    return parts.scheme != "http" or host in settings.allow_hosts


def _check_allowed(base: str, settings: Settings) -> None:
    """Refuse an address without encryption that the settings do not allow, with the way out.

    Raises:
        ServiceError: plain http to a host and port outside `allow_hosts`.
    """
    if is_allowed(base, settings):
        return
    parts = urlsplit(base)
    host = endpoint(parts.hostname or "", parts.port or 80)
    names = ", ".join(f'"{name}"' for name in sorted({*settings.allow_hosts, host}))
    raise UserError(
        "%(url)s is plain http, which is refused unless you allow it: write "
        "allow_hosts = [%(names)s] in %(file)s and start the node again",
        url=base,
        names=names,
        file=settings.data / FILE_NAME,
    )
