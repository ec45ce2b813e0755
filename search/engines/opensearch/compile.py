"""From index queries to OpenSearch's query language (Query DSL)."""

from collections.abc import Sequence
from typing import Any, Final, TypeAlias

from search.api import BoundingBox, Circle
from search.engines.opensearch import schema as names
from search.geo import ranges
from search.index_query import (
    TIE,
    All,
    Anything,
    Best,
    Constant,
    Exact,
    IndexQuery,
    Inside,
    Some,
    Span,
    Term,
    TermPhrase,
    TermPrefix,
    Without,
)

Query: TypeAlias = dict[str, Any]

MOST_CLAUSES: Final = 900
"""Terms that one query weighs: a cluster refuses more than 1,024 unless told otherwise."""

_USUAL_SCORE: Final = 5.0
"""What a word scores where there are too many to weigh each, times its weight."""

_LONG: Final = (1 << 63) - 1

LARGEST: Final = {
    names.WHEN: _LONG,
    names.STARTED: _LONG,
    names.POPULATION: _LONG,
    names.TITLE_NUMBER: (1 << 64) - 1,
}
"""Largest number that each column can hold."""

_LEAST_KM: Final = 0.00005
"""Radius of no length: what the cluster rounds away when it keeps a point (about a centimetre)."""

NOTHING: Final[Query] = {"match_none": {}}
EVERYTHING: Final[Query] = {"exists": {"field": names.WHEN}}
"""All records: the document with the position has no date."""

_UNSCORED: Final = (Exact, Span, Inside, Anything, Without)


def compiled(query: IndexQuery) -> Query:
    """Return the cluster's form of a query; of a very long one, a simpler form."""
    compiler = _Compiler(plain=False)
    made = compiler.query(query)
    return made if compiler.clauses <= MOST_CLAUSES else _Compiler(plain=True).query(query)


class _Compiler:
    """Compiles one query and counts its clauses."""

    def __init__(self, *, plain: bool) -> None:
        self._plain = plain
        self.clauses = 0

    def query(self, query: IndexQuery) -> Query:
        self.clauses += 1
        match query:
            case Term(field, text, weight):
                return {"term": {field: {"value": text, "boost": weight}}}
            case TermPhrase():
                return self._phrase(query)
            case TermPrefix(field, text, weight):
                how = {"value": text, "boost": weight, "rewrite": "constant_score"}
                return {"prefix": {field: how}}
            case All() | Some() | Best() | Constant():
                return self._joined(query)
            case _:
                return {"bool": {"filter": [self._filter(query)]}}

    def _joined(self, query: All | Some | Best | Constant) -> Query:
        match query:
            case All(parts, optional):
                return self._all(parts, optional)
            case Some(parts):
                return _any([self.query(part) for part in parts])
            case Best(parts):
                return self._best(parts)
            case Constant(part, weight):
                return {"constant_score": {"filter": self.query(part), "boost": weight}}

    def _phrase(self, phrase: TermPhrase) -> Query:
        self.clauses += len(phrase.words)
        if not phrase.slop:
            words = " ".join(phrase.words)
            return {"match_phrase": {phrase.field: {"query": words, "boost": phrase.weight}}}
        # A sloppy phrase of the cluster takes words in any order; near spans keep it.
        spans = [{"span_term": {phrase.field: {"value": word}}} for word in phrase.words]
        near = {"clauses": spans, "slop": phrase.slop, "in_order": True, "boost": phrase.weight}
        return {"span_near": near}

    def _all(self, parts: Sequence[IndexQuery], optional: Sequence[IndexQuery]) -> Query:
        kept = [part for part in parts if not isinstance(part, Anything)]
        wanted = [self.query(part) for part in kept if not isinstance(part, _UNSCORED)]
        filters = [
            self._filter(part)
            for part in kept
            if isinstance(part, _UNSCORED) and not isinstance(part, Without)
        ]
        unwanted = [self.query(part.part) for part in kept if isinstance(part, Without)]
        if not (wanted or filters):
            filters.append(EVERYTHING)
        clauses = {
            "must": wanted,
            "filter": filters,
            "must_not": unwanted,
            "should": [self.query(part) for part in optional],
        }
        if len(wanted) == 1 and not (filters or unwanted or optional):
            return wanted[0]
        made = {name: found for name, found in clauses.items() if found}
        return {"bool": {**made, "minimum_should_match": 0}}

    def _best(self, parts: Sequence[IndexQuery]) -> Query:
        found: list[Query] = []
        if self._plain:
            terms: dict[str, list[Term]] = {}
            for part in parts:
                if isinstance(part, Term):
                    terms.setdefault(part.field, []).append(part)
            found = [_unweighed(field, every) for field, every in terms.items()]
            parts = [part for part in parts if not isinstance(part, Term)]
        found += [self.query(part) for part in parts]
        if len(found) < 2:
            return found[0] if found else NOTHING
        return {"dis_max": {"queries": found, "tie_breaker": TIE}}

    def _filter(self, query: IndexQuery) -> Query:
        match query:
            case Exact(field, values):
                return {"terms": {field: list(values)}} if values else NOTHING
            case Span(column, low, high):
                return _span(column, low, high)
            case Inside(area):
                return _inside(area)
            case Without(part):
                return {"bool": {"must_not": [self.query(part)], "filter": [EVERYTHING]}}
            case _:
                return EVERYTHING


def _span(column: str, low: int | None, high: int | None) -> Query:
    """Return the query of records whose number in a column lies in a span."""
    largest, least = LARGEST[column], -_LONG
    if (low is not None and low > largest) or (high is not None and high < least):
        return NOTHING
    bounds: dict[str, int] = {}
    if low is not None:
        bounds["gte"] = max(low, least)
    if high is not None:
        bounds["lte"] = min(high, largest)
    return {"range": {column: bounds}} if bounds else {"exists": {"field": column}}


def _inside(area: BoundingBox | Circle) -> Query:
    """Return the query of records in an area.

    Boxes are judged by the numbers themselves, because the cluster rounds its points; distances,
    as everywhere, by points of three decimals.
    """
    if isinstance(area, Circle):
        if area.radius_km < 0:
            return NOTHING
        middle = {"lat": area.latitude, "lon": area.longitude}
        reach = f"{max(area.radius_km, _LEAST_KM):.6f}km"
        return {"geo_distance": {"distance": reach, names.POINT: middle}}
    return _any(
        [
            {
                "bool": {
                    "filter": [
                        {"range": {names.LATITUDE: {"gte": box.south, "lte": box.north}}},
                        {"range": {names.LONGITUDE: {"gte": box.west, "lte": box.east}}},
                    ]
                }
            }
            for box in ranges(area)
        ]
    )


def _unweighed(field: str, terms: Sequence[Term]) -> Query:
    weight = max(term.weight for term in terms)
    return {"terms": {field: [term.text for term in terms], "boost": weight * _USUAL_SCORE}}


def _any(queries: Sequence[Query]) -> Query:
    if len(queries) < 2:
        return queries[0] if queries else NOTHING
    return {"bool": {"should": list(queries), "minimum_should_match": 1}}
