"""The recovery key: made with the node, kept offline, used once when the signing key is stolen."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import orjson

from federation import key_folder
from federation.identity import Identity, SigningKey, fingerprint
from federation.journal.journal import Draft, Journal
from federation.journal.store import open_store
from federation.records import EntryState, OriginStanding
from federation.recovery import digest_of
from node import clock, migrations
from node.runtime import running
from node.services.errors import ServiceError
from node.services.indexer import IndexLock
from node.services.keys import next_method
from node.services.publish import MINTED_KEYS
from node.settings import Settings
from vocab.terms import JsonObject, type_of

FILE: Final = "recovery-key.json"
_BATCH: Final = 100


@dataclass(frozen=True, slots=True)
class Recovered:
    """A log that was taken back.

    Attributes:
        new: fingerprint of the key that signs now.
        last_good: number of the last entry that is still that of the old key.
        disowned: file with the own entries after it, "" when there were none.
        reissued: how many of them were published anew.
        recovery_file: where the next recovery key is.
    """

    new: str
    last_good: int
    disowned: str
    reissued: int
    recovery_file: str


def write_key(file: Path, did: str) -> str:
    """Write a new recovery key to a file that only its owner can read; return its digest.

    Raises:
        ServiceError: the file is there already, or cannot be written.
    """
    key = SigningKey.generate()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise ServiceError(f"{file} cannot be written: {error.strerror}") from error
    with os.fdopen(handle, "wb") as out:
        kept = {"recovers": did, "private": key.to_bytes().hex()}
        out.write(orjson.dumps(kept, option=orjson.OPT_INDENT_2) + b"\n")
        out.flush()
        os.fsync(out.fileno())
    return digest_of(key.public_multikey)


def _read_key(file: Path) -> tuple[str, SigningKey]:
    try:
        read = orjson.loads(file.read_bytes())
        return str(read["recovers"]), SigningKey.from_bytes(bytes.fromhex(read["private"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ServiceError(f"{file} holds no recovery key: {error}") from error


def recover(
    settings: Settings, file: Path, *, last_good: int | None = None, reissue: bool = True
) -> Recovered:
    """Name a new key with the offline one and disown what the old one signed after a number.

    Own entries after that number are kept in a file and, with `reissue`, published anew under
    the new key, so that nothing of the owner's is lost.

    Args:
        settings: of the node, which must be stopped.
        file: with the recovery key.
        last_good: number of the last genuine entry; None for the last that is held here.
        reissue: whether the own entries after it are genuine too.

    Raises:
        ServiceError: the node is running, or file or number do not fit.
        FederationError: the log announces another key.
    """
    did, offline = _read_key(file)
    lock = IndexLock(settings.index_lock)
    if not lock.acquire():
        raise ServiceError("this node is running; stop it first, then: lonja key recover")
    try:
        new, kept = _take_back(settings, did, offline, file, last_good)
        count = 0
        if reissue and kept is not None:
            with running(settings) as runtime:
                count = _reissue(runtime.journal, runtime.identity, kept)
    finally:
        lock.release()
    shown = fingerprint(new.identity.key.public_multikey)
    return Recovered(shown, new.last_good, str(kept or ""), count, str(new.recovery_file))


@dataclass(frozen=True, slots=True)
class _TakenBack:
    identity: Identity
    last_good: int
    recovery_file: Path


def _take_back(
    settings: Settings, did: str, offline: SigningKey, file: Path, last_good: int | None
) -> tuple[_TakenBack, Path | None]:
    store = open_store(settings.journal_path, lock=settings.write_lock)
    try:
        migrations.upgrade(store)
        journal = Journal(store, clock.now, settings.allow_hosts)
        own = journal.origin(did)
        if own is None or own.standing is not OriginStanding.LOCAL:
            raise ServiceError(f"{file} recovers {did}, which is no origin of this node")
        if digest_of(offline.public_multikey) != own.recovery:
            raise ServiceError(
                f"{file} is not the recovery key that the log of {did} announces now; each one "
                "serves once, the next was written when it was used"
            )
        last = own.last_seq if last_good is None else last_good
        if not 1 <= last <= own.last_seq:
            raise ServiceError(f"--last-good must be a number from 1 to {own.last_seq}")
        following = _unused(file)
        digest = write_key(following, did)
        kept = _keep(settings, journal, did, last)
        new = Identity(did, own.base, next_method(journal, did), SigningKey.generate())
        identity = key_folder.recover(
            settings.keys_folder,
            journal,
            new,
            offline,
            last_good=last,
            following=digest,
            now=clock.now(),
            publisher=settings.organisation_uri,
        )
    finally:
        store.close()
    return _TakenBack(identity, last, following), kept


def _unused(file: Path) -> Path:
    """Return the next free name beside a file: recovery-key-2.json after recovery-key.json."""
    number = 2
    while (place := file.with_name(f"{file.stem}-{number}{file.suffix}")).exists():
        number += 1
    return place


def _keep(settings: Settings, journal: Journal, did: str, last_good: int) -> Path | None:
    """Write the own entries after a number to a file before they are disowned."""
    bodies = [body for seq, body in _own(journal, did) if seq > last_good]
    if not bodies:
        return None
    place = _unused(settings.data / "disowned.ndjson")
    with place.open("wb") as out:
        out.writelines(body + b"\n" for body in bodies)
        out.flush()
        os.fsync(out.fileno())
    return place


def _own(journal: Journal, did: str) -> Iterator[tuple[int, bytes]]:
    position = 0
    while True:
        page = journal.changes(position)
        for entry in page.entries:
            if entry.origin == did and entry.state is EntryState.HELD:
                yield entry.seq, entry.body
        if page.position == position:
            return
        position = page.position


def _reissue(journal: Journal, identity: Identity, file: Path) -> int:
    """Publish the entries of a file anew, in their order."""
    drafts = [draft for line in file.read_bytes().splitlines() if (draft := _draft(line))]
    for start in range(0, len(drafts), _BATCH):
        journal.append_local(drafts[start : start + _BATCH], identity)
    return len(drafts)


def _draft(line: bytes) -> Draft | None:
    document: JsonObject = orjson.loads(line)
    if document.get("type") == "KeyRotation":
        return None
    body = {key: value for key, value in document.items() if key not in MINTED_KEYS}
    body.pop("erases", None)  # its numbers mean something else from now on
    return Draft(body, str(document["isVersionOf"]), type_of(document))
