"""How far a search reaches: this node, its cluster, or everything that it holds."""

from datetime import UTC, datetime
from typing import NamedTuple

import orjson

from federation.records import OriginStanding
from node.runtime import Runtime


class _Tie(NamedTuple):
    hub: str
    member: str
    role: str


def scope_origins(runtime: Runtime, scope: str) -> list[str] | None:
    """Return the DIDs that a scope ("mine", "cluster", "all") covers, None for all."""
    me = runtime.identity.did
    if scope == "mine":
        return [me]
    return sorted(_cluster(runtime, me)) if scope == "cluster" else None


def clusters(runtime: Runtime) -> dict[str, frozenset[str]]:
    """Return the DIDs of each cluster, the hub among them, by the DID of its hub."""
    found: dict[str, set[str]] = {}
    for tie in _ties(runtime):
        if tie.role == "member":
            found.setdefault(tie.hub, {tie.hub}).add(tie.member)
    return {hub: frozenset(members) for hub, members in sorted(found.items())}


def allies(runtime: Runtime, hub: str) -> list[str]:
    """Return the DIDs of the hubs that are allied with one, whichever of the two says so."""
    pairs = [(tie.hub, tie.member) for tie in _ties(runtime) if tie.role == "allied-hub"]
    return sorted({other for pair in pairs if hub in pair for other in pair} - {hub})


def _cluster(runtime: Runtime, me: str) -> set[str]:
    """Return the nodes that share a hub with this one, the hubs, and this one.

    Our hubs are those that list us as a member. Where none does, those that we accepted
    ourselves, without the hubs that are only allied with us. A hub is its own hub.
    """
    ties = _ties(runtime)
    hubs = {tie.hub for tie in ties if tie.role == "member" and tie.member == me}
    if not hubs:
        allied = {tie.member for tie in ties if tie.role == "allied-hub" and tie.hub == me}
        allied |= {tie.hub for tie in ties if tie.role == "allied-hub" and tie.member == me}
        accepted = {
            origin.did
            for origin in runtime.journal.origins()
            if origin.standing is OriginStanding.PINNED
        }
        hubs = {tie.hub for tie in ties if tie.hub in accepted and tie.role == "member"} - allied
    hubs.add(me)
    members = {tie.member for tie in ties if tie.role == "member" and tie.hub in hubs}
    return hubs | members


def _ties(runtime: Runtime) -> list[_Tie]:
    found = []
    now = runtime.clock()
    for entry in runtime.journal.records(record_type="Membership"):
        document = orjson.loads(entry.body)
        if not _lapsed(document.get("until"), now):
            role, member = document.get("memberRole"), document.get("memberDid")
            if member != entry.origin:  # a node that asks to join says so of itself
                found.append(_Tie(entry.origin, str(member), str(role)))
    return found


def _lapsed(until: object, now: datetime) -> bool:
    if not isinstance(until, str):
        return False
    try:
        end = datetime.fromisoformat(until)
    except ValueError:
        return True
    return (end if end.tzinfo else end.replace(tzinfo=UTC)) < now
