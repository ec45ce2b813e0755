"""Backup and restore: all of the node or nothing, and nothing else."""

import io
import tarfile
from pathlib import Path

import orjson
import pytest
import zstandard

from node.runtime import running
from node.services.backup import backup, restore
from node.services.create import create_node
from node.services.errors import ServiceError
from node.services.keys import rotate
from node.settings import Settings, load

pytestmark = pytest.mark.integration


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return create_node(Settings(data=tmp_path / "town", name="Town"))


def archive(file: Path, *members: tuple[str, bytes]) -> Path:
    """Write a tar of some members, compressed as backups are."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as tar:
        for name, content in members:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    file.write_bytes(zstandard.ZstdCompressor().compress(raw.getvalue()))
    return file


MANIFEST = ("backup.json", orjson.dumps({"origin": "did:web:x.example"}))


def test_a_node_comes_back_whole(settings: Settings, tmp_path: Path) -> None:
    file, folder = tmp_path / "node.tar.zst", tmp_path / "again"
    with running(settings) as runtime:
        backup(runtime, file)
        position = runtime.journal.position()
    assert file.stat().st_mode & 0o077 == 0
    folder.mkdir()  # as a mounted volume is there already
    restore(file, folder)
    assert sorted(item.name for item in folder.iterdir()) == [
        "journal.sqlite3",
        "keys",
        "lonja.toml",
    ]
    assert all(item.stat().st_mode & 0o077 == 0 for item in (folder / "keys").iterdir())
    with running(load(folder, environment={})) as runtime:
        assert runtime.journal.position() == position
        assert runtime.journal.verify_all().faults == []


def test_files_beside_records_come_back_too(settings: Settings, tmp_path: Path) -> None:
    digest = "ab" + "0" * 62
    (settings.data / "files" / "ab").mkdir(parents=True)
    (settings.data / "files" / "ab" / digest).write_bytes(b"%PDF-1.7")
    (settings.data / "files" / "ab" / f"{digest}.new").write_bytes(b"half")
    with running(settings) as runtime:
        backup(runtime, tmp_path / "node.tar.zst")
    restore(tmp_path / "node.tar.zst", tmp_path / "again")
    found = [file.name for file in (tmp_path / "again" / "files").rglob("*") if file.is_file()]
    assert found == [digest]


def test_keys_that_were_replaced_come_back_too(settings: Settings, tmp_path: Path) -> None:
    rotate(settings)
    with running(settings) as runtime:
        backup(runtime, tmp_path / "node.tar.zst")
    restore(tmp_path / "node.tar.zst", tmp_path / "again")
    files = [file for file in (tmp_path / "again" / "keys").rglob("*") if file.is_file()]
    assert [str(file.relative_to(tmp_path / "again")) for file in sorted(files)] == [
        "keys/identity.json",
        "keys/retired-key-1/identity.json",
    ]
    assert all(file.parent.stat().st_mode & 0o077 == 0 for file in files)


@pytest.mark.parametrize(
    "name",
    [
        "../escaped",
        "/tmp/escaped",
        "keys/../../escaped",
        "keys/a/b",
        "index/x",
        "./.",
        "keys/..",
    ],  # must be refused
)
def test_other_paths_are_refused_and_nothing_is_left(tmp_path: Path, name: str) -> None:
    file = archive(tmp_path / "bad.tar.zst", MANIFEST, ("journal.sqlite3", b"x"), (name, b"x"))
    with pytest.raises(ServiceError, match="no backup should"):
        restore(file, tmp_path / "new")
    assert list((tmp_path / "new").iterdir()) == []
    assert not (tmp_path / "escaped").exists()


def test_a_damaged_backup_leaves_nothing_in_the_way(settings: Settings, tmp_path: Path) -> None:
    file, folder = tmp_path / "node.tar.zst", tmp_path / "again"
    with running(settings) as runtime:
        backup(runtime, file)
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ServiceError):
        restore(file, folder)
    file.write_bytes(whole)
    assert restore(file, folder).startswith("did:web:")


def test_a_backup_that_breaks_off_leaves_no_file(settings: Settings, tmp_path: Path) -> None:
    (settings.data / "lonja.toml").unlink()
    with running(settings) as runtime, pytest.raises(OSError, match=r"lonja\.toml"):
        backup(runtime, tmp_path / "node.tar.zst")
    assert not (tmp_path / "node.tar.zst").exists()


def test_the_key_of_a_lost_journal_is_never_overwritten(settings: Settings) -> None:
    key = next(settings.keys_folder.iterdir()).read_bytes()
    settings.journal_path.unlink()
    with pytest.raises(ServiceError, match="backup"):
        create_node(settings)
    assert next(settings.keys_folder.iterdir()).read_bytes() == key
