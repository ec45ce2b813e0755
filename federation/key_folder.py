"""The folder of a node's key while it changes: the current one, the next, the retired ones."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

import orjson

from federation import recovery
from federation.authoring import Numbers, new_record_uri, seal
from federation.errors import JournalError
from federation.identity import FILE, Identity, SigningKey, load, save
from federation.journal.journal import Draft, Journal
from federation.places import place_of
from federation.proof import timestamp
from federation.records import Refusal
from federation.rotation import KeySpan, announcement, confirmation

_NEXT: Final = "next"
_HOSTED: Final = "origins"


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


def recover(  # noqa: PLR0913  # what the operator decides, and where it is written
    folder: Path,
    journal: Journal,
    new: Identity,
    offline: SigningKey,
    *,
    last_good: int,
    following: str,
    now: datetime,
    publisher: str,
) -> Identity:
    """Let the offline key name a new one, and disown what the old one signed after a number.

    Args:
        folder: of the keys; the old one may be missing.
        journal: of the node.
        new: who signs from now on.
        offline: the recovery key.
        last_good: number of the last entry that is genuine.
        following: digest of the next recovery key.
        now: the present moment.
        publisher: URI of the node's organisation, "" for none.

    Raises:
        JournalError: the key is not the one that the log announces.
    """
    save(new, folder / _NEXT)
    body = recovery.body(new, offline.public_multikey, last_good, following)
    signed, _digest = seal(
        {**body, "publisher": publisher} if publisher else body,
        identity=replace(new, method=f"{new.did}#recovery", key=offline),
        uri=new_record_uri(new.base, "keys"),
        numbers=Numbers(last_good + 1, 1, None, timestamp(now)),
        now=now,
    )
    checked = journal.verifier().check_member(orjson.loads(signed))
    taken = checked if isinstance(checked, Refusal) else journal.append_foreign([checked])[0]
    if isinstance(taken, Refusal):
        raise JournalError(
            f"this is not the recovery key that the log of {new.did} announces "
            f"({taken.rule}); nothing was changed"
        )
    return settle(folder, journal, publisher)


def settle(folder: Path, journal: Journal, publisher: str) -> Identity:
    """Return the identity to sign with; a new key takes over when the journal says that it has.

    Raises:
        IdentityError: a key file is missing or damaged.
        JournalError: the origin must not publish now.
    """
    waiting = folder / _NEXT
    if not waiting.exists():
        return load(folder)
    new = load(waiting)
    local = journal.origin(new.did)
    if local is not None and local.key == new.key.public_multikey:
        _confirm(journal, new, publisher)
        _take_over(folder, new)
    current = load(folder)
    for file in waiting.iterdir():
        file.unlink()
    waiting.rmdir()
    return current


def _take_over(folder: Path, new: Identity) -> None:
    if (folder / FILE).exists():
        old = load(folder)
        if old.key.public_multikey != new.key.public_multikey:
            save(old, folder / f"retired-{old.method.rsplit('#', 1)[-1]}")
    save(new, folder)


def _confirm(journal: Journal, new: Identity, publisher: str) -> None:
    """Let the new key say what of the old one's work is genuine, unless it has done so."""
    old = next(key for key in journal.published_keys(new.did) if key.revoked is not None)
    for entry in journal.records(record_type="KeyRotation", origin_did=new.did):
        if entry.version == 1 and new.key.public_multikey.encode() in entry.body:
            last = orjson.loads(entry.body).get("lastGoodSeq", entry.seq)
            body = confirmation(KeySpan(old.multikey, old.method, last), new, publisher)
            journal.append_local([Draft(body, entry.uri, "KeyRotation")], new)


def hosted_folder(folder: Path, did: str) -> Path:
    """Return the folder of the key with which a node signs for a member without a server."""
    return folder / _HOSTED / place_of(did)


def hosted(folder: Path) -> list[Identity]:
    """Return the identities of the members for whom a node signs, in the order of their places.

    Raises:
        IdentityError: a key file is damaged.
    """
    return [load(place.parent) for place in sorted((folder / _HOSTED).glob(f"*/{FILE}"))]
