"""How commands speak: data on standard output, everything else on standard error."""

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click
import orjson
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.table import Table

from federation.records import Run
from node.services.ledgers import LedgerJson, ledger_as_json
from vocab.findings import Finding, Severity
from vocab.language import LANGUAGES

if TYPE_CHECKING:
    from node.runtime import Runtime
    from vocab.replicability import Answer

_MARKS = {
    Severity.VIOLATION: "[red]✗[/red]",
    Severity.WARNING: "[yellow]![/yellow]",
    Severity.INFO: "[dim]i[/dim]",
}
console = Console(stderr=True, highlight=False, soft_wrap=True)


def language() -> str:
    """Return the language of the findings: that of --lang, else of the operator's terminal."""
    context = click.get_current_context(silent=True)
    chosen = context.find_root().obj.language if context else ""
    said = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG", "")
    wanted = chosen or said[:2]
    return wanted if wanted in LANGUAGES else LANGUAGES[0]


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
        mark = _MARKS[finding.severity]
        name = finding.field(language())
        place = f" {escape(name)} [dim]{escape(finding.pointer)}[/dim]" if finding.pointer else ""
        fix = finding.fix(language())
        tail = f" → {escape(fix)}" if fix else ""
        console.print(f"  {mark}{place} {escape(finding.message(language()))}{tail}")
        shown += 1
    if len(everything) > shown:
        say(f"… and {len(everything) - shown} more; --json lists all")


def findings_json(findings: Iterable[Finding]) -> list[dict[str, str]]:
    """Return findings as ARCHITECTURE section 7 prints them."""
    return [finding.as_json(language()) for finding in findings]


def print_gaps(described: Mapping[str, Sequence["Answer"]]) -> None:
    """Print, per practice, which of the ten questions it answers and what the others lack."""
    marks = {"yes": "[green]✓[/green]", "partly": "[yellow]~[/yellow]", "no": "[dim]·[/dim]"}
    for record, said in described.items():
        console.print(f"[bold]{escape(record)}[/bold]")
        for answer in said:
            gap = answer.gap(language())
            tail = f" → {escape(gap)}" if gap else ""
            console.print(f"  {marks[answer.degree]} {escape(answer.question(language()))}{tail}")


def print_missing(gaps: Mapping[str, int], documents: int) -> None:
    """Print how many documents lack each field that a best practice asks for."""
    from vocab.glossary import label

    if not gaps:
        return
    table = Table("", "", title=f"Fields that are missing, in {documents} documents", box=None)
    for key, count in sorted(gaps.items(), key=lambda pair: (-pair[1], pair[0])):
        names = (label(step, language()) for step in key.split("/"))
        table.add_row(" / ".join(names), f"{count} ({count * 100 // max(documents, 1)} %)")
    console.print(table)


def gaps_json(described: Mapping[str, Sequence["Answer"]]) -> dict[str, list[dict[str, Any]]]:
    """Return the ten questions per practice, in the operator's language."""
    return {
        record: [answer.as_json(language()) for answer in said]
        for record, said in described.items()
    }


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


def wait_until_searchable(runtime: "Runtime", *, own: bool = False) -> None:
    """Return once search finds what was written, at most ten seconds later with a warning.

    Args:
        runtime: of the node.
        own: whether only records of this node were written, which are found first.
    """
    from node.services import indexer

    if not (
        indexer.wait_until_own_searchable(runtime)
        if own
        else indexer.wait_until_searchable(runtime, runtime.journal.position())
    ):
        say("! the search index is still catching up; what was written is safe")
