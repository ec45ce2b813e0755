"""Receive what other nodes push: only from whom is accepted here, judged like a harvest."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from federation import proof
from federation.errors import ProofError
from federation.intake import keep_ledger, ledger, take_in
from federation.records import OriginStanding, Peer, PeerState, Refusal, Run, Verdict
from federation.trust import Candidate
from node.runtime import Runtime
from vocab.document import DocumentError, parse
from vocab.terms import JsonObject

_ACCEPTED = (OriginStanding.LOCAL, OriginStanding.PINNED, OriginStanding.INTRODUCED)


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a push.

    Attributes:
        run: the ledger.
        contiguous: number up to which the sender's log is held without a gap now.
    """

    run: Run
    contiguous: int


def sender_of(document: JsonObject) -> str:
    """Return the DID that a first line names, "" when it names none."""
    did = document.get("origin")
    return did if isinstance(did, str) else ""


def may_push(runtime: Runtime, did: str) -> bool:
    """Say whether an origin is accepted here, so that what it pushes is looked at."""
    origin = runtime.journal.origin(did)
    if origin is None:
        return False
    if origin.standing in _ACCEPTED:
        return not _is_suspended(runtime, did)
    return origin.standing is OriginStanding.FROZEN  # its recovery key may set it free


def is_signed(runtime: Runtime, document: JsonObject, did: str) -> bool:
    """Say whether a first line was signed with a key of the origin that it names.

    Anybody can name an accepted origin; only itself may use up how often it may push.
    """
    try:
        examined = proof.examine(document)
        examined.verify_any(key.multikey for key in runtime.journal.published_keys(did))
    except (ProofError, ValueError):
        return False
    return examined.proof.controller == did


def _is_suspended(runtime: Runtime, did: str) -> bool:
    return any(p.did == did and p.state is PeerState.SUSPENDED for p in runtime.peers.list())


def receive_one(runtime: Runtime, document: JsonObject) -> Verdict | Refusal:
    """Judge one entry and append it when it is genuine."""
    checked = runtime.journal.verifier().check_member(document)
    if not isinstance(checked, Candidate):
        return checked
    return runtime.journal.append_foreign([checked])[0]


def receive(
    runtime: Runtime, first: bytes, rest: Iterable[bytes], did: str, *, proven: bool
) -> Received:
    """Take in pushed lines of an accepted sender and return the ledger.

    The ledger is kept when the sender has shown to be itself: anybody can name it.
    """
    began = time.monotonic()
    taken = take_in(chain([first], rest), journal=runtime.journal, clock=runtime.clock)
    peer = _peer(runtime, did)
    changed = any(one is not Verdict.UNCHANGED for one in taken.verdicts)
    if peer is not None and proven and changed:
        run = keep_ledger(taken, peer.id, runtime.runs, began, runtime.clock())
    else:
        run = ledger(taken, did, began, runtime.clock())
    held = runtime.journal.reached(did)
    return Received(run, held.seq if held else 0)


def _peer(runtime: Runtime, did: str) -> Peer | None:
    return next((one for one in runtime.peers.list() if one.did == did), None)


def lines_of(body: bytes) -> Iterator[bytes]:
    """Yield the lines of NDJSON that hold something."""
    return (line for line in body.split(b"\n") if line.strip())


def read_line(line: bytes) -> JsonObject | Refusal:
    """Return the document in a line, or why there is none."""
    try:
        return parse(line)
    except DocumentError as error:
        found = error.findings[0]
        return Refusal("", found.rule, "", found.messages, found.fixes, found.detail)
