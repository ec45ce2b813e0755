"""Read the rows of a file: JSON Lines or a table; a bad line never hides the good ones."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from node.services.errors import ServiceError
from node.services.imports.table import read_table
from node.services.publish import Submission
from node.services.submissions import read_document
from vocab.findings import Finding

FORMATS: Final = ("jsonl", "csv")
"""Formats of rows; "jsonld" has no rows and is read by `jsonld.read_jsonld`."""


def read_rows(source: Path, form: str, name: str = "") -> Iterator[Submission | Finding]:
    """Yield the rows of a file, each with its number; a bad row carries what is wrong with it.

    Args:
        source: the file.
        form: one of `FORMATS`.
        name: what its owner calls the file, when that is not its name.

    Raises:
        ServiceError: the file cannot be opened, the format is unknown, or a CSV has no header.
    """
    if form not in FORMATS:
        raise ServiceError(f"'{form}' cannot be imported yet; choose one of {', '.join(FORMATS)}")
    yield from (_json_lines if form == "jsonl" else read_table)(
        read_file(source), name or source.name
    )


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
        if line.strip():
            yield read_document(line, f"{name}:{number}")
