"""What a signed membership introduces: the members of accepted hubs, one allied hub further."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from federation.errors import IdentityError
from federation.identity import base_of, public_key
from federation.places import is_did_key, is_place_of
from federation.records import Origin, OriginStanding
from vocab.terms import JsonObject

MEMBER: Final = "member"
ALLIED_HUB: Final = "allied-hub"
LAST_HOP: Final = 2
"""Who stands here introduces nobody: members of hubs. An allied hub stands one step before."""

_VOUCHING: Final = (OriginStanding.LOCAL, OriginStanding.PINNED, OriginStanding.INTRODUCED)


@dataclass(frozen=True, slots=True)
class Introduction:
    """What a signed membership says: this DID has this key until then.

    Attributes:
        did: DID of the member.
        base: where its records live: its public address, or a place under that of its hub.
        key: its Multikey.
        by: DID of the hub that signs.
        hops: 1 for a hub that an accepted hub lists as allied, 2 for every plain member.
        until: end of the membership, None for open.
    """

    did: str
    base: str
    key: str
    by: str
    hops: int
    until: datetime | None = None


def introduction_of(
    document: JsonObject, origins: Mapping[str, Origin], http_hosts: Collection[str]
) -> Introduction | None:
    """Return what a verified document introduces, None when it introduces nobody.

    A hub that an administrator accepted (or this node itself) introduces members and allied hubs;
    a hub that is itself introduced introduces plain members only, and what it introduces
    introduces nobody.
    """
    if document.get("type") != "Membership":
        return None
    hub = origins.get(str(document.get("origin")))
    did, key, role = (document.get(name) for name in ("memberDid", "memberKey", "memberRole"))
    if hub is None or not isinstance(did, str) or not isinstance(key, str):
        return None
    if not _may_introduce(hub, role):
        return None
    try:
        base = _base(document, did, hub, http_hosts)
        until = _moment(document.get("until"))
    except (IdentityError, ValueError):
        return None
    if not base or not _is_key(key) or _lives_inside(did, hub, origins):
        return None
    hops = hub.hops + 1 if role == ALLIED_HUB else LAST_HOP
    return Introduction(did=did, base=base, key=key, by=hub.did, hops=hops, until=until)


def _base(document: JsonObject, did: str, hub: Origin, http_hosts: Collection[str]) -> str:
    """Return where a member's records live, "" when the hub may not say so.

    The address of a did:web is its name. A did:key has a place under the address of the very hub
    that introduces it.
    """
    if not is_did_key(did):
        return base_of(did, http_hosts=http_hosts)
    said = document.get("memberBase")
    own = isinstance(said, str) and said.startswith(f"{hub.base}/") and is_place_of(said, did)
    return str(said) if own else ""


def _may_introduce(hub: Origin, role: object) -> bool:
    if hub.standing not in _VOUCHING or hub.hops >= LAST_HOP:
        return False
    return role == MEMBER or (role == ALLIED_HUB and hub.hops == 0)


@lru_cache(maxsize=8192)
def _is_key(multikey: str) -> bool:
    try:
        public_key(multikey)
    except IdentityError:
        return False
    return True


def _lives_inside(did: str, hub: Origin, origins: Mapping[str, Origin]) -> bool:
    """Say whether a member would live under the address of another origin that is known.

    Only a hub may give away a place, and only under its own address: otherwise it could take over
    the records of a node by naming a member that lives under it. The parts of a did:web are those
    of the address.
    """
    steps = did.split(":")
    above = (":".join(steps[:count]) for count in range(3, len(steps)))
    return any(parent in origins and parent != hub.did for parent in above)


def _moment(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    moment = datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
