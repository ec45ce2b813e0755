"""From what an author wrote to a signed version: address, envelope, proof."""

import secrets
from datetime import datetime
from typing import Final

from federation import proof
from federation.identity import Identity, did_of
from vocab.canonical import canonical_bytes, digest
from vocab.terms import JsonObject, collection_of, type_of

_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32


def new_identifier() -> str:
    """Return 26 letters and digits that carry 130 random bits."""
    number = secrets.randbits(130)
    return "".join(_ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5))


def new_record_uri(base: str, collection: str) -> str:
    """Return a fresh record URI; it says nothing about the record and is never reused."""
    return f"{base}/{collection}/{new_identifier()}"


def provisional(body: JsonObject, *, base: str, uri: str, now: datetime) -> JsonObject:
    """Return a body with the envelope it would get, unsigned: what the checks look at."""
    record = uri or f"{base}/{collection_of(type_of(body)) or 'records'}/new"
    moment = proof.timestamp(now)
    return {
        **body,
        "id": f"{record}/v/1",
        "isVersionOf": record,
        "origin": did_of(base),
        "seq": 1,
        "version": 1,
        "issued": moment,
        "modified": moment,
    }


def seal(
    body: JsonObject,
    *,
    identity: Identity,
    uri: str,
    seq: int,
    version: int,
    previous: str | None,
    issued: str,
    now: datetime,
) -> tuple[bytes, str]:
    """Return (RFC 8785 bytes of the signed version, digest).

    Args:
        body: the record without its envelope.
        identity: who signs.
        uri: record URI.
        seq: number in the origin's log.
        version: number of the version.
        previous: digest of the version before, None for the first.
        issued: time of the first version, as it stands there.
        now: time of this version.
    """
    document: JsonObject = {
        **body,
        "id": f"{uri}/v/{version}",
        "isVersionOf": uri,
        "origin": identity.did,
        "seq": seq,
        "version": version,
        "issued": issued,
        "modified": proof.timestamp(now),
    }
    if previous is not None:
        document["previous"] = previous
    signed = proof.sign(document, identity.key, identity.method, now)
    return canonical_bytes(signed), digest(signed)
