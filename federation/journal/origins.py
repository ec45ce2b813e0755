"""Whose documents are accepted: pinned, introduced and local origins, their keys and heads."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import Connection, insert, select, update

from federation.introductions import Introduction
from federation.journal.rows import from_micros, origin_of, to_micros
from federation.journal.tables import alert, origin, origin_key
from federation.records import Entry, Origin, OriginStanding


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


def keys_of(connection: Connection, did: str) -> dict[str, str]:
    """Return method URL -> Multikey of all keys that an origin ever had, revoked ones included."""
    rows = connection.execute(
        select(origin_key.c.method, origin_key.c.key)
        .join(origin, origin_key.c.origin_id == origin.c.id)
        .where(origin.c.did == did)
    )
    return {row.method: row.key for row in rows}


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


def introduce(connection: Connection, one: Introduction, now: datetime) -> None:
    """Apply a membership: accept its member, or quarantine it when a second key is named."""
    held = find(connection, one.did)
    if held is not None and held.key != one.key:
        if held.standing is OriginStanding.INTRODUCED:
            _stand(connection, one.did, OriginStanding.QUARANTINED)
        raise_alert(connection, "new-key", one.did, f"{one.by} names another key, {one.key}", now)
        return
    if held is not None and held.standing is not OriginStanding.INTRODUCED:
        return
    if held is not None and held.introduced_by != one.by and held.hops <= one.hops:
        return
    values = {
        "base": one.base,
        "key": one.key,
        "standing": str(OriginStanding.INTRODUCED),
        "introduced_by": one.by,
        "hops": one.hops,
        "until": None if one.until is None else to_micros(one.until),
    }
    _keep(connection, one.did, values, now)
    _keep_key(connection, one.did, one.key, f"{one.did}#key-1", now)


def end_introduction(connection: Connection, did: str, by: str, now: datetime) -> None:
    """Accept nothing new of an origin whose membership its hub has withdrawn."""
    connection.execute(
        update(origin)
        .where(
            origin.c.did == did,
            origin.c.introduced_by == by,
            origin.c.standing == str(OriginStanding.INTRODUCED),
        )
        .values(until=to_micros(now))
    )


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
    """Tell the operator something, once for the same kind and origin until it is settled."""
    open_ones = select(alert.c.id).where(
        alert.c.kind == kind, alert.c.origin == did, alert.c.settled.is_(False)
    )
    if connection.execute(open_ones).first() is None:
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
    number = connection.execute(select(origin.c.id).where(origin.c.did == did)).scalar_one()
    known = select(origin_key.c.id).where(origin_key.c.origin_id == number, origin_key.c.key == key)
    if connection.execute(known).first() is None:
        row = {"origin_id": number, "key": key, "method": method, "seen": to_micros(now)}
        connection.execute(insert(origin_key).values(**row))
