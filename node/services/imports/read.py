"""Read the rows of a file: JSON Lines or CSV; a bad line never hides the good ones."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from node.services.errors import ServiceError, UserError
from node.services.publish import Submission
from node.services.sentences import finding
from node.services.submissions import read_document
from vocab.findings import Finding
from vocab.terms import JsonObject

FORMATS: Final = ("jsonl", "csv")
"""Formats of rows; "jsonld" has no rows and is read by `jsonld.read_jsonld`."""


def read_rows(source: Path, form: str) -> Iterator[Submission]:
    """Yield the rows of a file, each with its line; a bad row carries what is wrong with it.

    Raises:
        ServiceError: the file cannot be opened, the format is unknown, or a CSV has no header.
    """
    if form not in FORMATS:
        raise ServiceError(f"'{form}' cannot be imported yet; choose one of {', '.join(FORMATS)}")
    yield from (_json_lines if form == "jsonl" else _csv)(read_file(source), source.name)


def read_file(source: Path) -> bytes:
    """Return the bytes of a file.

    Raises:
        ServiceError: the file cannot be read.
    """
    try:
        return source.read_bytes()
    except OSError as error:
        raise ServiceError(f"{source} cannot be read: {error.strerror}") from error


def _json_lines(data: bytes, name: str) -> Iterator[Submission]:
    for number, line in enumerate(data.splitlines(), start=1):
        if not line.strip():
            continue
        label = f"{name}:{number}"
        yield read_document(line, label)


def _csv(data: bytes, name: str) -> Iterator[Submission]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(
            "%(name)s is not UTF-8 (byte %(byte)s); save it as “CSV UTF-8” and try again",
            name=name,
            byte=error.start,
        ) from error
    head = text.split("\n", 1)[0]
    separator = ";" if head.count(";") > head.count(",") else ","
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    columns = [column.strip() for column in reader.fieldnames or []]
    if not any(column == "title" or column.startswith("title_") for column in columns):
        raise UserError(
            "%(name)s has no column “title” (or title_en, title_es …) in its first line", name=name
        )
    reader.fieldnames = columns
    try:
        for row in reader:
            label = f"{name}:{reader.line_num}"
            extra = row.pop(None, None)  # surplus cells stand under None
            values: JsonObject = {key: value for key, value in row.items() if value}
            if extra:
                yield Submission(label, None, (_surplus(label, len(extra)),))
            elif values:
                yield Submission(label, values)
    except csv.Error as error:
        yield Submission(
            f"{name}:{reader.line_num}", None, (_broken(f"{name}:{reader.line_num}", error),)
        )


def _surplus(label: str, count: int) -> Finding:
    return finding("csv-columns", "", record=label, count=count)


def _broken(label: str, error: Exception) -> Finding:
    return finding("csv-syntax", "", record=label, detail=str(error))
