"""Intake: entries that come by other ways than a harvest, pushed by a node or in a file.

The same verbatim entries, judged by the same rules: who hands them over adds nothing. Every line
ends in the ledger with one outcome.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from federation.errors import ProofError
from federation.harvest.heads import Head, missing, note_head, verified_head
from federation.harvest.plan import RETRIED
from federation.journal.journal import Journal
from federation.journal.runs import Runs, note_verdicts
from federation.records import Refusal, Run, RunState, Verdict
from federation.refusals import refusal
from federation.trust import Candidate
from vocab.document import DocumentError, parse
from vocab.terms import JsonObject

BATCH: Final = 100
PASSES: Final = 12
MAX_WAITING: Final = 10_000
MAX_HEADS: Final = 10_000
MAX_WARNINGS: Final = 20


@dataclass(frozen=True, slots=True)
class Waiting:
    """A document that was refused and may be accepted once what follows it is known."""

    document: JsonObject
    refused: Refusal


@dataclass(slots=True)
class Taken:
    """What became of the lines.

    Attributes:
        verdicts: one for each entry.
        heads: signed heads that came along, not verified yet.
        origins: DIDs of the entries that were taken or held already.
        received: bytes of all lines.
        warnings: sentences (English) for the ledger.
    """

    verdicts: list[Verdict | Refusal] = field(default_factory=list)
    heads: list[JsonObject] = field(default_factory=list)
    origins: set[str] = field(default_factory=set)
    received: int = 0
    warnings: list[str] = field(default_factory=list)


def take_in(lines: Iterable[bytes], *, journal: Journal, clock: Callable[[], datetime]) -> Taken:
    """Judge the lines of NDJSON and append what is genuine, a hundred in one transaction.

    Args:
        lines: each one document: an entry, or the signed head of an origin.
        journal: where accepted entries go.
        clock: returns the present moment, aware.
    """
    taken = Taken()
    waiting: list[Waiting] = []
    for documents in _batches(_documents(lines, taken)):
        waiting += _judge(documents, journal, taken, keeps=MAX_WAITING - len(waiting))
    for _pass in range(PASSES):
        before, again = len(waiting), [one.document for one in waiting]
        waiting = []
        for start in range(0, len(again), BATCH):
            waiting += _judge(again[start : start + BATCH], journal, taken, keeps=MAX_WAITING)
        if len(waiting) == before:
            break
    taken.verdicts += [one.refused for one in waiting]
    _take_heads(taken, journal, clock())
    return taken


def _documents(lines: Iterable[bytes], taken: Taken) -> Iterator[JsonObject]:
    for number, line in enumerate(lines, start=1):
        taken.received += len(line)
        if not line.strip():
            continue
        try:
            document = parse(line.strip(), record=f"line {number}")
        except DocumentError as error:
            found = error.findings[0]
            taken.verdicts.append(
                Refusal(f"line {number}", found.rule, "", found.messages, found.fixes, found.detail)
            )
            continue
        if document.get("type") != "FeedHead":
            yield document
        elif len(taken.heads) < MAX_HEADS:
            taken.heads.append(document)


def _batches(documents: Iterable[JsonObject]) -> Iterator[list[JsonObject]]:
    batch: list[JsonObject] = []
    for document in documents:
        batch.append(document)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _judge(
    documents: Sequence[JsonObject], journal: Journal, taken: Taken, *, keeps: int
) -> list[Waiting]:
    """Append what is accepted; return up to `keeps` documents that may be accepted later."""
    verifier = journal.verifier()
    checked = [verifier.check_member(document) for document in documents]
    answers = iter(journal.append_foreign([c for c in checked if isinstance(c, Candidate)]))
    waiting: list[Waiting] = []
    for document, one in zip(documents, checked, strict=True):
        verdict = next(answers) if isinstance(one, Candidate) else one
        if isinstance(verdict, Refusal) and verdict.rule in RETRIED and len(waiting) < keeps:
            waiting.append(Waiting(document, verdict))
            continue
        taken.verdicts.append(verdict)
        if isinstance(one, Candidate) and isinstance(verdict, Verdict):
            taken.origins.add(one.entry.origin)
    return waiting


def _take_heads(taken: Taken, journal: Journal, now: datetime) -> None:
    """Keep the heads whose proof holds, and warn of what they promise and is not here."""
    said: list[str] = []
    for document in taken.heads:
        head = _verified(document, journal)
        if head is not None:
            said += note_head(head, journal, now, relayed=True)
            taken.origins.add(head.origin)
    said += [sentence for did in sorted(taken.origins) if (sentence := missing(journal, did))]
    taken.warnings += said[:MAX_WARNINGS]
    if len(said) > MAX_WARNINGS:
        taken.warnings.append("there are more warnings of this kind")


def _verified(document: JsonObject, journal: Journal) -> Head | None:
    try:
        return verified_head(document, journal)
    except (ProofError, ValueError):
        return None  # of an origin that is not known here, or forged: it says nothing


def ledger(taken: Taken, source: str, began: float, now: datetime, *, error: str = "") -> Run:
    """Return the ledger of an intake that is not kept.

    Args:
        taken: what became of the lines.
        source: where they came from, for people.
        began: `time.monotonic()` when it began.
        now: the present moment.
        error: rule of what was wrong with the whole, "" when nothing.
    """
    refused = tuple(one for one in taken.verdicts if isinstance(one, Refusal))
    count = taken.verdicts.count
    return Run(
        id=0,
        peer=source,
        state=RunState.FAILED if error else RunState.DONE,
        started=now,
        ended=now,
        announced=len(taken.verdicts),
        new=count(Verdict.NEW),
        changed=count(Verdict.CHANGED),
        unchanged=count(Verdict.UNCHANGED),
        deleted=count(Verdict.DELETED),
        refused=len(refused),
        bytes=taken.received,
        seconds=time.monotonic() - began,
        error=error,
        messages=dict(refusal(error, "").messages) if error else {},
        warnings=tuple(taken.warnings),
        refusals=refused,
    )


def keep_ledger(taken: Taken, peer_id: int, runs: Runs, began: float, now: datetime) -> Run:
    """Keep the ledger of an intake beside those of the peer's harvests, and return it.

    Raises:
        PeerGoneError: there is no such peer any more.
    """
    number = runs.start(peer_id)
    return runs.finish(
        number,
        RunState.DONE,
        seconds=time.monotonic() - began,
        received=taken.received,
        warnings=taken.warnings,
        note=lambda connection: note_verdicts(connection, number, taken.verdicts, now),
    )
