"""Mixing lists: records of several languages in one order, and families under their first.

Scores of two languages cannot be compared: BM25 thinks most of the rarest words, and so of the
language that the index holds least of. So each language gets a list of its own, and the lists are
joined by rank (reciprocal rank fusion; Cormack, Clarke and Büttcher, SIGIR 2009).
"""

from collections.abc import Hashable, Iterable, Sequence
from typing import Final

from search.view import Row

DEPTH: Final = 100
"""Records of each language that are mixed; what ranks lower follows by score."""

_K: Final = 60

OWN: Final = 1.0
"""Weight of the list of a language that the reader or the query speaks."""

OTHER: Final = 0.95
"""Weight of the others: the first of them stands fifth."""

REST: Final = 0.9
"""Weight of the list of all languages together, for records that have none."""


def mixed(lists: Iterable[tuple[float, Sequence[Row]]]) -> list[Row]:
    """Return the rows of some lists, each row once, by the best place it has in one of them.

    Args:
        lists: weight and rows of each, best rows first.
    """
    best: dict[Hashable, tuple[float, Row]] = {}
    for weight, rows in lists:
        for rank, row in enumerate(rows):
            worth = weight / (_K + rank)
            if row.handle not in best or worth > best[row.handle][0]:
                best[row.handle] = worth, row
    ordered = sorted(best.values(), key=lambda pair: -pair[0])  # stable: equal ones as they came
    return [row for _, row in ordered]


def collapsed(
    rows: Sequence[Row], families: Sequence[int]
) -> tuple[list[Row], dict[Hashable, list[Row]]]:
    """Return the first row of each family, and the others by the handle of their first."""
    heads: list[Row] = []
    under: dict[Hashable, list[Row]] = {}
    firsts: dict[int, Hashable] = {}
    for row, family in zip(rows, families, strict=True):
        if family and family in firsts:
            under.setdefault(firsts[family], []).append(row)
        else:
            heads.append(row)
            firsts[family] = row.handle
    return heads, under
