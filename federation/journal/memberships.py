"""Whom the accepted hubs introduce: derived anew from the memberships that they have signed.

Nothing depends on the order in which memberships arrive, on how often, or on whether their hub was
accepted before or after them: what counts is the newest version of each membership that is held.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Final

import orjson
from sqlalchemy import Connection, select, update

from federation.introductions import Introduction, introduction_of
from federation.journal import origins
from federation.journal.tables import entry, origin, record
from federation.micros import to_micros
from federation.records import Entry, Origin, OriginStanding
from vocab.terms import JsonObject

_ACCEPTED: Final = (OriginStanding.LOCAL, OriginStanding.PINNED)
_STOPPED: Final = (OriginStanding.FROZEN, OriginStanding.QUARANTINED)
_ENDLESS: Final = datetime.max.replace(tzinfo=UTC)


def concerns_membership(one: Entry) -> bool:
    """Say whether an entry is a version of a membership, its tombstone included."""
    return one.type == "Membership" or (one.type == "Tombstone" and b'"Membership"' in one.body)


def follow(
    connection: Connection,
    *,
    http_hosts: Collection[str],
    now: datetime,
    pending: Mapping[str, Entry] | None = None,
) -> None:
    """Bring the introduced origins up to date with the memberships that are held.

    Args:
        connection: to read and write with.
        http_hosts: "host:port" that are reached by http.
        now: memberships that have ended by then introduce nobody.
        pending: by record URI, newest versions that are not written yet.
    """
    known = {one.did: one for one in origins.every(connection)}
    ever = origins.keys_ever(connection)
    signed = _signed(connection, pending or {})
    offers = _offers(signed, known, ever, http_hosts, now)
    for did, offered in offers.items():
        _apply(connection, known.get(did), offered, ever.get(did, ()), now)
    for one in known.values():
        if one.standing is OriginStanding.INTRODUCED and one.did not in offers:
            _end(connection, one, now)


def _signed(connection: Connection, pending: Mapping[str, Entry]) -> list[JsonObject]:
    """Return the newest versions of all memberships, the oldest first."""
    query = (
        select(record.c.uri, entry.c.body)
        .join(entry, entry.c.position == record.c.position)
        .where(record.c.type == "Membership")
        .order_by(record.c.position)
    )
    bodies = {row.uri: bytes(row.body) for row in connection.execute(query)}
    bodies |= {uri: one.body if one.type == "Membership" else b"" for uri, one in pending.items()}
    return [orjson.loads(body) for body in bodies.values() if body]


def _offers(
    signed: Iterable[JsonObject],
    known: Mapping[str, Origin],
    ever: Mapping[str, Collection[str]],
    http_hosts: Collection[str],
    now: datetime,
) -> dict[str, list[Introduction]]:
    """Return what holds now, by member: the accepted hubs' word, then that of their allied hubs."""
    by_hub: dict[str, list[JsonObject]] = defaultdict(list)
    for document in signed:
        by_hub[str(document.get("origin"))].append(document)
    accepted = {
        did: one
        for did, one in known.items()
        if one.standing in _ACCEPTED and not _is_hosted(one, known.values())
    }
    said = [document for did in accepted for document in by_hub[did]]
    offers: dict[str, list[Introduction]] = defaultdict(list)
    for one in _heard(said, known, http_hosts, now):
        offers[one.did].append(one)
    allied = _allied(offers, known, ever, accepted)
    said = [document for did in allied for document in by_hub[did]]
    for one in _heard(said, {**known, **allied}, http_hosts, now):
        offers[one.did].append(one)
    return offers


def _is_hosted(one: Origin, known: Iterable[Origin]) -> bool:
    """Say whether an origin is a village that this node signs for: it vouches for nobody."""
    local = OriginStanding.LOCAL
    return one.standing is local and any(
        other.standing is local and one.base.startswith(f"{other.base}/") for other in known
    )


def _heard(
    said: Iterable[JsonObject],
    around: Mapping[str, Origin],
    http_hosts: Collection[str],
    now: datetime,
) -> Iterator[Introduction]:
    for document in said:
        one = introduction_of(document, around, http_hosts)
        if one is not None and (one.until or _ENDLESS) > now and one.did != one.by:
            yield one


def _allied(
    offers: Mapping[str, list[Introduction]],
    known: Mapping[str, Origin],
    ever: Mapping[str, Collection[str]],
    accepted: Collection[str],
) -> dict[str, Origin]:
    """Return the hubs that accepted hubs list as allied, as the origins that they become."""
    found = {}
    for did, offered in offers.items():
        best = _best(offered)
        held = known.get(did)
        doubtful = len({one.key for one in offered}) > 1 or (
            held is not None
            and (held.standing in _STOPPED or best.key not in {held.key, *ever.get(did, ())})
        )
        if did not in accepted and best.hops == 1 and not doubtful:
            found[did] = _introduced(best)
    return found


def _best(offered: Iterable[Introduction]) -> Introduction:
    """Return the nearest introduction, of equally near ones the one that lasts longest."""
    return min(offered, key=lambda one: (one.hops, _ENDLESS - (one.until or _ENDLESS), one.by))


def _is_applied(held: Origin, one: Introduction) -> bool:
    said = (one.base, one.by, one.hops, one.until)
    return said == (held.base, held.introduced_by, held.hops, held.until)


def _introduced(one: Introduction) -> Origin:
    return Origin(
        did=one.did,
        base=one.base,
        key=one.key,
        standing=OriginStanding.INTRODUCED,
        introduced_by=one.by,
        hops=one.hops,
        until=one.until,
    )


def _apply(
    connection: Connection,
    held: Origin | None,
    offered: list[Introduction],
    ever: Collection[str],
    now: datetime,
) -> None:
    """Introduce a member, or quarantine it when a second key is named.

    A key that the member itself has replaced names it as well as the one that followed.
    """
    best = _best(offered)
    own = {best.key} if held is None else {held.key, *ever}
    other = next((one for one in offered if one.key not in own), None)
    if other is not None:
        said = f"{other.by} names another key, {other.key}"
        if held is None or held.standing is OriginStanding.INTRODUCED:
            origins.keep_introduced(connection, _introduced(best), now)
            origins.quarantine(connection, best.did)
        origins.raise_alert(connection, "new-key", best.did, said, now)
        return
    if held is None or (held.standing is OriginStanding.INTRODUCED and not _is_applied(held, best)):
        origins.keep_introduced(connection, _introduced(best), now)


def _end(connection: Connection, one: Origin, now: datetime) -> None:
    """Accept nothing new of an origin that nobody vouches for any longer; its records stay."""
    if one.until is None or one.until > now:
        connection.execute(
            update(origin).where(origin.c.did == one.did).values(until=to_micros(now))
        )
