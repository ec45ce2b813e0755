"""Keys of an origin over time: which key may sign up to which number, and how a key changes.

A change is one record with two versions. The old key signs the first: whoever trusts it learns
the new one. The new key signs the second, which names the old key and the last number that it
signed: whoever trusts the new key learns what of the past is genuine.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from federation.identity import Identity
from vocab.terms import CONTEXT_URL, JsonObject


@dataclass(frozen=True, slots=True)
class KeySpan:
    """A key of an origin and the numbers that it may sign.

    Attributes:
        key: the public key (Multikey).
        method: URL by which proofs name it.
        last_seq: number of the last entry that it may have signed; None for the current key.
    """

    key: str
    method: str
    last_seq: int | None = None

    def may_sign(self, seq: int) -> bool:
        """Say whether an entry with a number may be signed by it."""
        return self.last_seq is None or seq <= self.last_seq


@dataclass(frozen=True, slots=True)
class KeyChange:
    """What a verified entry of type KeyRotation says.

    Attributes:
        did: the origin.
        key: the key that signs from now on.
        method: its URL.
        retired: the key that it replaces; "" when that is whichever signed until now.
        retired_method: its URL, "" when not stated.
        last_seq: number of the last entry that the retired key signed rightly.
        recovery_key: the offline key that signed it, "" for a plain change.
        recovery: digest of the next offline key, then.
    """

    did: str
    key: str
    method: str
    retired: str
    retired_method: str
    last_seq: int
    recovery_key: str = ""
    recovery: str = ""


def key_change_of(document: JsonObject, did: str, signer: KeySpan, seq: int) -> KeyChange | None:
    """Return what a verified document changes about the keys of its origin, None for nothing.

    Args:
        document: the document, whatever its type.
        did: its origin.
        signer: the key that signed it; only the current one may name another that follows, any
            key may name the one before it within its own time.
        seq: its number.
    """
    if document.get("type") != "KeyRotation":
        return None
    key, method, retired = (document.get(name) for name in ("newKey", "newMethod", "retiredKey"))
    if not isinstance(key, str) or not isinstance(method, str) or not method.startswith(f"{did}#"):
        return None
    if retired is None:
        current = signer.last_seq is None and key != signer.key
        return KeyChange(did, key, method, "", "", seq) if current else None
    last, name = document.get("lastGoodSeq"), document.get("retiredMethod")
    good = isinstance(retired, str) and isinstance(last, int) and 0 <= last < seq
    if key != signer.key or not good or retired == key:
        return None
    return KeyChange(did, key, method, str(retired), str(name or ""), int(str(last)))


def changed(spans: Iterable[KeySpan], change: KeyChange) -> list[KeySpan]:
    """Return the keys of an origin after a change, the current one first.

    What a key was allowed before is never widened.
    """
    known = {span.key: span for span in spans}
    if change.retired:
        held = known.get(change.retired)
        last = change.last_seq
        if held is not None and held.last_seq is not None:
            last = min(last, held.last_seq)
        known[change.retired] = KeySpan(change.retired, change.retired_method, last)
    else:
        for span in known.values():
            if span.last_seq is None:
                known[span.key] = replace(span, last_seq=change.last_seq)
        known[change.key] = KeySpan(change.key, change.method)
    return sorted(known.values(), key=lambda span: span.last_seq is not None)


def announcement(new: Identity, publisher: str) -> JsonObject:
    """Return the body that the old key signs."""
    body: JsonObject = {
        "@context": CONTEXT_URL,
        "type": "KeyRotation",
        "newKey": new.key.public_multikey,
        "newMethod": new.method,
    }
    return {**body, "publisher": publisher} if publisher else body


def confirmation(retired: KeySpan, new: Identity, publisher: str) -> JsonObject:
    """Return the body that the new key signs: what of the old key's work is genuine."""
    return {
        **announcement(new, publisher),
        "retiredKey": retired.key,
        "retiredMethod": retired.method,
        "lastGoodSeq": retired.last_seq,
    }
