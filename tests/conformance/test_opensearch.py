"""OpenSearch, on a real server: what only an engine on other machines has to promise."""

import socket
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from search.api import IndexBusyError, SearchEngine, SearchRequest, SearchUnavailableError
from search.engines.cluster import Cluster
from search.engines.opensearch import lease, schema
from search.engines.opensearch.engine import OpenSearchEngine, OpenSearchIndex
from search.engines.opensearch.writer import CHUNK_BYTES
from search.engines.sites import ClusterSite
from tests.conformance.engine_cases import entry, fill, found, many, numbers

pytestmark = pytest.mark.conformance

NOWHERE = Path("/nonexistent")


@contextmanager
def opened(cluster: Cluster) -> Iterator[OpenSearchEngine]:
    with closing(OpenSearchEngine(OpenSearchIndex(cluster))) as engine:
        yield engine


@pytest.fixture
def engine(cluster: Cluster) -> Iterator[OpenSearchEngine]:
    with opened(cluster) as engine:
        yield engine


# -- one index after another ---------------------------------------------------------------------


def test_index_of_an_older_layout_answers_until_the_new_one_has_caught_up(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as older, opened(cluster) as engine:
        older.setattr(schema, "layout_code", lambda: "0" * 12)
        fill(engine, [entry(n, "Bus") for n in range(3)], position=3)
        (old,) = engine.index.held()
    with opened(cluster) as engine:
        assert engine.position() == 0, "what has to be indexed is the whole journal"
        assert found(engine, "bus") == {"0", "1", "2"}
        writer = engine.writer()
        writer.upsert([entry(0, "Tram")])
        writer.commit(2)
        assert engine.position() == 2
        assert found(engine, "bus") == {"0", "1", "2"}, "the new index is not complete"
        writer.upsert([entry(1, "Tram")])
        writer.commit(3)
        assert found(engine, "tram") == {"0", "1"}
        assert found(engine, "bus") == set()
        (new,) = engine.index.held()
        assert new != old
        writer.upsert([entry(2, "Tram")])
        writer.commit(4)
        writer.close()
        assert found(engine, "tram") == {"0", "1", "2"}


def test_index_built_beside_takes_the_place_in_one_step(cluster: Cluster) -> None:
    site = ClusterSite(cluster, NOWHERE)
    with closing(site.open()) as engine, closing(site.beside().open()) as beside:
        fill(engine, [entry(1, "Bus")], position=1)
        fill(beside, [entry(2, "Tram")], position=7)
        assert (engine.position(), found(engine)) == (1, {"1"})
        assert (beside.position(), found(beside)) == (7, {"2"})
        site.exchange()
        assert (engine.position(), found(engine)) == (7, {"2"})
        assert (beside.position(), found(beside)) == (0, set())
        fill(engine, [entry(3, "Tram")], position=8)
        assert found(engine) == {"2", "3"}


def test_sweeping_leaves_the_index_and_those_of_other_nodes(cluster: Cluster) -> None:
    neighbour = Cluster(cluster.urls, f"{cluster.prefix}-b")
    site = ClusterSite(cluster, NOWHERE)
    with (
        closing(site.open()) as engine,
        opened(neighbour) as other,
        closing(site.beside().open()) as beside,
    ):
        fill(engine, [entry(1, "Bus")])
        fill(other, [entry(2, "Tram")])
        fill(beside, [entry(3, "Ferry")])
        site.sweep()
        assert (found(engine), found(other), found(beside)) == ({"1"}, {"2"}, set())
        for name in other.index.held():
            other.index.server.send("DELETE", f"/{name}")
        other.index.server.send("DELETE", f"/{other.index.names.lease_index}")


# -- one writer ----------------------------------------------------------------------------------


def taken_elsewhere(engine: OpenSearchEngine) -> None:
    """Write down that a process of another machine has the lease."""
    names = engine.index.names
    document = {"token": "theirs", "host": "elsewhere", "machine": "elsewhere", "pid": 1}
    engine.index.server.send("PUT", f"/{names.lease_index}/_doc/{names.lease}", document)


def test_writer_of_another_machine_is_respected_while_it_is_heard_of(
    engine: OpenSearchEngine,
) -> None:
    engine.writer().close()
    for _ in range(2):
        taken_elsewhere(engine)
        with pytest.raises(IndexBusyError, match="process 1 on elsewhere"):
            engine.writer()
        with pytest.raises(IndexBusyError):
            engine.clear()
        # The first time, it is renewed just before it would be taken.
        engine.index._watched.since -= lease.EXPIRY_SECONDS
    fill(engine, [entry(1, "Bus")])
    assert found(engine) == {"1"}


def test_writer_that_was_taken_for_dead_writes_no_more(
    engine: OpenSearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "BEAT_SECONDS", 0.05)
    writer = engine.writer()
    writer.upsert([entry(1, "Bus")])
    writer.commit(1)
    taken_elsewhere(engine)
    time.sleep(0.5)
    writer.upsert([entry(2, "Tram")])
    with pytest.raises(IndexBusyError, match="taken over"):
        writer.commit(2)
    writer.close()
    assert (engine.position(), found(engine)) == (1, {"1"})


# -- what is written -----------------------------------------------------------------------------


def test_large_commit_is_sent_in_pieces_and_seen_as_one(engine: OpenSearchEngine) -> None:
    large = "x" * (CHUNK_BYTES // 4)
    fill(engine, [entry(n, "Bus", card={"number": n, "more": large}) for n in range(11)])
    assert engine.search(SearchRequest("bus")).total == 11
    assert engine.position() == 1


def test_record_that_the_server_refuses_does_not_stop_the_others(
    engine: OpenSearchEngine, caplog: pytest.LogCaptureFixture
) -> None:
    fill(engine, [entry(1, "Bus"), entry(2, "Bus", population=10**19), entry(3, "Bus")], position=4)
    assert (engine.position(), found(engine)) == (4, {"1", "3"})
    assert "refused" in caplog.text


def test_values_too_long_for_the_server_are_left_out(engine: OpenSearchEngine) -> None:
    long = "ñ" * 40_000
    fill(engine, [entry(1, "Bus", facets={"region": [long, "Lugo"]}, links={"lead": [long]})])
    assert numbers(engine, "bus", filters={"region": ["Lugo"]}) == ["1"]


# -- what is asked -------------------------------------------------------------------------------


def test_more_words_than_the_server_weighs_at_once(engine: OpenSearchEngine) -> None:
    words = [f"{word}{n}" for n in range(16) for word in ("bicycle", "garden")]
    fill(engine, [entry(1, " ".join(words)), entry(2, "Bicycle garden")])
    assert numbers(engine, " ".join(words)) == ["1"]
    assert found(engine, " OR ".join(words[:2])) == {"1"}


def test_page_far_behind_what_can_be_counted(engine: SearchEngine) -> None:
    fill(engine, many(30))
    for offset in (29, 30, 10_000):
        result = engine.search(SearchRequest(offset=offset, limit=200))
        assert result.total == 30
        assert len(result.hits) == max(0, 30 - offset)


# -- when it is away -----------------------------------------------------------------------------


def test_server_that_is_away_is_said_in_a_sentence_without_its_password() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with opened(Cluster(f"http://lonja:s3cret@127.0.0.1:{port}", "away")) as engine:
        for ask in (
            lambda: engine.search(SearchRequest("bus")),
            lambda: engine.complete("bus", "en"),
            engine.position,
            engine.writer,
            engine.clear,
        ):
            with pytest.raises(SearchUnavailableError) as caught:
                ask()
            assert f"http://127.0.0.1:{port} does not answer" in str(caught.value)
            assert "s3cret" not in repr(caught.value) + repr(engine.index.__dict__)


def test_lease_is_refused_by_a_server_that_is_away_and_taken_when_it_is_back(
    cluster: Cluster,
) -> None:
    away = Cluster("http://127.0.0.1:9", cluster.prefix)
    with opened(away) as engine, pytest.raises(SearchUnavailableError):
        engine.writer()
    with opened(Cluster(f"http://127.0.0.1:9,{cluster.urls}", cluster.prefix)) as engine:
        fill(engine, [entry(1, "Bus")])  # another machine of the cluster answers
        assert found(engine) == {"1"}
