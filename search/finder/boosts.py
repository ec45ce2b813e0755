"""Ranking: what a record scores beside its words.

A match in a title scores about 20 to 40, one in the text about 5 to 10 (BM25 times the weight of
the field, `search.query.terms.WEIGHTS`). What is added here decides among records whose words fit
about as well: evidence, repetitions elsewhere, and what is new. It never hides anything: a practice
that was given up is worth reading too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from search.api import Reason
from search.document import Stored
from search.finder.lower import since, tagged
from search.index_query import Constant, IndexQuery

_DAY: Final = 86_400

EVIDENCE: Final[dict[str, float]] = {
    "monitored": 0.5,
    "comparison": 0.8,
    "independently-evaluated": 1.0,
    "replicated": 1.2,
}
"""Score per evidence level; one that is only described adds nothing."""

ADAPTED: Final[dict[str, float]] = {"1": 0.5, "2-4": 0.8, "5+": 1.2}
"""Score per number of adaptations elsewhere."""

FRESH: Final[tuple[tuple[int, float], ...]] = ((365, 0.25), (3 * 365, 0.25))
"""Score of records changed in the last so many days; both add up for the newest."""


@dataclass(frozen=True, slots=True)
class Boost:
    """One thing that adds to a score.

    Attributes:
        kind: as in `Reason`.
        code: value of the facet, or days.
        weight: what it adds.
        query: the records it is added to.
    """

    kind: str
    code: str
    weight: float
    query: IndexQuery


def boosts(now: int) -> list[Boost]:
    """Return everything that adds to a score, `now` in seconds since 1970."""
    found = [
        Boost(kind, code, weight, tagged(kind, (code,)))
        for kind, table in (("evidence", EVIDENCE), ("adapted", ADAPTED))
        for code, weight in table.items()
    ]
    for days, weight in FRESH:
        found.append(Boost("fresh", str(days), weight, since(now, days)))
    return found


def weighed(boost: Boost) -> IndexQuery:
    """Return what to ask an index so that a boost counts."""
    return Constant(boost.query, boost.weight)


def reasons(record: Stored, every: Sequence[Boost], now: int) -> list[Reason]:
    """Return which boosts a record has."""
    return [
        Reason(boost.kind, boost.code, boost.weight)
        for boost in every
        if (
            record.modified >= (now // _DAY - int(boost.code)) * _DAY
            if boost.kind == "fresh"
            else boost.code in record.facets.get(boost.kind, ())
        )
    ]
