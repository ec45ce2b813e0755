"""The head of an own log: a small signed statement of how far it reaches, valid for some days."""

from datetime import datetime, timedelta
from typing import Final

import orjson

from federation import proof
from federation.identity import Identity
from federation.journal.journal import Journal
from vocab.canonical import canonical_bytes
from vocab.terms import CONTEXT_URL, JsonObject

HEAD_VALID: Final = timedelta(days=7)
HEAD_RENEWED: Final = timedelta(days=1)
HEAD_EARLY: Final = timedelta(minutes=5)


def own_head(journal: Journal, identity: Identity, feed: str, now: datetime) -> bytes:
    """Return the signed head of an origin of this node; signed anew after an append or a day.

    Args:
        journal: of the node.
        identity: the origin.
        feed: address of its feed.
        now: the present moment.
    """
    seq, last = journal.end_of_log(identity.did)
    held = journal.head(identity.did)
    if held is not None and _is_fresh(orjson.loads(held), seq, now):
        return held
    document: JsonObject = {
        "@context": CONTEXT_URL,
        "id": f"{feed}/head",
        "type": "FeedHead",
        "origin": identity.did,
        "seq": seq,
        "generated": proof.timestamp(now),
        "validUntil": proof.timestamp(now + HEAD_VALID),
    }
    if last:
        document["last"] = last
    signed = proof.sign(document, identity.key, identity.method, now)
    body = canonical_bytes(signed)
    journal.note_own_head(identity.did, seq=seq, last=last, valid_until=now + HEAD_VALID, body=body)
    return body


def _is_fresh(head: JsonObject, seq: int, now: datetime) -> bool:
    """Say whether a held head may be served: not after a day, nor when the clock was set back."""
    made = datetime.fromisoformat(str(head.get("generated")))
    return head.get("seq") == seq and made - HEAD_EARLY <= now < made + HEAD_RENEWED
