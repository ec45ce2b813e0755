"""May a document be accepted, and from whom: pure decisions over a snapshot of the origins."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from federation import proof
from federation.errors import ProofError
from federation.introductions import Introduction, introduction_of
from federation.records import Entry, EntryState, Origin, OriginStanding, Refusal
from federation.refusals import refusal
from vocab.canonical import canonical_bytes, digest
from vocab.findings import violations
from vocab.terms import JsonObject, type_of
from vocab.validate import check

MAX_BYTES: Final = 256_000
_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TRUSTED: Final = (OriginStanding.LOCAL, OriginStanding.PINNED, OriginStanding.INTRODUCED)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A genuine document, ready for the journal.

    Attributes:
        entry: the version; its state is STUB when it fails the record check.
        refusal: why it is a stub, None when it is held.
        introduction: what a membership says, None for all other documents.
    """

    entry: Entry
    refusal: Refusal | None = None
    introduction: Introduction | None = None


class Verifier:
    """Checks documents one by one; learns the memberships it has verified on the way.

    Args:
        origins: what is known now.
        keys: for each DID, method URL -> Multikey, retired keys included.
        http_hosts: "host:port" that are reached by http.
        now: the moment against which memberships are judged.
    """

    def __init__(
        self,
        origins: Iterable[Origin],
        keys: Mapping[str, Mapping[str, str]],
        *,
        http_hosts: Collection[str] = (),
        now: datetime,
    ) -> None:
        self._origins = {one.did: one for one in origins}
        self._keys = {did: dict(known) for did, known in keys.items()}
        self._http_hosts = http_hosts
        self._now = now

    def check_member(self, document: JsonObject) -> Candidate | Refusal:
        """Return a document as a candidate for the journal, or why it is refused.

        Accepted is what is signed by a key of a trusted origin, under the addresses of that same
        origin, with the numbers that its address says. Who relays it adds nothing.
        """
        uri = document.get("id")
        name = uri if isinstance(uri, str) else ""
        origin = self._origins.get(str(document.get("origin")))
        problem = self._standing(origin) or _binding(document, origin)
        if problem is not None:
            return refusal(problem, name, detail=f"origin: {document.get('origin')}")
        assert origin is not None  # noqa: S101  # an unknown origin is a problem of standing
        try:
            found = proof.read(document)
            key = self._keys.get(origin.did, {}).get(found.method)
            if found.controller != origin.did or key is None:
                return refusal("foreign-key", name, detail=found.method)
            proof.verify(document, key)
            body = canonical_bytes(document)
            if len(body) > MAX_BYTES:
                return refusal("too-large", name, detail=f"{len(body)} bytes")
            return self._candidate(document, origin, body)
        except ProofError as error:
            return refusal("bad-proof", name, detail=str(error))
        except ValueError as error:
            return refusal("not-canonical", name, detail=str(error))

    def knows(self, uri: str) -> bool:
        """Say whether documents at an address are of an origin that is trusted now."""
        return any(
            uri.startswith(one.base + "/") and self._standing(one) is None
            for one in self._origins.values()
        )

    def _standing(self, origin: Origin | None) -> str | None:
        """Return why nothing of an origin is accepted, None when it is."""
        if origin is None:
            return "unknown-origin"
        if origin.standing not in _TRUSTED:
            return f"origin-{origin.standing}"
        if origin.until is not None and origin.until <= self._now:
            return "introduction-ended"
        return None

    def _candidate(self, document: JsonObject, origin: Origin, body: bytes) -> Candidate:
        wrong = violations(check(document))
        entry = _entry(document, origin.did, body)
        if wrong:
            first = wrong[0]
            reason = Refusal(
                version_uri=entry.version_uri,
                rule=first.rule,
                pointer=first.pointer,
                messages=first.messages,
                fixes=first.fixes,
                detail=first.detail,
            )
            stub = replace(entry, state=EntryState.STUB, reason=first.rule)
            return Candidate(stub, refusal=reason)
        introduction = introduction_of(document, self._origins, self._http_hosts)
        if introduction is not None:
            self._learn(introduction)
        return Candidate(entry, introduction=introduction)

    def _learn(self, one: Introduction) -> None:
        """Accept the members that a membership introduces in what comes after it."""
        held = self._origins.get(one.did)
        if held is not None and held.standing is not OriginStanding.INTRODUCED:
            return
        if held is not None and held.key != one.key:
            self._origins[one.did] = replace(held, standing=OriginStanding.QUARANTINED)
            return
        self._origins[one.did] = Origin(
            did=one.did,
            base=one.base,
            key=one.key,
            standing=OriginStanding.INTRODUCED,
            introduced_by=one.by,
            hops=one.hops,
            until=one.until,
        )
        self._keys.setdefault(one.did, {})[f"{one.did}#key-1"] = one.key


def _binding(document: JsonObject, origin: Origin | None) -> str | None:
    """Return the rule that the addresses or numbers of a document break, None when none."""
    uri, record, version, seq = (
        document.get(key) for key in ("id", "isVersionOf", "version", "seq")
    )
    numbered = _is_number(version) and _is_number(seq)
    if origin is None or not (isinstance(uri, str) and isinstance(record, str) and numbered):
        return "no-envelope"
    inside = record.startswith(origin.base + "/") and "/../" not in record
    if not inside or uri != f"{record}/v/{version}":
        return "foreign-address"
    previous = document.get("previous")
    linked = (version == 1) == (previous is None) and isinstance(previous, str | None)
    return None if linked else "broken-chain"


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**53


def _entry(document: JsonObject, did: str, body: bytes) -> Entry:
    seq, version = document["seq"], document["version"]
    assert isinstance(seq, int)  # noqa: S101  # `_binding` has just said so
    assert isinstance(version, int)  # noqa: S101  # `_binding` has just said so
    return Entry(
        origin=did,
        seq=seq,
        uri=str(document["isVersionOf"]),
        version_uri=str(document["id"]),
        version=version,
        digest=digest(document),
        type=type_of(document) or "unknown",
        body=body,
        received=_NEVER,
    )
