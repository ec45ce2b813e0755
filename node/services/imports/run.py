"""Run an import: read, convert, match with what was imported before, publish."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from node.runtime import Runtime
from node.services.imports.read import read_rows
from node.services.imports.rows import convert
from node.services.publish import Outcome, Submission, prepare, publish
from vocab.findings import Finding
from vocab.terms import JsonObject


@dataclass(slots=True)
class ImportReport:
    """What an import did: read = published + unchanged + refused."""

    read: int = 0
    published: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    findings: list[Finding] = field(default_factory=list)
    uris: list[str] = field(default_factory=list)
    preview: list[JsonObject] = field(default_factory=list)


def run_import(
    runtime: Runtime,
    source: Path,
    form: str,
    *,
    dry_run: bool = False,
    progress: Callable[[ImportReport], None] = lambda _report: None,
) -> ImportReport:
    """Import a file and return the report.

    A row that was imported before (same source and number) becomes a new version of its record,
    or nothing when it has not changed. `dry_run` checks every row, publishes nothing, and keeps
    the first 20 documents in the report.

    Raises:
        ServiceError: the file as a whole cannot be read.
    """
    report = ImportReport()
    submissions = _submissions(read_rows(source, form), report)
    if dry_run:
        for submission in submissions:
            _preview(runtime, submission, report)
            progress(report)
        return report
    for outcome in publish(runtime, submissions):
        report.findings += outcome.findings
        report.refused += outcome.refused
        if outcome.entry is not None:
            report.published += 1
            report.updated += outcome.entry.version > 1
            report.uris.append(outcome.uri)
        elif not outcome.refused:
            report.unchanged += 1
        progress(report)
    return report


def _submissions(lines: Iterator[Submission], report: ImportReport) -> Iterator[Submission]:
    for line in lines:
        report.read += 1
        if line.document is None:
            yield line
            continue
        converted = convert(line.document, line.label)
        report.findings += converted.findings
        identifier = converted.document.get("identifier")
        yield Submission(
            line.label,
            converted.document,
            identifier=identifier if isinstance(identifier, str) else "",
        )


def _preview(runtime: Runtime, submission: Submission, report: ImportReport) -> None:
    outcome = prepare(runtime, submission)
    report.findings += outcome.findings
    if isinstance(outcome, Outcome):
        report.refused += outcome.refused
        report.unchanged += not outcome.refused
    else:
        report.published += 1
    if submission.document is not None and len(report.preview) < 20:
        report.preview.append(submission.document)
