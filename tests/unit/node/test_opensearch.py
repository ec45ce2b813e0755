"""A node whose search is on an OpenSearch cluster, and what it does when that is away."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from node.index_site import default_prefix
from node.runtime import Runtime, running
from node.services.create import create_node
from node.services.doctor import examine
from node.services.erase import erase
from node.services.indexer import Indexer, follow_once, rebuild, wait_until_searchable
from node.services.publish import Submission, publish_one
from node.settings import Settings, SettingsError, load
from node.settings_file import save
from search.api import SearchRequest
from search.engines.cluster import Cluster
from tests.nodes import ROOT, practice
from tests.opensearch.server import Running

pytestmark = pytest.mark.integration

CANARY = "zyxcanaryqv"


@pytest.fixture
def settings(tmp_path: Path, cluster: Cluster) -> Settings:
    return create_node(
        Settings(
            data=tmp_path / "town",
            name="Town",
            search="opensearch",
            opensearch_url=cluster.urls,
            opensearch_index=cluster.prefix,
        )
    )


@pytest.fixture
def away(tmp_path: Path) -> Settings:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://lonja:s3cret@127.0.0.1:{probe.getsockname()[1]}"
    made = create_node(Settings(data=tmp_path / "town", name="Town"))
    return replace(made, search="opensearch", opensearch_url=url)


@pytest.fixture
def runtime(settings: Settings) -> Iterator[Runtime]:
    with running(settings) as runtime:
        yield runtime


def published(runtime: Runtime, title: str) -> str:
    outcome = publish_one(runtime, Submission("test", practice(title)))
    assert not outcome.refused, outcome.findings
    return outcome.uri


def found(runtime: Runtime, text: str) -> list[str]:
    return [hit.uri for hit in runtime.engine.search(SearchRequest(text)).hits]


def test_what_is_published_is_found(runtime: Runtime) -> None:
    indexer = Indexer(runtime)
    indexer.start()
    uri = published(runtime, "A bench every two hundred metres")
    assert wait_until_searchable(runtime, runtime.journal.position())
    indexer.stop()
    assert found(runtime, "benches") == [uri]
    other = published(runtime, "A tree beside every bench")
    assert follow_once(runtime)
    assert rebuild(runtime) > 0
    assert set(found(runtime, "bench")) == {uri, other}


def test_nothing_that_was_erased_is_left_in_the_files_of_the_server(
    runtime: Runtime, opensearch_server: Running
) -> None:
    uri = published(runtime, f"By {CANARY}")
    kept = published(runtime, "A bench")
    assert follow_once(runtime)
    assert found(runtime, CANARY) == [uri]
    assert traces(opensearch_server.folder)
    assert erase(runtime, uri).files_clean
    assert found(runtime, CANARY) == []
    assert found(runtime, "bench") == [kept]
    assert traces(opensearch_server.folder) == []


def test_index_of_another_engine_is_removed_when_erased_texts_are(
    runtime: Runtime, settings: Settings
) -> None:
    with running(replace(settings, search="tantivy", opensearch_url="")) as before:
        uri = published(before, f"By {CANARY}")
        assert follow_once(before)
    assert follow_once(runtime)
    assert settings.index_folder.with_name("tantivy").exists()
    assert erase(runtime, uri).files_clean
    assert not settings.index_folder.with_name("tantivy").exists()


def traces(folder: Path) -> list[Path]:
    return [
        file
        for file in folder.rglob("*")
        if file.is_file() and CANARY.encode() in file.read_bytes()
    ]


def test_publishing_goes_on_without_the_server(
    away: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    with running(away) as runtime:
        uri = published(runtime, "A bench")
        assert not wait_until_searchable(runtime, runtime.journal.position(), seconds=0.1)
        assert runtime.journal.current(uri) is not None
        (index,) = (one for one in examine(runtime) if one.name == "index")
        assert index.level == "fault"
    assert "does not answer" in caplog.text
    assert "s3cret" not in caplog.text


def test_commands_say_that_the_server_is_away_in_one_line(away: Settings) -> None:
    environment = {
        "LONJA_DATA": str(away.data),
        "LONJA_OPENSEARCH_URL": away.opensearch_url,
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(
        [sys.executable, "-m", "node", "search", "bench"],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "does not answer" in done.stderr
    assert "Traceback" not in done.stderr
    assert "s3cret" not in done.stderr


# -- settings ------------------------------------------------------------------------------------


def test_naming_a_cluster_is_enough(tmp_path: Path) -> None:
    url = "https://lonja:pw@search.example:9200,https://lonja:pw@search2.example:9200"
    given = load(tmp_path, {"LONJA_OPENSEARCH_URL": url})
    assert (given.search, given.opensearch_url) == ("opensearch", url)
    assert "pw@" not in repr(given)
    assert (
        load(tmp_path, {"LONJA_OPENSEARCH_URL": url, "LONJA_SEARCH": "whoosh"}).search == "whoosh"
    )


@pytest.mark.parametrize(
    "environment",
    [
        {"LONJA_SEARCH": "opensearch"},
        {"LONJA_OPENSEARCH_URL": "search.example:s3cret"},
        {"LONJA_OPENSEARCH_URL": "ftp://lonja:s3cret@search.example"},
        {"LONJA_OPENSEARCH_URL": "http://lonja:s3cret@search.example:99999"},
        {"LONJA_OPENSEARCH_URL": "http://search.example", "LONJA_OPENSEARCH_INDEX": "A*"},
    ],
)
def test_address_that_cannot_be_one_is_refused(tmp_path: Path, environment: dict[str, str]) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, environment)
    assert "s3cret" not in str(caught.value)


def test_password_of_the_environment_is_not_written_down(tmp_path: Path) -> None:
    secret = {"LONJA_OPENSEARCH_URL": "https://lonja:s3cret@search.example"}
    file = save(load(tmp_path, secret))
    assert "s3cret" not in file.read_text()
    assert load(tmp_path, {}).search == "tantivy"
    file.write_text(f'opensearch_url = "{secret["LONJA_OPENSEARCH_URL"]}"\n')
    save(load(tmp_path, {}))
    assert load(tmp_path, {}).opensearch_url == secret["LONJA_OPENSEARCH_URL"]
    file.unlink()
    save(load(tmp_path, {"LONJA_OPENSEARCH_URL": "http://127.0.0.1:9200"}))
    assert load(tmp_path, {}).search == "opensearch"


def test_nodes_that_share_a_cluster_have_names_of_their_own(tmp_path: Path) -> None:
    addresses = ("https://a.example", "https://a.example/b", "https://a-example", "")
    made = [Settings(data=tmp_path / str(n), base_url=url) for n, url in enumerate(addresses[:3])]
    made += [Settings(data=tmp_path / "one"), Settings(data=tmp_path / "two")]
    names = [default_prefix(one) for one in made]
    assert len(set(names)) == len(names)
    assert names[0].startswith("lonja-a-example-")
    assert default_prefix(Settings(data=tmp_path / "moved", base_url=addresses[0])) == names[0]
