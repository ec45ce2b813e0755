"""Search beside others: Lonja, Datasette with FTS5 and plain tantivy on the same records.

All are asked the same questions in one run, one after the other, so that whatever else the machine
does hits all alike. What each number means stands in docs/reference/benchmarks.md.
"""

import argparse
import gc
import json
import shutil
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Final

from node.runtime import running
from node.settings import load
from search.entry import from_record
from tests.bench.corpus import records
from tests.bench.figures import load_average
from tests.bench.rivals import report
from tests.bench.rivals.datasette import Datasette, Table
from tests.bench.rivals.lonja import BASE, LonjaIndex, LonjaInProcess, LonjaOverHttp
from tests.bench.rivals.plain import Plain, PlainIndex
from tests.bench.rivals.program import Batch, Program, Store, memory_of
from tests.bench.rivals.questions import (
    EXACT,
    KINDS,
    OTHER,
    REPEATED,
    Question,
    Row,
    Truth,
    flat,
    questions,
)
from tests.nodes import make_nodes
from vocab.terms import JsonObject

_BATCH: Final = 1000
_UNTIMED: Final = 5
_FIRST_DAY: Final = datetime(2020, 1, 1, tzinfo=UTC)
_STEP: Final = timedelta(minutes=17)


def run(folder: Path, arguments: Sequence[str] = ()) -> None:
    """Fill, ask, check, print."""
    options = _options(arguments)
    with ExitStack() as stack:
        found = _compared(folder, options, stack)
    print(json.dumps(found, indent=1) if options.json else report.text(found))


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tests.bench compare", description=__doc__)
    parser.add_argument("--records", type=int, default=5000)
    parser.add_argument("--words", type=int, default=110, help="questions of each kind")
    parser.add_argument(
        "--repeats", type=int, default=40, help="questions of each kind that has no words"
    )
    parser.add_argument("--datasette", default=shutil.which("datasette"), metavar="PATH")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args(list(arguments))


def _compared(folder: Path, options: argparse.Namespace, stack: ExitStack) -> dict[str, Any]:
    began = load_average()
    (node,) = make_nodes(folder, "town")
    index, plain = LonjaIndex(node), PlainIndex(folder / "plain")
    table = Table(folder) if options.datasette else None
    stores: list[Store] = [index, *([table] if table else []), plain]
    truth = Truth()
    filling = _filled(stores, truth, options.records)
    gc.collect()
    gc.freeze()  # the truth is large; looking through it again and again would be timed too
    _say("starting the servers")
    node.start()
    stack.callback(node.stop)
    http = LonjaOverHttp(node)
    stack.callback(http.close)
    runtime = stack.enter_context(running(load(node.data, environment=node.environment)))
    programs: list[Program] = [http, LonjaInProcess(runtime, http.last), Plain(plain)]
    servers = {http.name: _pid(node.server)}
    if table:
        datasette = Datasette(options.datasette, table)
        stack.callback(datasette.close)
        programs.insert(2, datasette)
        servers[datasette.name] = datasette.server.pid
    _searches(programs, truth)
    asked = questions(truth, options.words, options.repeats)
    took = _asked(programs, asked)
    return {
        "records": options.records,
        "load": {"before": began, "after": load_average()},
        "skipped": {} if table else {"Datasette": "no executable: --datasette PATH, or on PATH"},
        "filling": {
            store.name: {
                "records_per_second": filling[store.name],
                "megabytes": round(store.megabytes(), 1),
            }
            for store in stores
        },
        "memory_mb": {name: asdict(memory_of(pid)) for name, pid in servers.items()},
        "milliseconds": {
            kind: {name: report.quantiles(times) for name, times in by.items()}
            for kind, by in took.items()
        },
        "agreement": _agreement(programs, asked, truth),
    }


def _searches(programs: Sequence[Program], truth: Truth) -> None:
    """Make sure that every program searches at all: one that ignores words would be quick."""
    absent = Question(OTHER, ("zyxwvutsr",))
    present = Question(OTHER, (truth.words()[0],))
    for program in programs:
        totals = [
            program.read(program.send(program.prepare(question))).total
            for question in (absent, present)
        ]
        assert totals[0] == 0 < totals[1], f"{program.name} does not search: {totals}"


def _pid(server: Any) -> int:
    assert server is not None
    return int(server.pid)


def _say(what: str) -> None:
    print(f"{datetime.now(UTC):%H:%M:%S} {what}", file=sys.stderr, flush=True)


# -- filling -----------------------------------------------------------------------------------


def _dated(count: int) -> Iterator[JsonObject]:
    """Yield records of which each was changed at a moment of its own."""
    for number, document in enumerate(records(count, seed=3)):
        document["modified"] = (_FIRST_DAY + number * _STEP).isoformat()
        yield document


def _filled(stores: Sequence[Store], truth: Truth, count: int) -> dict[str, int]:
    """Give every store all records in turns, and return how many a second it took."""
    seconds = dict.fromkeys((store.name for store in stores), 0.0)
    everything, number = _dated(count), 0
    while batch := list(islice(everything, _BATCH)):
        rows = [_row(document, number + at) for at, document in enumerate(batch)]
        number += len(batch)
        for row in rows:
            truth.add(row)
        for store in stores:
            began = time.perf_counter()
            store.add(Batch(batch, rows))
            seconds[store.name] += time.perf_counter() - began
        if number % 20_000 == 0:
            _say(f"{number} records")
    for store in stores:
        began = time.perf_counter()
        store.finish()
        seconds[store.name] += time.perf_counter() - began
    return {store.name: round(count / seconds[store.name]) for store in stores}


def _row(document: JsonObject, number: int) -> Row:
    entry = from_record(document, uri=f"{BASE}{number}", digest="z", origin="did:web:bench")
    assert entry is not None
    return flat(entry, number)


# -- asking ------------------------------------------------------------------------------------


def _asked(
    programs: Sequence[Program], asked: Mapping[str, Sequence[Question]]
) -> dict[str, dict[str, list[float]]]:
    """Ask everything in turns; each time another program begins."""
    took: dict[str, dict[str, list[float]]] = {kind: {} for kind in KINDS}
    for number in range(max(map(len, asked.values()))):
        if number % 20 == 0:
            _say(f"round {number}")
        for at, kind in enumerate(KINDS):
            if number >= len(asked[kind]):
                continue
            question = asked[kind][number]
            turn = (number + at) % len(programs)
            for program in (*programs[turn:], *programs[:turn]):
                if question.kind not in program.cannot:
                    prepared = program.prepare(question)
                    began = time.perf_counter()
                    program.send(prepared)
                    lasted = time.perf_counter() - began
                    if number >= _UNTIMED:
                        took[kind].setdefault(program.name, []).append(lasted)
    return took


# -- checking ----------------------------------------------------------------------------------


def _agreement(
    programs: Sequence[Program], asked: Mapping[str, Sequence[Question]], truth: Truth
) -> dict[str, dict[str, dict[str, int]]]:
    """Compare every answer with what is right if words count in exactly the form typed."""
    _say("checking the answers")
    found: dict[str, dict[str, dict[str, int]]] = {}
    exact = {EXACT: [Question(EXACT, question.words) for question in asked[OTHER]]}
    for kind, several in (*asked.items(), *exact.items()):
        chosen = several[:1] if kind in REPEATED else several
        for question in chosen:
            rows = len(truth.matching(question)) if question.like < 0 else 0
            counts = truth.counts(question)
            for program in programs:
                if question.kind not in program.cannot:
                    answer = program.read(program.send(program.prepare(question)))
                    tally = found.setdefault(kind, {}).setdefault(program.name, {})
                    for verdict in report.verdicts(question, answer, rows, counts):
                        tally[verdict] = tally.get(verdict, 0) + 1
    return found
