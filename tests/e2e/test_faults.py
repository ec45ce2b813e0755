"""Two real nodes and a bad line between them: whatever it does, in the end both hold the same."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.e2e.lines import Line, check_equal, harvest, make_line, settle
from tests.fault_proxy import FAULTS

pytestmark = pytest.mark.e2e

ALL = tuple(FAULTS)


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    with make_line(tmp_path_factory.mktemp("line"), records=240) as made:
        yield made


@pytest.mark.parametrize(
    ("faults", "rounds"),
    [
        *(((fault,), 1) for fault in ALL if fault not in ("garbage", "stale")),
        (("garbage",), 2),
        (("stale",), 2),
        (ALL, 2),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, tuple) else str(value),
)
def test_a_bad_line_loses_nothing(
    line: Line, tmp_path: Path, faults: tuple[str, ...], rounds: int
) -> None:
    node = line.new_reader(tmp_path / "reader")
    runs = []
    for number in range(rounds):
        if number:
            line.work_on()
        line.proxy.spoil(*faults)
        runs += settle(node, line, most=12)
        line.proxy.heal()
    runs += harvest(node, line.source.url, 3)
    assert runs[-1]["state"] == "unchanged"
    check_equal(node, line, runs)


def test_a_line_that_is_cut_is_told_and_taken_up_again(line: Line, tmp_path: Path) -> None:
    node = line.new_reader(tmp_path / "reader")
    asked = count()

    def cut_after_three() -> bool:
        return next(asked) >= 3

    line.proxy.cut = cut_after_three
    (broken,) = harvest(node, line.source.url)
    assert (broken["state"], broken["error"]) == ("failed", "unreachable")
    assert 0 < broken["new"] < line.entries
    line.proxy.down = True
    (away,) = harvest(node, line.source.url)
    assert (away["state"], away["announced"], away["deleted"]) == ("failed", 0, 0)
    line.proxy.heal()
    runs = harvest(node, line.source.url, 2)
    assert [run["state"] for run in runs] == ["done", "unchanged"]
    check_equal(node, line, [broken, away, *runs])
