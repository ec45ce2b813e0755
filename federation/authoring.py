"""From what an author wrote to a signed version: address, envelope, proof."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from federation import proof
from federation.identity import Identity, did_of
from vocab.glossary import conforms_to
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
        "conformsTo": conforms_to(),
    }


@dataclass(frozen=True, slots=True)
class Numbers:
    """The place of a version in its origin's log and in its record's history.

    Attributes:
        seq: number in the origin's log.
        version: number of the version.
        previous: digest of the version before, None for the first.
        issued: time of the first version, as it stands there.
    """

    seq: int
    version: int
    previous: str | None
    issued: str


def seal(
    body: JsonObject, *, identity: Identity, uri: str, numbers: Numbers, now: datetime
) -> tuple[bytes, str]:
    """Sign a body as a version of the record `uri`.

    Returns:
        RFC 8785 bytes of the signed version, and its digest.
    """
    document: JsonObject = {
        **body,
        "id": f"{uri}/v/{numbers.version}",
        "isVersionOf": uri,
        "origin": identity.did,
        "seq": numbers.seq,
        "version": numbers.version,
        "issued": numbers.issued,
        "modified": proof.timestamp(now),
        "conformsTo": conforms_to(),
    }
    if numbers.previous is not None:
        document["previous"] = numbers.previous
    signed = proof.examine(proof.sign(document, identity.key, identity.method, now))
    return signed.body, signed.digest
