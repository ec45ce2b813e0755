"""What an import noticed, put together by cause: one thing to mend, and all the rows it is in."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from node.services.export import inert
from vocab.findings import Finding, Severity

_ORDER: Final = (Severity.VIOLATION, Severity.WARNING, Severity.INFO)
_COLUMNS: Final = ("file", "row", "field", "severity", "message", "fix")


@dataclass(slots=True)
class Case:
    """One sentence, and the rows that it is said of."""

    messages: Mapping[str, str]
    rows: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Cause:
    """Everything that one rule had to say of one field.

    Attributes:
        first: the first of its findings, which stands for all.
        count: how many there are.
        cases: its different sentences, the most frequent first.
    """

    first: Finding
    count: int
    cases: list[Case]


def causes(findings: Iterable[Finding], name: str) -> list[Cause]:
    """Return the findings by cause: what refuses rows first, then what is most frequent.

    Args:
        findings: of an import.
        name: of the file, which is left off the names of its rows.
    """
    groups: dict[tuple[str, str, Severity], list[Finding]] = {}
    for one in findings:
        groups.setdefault((one.rule, _place(one), one.severity), []).append(one)
    found = [Cause(group[0], len(group), _cases(group, name)) for group in groups.values()]
    return sorted(found, key=lambda one: (_ORDER.index(one.first.severity), -one.count))


def row_of(record: str, name: str) -> str:
    """Return what a finding's record is called within its file: mostly the number of a row."""
    return record.removeprefix(name).lstrip(":#") if name else record


def findings_table(findings: Iterable[Finding], name: str, language: str) -> bytes:
    """Return all findings as CSV, in a language, which no spreadsheet runs as formulas."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    for one in findings:
        cells = (
            *(name, row_of(one.record, name), one.field(language) or one.pointer),
            *(str(one.severity), one.message(language), one.fix(language)),
        )
        writer.writerow(map(inert, cells))
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _place(one: Finding) -> str:
    """Return the field without the numbers of list members, which differ from row to row."""
    return "/".join(step for step in one.pointer.split("/") if not step.isdigit())


def _cases(group: Iterable[Finding], name: str) -> list[Case]:
    cases: dict[str, Case] = {}
    for one in group:
        case = cases.setdefault(one.message(), Case(one.messages))
        case.rows.append(row_of(one.record, name))
    return sorted(cases.values(), key=lambda case: -len(case.rows))
