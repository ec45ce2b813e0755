"""Recovery: how an origin gets its log back when its key was stolen or lost.

The first entry of a log names the digest of a key that is kept offline. An entry signed with that
key names the number of the last entry that is genuine and the key that signs from then on:
whatever the old key signed beyond that number is disowned, wherever it went.
"""

import hashlib
from typing import Final

from federation.errors import ProofError
from federation.identity import Identity
from federation.proof import Examined
from federation.records import Origin, OriginStanding
from federation.rotation import KeyChange, KeySpan
from vocab.canonical import multihash
from vocab.terms import CONTEXT_URL, JsonObject

FIRST: Final = 1
"""Number of the entry that names the digest: what comes later may be a thief's."""


def digest_of(multikey: str) -> str:
    """Return the digest by which a recovery key is announced (multihash of the Multikey)."""
    return multihash(hashlib.sha256(multikey.encode()).digest())


def digest_in(document: JsonObject, seq: int) -> str:
    """Return the digest of a recovery key that an entry announces, "" when it announces none."""
    said = document.get("recoveryDigest")
    return said if seq == FIRST and isinstance(said, str) else ""


def is_recovery(document: JsonObject) -> bool:
    """Say whether a document claims to be signed with a recovery key."""
    return document.get("type") == "KeyRotation" and "recoveryKey" in document


def recovery_in(
    document: JsonObject, examined: Examined, origin: Origin, used: frozenset[str]
) -> KeyChange | None:
    """Return what a document signed with an origin's recovery key changes, None when it is none.

    Args:
        document: the document, of type KeyRotation.
        examined: the same, taken apart.
        origin: whose log it stands in, with the digest that the log announces.
        used: keys that the origin has signed with: a recovery that was accepted once is known
            by its key.
    """
    key, method, by = (document.get(name) for name in ("newKey", "newMethod", "recoveryKey"))
    seq, last = document.get("seq"), document.get("lastGoodSeq")
    if not (isinstance(key, str) and isinstance(method, str) and isinstance(by, str)):
        return None
    if not method.startswith(f"{origin.did}#") or type(last) is not int or seq != last + 1:
        return None
    if digest_of(by) != origin.recovery and by not in used:
        return None
    try:
        examined.verify(by)
    except ProofError:
        return None
    following = document.get("recoveryDigest")
    return KeyChange(
        did=origin.did,
        key=key,
        method=method,
        retired="",
        retired_method="",
        last_seq=last,
        recovery_key=by,
        recovery=following if isinstance(following, str) else "",
    )


def body(new: Identity, recovery_key: str, last_good: int, following: str) -> JsonObject:
    """Return what the recovery key signs.

    Args:
        new: who signs from now on.
        recovery_key: the Multikey whose digest the log announces.
        last_good: number of the last entry that is genuine.
        following: digest of the next recovery key; this one has been used up.
    """
    return {
        "@context": CONTEXT_URL,
        "type": "KeyRotation",
        "newKey": new.key.public_multikey,
        "newMethod": new.method,
        "recoveryKey": recovery_key,
        "lastGoodSeq": last_good,
        "recoveryDigest": following,
    }


def spans_after(spans: list[KeySpan], change: KeyChange) -> list[KeySpan]:
    """Return the keys of an origin after a recovery, the new one first."""
    kept = [
        KeySpan(span.key, span.method, min(change.last_seq, _end(span, change)))
        for span in spans
        if span.key not in (change.key, change.recovery_key)
    ]
    used = KeySpan(change.recovery_key, f"{change.did}#recovery", 0)  # it may sign nothing else
    return [KeySpan(change.key, change.method), *kept, used]


def _end(span: KeySpan, change: KeyChange) -> int:
    return change.last_seq if span.last_seq is None else span.last_seq


def standing_after(origin: Origin) -> OriginStanding:
    """Return the standing of an origin once its recovery key has spoken."""
    if origin.standing is OriginStanding.LOCAL:
        return OriginStanding.LOCAL
    return OriginStanding.INTRODUCED if origin.introduced_by else OriginStanding.PINNED
