"""Read authoring documents from files: .jsonld and .json hold one, .jsonl one a line."""

import sys
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from pathlib import Path

from node.services.errors import ServiceError
from node.services.publish import Submission
from vocab.document import DocumentError, parse


def read_submissions(files: Iterable[str]) -> Iterator[Submission]:
    """Yield the documents of files ("-" for standard input), in order.

    Raises:
        ServiceError: a file cannot be opened.
    """
    for name in files:
        data, title = _bytes(name)
        if name.endswith((".jsonl", ".ndjson")) or (name == "-" and is_lines(data)):
            for number, line in enumerate(data.splitlines(), start=1):
                if line.strip():
                    yield read_document(line, f"{title}:{number}")
        else:
            yield read_document(data, title)


def read_document(data: bytes, label: str) -> Submission:
    """Return one document, or a submission without one that says why it cannot be read.

    A byte order mark at its beginning is left out: editors on Windows write it unasked, and what
    is signed is made anew from the document.
    """
    try:
        return Submission(label, parse(data.removeprefix(BOM_UTF8), record=label))
    except DocumentError as error:
        return Submission(label, None, tuple(error.findings))


def _bytes(name: str) -> tuple[bytes, str]:
    if name == "-":
        return sys.stdin.buffer.read(), "standard input"
    try:
        return Path(name).read_bytes(), name
    except OSError as error:
        raise ServiceError(f"{name} cannot be read: {error.strerror}") from error


def is_lines(data: bytes) -> bool:
    """Say whether data is JSON Lines: each of its first two lines begins an object."""
    lines = [line for line in data.removeprefix(BOM_UTF8).splitlines() if line.strip()][:2]
    return len(lines) == 2 and all(line.strip()[:1] == b"{" for line in lines)
