"""The ledger of a harvest as programs read it; pages, API and commands give the same keys."""

from typing import TypedDict

from federation.records import Refusal, Run


class RefusalJson(TypedDict):
    """One refused member: which one, which rule, what to do."""

    record: str
    rule: str
    pointer: str
    message: str
    fix: str
    detail: str


class LedgerJson(TypedDict):
    """One ledger; announced = new + changed + unchanged + deleted + refused."""

    run: int
    peer: str
    state: str
    started: str
    ended: str | None
    announced: int
    new: int
    changed: int
    unchanged: int
    deleted: int
    refused: int
    requests: int
    bytes: int
    wire_bytes: int
    seconds: float
    error: str
    message: str
    warnings: list[str]
    refusals: list[RefusalJson]


def refusal_as_json(refusal: Refusal, language: str) -> RefusalJson:
    """Return one refused member with its sentences in `language`."""
    return RefusalJson(
        record=refusal.version_uri,
        rule=refusal.rule,
        pointer=refusal.pointer,
        message=refusal.messages.get(language) or refusal.messages.get("en", ""),
        fix=refusal.fixes.get(language) or refusal.fixes.get("en", ""),
        detail=refusal.detail,
    )


def ledger_as_json(run: Run, language: str) -> LedgerJson:
    """Return a ledger with its sentences in `language`."""
    return LedgerJson(
        run=run.id,
        peer=run.peer,
        state=str(run.state),
        started=run.started.isoformat(),
        ended=run.ended.isoformat() if run.ended else None,
        announced=run.announced,
        new=run.new,
        changed=run.changed,
        unchanged=run.unchanged,
        deleted=run.deleted,
        refused=run.refused,
        requests=run.requests,
        bytes=run.bytes,
        wire_bytes=run.wire_bytes,
        seconds=round(run.seconds, 3),
        error=run.error,
        message=run.messages.get(language) or run.messages.get("en", ""),
        warnings=list(run.warnings),
        refusals=[refusal_as_json(refusal, language) for refusal in run.refusals],
    )
