"""May a document be accepted, and from whom: pure decisions over a snapshot of the origins."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from federation import proof
from federation.errors import ProofError
from federation.introductions import Introduction, introduction_of
from federation.places import first_method, is_in_place
from federation.records import Entry, EntryState, Origin, OriginStanding, Refusal
from federation.recovery import (
    digest_in,
    digest_of,
    is_recovery,
    recovery_in,
    spans_after,
    standing_after,
)
from federation.refusals import refusal
from federation.rotation import KeyChange, KeySpan, changed, key_change_of
from vocab.findings import violations
from vocab.terms import JsonObject, type_of
from vocab.validate import check

MAX_BYTES: Final = 256_000
_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
_PATH: Final = re.compile(
    r"(?!(?:.*/)?\.{1,2}(?:/|$))(?!.*%2[ef])[^\s?#\\]{1,500}", re.ASCII | re.IGNORECASE
)
"""Path of a record: nothing in it that browsers would resolve to another place."""
_STOPPED: Final = ("origin-frozen", "origin-quarantined")
"""What the recovery key of an origin ends: the two say that its key is in doubt."""
_TRUSTED: Final = (OriginStanding.LOCAL, OriginStanding.PINNED, OriginStanding.INTRODUCED)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A genuine document, ready for the journal.

    Attributes:
        entry: the version; its state is STUB when it fails the record check.
        refusal: why it is a stub, None when it is held.
        key_change: what it says of the keys of its origin, None when nothing.
    """

    entry: Entry
    refusal: Refusal | None = None
    key_change: KeyChange | None = None


def standing_problem(
    origin: Origin | None, origins: Mapping[str, Origin], now: datetime
) -> str | None:
    """Return the rule by which nothing of an origin is accepted, None when it is accepted.

    Who was introduced is accepted for as long as who introduced it: the end of a hub's membership
    ends what hangs on it.
    """
    if origin is None:
        return "unknown-origin"
    if origin.standing not in _TRUSTED:
        return f"origin-{origin.standing}"
    if origin.until is not None and origin.until <= now:
        return "introduction-ended"
    if origin.standing is not OriginStanding.INTRODUCED:
        return None
    hub = origins.get(origin.introduced_by)
    nearer = hub is not None and hub.hops < origin.hops  # no two may hold each other up
    ended = not nearer or standing_problem(hub, origins, now) is not None
    return "introduction-ended" if ended else None


class Verifier:
    """Checks documents one by one; learns the memberships it has verified on the way.

    Args:
        origins: what is known now.
        keys: for each DID, the keys that may sign for it, and up to which number.
        http_hosts: "host:port" that are reached by http.
        now: the moment against which memberships are judged.
    """

    def __init__(
        self,
        origins: Iterable[Origin],
        keys: Mapping[str, Collection[KeySpan]],
        *,
        http_hosts: Collection[str] = (),
        now: datetime,
    ) -> None:
        self._origins = {one.did: one for one in origins}
        self._keys = {did: list(known) for did, known in keys.items()}
        self._http_hosts = http_hosts
        self._now = now
        self._bases = {one.base for one in self._origins.values()}

    def check_member(self, document: JsonObject) -> Candidate | Refusal:
        """Return a document as a candidate for the journal, or why it is refused.

        Accepted is what is signed by a key of a trusted origin, under the addresses of that same
        origin, with the numbers that its address says. Who relays it adds nothing.
        """
        uri = document.get("id")
        name = uri if isinstance(uri, str) else ""
        said = document.get("origin")
        origin = self._origins.get(said) if isinstance(said, str) else None
        stopped = standing_problem(origin, self._origins, self._now)
        saved = stopped in _STOPPED and is_recovery(document)
        if origin is None or (stopped is not None and not saved):
            return refusal(stopped or "unknown-origin", name, detail=f"origin: {said}"[:500])
        problem = _binding(document, origin, self._bases)
        if problem is not None:
            return refusal(problem, name)
        return self._proven(document, name, origin, stopped)

    def _proven(
        self, document: JsonObject, name: str, origin: Origin, stopped: str | None
    ) -> Candidate | Refusal:
        """Return a document as a candidate if its proof holds for a key of its origin.

        While an origin is stopped only its recovery key can speak for it.
        """
        examined = _examined(document, name, origin)
        if isinstance(examined, Refusal):
            return examined
        spans = self._keys.get(origin.did, [])
        if is_recovery(document):
            change = recovery_in(document, examined, origin, frozenset(s.key for s in spans))
            if change is not None:
                return self._recovered(document, origin, examined, change)
        if stopped is not None:
            return refusal(stopped, name, detail=f"origin: {origin.did}"[:500])
        signer = _signer(examined, spans, int(str(document["seq"])))
        if signer is None:
            method = examined.proof.method
            known = any(span.method == method for span in spans)
            said = "the signature does not match the document" if known else method[:500]
            return refusal("bad-proof" if known else "unknown-key", name, detail=said)
        return self._candidate(document, origin, examined, signer)

    def _recovered(
        self, document: JsonObject, origin: Origin, examined: proof.Examined, change: KeyChange
    ) -> Candidate | Refusal:
        """Return an entry signed with a recovery key; what follows is judged by its new key."""
        wrong = violations(check(document))
        if wrong:
            return refusal("bad-proof", str(document["id"]), detail=wrong[0].rule)
        if digest_of(change.recovery_key) == origin.recovery:
            self._keys[origin.did] = spans_after(self._keys.get(origin.did, []), change)
            self._origins[origin.did] = replace(
                origin, key=change.key, standing=standing_after(origin), recovery=change.recovery
            )
        return Candidate(_entry(document, origin.did, examined), key_change=change)

    def trusts(self, uri: str) -> bool:
        """Say whether documents at an address are of an origin that is trusted now."""
        return any(
            uri.startswith(f"{one.base}/")
            and standing_problem(one, self._origins, self._now) is None
            for one in self._origins.values()
        )

    def _candidate(
        self, document: JsonObject, origin: Origin, examined: proof.Examined, signer: KeySpan
    ) -> Candidate:
        wrong = violations(check(document))
        entry = _entry(document, origin.did, examined)
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
        change = key_change_of(document, origin.did, signer, entry.seq)
        if change is not None:
            self._keys[origin.did] = changed(self._keys[origin.did], change)
        announced = digest_in(document, entry.seq)
        if announced and not origin.recovery:
            self._origins[origin.did] = replace(self._origins[origin.did], recovery=announced)
        return Candidate(entry, key_change=change)

    def _learn(self, one: Introduction) -> None:
        """Accept the members that a membership introduces in what comes after it.

        The journal has the last word: it knows whether the membership is still the newest.
        """
        held = self._origins.get(one.did)
        if held is not None and held.standing is not OriginStanding.INTRODUCED:
            return
        known = {held.key, *(span.key for span in self._keys.get(one.did, ()))} if held else set()
        if held is not None and one.key not in known:
            self._origins[one.did] = replace(held, standing=OriginStanding.QUARANTINED)
            return
        self._origins[one.did] = Origin(
            did=one.did,
            base=one.base,
            key=held.key if held else one.key,
            standing=OriginStanding.INTRODUCED,
            introduced_by=one.by,
            hops=one.hops,
            until=one.until,
        )
        self._keys.setdefault(one.did, [KeySpan(one.key, first_method(one.did, one.key))])
        self._bases.add(one.base)


def _examined(document: JsonObject, name: str, origin: Origin) -> proof.Examined | Refusal:
    """Return a document taken apart, unless it is no signed document of its origin at all."""
    try:
        examined = proof.examine(document)
    except ProofError as error:
        return refusal("bad-proof", name, detail=str(error)[:500])
    except ValueError as error:
        return refusal("not-canonical", name, detail=str(error)[:500])
    method = examined.proof.method
    if examined.proof.controller != origin.did:
        return refusal("foreign-key", name, detail=method[:500])
    if len(examined.body) > MAX_BYTES:
        return refusal("record-too-large", name, detail=f"{len(examined.body)} bytes")
    return examined


def _binding(document: JsonObject, origin: Origin, bases: Collection[str]) -> str | None:
    """Return the rule that the addresses or numbers of a document break, None when none."""
    uri, record, version, seq = (
        document.get(key) for key in ("id", "isVersionOf", "version", "seq")
    )
    numbered = _is_number(version) and _is_number(seq)
    if not (isinstance(uri, str) and isinstance(record, str) and numbered):
        return "no-envelope"
    path = record.removeprefix(f"{origin.base}/")
    own = path != record and _PATH.fullmatch(path) and not is_in_place(path)
    own = own and not _is_inside(record, origin.base, bases)
    if not own or uri != f"{record}/v/{version}":
        return "foreign-address"
    previous = document.get("previous")
    linked = (version == 1) == (previous is None) and isinstance(previous, str | None)
    return None if linked else "broken-chain"


def _is_inside(record: str, base: str, bases: Collection[str]) -> bool:
    """Say whether an address under one base is under another that lies inside it."""
    end = record.find("/", len(base) + 1)
    while end != -1:
        if record[:end] in bases:
            return True
        end = record.find("/", end + 1)
    return False


def _signer(examined: proof.Examined, spans: Collection[KeySpan], seq: int) -> KeySpan | None:
    """Return the key that signed a document, of those that may sign its number; else None."""
    for span in spans:
        if span.may_sign(seq):
            try:
                examined.verify(span.key)
            except ProofError:
                continue
            return span
    return None


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**53


def _entry(document: JsonObject, did: str, examined: proof.Examined) -> Entry:
    seq, version = document["seq"], document["version"]
    assert isinstance(seq, int)  # noqa: S101  # `_binding` has just said so
    assert isinstance(version, int)  # noqa: S101  # `_binding` has just said so
    return Entry(
        origin=did,
        seq=seq,
        uri=str(document["isVersionOf"]),
        version_uri=str(document["id"]),
        version=version,
        digest=examined.digest,
        type=type_of(document)[:60] or "unknown",
        body=examined.body,
        received=_NEVER,
    )
