"""Every engine: what is committed is there, once, for everybody, and survives a crash."""

import gc
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from search.api import CHOICES, IndexBusyError, SearchEngine, SearchRequest
from tests.conformance.engine_cases import NAMES, Place, entry, fill, found, numbers

pytestmark = pytest.mark.conformance

# Whoosh leaves files open when it could not read them all, and opens them again. Tests with this
# mark end with a garbage collection, so that the warnings come while they are ignored.
UNCLOSED_FILES = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


KEPT_IN_FILES = pytest.mark.parametrize("place", NAMES, indirect=True)


def test_index_that_does_not_exist_is_empty(engine: SearchEngine) -> None:
    result = engine.search(SearchRequest("bus"))
    assert (result.total, list(result.hits), engine.position()) == (0, [], 0)
    assert list(result.facets) == list(CHOICES)


def test_update_twice_gives_one_hit(engine: SearchEngine) -> None:
    for round_ in range(1, 7):
        fill(engine, [entry(1, f"Bus of round {round_}"), entry(2, "Tram")], position=round_)
        assert engine.search(SearchRequest("")).total == 2
        assert numbers(engine, "bus") == ["1"]
        assert found(engine, f"bus {round_}") == {"1"}
        assert engine.position() == round_
    assert found(engine, "bus 1", literal=True) == set()


def test_later_entry_of_one_commit_wins(engine: SearchEngine) -> None:
    writer = engine.writer()
    writer.upsert([entry(1, "First"), entry(1, "Second")])
    writer.upsert([entry(1, "Third"), entry(2, "Gone")])
    writer.delete([entry(2).uri, "https://lugo.example/practices/never-there"])
    writer.commit(1)
    writer.close()
    assert engine.search(SearchRequest("")).total == 1
    assert found(engine, "third") == {"1"}
    assert found(engine, "first") == found(engine, "second") == set()


def test_delete_is_visible_after_commit(engine: SearchEngine) -> None:
    facets = {"theme": ["mobility"]}
    fill(engine, [entry(n, "Bus", facets=facets) for n in range(5)])
    writer = engine.writer()
    writer.delete([entry(3).uri])
    assert engine.search(SearchRequest("bus")).total == 5
    writer.commit(2)
    writer.close()
    result = engine.search(SearchRequest("bus"))
    assert result.total == 4
    assert result.facets["theme"] == [("mobility", 4)]
    assert found(engine) == {"0", "1", "2", "4"}


def test_what_was_not_committed_is_lost(engine: SearchEngine) -> None:
    fill(engine, [entry(1, "Bus")])
    writer = engine.writer()
    writer.upsert([entry(2, "Tram")])
    writer.delete([entry(1).uri])
    writer.close()
    assert found(engine) == {"1"}
    assert engine.position() == 1


def test_other_instances_see_commits(place: Place, engine: SearchEngine) -> None:
    reader = place.open()
    assert found(reader) == set()
    for position in range(1, 5):
        fill(engine, [entry(position, "Bus")], position=position)
        assert found(reader) == found(engine) == {str(n) for n in range(1, position + 1)}
        assert reader.position() == position
    reader.close()


def test_second_writer_is_refused(place: Place, engine: SearchEngine) -> None:
    other = place.open()
    writer = engine.writer()
    for opened in (engine, other):
        with pytest.raises(IndexBusyError):
            opened.writer()
    with pytest.raises(IndexBusyError):
        other.clear()
    writer.close()
    other.writer().close()
    other.close()


def test_clear_empties_the_index(place: Place, engine: SearchEngine) -> None:
    fill(engine, [entry(1, "Bus")], position=9)
    reader = place.open()
    assert reader.position() == 9
    engine.clear()
    for opened in (engine, reader):
        assert opened.position() == 0
        assert opened.search(SearchRequest("")).total == 0
    fill(engine, [entry(2, "Tram")], position=3)
    assert found(reader) == {"2"}
    reader.close()


def test_other_instances_notice_a_clearing_they_did_not_see(
    place: Place, engine: SearchEngine
) -> None:
    reader = place.open()
    fill(engine, [entry(1, "Bus")], position=1)
    assert found(reader) == {"1"}
    engine.clear()
    fill(engine, [entry(2, "Tram")], position=1)
    assert found(reader) == {"2"}
    reader.close()


@KEPT_IN_FILES
def test_index_of_another_layout_is_as_good_as_none(place: Place, engine: SearchEngine) -> None:
    fill(engine, [entry(1, "Bus")], position=5)
    engine.close()
    (current,) = place.folder.iterdir()
    older = current.with_name("0" * len(current.name))
    current.rename(older)
    again = place.open()
    assert again.position() == 0
    assert found(again) == set()
    fill(again, [entry(2, "Tram")], position=1)
    assert found(again) == {"2"}
    assert not older.exists()
    again.close()


@KEPT_IN_FILES
@UNCLOSED_FILES
def test_torn_index_is_made_anew(place: Place, engine: SearchEngine) -> None:
    fill(engine, [entry(1, "Bus")], position=5)
    engine.close()
    for file in place.folder.rglob("*"):
        if file.suffix in (".json", ".toc"):
            file.write_bytes(b"\x80torn")
    again = place.open()
    assert again.position() == 0
    assert again.search(SearchRequest("bus")).total == 0
    fill(again, [entry(2, "Tram")], position=1)
    assert found(again) == {"2"}
    again.close()
    gc.collect()


def test_many_small_commits_leave_few_files(place: Place, engine: SearchEngine) -> None:
    writer = engine.writer()
    for number in range(40):
        writer.upsert([entry(number, f"Bus line {number}")])
        writer.commit(number + 1)
    writer.close()
    engine.writer().close()
    assert engine.search(SearchRequest("bus")).total == 40
    assert len([file for file in place.folder.rglob("*") if file.is_file()]) < 200


WRITE_FOR_EVER = """
import sys
from pathlib import Path
from tests.conformance.engine_cases import Place, entry
from search.engines.cluster import Cluster
cluster = Cluster(*sys.argv[3:]) if sys.argv[3:] else None
engine = Place(sys.argv[1], Path(sys.argv[2]), cluster).open()
position = engine.position()
writer = engine.writer()
while True:
    position += 1
    writer.upsert([entry(position * 10 + n, f"Bus {position}") for n in range(5)])
    writer.upsert([entry("shared", f"Round {position}")])
    writer.commit(position)
    print(position, flush=True)
"""


def writing_process(place: Place) -> "subprocess.Popen[str]":
    """Start a process that adds five buses a commit and says each position it has reached."""
    command = [sys.executable, "-c", WRITE_FOR_EVER, place.name, str(place.folder)]
    if place.cluster:
        command += [place.cluster.urls, place.cluster.prefix]
    root = Path(__file__).parents[2]
    return subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True)


@UNCLOSED_FILES
def test_reading_while_another_process_commits(place: Place) -> None:
    engine = place.open()
    with writing_process(place) as process:
        try:
            seen = -1
            while seen < 50:
                result = engine.search(SearchRequest("bus"))
                assert result.total % 5 == 0
                assert result.total >= seen
                seen = result.total
        finally:
            process.kill()
    engine.close()
    gc.collect()


def test_threads_share_an_engine(engine: SearchEngine) -> None:
    fill(engine, [entry(n, "Bus", facets={"theme": ["mobility"]}) for n in range(30)])
    texts = ["bus", "bus*", '"bus"', "theme:mobility", "", "busss", "bus NOT tram", "mobility"]

    def ask(number: int) -> int:
        return engine.search(SearchRequest(texts[number % len(texts)], highlight=True)).total

    writer = engine.writer()
    with ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(ask, number) for number in range(120)]
        for position in range(2, 6):
            writer.upsert([entry(n, "Bus", facets={"theme": ["mobility"]}) for n in range(30)])
            writer.commit(position)
        totals = [answer.result() for answer in answers]
    writer.close()
    assert {total for n, total in enumerate(totals) if texts[n % len(texts)] != "busss"} == {30}


def test_killed_while_committing(place: Place) -> None:
    acknowledged = 0
    for _ in range(4):
        with writing_process(place) as process:
            assert process.stdout is not None
            for _ in range(3):
                acknowledged = int(process.stdout.readline())
            time.sleep(0.02)
            process.send_signal(signal.SIGKILL)
            for line in process.stdout:  # committed before the signal arrived
                acknowledged = int(line) if line.endswith("\n") and line.strip() else acknowledged
        if place.cluster:
            time.sleep(0.5)  # what the server was told already it still does
        engine = place.open()
        position = engine.position()
        assert position >= acknowledged, "an acknowledged commit was lost"
        result = engine.search(SearchRequest("bus"))
        assert result.total == 5 * position, "position and content are not of one commit"
        assert found(engine, f"round {position}") == {"shared"}
        fill(engine, [entry("shared", f"Round {position}")], position=position)
        engine.close()
