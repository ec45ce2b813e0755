"""Whose documents are accepted: pinned, introduced and local origins, their keys and heads."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Select, insert, select, update

from federation.identity import PublishedKey
from federation.journal.rows import origin_of
from federation.journal.tables import alert, origin, origin_key, peer
from federation.micros import from_micros, maybe_from_micros, to_micros
from federation.places import first_method
from federation.records import Entry, EntryState, Origin, OriginStanding
from federation.recovery import FIRST, digest_in
from federation.rotation import KeyChange, KeySpan


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that a person should look at.

    Attributes:
        id: local number.
        at: when it was noticed, aware UTC.
        kind: "equivocation", "rollback", "stale-head", "new-key", "restored-backup", …
        origin: DID it concerns.
        detail: what was seen, in English.
    """

    id: int
    at: datetime
    kind: str
    origin: str
    detail: str


def find(connection: Connection, did: str) -> Origin | None:
    """Return an origin by its DID."""
    row = connection.execute(select(origin).where(origin.c.did == did)).one_or_none()
    return None if row is None else origin_of(row)


def every(connection: Connection) -> list[Origin]:
    """Return all origins, in the order in which they became known."""
    return [origin_of(row) for row in connection.execute(select(origin).order_by(origin.c.id))]


def keys_of(connection: Connection, did: str) -> list[str]:
    """Return the Multikeys that may sign for an origin, the newest first."""
    return [row.key for row in connection.execute(_keys().where(origin.c.did == did))]


def every_key(connection: Connection) -> dict[str, list[KeySpan]]:
    """Return the keys of every origin: the current one first, then what others may have signed.

    A key that was replaced by hand, with no word of its own about its last number, may have
    signed nothing that comes now.
    """
    found: dict[str, list[KeySpan]] = {}
    for row in connection.execute(_keys(revoked=True)):
        if row.revoked is None or row.last_seq is not None:
            last = None if row.revoked is None else row.last_seq
            found.setdefault(row.did, []).append(KeySpan(row.key, row.method, last))
    return found


def keys_ever(connection: Connection) -> dict[str, list[str]]:
    """Return every Multikey that each origin has ever signed with, the newest first."""
    found: dict[str, list[str]] = {}
    for row in connection.execute(_keys(revoked=True)):
        found.setdefault(row.did, []).append(row.key)
    return found


def published_keys(connection: Connection, did: str) -> list[PublishedKey]:
    """Return the keys of an origin as its DID document shows them, retired ones included."""
    rows = connection.execute(_keys(revoked=True).where(origin.c.did == did))
    return [PublishedKey(r.method, r.key, maybe_from_micros(r.revoked)) for r in rows]


def _keys(*, revoked: bool = False) -> Select[Any]:
    query = (
        select(
            origin.c.did,
            origin_key.c.key,
            origin_key.c.method,
            origin_key.c.revoked,
            origin_key.c.last_seq,
        )
        .join(origin, origin_key.c.origin_id == origin.c.id)
        .order_by(
            origin_key.c.revoked.is_not(None), origin_key.c.seen.desc(), origin_key.c.id.desc()
        )
    )
    return query if revoked else query.where(origin_key.c.revoked.is_(None))


def change_keys(connection: Connection, change: KeyChange, now: datetime) -> None:
    """Keep what an origin says of its keys: a new one, or what an old one may have signed."""
    number = connection.execute(select(origin.c.id).where(origin.c.did == change.did)).scalar_one()
    own = origin_key.c.origin_id == number
    if change.retired:
        known = connection.execute(
            select(origin_key.c.last_seq).where(own, origin_key.c.key == change.retired)
        ).one_or_none()
        values = {"revoked": to_micros(now), "last_seq": change.last_seq}
        if known is None:
            row = {"key": change.retired, "method": change.retired_method, "seen": 0, **values}
            connection.execute(insert(origin_key).values(origin_id=number, **row))
        elif known.last_seq is None or known.last_seq > change.last_seq:
            retired = update(origin_key).where(own, origin_key.c.key == change.retired)
            connection.execute(retired.values(**values))
        return
    current = own & origin_key.c.revoked.is_(None) & (origin_key.c.key != change.key)
    connection.execute(update(origin_key).where(current).values(last_seq=change.last_seq))
    _keep_key(connection, change.did, change.key, change.method, now)
    connection.execute(update(origin).where(origin.c.id == number).values(key=change.key))
    connection.execute(update(peer).where(peer.c.did == change.did).values(key=change.key))


def keep_recoveries(connection: Connection, fresh: Iterable[Entry]) -> None:
    """Keep the digest of the recovery key that the first entry of a log announces."""
    for one in fresh:
        if one.seq == FIRST and one.state is EntryState.HELD:
            digest = digest_in(orjson.loads(one.body), one.seq)
            unknown = (origin.c.did == one.origin) & (origin.c.recovery == "")
            connection.execute(update(origin).where(unknown).values(recovery=digest))


def pin(connection: Connection, one: Origin, method: str, now: datetime) -> None:
    """Keep an origin as trusted by the administrator (or local); replaces an introduction."""
    values = {
        "base": one.base,
        "key": one.key,
        "standing": str(one.standing),
        "introduced_by": "",
        "hops": 0,
        "name": one.name,
        "until": None,
    }
    _keep(connection, one.did, values, now)
    _keep_key(connection, one.did, one.key, method, now)


def unpin(connection: Connection, did: str, now: datetime) -> None:
    """Let an origin depend on who introduces it: until somebody does, its time has ended."""
    values = {"standing": str(OriginStanding.INTRODUCED), "hops": 2, "until": to_micros(now)}
    connection.execute(update(origin).where(origin.c.did == did).values(**values))


def keep_introduced(connection: Connection, one: Origin, now: datetime) -> None:
    """Keep an origin as introduced by a hub; a key that is known already stays the only one."""
    values = {
        "base": one.base,
        "standing": str(one.standing),
        "introduced_by": one.introduced_by,
        "hops": one.hops,
        "until": None if one.until is None else to_micros(one.until),
    }
    if find(connection, one.did) is None:
        _keep(connection, one.did, {**values, "key": one.key}, now)
        _keep_key(connection, one.did, one.key, first_method(one.did, one.key), now)
    else:
        _keep(connection, one.did, values, now)


def quarantine(connection: Connection, did: str) -> None:
    """Accept nothing of an origin until an administrator has compared its key."""
    _stand(connection, did, OriginStanding.QUARANTINED)


def take_name(connection: Connection, organisation: Entry) -> None:
    """Name an origin after the organisation that runs it: the one whose homepage it is."""
    held = find(connection, organisation.origin)
    document = orjson.loads(organisation.body)
    names = document.get("name")
    if held is None or document.get("homepage") != held.base + "/" or not isinstance(names, dict):
        return
    name = str(next(iter(names.values()), ""))[:500]
    connection.execute(update(origin).where(origin.c.did == held.did).values(name=name))


def freeze(connection: Connection, did: str, detail: str, now: datetime) -> None:
    """Accept nothing more of an origin that signed two documents with one number."""
    _stand(connection, did, OriginStanding.FROZEN)
    raise_alert(connection, "equivocation", did, detail, now)


def raise_alert(connection: Connection, kind: str, did: str, detail: str, now: datetime) -> None:
    """Tell the operator something, once for the same kind and origin until it is settled.

    What was settled is not told again in the same words.
    """
    told = select(alert.c.id).where(
        alert.c.kind == kind,
        alert.c.origin == did,
        alert.c.settled.is_(False) | (alert.c.detail == detail),
    )
    if connection.execute(told).first() is None:
        row = {
            "at": to_micros(now),
            "kind": kind,
            "origin": did,
            "detail": detail,
            "settled": False,
        }
        connection.execute(insert(alert).values(**row))


def open_alerts(connection: Connection) -> list[Alert]:
    """Return what was not settled yet, newest first."""
    rows = connection.execute(
        select(alert).where(alert.c.settled.is_(False)).order_by(alert.c.id.desc())
    )
    return [Alert(r.id, from_micros(r.at), r.kind, r.origin, r.detail) for r in rows]


def settle(connection: Connection, numbers: Iterable[int]) -> None:
    """Mark alerts as looked at."""
    connection.execute(update(alert).where(alert.c.id.in_(list(numbers))).values(settled=True))


def _stand(connection: Connection, did: str, standing: OriginStanding) -> None:
    connection.execute(update(origin).where(origin.c.did == did).values(standing=str(standing)))


def _keep(connection: Connection, did: str, values: dict[str, object], now: datetime) -> None:
    changed = connection.execute(update(origin).where(origin.c.did == did).values(**values))
    if changed.rowcount == 0:
        since = to_micros(now)
        connection.execute(insert(origin).values(did=did, since=since, **{"name": "", **values}))


def _keep_key(connection: Connection, did: str, key: str, method: str, now: datetime) -> None:
    """Keep the key that an origin signs with from now on; its other keys are replaced by it."""
    number = connection.execute(select(origin.c.id).where(origin.c.did == did)).scalar_one()
    others = (origin_key.c.origin_id == number) & (origin_key.c.key != key)
    connection.execute(
        update(origin_key)
        .where(others, origin_key.c.revoked.is_(None))
        .values(revoked=to_micros(now))
    )
    values = {"method": method, "revoked": None}
    known = (origin_key.c.origin_id == number) & (origin_key.c.key == key)
    if connection.execute(update(origin_key).where(known).values(**values)).rowcount == 0:
        row = {"origin_id": number, "key": key, "seen": to_micros(now), **values}
        connection.execute(insert(origin_key).values(**row))
