"""The folder of a node's key while it changes: the current one, the next, the retired ones."""

from pathlib import Path
from typing import Final

import orjson

from federation.identity import Identity, load, save
from federation.journal.journal import Draft, Journal
from federation.rotation import KeySpan, announcement, confirmation

_NEXT: Final = "next"


def change(folder: Path, journal: Journal, new: Identity, publisher: str) -> Identity:
    """Say in the log that a new key signs from now on, and let it take over.

    A crash in between is mended by `settle`, which finds the new key beside the old one.

    Raises:
        JournalError: the origin must not publish now.
    """
    old = load(folder)
    save(new, folder / _NEXT)
    journal.append_local([Draft(announcement(new, publisher), None, "KeyRotation")], old)
    return settle(folder, journal, publisher)


def settle(folder: Path, journal: Journal, publisher: str) -> Identity:
    """Return the identity to sign with; a new key takes over when the journal says that it has.

    Raises:
        IdentityError: a key file is missing or damaged.
        JournalError: the origin must not publish now.
    """
    current, waiting = load(folder), folder / _NEXT
    if not waiting.exists():
        return current
    new = load(waiting)
    local = journal.origin(new.did)
    if local is not None and local.key == new.key.public_multikey:
        _confirm(journal, current, new, publisher)
        if current.key.public_multikey != new.key.public_multikey:
            save(current, folder / f"retired-{current.method.rsplit('#', 1)[-1]}")
            save(new, folder)
        current = new
    for file in waiting.iterdir():
        file.unlink()
    waiting.rmdir()
    return current


def _confirm(journal: Journal, old: Identity, new: Identity, publisher: str) -> None:
    """Let the new key say what of the old one's work is genuine, unless it has done so."""
    for entry in journal.records(record_type="KeyRotation", origin_did=new.did):
        if entry.version == 1 and new.key.public_multikey.encode() in entry.body:
            last = orjson.loads(entry.body).get("lastGoodSeq", entry.seq)
            retired = KeySpan(old.key.public_multikey, old.method, last)
            body = confirmation(retired, new, publisher)
            journal.append_local([Draft(body, entry.uri, "KeyRotation")], new)
