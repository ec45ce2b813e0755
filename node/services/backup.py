"""Backup and restore: one file that brings a node back, its keys included."""

import io
import os
import re
import shutil
import tarfile
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Final

import orjson
import zstandard

from federation.errors import JournalError
from federation.identity import FILE as KEY_FILE
from federation.journal.restored import mark_restored
from node import __version__, clock
from node.runtime import Runtime
from node.services.errors import ServiceError
from node.settings import FILE_NAME, Settings, SettingsError, load

_MANIFEST: Final = "backup.json"
_JOURNAL: Final = "journal.sqlite3"
_MANIFEST_BYTES: Final = 100_000
_UNFINISHED: Final = "backup-"
_MADE: Final = "backups.json"
_REMEMBERED: Final = 100
_ALLOWED: Final = (FILE_NAME, _JOURNAL, _MANIFEST)


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was written: where, when, and how far the journal went at least."""

    file: str
    made: str
    position: int


def backup(runtime: Runtime, target: Path) -> int:
    """Write a backup of the whole node to `target` (tar, zstd) and return its size in bytes.

    Holds settings, keys, the files beside records and a consistent copy of the journal; never the
    search index, which is rebuilt. The file can sign as this node: only its owner can read it.

    Raises:
        ServiceError: the target exists already.
    """
    if target.exists():
        raise ServiceError(f"{target} exists already; choose another name")
    settings = runtime.settings
    target.parent.mkdir(parents=True, exist_ok=True)
    made = Made(
        str(target.resolve()),
        runtime.clock().isoformat(timespec="seconds"),
        runtime.journal.position(),  # before the copy: what it may lack, not what it may hold
    )
    with tempfile.TemporaryDirectory(
        prefix=f"{_UNFINISHED}{os.getpid()}-", dir=settings.data
    ) as folder:
        copy = Path(folder) / _JOURNAL
        runtime.store.copy_to(copy)
        manifest = orjson.dumps(
            {
                "lonja": __version__,
                "origin": runtime.identity.did,
                "made": made.made,
                "position": made.position,
            }
        )
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as raw:
                _pack(raw, manifest, settings, copy)
        except BaseException:
            target.unlink(missing_ok=True)  # half a backup would be taken for one
            raise
    _remember(settings, made)
    return target.stat().st_size


def backups_made(settings: Settings) -> list[Made]:
    """Return the last backups that this node remembers to have written, the oldest first."""
    try:
        rows = orjson.loads((settings.data / _MADE).read_bytes())
        return [Made(str(row["file"]), str(row["made"]), int(row["position"])) for row in rows]
    except (OSError, ValueError, TypeError, KeyError):
        return []


def _remember(settings: Settings, made: Made) -> None:
    """Keep what and when, so that an erasure can name the backups that it does not reach."""
    rows = [asdict(one) for one in (*backups_made(settings), made)][-_REMEMBERED:]
    temporary = settings.data / f".{_MADE}.{os.getpid()}"
    temporary.write_bytes(orjson.dumps(rows))
    temporary.replace(settings.data / _MADE)


def remove_unfinished(settings: Settings) -> None:
    """Remove copies of the journal that backups left behind whose process was killed."""
    for folder in settings.data.glob(f"{_UNFINISHED}*"):
        process = folder.name.removeprefix(_UNFINISHED).partition("-")[0]
        if process.isdigit() and not _is_alive(int(process)):
            shutil.rmtree(folder, ignore_errors=True)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):  # somebody else's, or no number of a process
        pass
    return True


def _pack(raw: IO[bytes], manifest: bytes, settings: Settings, journal: Path) -> None:
    with (
        zstandard.ZstdCompressor(level=9).stream_writer(raw) as packed,
        tarfile.open(fileobj=packed, mode="w|") as archive,
    ):
        about = tarfile.TarInfo(_MANIFEST)
        about.size = len(manifest)
        archive.addfile(about, io.BytesIO(manifest))
        archive.add(settings.data / FILE_NAME, FILE_NAME)
        archive.add(journal, _JOURNAL)
        for key in sorted(settings.keys_folder.rglob("*")):  # retired ones and those of members
            if key.is_file():
                archive.add(key, f"keys/{key.relative_to(settings.keys_folder)}")
        files = settings.data / "files"
        for file in sorted(files.rglob("*")):
            if file.is_file() and _is_attachment(file.relative_to(settings.data)):
                archive.add(file, str(file.relative_to(settings.data)))


def restore(source: Path, folder: Path) -> str:
    """Bring a node back from a backup into an empty folder and return its DID.

    Only the files that a backup holds are taken; anything else in the archive is refused.

    Raises:
        ServiceError: the folder is not empty, or the file is no backup.
    """
    if folder.exists() and any(folder.iterdir()):
        raise ServiceError(f"{folder} is not empty; restore into a new folder")
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    with tempfile.TemporaryDirectory(dir=folder) as made:
        did, when = _unpack(source, Path(made))
        try:
            pushes = bool(load(Path(made), environment={}).hub)
            mark_restored(Path(made) / _JOURNAL, did, when, clock.now(), pushes=pushes)
        except (JournalError, SettingsError) as error:
            raise ServiceError(f"the journal of the backup cannot be used: {error}") from error
        # A damaged backup leaves an empty folder; the journal comes last: only with it is a node.
        for file in sorted(Path(made).iterdir(), key=lambda file: file.name == _JOURNAL):
            file.rename(folder / file.name)
    return did


def _unpack(source: Path, folder: Path) -> tuple[str, str]:
    """Write the files of a backup to an empty folder; return of which DID it is, and when made."""
    manifest: object = None
    try:
        with (
            source.open("rb") as raw,
            zstandard.ZstdDecompressor().stream_reader(raw) as packed,
            tarfile.open(fileobj=packed, mode="r|") as archive,
        ):
            for member in archive:
                content = _content(archive, member)
                if member.name == _MANIFEST:
                    manifest = orjson.loads(content.read(_MANIFEST_BYTES))
                    continue
                file = folder / member.name
                _make_private(file.parent, folder)
                with file.open("xb") as target:
                    shutil.copyfileobj(content, target)
                file.chmod(0o600)
    except (OSError, tarfile.TarError, zstandard.ZstdError, orjson.JSONDecodeError) as error:
        raise ServiceError(f"{source} is no backup of a node, or is damaged: {error}") from error
    if not isinstance(manifest, dict) or "origin" not in manifest:
        raise ServiceError(f"{source} is no backup of a node: it does not say of which")
    if not (folder / _JOURNAL).exists():
        raise ServiceError(f"{source} is no backup of a node: it holds no journal")
    return str(manifest["origin"]), str(manifest.get("made", ""))[:40]


def _is_key(path: Path) -> bool:
    """Say whether a path is that of a key: the node's own, a retired one, that of a member."""
    own = len(path.parts) == 2
    return path.parts[:1] == ("keys",) and (own or (len(path.parts) < 5 and path.name == KEY_FILE))


def _is_attachment(path: Path) -> bool:
    """Say whether a path is that of a file beside a record, which has its hash for a name."""
    return re.fullmatch(r"files/([0-9a-f]{2})/\1[0-9a-f]{62}", path.as_posix()) is not None


def _make_private(folder: Path, above: Path) -> None:
    """Make a folder and those between it and another, readable by their owner only."""
    for place in reversed([folder, *folder.parents]):
        if place.is_relative_to(above):
            place.mkdir(mode=0o700, exist_ok=True)


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    """Return a file of the archive, to be read.

    Raises:
        ServiceError: the archive holds something that no backup holds (a link, another path).
    """
    path = Path(member.name)
    known = member.name in _ALLOWED or _is_key(path) or _is_attachment(path)
    stream = archive.extractfile(member) if member.isfile() and known else None
    if stream is None or ".." in path.parts or path.is_absolute():
        raise ServiceError(
            f"the backup holds '{member.name}', which no backup should; not restored"
        )
    return stream


def describe(settings: Settings) -> str:
    """Return what an operator should keep in mind about a backup."""
    return (
        f"The file can sign as {settings.base_url}: keep it as safe as the node itself. "
        "Accounts, drafts and searches that somebody follows are in it, with their addresses. "
        "The search index is not in it; it is rebuilt at the first start."
    )
