"""What somebody meets who has never seen the program: mistakes, and the way out of each."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from federation.identity import SigningKey, did_of
from node.demo.federation import run_demo
from node.demo.sample import NODES
from node.runtime import Runtime, running
from node.services.create import create_node, publish_anew
from node.services.errors import ServiceError
from node.services.federate import accept_peer, add_peer, find_accepted_peer, waiting_peers
from node.services.imports.run import run_import
from node.services.indexer import IndexLock
from node.services.publish import Submission, publish, publish_one
from node.services.submissions import read_submissions
from node.settings import Settings, SettingsError
from tests.nodes import ROOT, free_ports, practice
from vocab.terms import CONTEXT_URL, JsonObject

pytestmark = pytest.mark.integration

OTHER = "http://127.0.0.1:8200"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return create_node(Settings(data=tmp_path / "town", name="Town"))


@pytest.fixture
def runtime(settings: Settings) -> Iterator[Runtime]:
    with running(settings) as runtime:
        yield runtime


def add_pending(runtime: Runtime) -> None:
    key = SigningKey.generate().public_multikey
    runtime.peers.add(OTHER, did=did_of(OTHER), key=key, name="Other", interval_seconds=60)


def demo_of(folder: Path) -> list[Path]:
    """Return the folders of a demo's nodes, as far as forgetting them is concerned."""
    kept = []
    for node in NODES:
        file = folder / node.key / "lonja.toml"
        file.parent.mkdir(parents=True)
        file.write_text("", "utf-8")
        kept.append(file)
    return kept


def test_a_running_demo_is_not_forgotten(tmp_path: Path) -> None:
    kept = demo_of(tmp_path)
    lock = IndexLock(Settings(data=kept[-1].parent).index_lock)
    assert lock.acquire()
    with pytest.raises(ServiceError, match="is running; stop it first"):
        run_demo(tmp_path, first_port=free_ports(5), fresh=True, tell=str, announce=str)
    lock.release()
    assert all(file.exists() for file in kept)


@pytest.mark.parametrize("port", [0, 65533, 70000])
def test_a_port_that_does_not_exist_forgets_no_demo(tmp_path: Path, port: int) -> None:
    kept = demo_of(tmp_path)
    with pytest.raises(ServiceError, match="from 1 to 65531"):
        run_demo(tmp_path, first_port=port, fresh=True, tell=str, announce=str)
    assert all(file.exists() for file in kept)


def test_an_emptied_journal_is_not_taken_for_a_node(settings: Settings) -> None:
    settings.journal_path.write_bytes(b"")
    with pytest.raises(SettingsError, match="restore"), running(settings):
        pass


def test_a_folder_that_cannot_be_written_is_named(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("node.runtime.os.access", lambda _path, _mode: False)
    with pytest.raises(SettingsError, match="cannot be written"), running(settings):
        pass


@pytest.mark.parametrize("name", ["a.jsonld", "a.jsonl"])
def test_a_file_saved_on_windows_is_read(runtime: Runtime, tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_text(json.dumps(practice("A bench")), "utf-8-sig")
    outcomes = list(publish(runtime, read_submissions([str(file)])))
    assert [outcome.refused for outcome in outcomes] == [False]


def test_what_a_trial_vouched_for_stays_behind(settings: Settings) -> None:
    with running(settings) as runtime:
        publish_one(runtime, Submission("practice", practice("A bench")))
        membership: JsonObject = {
            "@context": CONTEXT_URL,
            "type": "Membership",
            "memberDid": did_of(OTHER),
            "memberKey": SigningKey.generate().public_multikey,
            "memberRole": "member",
        }
        assert not publish_one(runtime, Submission("membership", membership)).refused
    made, count = publish_anew(settings, "https://town.example")
    assert count == 1
    with running(made) as runtime:
        assert [origin.did for origin in runtime.journal.origins()] == [runtime.identity.did]


def test_plain_http_is_refused_with_the_line_to_write(runtime: Runtime) -> None:
    add_pending(runtime)
    with pytest.raises(ServiceError, match=r'allow_hosts = \["127.0.0.1:8200"\] in .*lonja.toml'):
        add_peer(runtime, OTHER)
    with pytest.raises(ServiceError, match="allow_hosts"):
        accept_peer(runtime, waiting_peers(runtime)[0])


def test_only_an_accepted_peer_is_harvested(runtime: Runtime) -> None:
    add_pending(runtime)
    with pytest.raises(ServiceError, match=f"pending; first: lonja peer accept {OTHER}"):
        find_accepted_peer(runtime, "other")


def table(file: Path, *lines: str) -> Path:
    file.write_text("\n".join(lines), "utf-8")
    return file


def test_rows_without_a_number_are_records_of_their_own(runtime: Runtime, tmp_path: Path) -> None:
    file = table(tmp_path / "a.csv", "title_en,source,licence", "One,x,CC0-1.0", "Two,x,CC0-1.0")
    report = run_import(runtime, file, "csv")
    assert (report.published, report.updated, len(set(report.uris))) == (2, 0, 2)
    assert [finding.rule for finding in report.findings] == ["no-number", "no-number"]


def test_a_row_is_known_again_by_its_link(runtime: Runtime, tmp_path: Path) -> None:
    file = table(tmp_path / "a.csv", "title_en,url,licence", "One,https://example.org/1,CC0-1.0")
    assert run_import(runtime, file, "csv").published == 1
    again = run_import(runtime, file, "csv")
    assert (again.published, again.unchanged, again.findings) == (0, 1, [])


def test_a_command_without_a_terminal_prints_no_empty_lines(settings: Settings) -> None:
    command = [sys.executable, "-m", "node", "--data", str(settings.data), "verify"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == ""
    assert done.stderr == "1 entries of 1 origins, 0 faults\n"
