"""How commands speak: data on standard output, everything else on standard error."""

import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import orjson
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

from federation.records import Run
from node.services.ledgers import LedgerJson, ledger_as_json
from vocab.findings import Finding, Severity

if TYPE_CHECKING:
    from node.runtime import Runtime

console = Console(stderr=True, highlight=False, soft_wrap=True)


def language() -> str:
    """Return the language of the operator's terminal, "en" or "es"."""
    said = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG", "")
    return "es" if said.startswith("es") else "en"


def print_json(value: Any) -> None:
    """Print one JSON object on standard output."""
    sys.stdout.write(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode() + "\n")
    sys.stdout.flush()


def say(text: str) -> None:
    """Print a message for people on standard error."""
    console.print(escape(text))


def put(text: str) -> None:
    """Print a line of data on standard output at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def print_findings(findings: Iterable[Finding], *, most: int = 200) -> None:
    """Print findings grouped by record: field, sentence, how to mend it."""
    shown, record = 0, None
    everything = list(findings)
    for finding in everything[:most]:
        if finding.record != record:
            record = finding.record
            console.print(f"[bold]{escape(record or 'record')}[/bold]")
        mark = "[red]✗[/red]" if finding.severity is Severity.VIOLATION else "[yellow]![/yellow]"
        place = f" [dim]{escape(finding.pointer)}[/dim]" if finding.pointer else ""
        fix = finding.fix(language())
        tail = f" → {escape(fix)}" if fix else ""
        console.print(f"  {mark}{place} {escape(finding.message(language()))}{tail}")
        shown += 1
    if len(everything) > shown:
        say(f"… and {len(everything) - shown} more; --json lists all")


def findings_json(findings: Iterable[Finding]) -> list[dict[str, str]]:
    """Return findings as ARCHITECTURE section 7 prints them."""
    return [finding.as_json(language()) for finding in findings]


def run_json(run: Run) -> LedgerJson:
    """Return a ledger as ARCHITECTURE section 7 prints it, in the operator's language."""
    return ledger_as_json(run, language())


def print_ledger(run: Run) -> None:
    """Print the reconciled ledger of one run."""
    say(
        f"{run.peer}: {run.state} — announced {run.announced} = new {run.new} + changed "
        f"{run.changed} + unchanged {run.unchanged} + deleted {run.deleted} + refused "
        f"{run.refused}; {run.requests} requests, {run.bytes / 1000:.0f} kB, {run.seconds:.2f} s"
    )
    ledger = run_json(run)
    if run.error:
        say(f"  ✗ {ledger['message'] or run.error}")
    for warning in run.warnings:
        say(f"  ! {warning}")
    for line in ledger["refusals"][:20]:
        tail = f" → {line['fix']}" if line["fix"] else ""
        say(f"  ✗ {line['record'] or 'a member'} [{line['rule']}] {line['message']}{tail}")
    if len(run.refusals) > 20:
        say(f"  … and {len(run.refusals) - 20} more; --json lists all")


def progress_bar() -> Progress:
    """Return a progress bar on standard error that disappears when it is done."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


def wait_until_searchable(runtime: "Runtime") -> None:
    """Return once search finds what was written, at most ten seconds later with a warning."""
    from node.services.indexer import wait_until_searchable as wait

    if not wait(runtime, runtime.journal.position()):
        say("! the search index is still catching up; what was written is safe")
