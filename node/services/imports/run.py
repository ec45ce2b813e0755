"""Run an import: read, convert, match with what was imported before, publish."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

from node.runtime import Runtime
from node.services.imports.jsonld import is_own, own, read_jsonld
from node.services.imports.making import Converted
from node.services.imports.read import read_file, read_rows
from node.services.imports.rows import convert
from node.services.publish import Outcome, Submission, prepare, publish
from vocab.findings import Finding
from vocab.terms import PRACTICE_TYPES, JsonObject, type_of
from vocab.validate import check

PREVIEW: Final = 20


class Fate(StrEnum):
    """What would become of a document."""

    PUBLISHED = "published"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Preview:
    """One document as it would be published.

    Attributes:
        label: the file and the row, or whatever names it to its owner.
        document: what would be published.
        fate: what would become of it.
    """

    label: str
    document: JsonObject
    fate: Fate


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
    preview: list[Preview] = field(default_factory=list)
    gaps: Counter[str] = field(default_factory=Counter)


def run_import(
    runtime: Runtime,
    source: Path,
    form: str,
    *,
    name: str = "",
    dry_run: bool = False,
    progress: Callable[[ImportReport], None] = lambda _report: None,
) -> ImportReport:
    """Import a file and return the report; `name` is what its owner calls it.

    A row that was imported before (same source and number) becomes a new version of its record,
    or nothing when it has not changed. `dry_run` checks every row, publishes nothing, and keeps
    the first 20 documents in the report.

    Raises:
        ServiceError: the file as a whole cannot be read.
    """
    report = ImportReport()
    found = _documents(source, form, name or source.name, runtime.identity.base)
    submissions = _submissions(found, report)
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


def submissions_of(runtime: Runtime, source: Path, form: str) -> Iterator[Submission]:
    """Yield what a file holds, as it would be published.

    Raises:
        ServiceError: the file as a whole cannot be read.
    """
    return _submissions(
        _documents(source, form, source.name, runtime.identity.base), ImportReport()
    )


def _documents(
    source: Path, form: str, name: str, base: str
) -> Iterator[Converted | Submission | Finding]:
    """Yield what a file holds as documents, or as submissions that say what is wrong."""
    if form == "jsonld":
        yield from read_jsonld(read_file(source), name, base)
        return
    for line in read_rows(source, form, name):
        if isinstance(line, Finding) or line.document is None:
            yield line
        elif is_own(line.document):
            yield own(line.document, line.label, base)
        else:
            yield convert(line.document, line.label)


def _submissions(
    documents: Iterator[Converted | Submission | Finding], report: ImportReport
) -> Iterator[Submission]:
    for converted in documents:
        if isinstance(converted, Finding):  # about the file, or a row that is no practice
            report.findings.append(converted)
            continue
        report.read += 1
        if isinstance(converted, Submission):
            yield converted
            continue
        document = converted.document
        report.findings += converted.findings
        if type_of(document) in PRACTICE_TYPES:
            report.gaps.update(_missing(document))
        named = "id" in document or "isVersionOf" in document
        identifier = document.get("identifier")
        yield Submission(
            converted.label,
            document,
            identifier=identifier if isinstance(identifier, str) and not named else "",
        )


def _missing(document: JsonObject) -> list[str]:
    """Return the fields that a best practice must or should have and this document has not."""
    said = check({**document, "type": "BestPractice"}, authoring=True)
    missing = (item.pointer[1:] for item in said if item.rule in ("required", "recommended"))
    return [key for key in missing if key != "publisher"]  # the node fills it in


def _preview(runtime: Runtime, submission: Submission, report: ImportReport) -> None:
    outcome = prepare(runtime, submission)
    report.findings += outcome.findings
    fate = Fate.PUBLISHED
    if isinstance(outcome, Outcome):
        fate = Fate.REFUSED if outcome.refused else Fate.UNCHANGED
    report.published += fate is Fate.PUBLISHED
    report.unchanged += fate is Fate.UNCHANGED
    report.refused += fate is Fate.REFUSED
    if submission.document is not None and len(report.preview) < PREVIEW:
        report.preview.append(Preview(submission.label, submission.document, fate))
