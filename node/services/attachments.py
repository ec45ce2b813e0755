"""Attachments: files that a record offers for reuse, kept beside the node under their hash.

Nobody but those who may see the draft gets a file before a published record shows it. What a file
is, its first bytes say, not its name; nothing that a browser would run is taken.
"""

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import quote

from node.accounts.roles import Holder, Scope
from node.local.attachments import Attachment, Attachments
from node.local.drafts import Draft
from node.runtime import Runtime
from node.services import drafts
from node.services.drafts import acting
from node.services.errors import UserError
from node.settings import Settings
from vocab.terms import JsonObject, JsonValue

MAX_BYTES: Final = 20_000_000
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_LONGEST: Final = 100
_ZIP: Final = b"PK\x03\x04"
_OFFICE: Final = "application/vnd.openxmlformats-officedocument."
_ODF: Final = "application/vnd.oasis.opendocument."
TYPES: Final[Mapping[str, tuple[str, tuple[bytes, ...]]]] = {
    ".pdf": ("application/pdf", (b"%PDF-",)),
    ".png": ("image/png", (b"\x89PNG\r\n\x1a\n",)),
    ".jpg": ("image/jpeg", (b"\xff\xd8\xff",)),
    ".jpeg": ("image/jpeg", (b"\xff\xd8\xff",)),
    ".webp": ("image/webp", (b"RIFF",)),
    ".docx": (_OFFICE + "wordprocessingml.document", (_ZIP,)),
    ".xlsx": (_OFFICE + "spreadsheetml.sheet", (_ZIP,)),
    ".pptx": (_OFFICE + "presentationml.presentation", (_ZIP,)),
    ".odt": (_ODF + "text", (_ZIP,)),
    ".ods": (_ODF + "spreadsheet", (_ZIP,)),
    ".odp": (_ODF + "presentation", (_ZIP,)),
    ".csv": ("text/csv", ()),
    ".txt": ("text/plain", ()),
    ".md": ("text/markdown", ()),
    ".geojson": ("application/geo+json", (b"{",)),
}
"""Media type and first bytes by the ending of the name; texts must be UTF-8."""


def attachments(runtime: Runtime) -> Attachments:
    """Return the files of a node."""
    return Attachments(runtime.store, runtime.clock)


def attach(runtime: Runtime, draft: Draft, name: str, data: bytes) -> Draft:
    """Keep a file beside a draft, and offer it in the draft as material.

    Raises:
        ServiceError: it is empty, too large, not of a kind that is taken, or not what it says.
        StaleDraftError: somebody else has saved the draft meanwhile.
    """
    shown = _name(name)
    media_type = _media_type(shown, data)
    digest = hashlib.sha256(data).hexdigest()
    file = _file(runtime.settings, digest)
    if not file.exists():
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial = file.with_suffix(".new")
        partial.write_bytes(data)
        partial.replace(file)
    found = Attachment(digest, shown, media_type, len(data), draft.origin, "")
    attachments(runtime).add(draft.key, found)
    base = acting(runtime, draft.origin).settings.base_url
    asset: JsonObject = {
        "type": "Asset",
        "title": {runtime.settings.languages[0]: Path(shown).stem},
        "url": f"{base}/files/{digest}/{quote(shown)}",
        "mediaType": media_type,
    }
    held = draft.body.get("asset")
    listed: list[JsonValue] = [*held] if isinstance(held, list) else []
    if any(isinstance(one, dict) and one.get("url") == asset["url"] for one in listed):
        return draft
    body = {**draft.body, "asset": [*listed, asset]}
    return drafts.drafts(runtime).save(draft.key, draft.revision, body=body)


def _name(name: str) -> str:
    """Return a name without a path and without letters that would turn or hide it."""
    last = name.replace("\\", "/").rpartition("/")[2]
    plain = unicodedata.normalize("NFC", last)
    kept = "".join(c if c.isalnum() or c in "._- " else "-" for c in plain).strip(" .")
    stem, dot, ending = kept.rpartition(".")
    return f"{stem[:_LONGEST]}{dot}{ending.lower()}"


def _media_type(name: str, data: bytes) -> str:
    ending = Path(name).suffix
    if ending not in TYPES:
        known = ", ".join(sorted(one[1:] for one in TYPES))
        raise UserError("files of this kind are not taken; possible are %(known)s", known=known)
    if not data or len(data) > MAX_BYTES:
        raise UserError("the file is empty or larger than %(most)s MB", most=MAX_BYTES // 1_000_000)
    media_type, beginnings = TYPES[ending]
    if beginnings and not data.startswith(beginnings):
        raise UserError("the file is not what its ending says: %(ending)s", ending=ending)
    if media_type.startswith("text/") or ending == ".geojson":
        try:
            data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise UserError("the text is not in UTF-8; save it as UTF-8 and try again") from error
    return media_type


def open_file(
    runtime: Runtime, holder: Holder | None, digest: str, name: str
) -> tuple[Attachment, Path, bool] | None:
    """Return a file that somebody may have: of a draft that they may see, or published.

    Returns:
        What is known of it, where it is, and whether everybody may have it.
    """
    if not _DIGEST.fullmatch(digest):
        return None
    file = _file(runtime.settings, digest)
    known = attachments(runtime).find(digest, name) if file.is_file() else []
    for one in known:
        if _is_shown(runtime, one):
            return one, file, True
    for one in known:
        if holder is not None and holder.may(Scope.READ, one.origin):
            return one, file, False
    return None


def _is_shown(runtime: Runtime, one: Attachment) -> bool:
    """Say whether the record of a file is published, and still says that it has it."""
    entry = runtime.journal.current(one.record) if one.record else None
    return entry is not None and one.digest.encode() in entry.body


def sweep(runtime: Runtime) -> int:
    """Delete files whose drafts are gone, and return how many."""
    gone = attachments(runtime).orphans()
    for digest in gone:
        _file(runtime.settings, digest).unlink(missing_ok=True)
    return len(gone)


def _file(settings: Settings, digest: str) -> Path:
    return settings.data / "files" / digest[:2] / digest
