"""What must not happen to an operator: lost folders, a stuck index, records counted twice."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from node.demo.federation import run_demo
from node.demo.sample import NODES
from node.runtime import Runtime, running
from node.services import catch_up
from node.services.create import create_node, publish_anew
from node.services.doctor import examine
from node.services.errors import ServiceError
from node.services.export import show
from node.services.imports.run import run_import
from node.services.indexer import IndexLock, follow_once, rebuild
from node.services.publish import Submission, publish_one
from node.settings import LANGUAGES, Settings, SettingsError, load
from search.api import SearchRequest
from tests.nodes import free_ports, practice

pytestmark = pytest.mark.integration


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return create_node(Settings(data=tmp_path / "town", name="Town"))


@pytest.fixture
def runtime(settings: Settings) -> Iterator[Runtime]:
    with running(settings) as runtime:
        yield runtime


def rows(file: Path, *found: dict[str, object]) -> Path:
    file.write_text("\n".join(json.dumps(row) for row in found), "utf-8")
    return file


def row(number: str, title: str) -> dict[str, object]:
    return {"source": "x", "source_id": number, "title": {"en": title}, "licence": "cc-by-4.0"}


def test_a_number_that_comes_twice_in_a_file_is_one_record(
    runtime: Runtime, tmp_path: Path
) -> None:
    before = runtime.journal.count()
    file = rows(tmp_path / "a.jsonl", row("1", "One"), row("1", "One"), row("1", "First"))
    report = run_import(runtime, file, "jsonl")
    assert (report.read, report.published, report.updated, report.unchanged) == (3, 2, 1, 1)
    assert len(set(report.uris)) == 1
    assert runtime.journal.count() == before + 2


def test_a_dry_run_foretells_what_the_import_does(runtime: Runtime, tmp_path: Path) -> None:
    file = rows(tmp_path / "a.jsonl", row("1", "One"), {"title": {}})
    foretold = run_import(runtime, file, "jsonl", dry_run=True)
    done = run_import(runtime, file, "jsonl")
    assert (foretold.published, foretold.refused) == (done.published, done.refused) == (1, 1)
    again = run_import(runtime, file, "jsonl", dry_run=True)
    assert (again.published, again.unchanged, again.refused) == (0, 1, 1)


def test_a_record_that_breaks_the_indexing_stops_no_other(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    genuine = catch_up.from_record

    def fragile(document: dict[str, object], **more: object) -> object:
        if "broken" in str(document.get("title")):
            raise ValueError("a shape that nobody thought of")
        return genuine(document, **more)  # type: ignore[arg-type]  # handed on as it came

    monkeypatch.setattr(catch_up, "from_record", fragile)
    for title in ("broken buses", "night buses"):
        publish_one(runtime, Submission("test", practice(title)))
    follow_once(runtime)
    assert runtime.engine.position() == runtime.journal.position()
    found = runtime.engine.search(SearchRequest(text="buses"))
    assert found.total == 1


def test_an_index_in_use_is_refused_with_the_way_out(runtime: Runtime) -> None:
    lock = IndexLock(runtime.settings.index_lock)
    assert lock.acquire()
    with pytest.raises(ServiceError, match="stop it first"):
        rebuild(runtime)
    with pytest.raises(ServiceError, match="stop it first"):
        publish_anew(runtime.settings, "https://town.example")
    lock.release()
    assert runtime.settings.journal_path.exists()


def test_a_version_is_shown_by_its_own_address(runtime: Runtime) -> None:
    uri = publish_one(runtime, Submission("test", practice("Night buses"))).uri
    assert show(runtime, f"{uri}/v/1", "jsonld") == show(runtime, uri, "jsonld")
    for wrong in ("/v/²", "/v/99999999999999999999", "/v/"):
        with pytest.raises(ServiceError):
            show(runtime, uri + wrong, "jsonld")


@pytest.mark.parametrize("fresh", [True, False])
def test_the_demo_deletes_nothing_but_demos(tmp_path: Path, fresh: bool) -> None:
    kept = tmp_path / NODES[0].key / "letter.txt"
    kept.parent.mkdir()
    kept.write_text("dear", "utf-8")
    beside = tmp_path / "other.txt"
    beside.write_text("mine", "utf-8")
    with pytest.raises(ServiceError, match="--folder"):
        run_demo(tmp_path, first_port=free_ports(5), fresh=fresh, tell=str, announce=str)
    assert kept.exists()
    assert beside.exists()


def test_pages_are_offered_only_in_languages_that_exist(tmp_path: Path) -> None:
    catalogues = Path(__file__).parents[3] / "node" / "translations"
    assert sorted(LANGUAGES) == sorted({"en", *(f.name for f in catalogues.iterdir())})
    with pytest.raises(SettingsError, match="tlh"):
        load(tmp_path, environment={"LONJA_LANGUAGES": "en,tlh"})


def test_the_doctor_looks_at_the_sector_that_others_see(settings: Settings) -> None:
    with running(settings) as runtime:
        found = next(item for item in examine(runtime) if item.name == "sector")
        assert found.level == "warning"
        assert "publish" in found.fix


def test_the_doctor_names_a_peer_that_the_settings_keep_out(runtime: Runtime) -> None:
    peer = runtime.peers.add("http://127.0.0.1:9", did="did:web:127.0.0.1%3A9", key="z6Mk")
    runtime.peers.accept(peer.id)
    found = next(item for item in examine(runtime) if item.name == "peers")
    assert (found.level, "127.0.0.1:9" in found.message) == ("fault", True)
    assert "allow_hosts" in found.fix
