"""Files that wait for their owner's decision: looked at once, imported or forgotten."""

import re
import secrets
import time
from pathlib import Path
from typing import Final

from node.services.errors import UserError
from node.settings import Settings

MAX_BYTES: Final = 4_000_000
KEPT_SECONDS: Final = 3600
_NAME: Final = re.compile(r"[A-Za-z0-9_-]{22}\.(csv|jsonl|jsonld)")
_FORMS: Final = {
    ".csv": "csv",
    ".tsv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".jsonld": "jsonld",
    ".json": "jsonld",
}


def form_of(name: str) -> str:
    """Return the import format of a file by the ending of its name.

    Raises:
        ServiceError: it is none that can be imported.
    """
    form = _FORMS.get(Path(name).suffix.lower(), "")
    if not form:
        raise UserError("choose a file whose name ends in .csv, .jsonl, .json or .jsonld")
    return form


def keep(settings: Settings, data: bytes, form: str) -> str:
    """Keep a file for an hour and return its name; nobody else can guess it.

    Raises:
        ServiceError: it is empty or too large.
    """
    if not data or len(data) > MAX_BYTES:
        raise UserError(
            "the file is empty or larger than %(most)s MB; larger ones: lonja import",
            most=MAX_BYTES // 1_000_000,
        )
    folder = settings.data / "uploads"
    folder.mkdir(mode=0o700, exist_ok=True)
    sweep(settings)
    name = f"{secrets.token_urlsafe(16)[:22]}.{form}"
    (folder / name).write_bytes(data)
    return name


def keep_findings(settings: Settings, name: str, data: bytes) -> None:
    """Keep what was noticed of a kept file, as long as the file."""
    _beside(settings, name).write_bytes(data)


def findings_of(settings: Settings, name: str) -> bytes:
    """Return what was noticed of a file, also of one that was imported since.

    Raises:
        ServiceError: it is not there (any more).
    """
    file = _beside(settings, name)
    if not file.is_file():
        raise UserError("the file is not kept any more; choose it again")
    return file.read_bytes()


def path_of(settings: Settings, name: str) -> Path:
    """Return a file that is still kept.

    Raises:
        ServiceError: it is not there (any more).
    """
    file = settings.data / "uploads" / name
    if not _NAME.fullmatch(name) or not file.is_file():
        raise UserError("the file is not kept any more; choose it again")
    return file


def _beside(settings: Settings, name: str) -> Path:
    if not _NAME.fullmatch(name):
        raise UserError("the file is not kept any more; choose it again")
    return settings.data / "uploads" / f"{name}.findings"


def sweep(settings: Settings) -> None:
    """Delete files whose hour is over."""
    folder = settings.data / "uploads"
    for file in folder.iterdir() if folder.is_dir() else ():
        if file.stat().st_mtime < time.time() - KEPT_SECONDS:
            file.unlink(missing_ok=True)
