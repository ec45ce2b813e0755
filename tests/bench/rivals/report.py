"""The table of a comparison, and the words for how an answer agrees with the truth."""

import statistics
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from tests.bench.rivals.program import Answer
from tests.bench.rivals.questions import KINDS, LIKE, TYPO, Question

HTTP: Final = "Lonja, HTTP"
IN_PROCESS: Final = "Lonja, in process"
DATASETTE: Final = "Datasette, HTTP"
PLAIN: Final = "plain tantivy"
_COLUMNS: Final = (HTTP, DATASETTE, IN_PROCESS, PLAIN)


def quantiles(seconds: Sequence[float]) -> dict[str, float]:
    """Return median and 95th percentile in milliseconds, and of how many."""
    ordered = sorted(seconds)
    p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    return {
        "p50": round(statistics.median(ordered) * 1000, 3),
        "p95": round(p95 * 1000, 3),
        "count": len(ordered),
    }


def verdicts(
    question: Question, answer: Answer, rows: int, counts: Mapping[str, Mapping[str, int]]
) -> Iterator[str]:
    """Yield how an answer agrees with the truth.

    Args:
        question: what was asked.
        answer: what was said.
        rows: number of the records that are right.
        counts: counts of the facets that are right.
    """
    if question.kind == TYPO:
        if answer.instead:
            yield "the word meant" if answer.instead == question.meant else "another word"
        else:
            yield "found something" if answer.total else "nothing"
        return
    if question.kind == LIKE:
        yield "found something" if answer.total else "nothing"
        return
    if answer.total == rows:
        yield "equal"
    else:
        yield "more" if answer.total > rows else "fewer"
    if counts and answer.total == rows:
        same = all(dict(answer.facets.get(name, {})) == right for name, right in counts.items())
        yield "facets equal" if same else "facets differ"


def text(found: Mapping[str, Any]) -> str:
    """Return a comparison as a table for people."""
    load = found["load"]
    lines = [
        f"{found['records']} records; load before {load['before']}, after {load['after']}",
        *(f"{name}: skipped, {why}" for name, why in found["skipped"].items()),
        "",
        f"{'p50 / p95 in ms':<26}" + "".join(f"{name:>20}" for name in _COLUMNS)
        + f"{'Datasette/Lonja':>18}{'Lonja/plain':>13}",
    ]  # fmt: skip
    lines += [_line(kind, found["milliseconds"][kind]) for kind in KINDS]
    lines += ["", f"{'filling':<26}{'records/s':>12}{'MB on disk':>12}"]
    lines += [
        f"{name:<26}{one['records_per_second']:>12.0f}{one['megabytes']:>12.1f}"
        for name, one in found["filling"].items()
    ]
    lines += ["", f"{'memory of the server':<26}{'RSS MB':>12}{'PSS MB':>12}"]
    lines += [
        f"{name:<26}{one['resident']:>12.0f}{one['proportional']:>12.0f}"
        for name, one in found["memory_mb"].items()
    ]
    lines += ["", "answers against a count of the words in exactly the form typed"]
    for kind, by in found["agreement"].items():
        for name, tally in by.items():
            said = ", ".join(f"{verdict} {count}" for verdict, count in sorted(tally.items()))
            lines.append(f"{kind:<26}{name:<20}{said}")
    return "\n".join(lines)


def _line(kind: str, by: Mapping[str, Mapping[str, float]]) -> str:
    cells = [
        f"{by[name]['p50']:.2f} / {by[name]['p95']:.2f}" if name in by else "-" for name in _COLUMNS
    ]
    ratios = [_ratio(by, DATASETTE, HTTP), _ratio(by, IN_PROCESS, PLAIN)]
    return (
        f"{kind:<26}" + "".join(f"{cell:>20}" for cell in cells)
        + f"{ratios[0]:>18}{ratios[1]:>13}"
    )  # fmt: skip


def _ratio(by: Mapping[str, Mapping[str, float]], above: str, below: str) -> str:
    if above not in by or below not in by:
        return "-"
    return f"{by[above]['p50'] / by[below]['p50']:.1f}"
