"""Run an import: read, convert, match with what was imported before, publish."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from node.runtime import Runtime
from node.services.imports.jsonld import read_jsonld
from node.services.imports.read import read_file, read_rows
from node.services.imports.rows import Converted, convert
from node.services.publish import Outcome, Submission, prepare, publish
from vocab.findings import Finding
from vocab.terms import JsonObject
from vocab.validate import check


@dataclass(slots=True)
class ImportReport:
    """What an import did: read = published + unchanged + refused.

    `gaps` counts, per field that a best practice asks for, the documents without it.
    """

    read: int = 0
    published: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    findings: list[Finding] = field(default_factory=list)
    uris: list[str] = field(default_factory=list)
    preview: list[JsonObject] = field(default_factory=list)
    gaps: Counter[str] = field(default_factory=Counter)


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
    submissions = _submissions(_documents(source, form), report)
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


def _documents(source: Path, form: str) -> Iterator[Converted | Submission]:
    """Yield what a file holds as documents, or as submissions that say what is wrong."""
    if form == "jsonld":
        yield from read_jsonld(read_file(source), source.name)
        return
    for line in read_rows(source, form):
        yield line if line.document is None else convert(line.document, line.label)


def _submissions(
    documents: Iterator[Converted | Submission], report: ImportReport
) -> Iterator[Submission]:
    for converted in documents:
        report.read += 1
        if isinstance(converted, Submission):
            yield converted
            continue
        report.findings += converted.findings
        report.gaps.update(_missing(converted.document))
        identifier = converted.document.get("identifier")
        yield Submission(
            converted.label,
            converted.document,
            identifier=identifier if isinstance(identifier, str) else "",
        )


def _missing(document: JsonObject) -> list[str]:
    """Return the fields that a best practice must or should have and this document has not."""
    said = check({**document, "type": "BestPractice"}, authoring=True)
    missing = (item.pointer[1:] for item in said if item.rule in ("required", "recommended"))
    return [key for key in missing if key != "publisher"]  # the node fills it in


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
