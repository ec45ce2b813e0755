"""Tables as offices save them: any separator, old encodings, ragged rows; nothing vanishes."""

import csv
import io
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from node.services.errors import UserError
from node.services.imports.columns import known
from node.services.publish import Submission
from node.services.sentences import finding
from vocab.findings import Finding, Severity
from vocab.terms import JsonObject

LEAVE_OUT: Final = "leave_out"
"""Column whose filled cells mark rows that are no practices, such as an example."""

_SEPARATORS: Final = ";\t,|"


def read_table(data: bytes, name: str) -> Iterator[Submission | Finding]:
    """Yield the rows of a CSV file, each with its number in the spreadsheet, and what was noticed.

    Raises:
        UserError: there is no column for titles.
    """
    text, doubts = _decode(data, name)
    separator, text, skipped = _separator(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    number, columns = skipped, list[str]()
    try:
        for number, cells in enumerate(reader, start=1 + skipped):
            label = f"{name}:{number}"
            if not any(cell.strip() for cell in cells):
                continue
            if not columns:
                columns = _columns(cells, name)
                yield from doubts
                continue
            yield _row(columns, cells, label)
    except csv.Error as error:
        label = f"{name}:{number + 1}"
        broken = finding("csv-syntax", "", record=label, detail=str(error))
        yield Submission(label, None, (broken,))
        return
    if not columns:
        raise _headless(name)


def _decode(data: bytes, name: str) -> tuple[str, list[Finding]]:
    if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return data.decode("utf-16", "replace"), []
    try:
        return data.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        label = f"{name}:{data.count(bytes((10,)), 0, error.start) + 1}"
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    return text, [finding("csv-encoding", "", Severity.WARNING, record=label)]


def _separator(text: str) -> tuple[str, str, int]:
    """Return what separates the cells, the table, and how many lines stand before it."""
    first, _, rest = text.partition("\n")
    if first.strip().lower().startswith("sep=") and len(first.strip()) <= 5:
        return first.strip()[4:] or "\t", rest, 1
    head = next((line for line in text.splitlines() if line.strip(_SEPARATORS + ' "')), "")
    bare = "".join(head.split('"')[::2])  # without what stands between quotes
    return max(_SEPARATORS, key=bare.count) if bare else ",", text, 0


def _columns(cells: Sequence[str], name: str) -> list[str]:
    """Return the headings: a second one of a name gets a number, an empty one its place."""
    used: Counter[str] = Counter()
    columns = []
    for place, cell in enumerate(cells, start=1):
        heading = " ".join(cell.split()) or f"column {place}"
        used[heading] += 1
        columns.append(heading if used[heading] == 1 else f"{heading} ({used[heading]})")
    if not any(known(column).split("_")[0] == "title" for column in columns):
        raise _headless(name)
    return columns


def _row(columns: Sequence[str], cells: Sequence[str], label: str) -> Submission | Finding:
    surplus = [cell for cell in cells[len(columns) :] if cell.strip()]
    if surplus:
        wrong = finding("csv-columns", "", record=label, count=len(surplus))
        return Submission(label, None, (wrong,))
    # a row may be shorter than the headings: spreadsheets leave off empty cells at its end
    values: JsonObject = {
        column: cell for column, cell in zip(columns, cells, strict=False) if cell.strip()
    }
    if values.pop(LEAVE_OUT, None):
        return finding("row-left-out", "", Severity.INFO, record=label, column=LEAVE_OUT)
    return Submission(label, values)


def _headless(name: str) -> UserError:
    return UserError(
        "%(name)s has no column “title” (or title_en, title_es …) in its first line", name=name
    )
