"""What a recovery does to the journal: the old key's later work is disowned, the log goes on.

Disowned entries lose their body and their number, as if erased: pages of the feed that held them
get another address, and whoever keeps copies is told by the same means.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

import orjson
from sqlalchemy import Connection, delete, insert, select, update

from federation import proof
from federation.errors import ProofError
from federation.journal import origins
from federation.journal.append import Erased, contiguous_after, identifier_of
from federation.journal.batch import pieces
from federation.journal.tables import alert, entry, origin, origin_key, record
from federation.micros import to_micros
from federation.records import DISOWNED, EntryState, Origin, Refusal
from federation.recovery import digest_of, standing_after
from federation.refusals import refusal
from federation.rotation import KeyChange, KeySpan
from federation.trust import Candidate

_SETTLED: Final = ("equivocation", "new-key")


def recover(
    connection: Connection, candidate: Candidate, change: KeyChange, now: datetime
) -> list[Erased] | Refusal | None:
    """Make room for an entry signed with a recovery key.

    Returns:
        What it disowned; None when the entry is held already; a refusal when its key was used
        for another recovery before.
    """
    one = candidate.entry
    held = origins.find(connection, change.did)
    if held is None:
        return refusal("unknown-origin", one.version_uri)
    number = connection.execute(select(origin.c.id).where(origin.c.did == change.did)).scalar_one()
    same = entry.c.origin_id == number, entry.c.seq == one.seq, entry.c.digest == one.digest
    if connection.execute(select(entry.c.position).where(*same)).first() is not None:
        return None
    if digest_of(change.recovery_key) != held.recovery:
        return refusal("unknown-key", one.version_uri, detail="this recovery key was used before")
    _change_keys(connection, number, change, now)
    gone = _disown(connection, number, held, change)
    _rewind(connection, number, held, change)
    settled = update(alert).where(alert.c.origin == change.did, alert.c.kind.in_(_SETTLED))
    connection.execute(settled.values(settled=True))
    said = f"its recovery key named a new key after number {change.last_seq}; {len(gone)} disowned"
    origins.raise_alert(connection, "recovered", change.did, said, now)
    return gone


def _change_keys(connection: Connection, number: int, change: KeyChange, now: datetime) -> None:
    own = origin_key.c.origin_id == number
    wide = origin_key.c.last_seq.is_(None) | (origin_key.c.last_seq > change.last_seq)
    connection.execute(update(origin_key).where(own, wide).values(last_seq=change.last_seq))
    origins.change_keys(connection, change, now)
    used = {
        "method": f"{change.did}#recovery",
        "seen": 0,
        "revoked": to_micros(now),
        "last_seq": 0,  # it may sign nothing else
    }
    row = {"origin_id": number, "key": change.recovery_key, **used}
    connection.execute(insert(origin_key).values(**row))


def _disown(connection: Connection, number: int, held: Origin, change: KeyChange) -> list[Erased]:
    """Take out of the log what no key may have signed any more."""
    spans = origins.every_key(connection).get(held.did, [])
    beyond = (entry.c.origin_id == number) & (entry.c.seq > change.last_seq)
    rows = connection.execute(
        select(entry.c.position, entry.c.seq, entry.c.uri, entry.c.body).where(beyond)
    ).all()
    false = [row for row in rows if not _is_genuine(bytes(row.body), row.seq, spans)]
    gone: list[Erased] = []
    for some in pieces(row.position for row in false):
        meant = entry.c.position.in_(some)
        found = connection.execute(select(entry.c.version_uri, entry.c.feed_number).where(meant))
        gone += [Erased(row.version_uri, row.feed_number) for row in found]
        values = {
            "seq": -entry.c.position,
            "version": 0,
            "state": str(EntryState.ERASED),
            "reason": DISOWNED,
            "body": b"",
        }
        connection.execute(update(entry).where(meant).values(**values))
    for uri in {row.uri for row in false}:
        _choose_winner(connection, number, uri)
    return gone


def _is_genuine(body: bytes, seq: int, spans: list[KeySpan]) -> bool:
    if not body:  # erased: nothing can be shown of it, and its number may be needed
        return False
    examined = proof.examine(orjson.loads(body))
    return any(_holds(examined, span.key) for span in spans if span.may_sign(seq))


def _holds(examined: proof.Examined, key: str) -> bool:
    try:
        examined.verify(key)
    except ProofError:
        return False
    return True


def _choose_winner(connection: Connection, number: int, uri: str) -> None:
    """Let the newest genuine version of a record stand for it again, if there is one."""
    connection.execute(delete(record).where(record.c.uri == uri))
    newest = (
        select(entry)
        .where(entry.c.uri == uri, entry.c.state == str(EntryState.HELD))
        .order_by(entry.c.version.desc())
        .limit(1)
    )
    row = connection.execute(newest).first()
    if row is not None:
        values = {
            "uri": uri,
            "origin_id": number,
            "version": row.version,
            "digest": row.digest,
            "position": row.position,
            "type": row.type,
            "identifier": identifier_of(bytes(row.body)),
        }
        connection.execute(insert(record).values(**values))


def _rewind(connection: Connection, number: int, held: Origin, change: KeyChange) -> None:
    """Bring the origin's row in line with what is left of its log."""
    in_log = entry.c.origin_id == number, entry.c.seq > 0
    last = select(entry.c.seq, entry.c.digest).where(*in_log).order_by(entry.c.seq.desc()).limit(1)
    row = connection.execute(last).first()
    values: dict[str, object] = {
        "standing": str(standing_after(held)),
        "recovery": change.recovery,
        "last_seq": row.seq if row else 0,
        "last_digest": row.digest if row else "",
        "contiguous_seq": contiguous_after(connection, number, 0),
        "head_seq": 0,
        "head_digest": "",
        "head_valid_until": None,
        "head": None,
    }
    connection.execute(update(origin).where(origin.c.id == number).values(**values))


def in_turn(candidates: Sequence[Candidate]) -> Iterator[list[Candidate]]:
    """Yield candidates in pieces; one that recovers a log stands at the beginning of its piece."""
    piece: list[Candidate] = []
    for one in candidates:
        if piece and one.key_change is not None and one.key_change.recovery_key:
            yield piece
            piece = []
        piece.append(one)
    yield piece
