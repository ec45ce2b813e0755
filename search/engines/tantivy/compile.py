"""From index queries to tantivy's."""

import re
from collections.abc import Sequence
from typing import Final

import tantivy

from search.api import BoundingBox, Circle
from search.engines.tantivy import schema as names
from search.geo import Range, inner_ranges, inside, point_of, ranges
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

_MUST: Final = tantivy.Occur.Must
_MUST_NOT: Final = tantivy.Occur.MustNot
_SHOULD: Final = tantivy.Occur.Should
_MAX_POINTS: Final = 60_000  # tantivy refuses to count more values than 65,000
_KINDS: Final = {
    names.WHEN: tantivy.FieldType.Unsigned,
    names.TITLE_NUMBER: tantivy.FieldType.Unsigned,
    names.STARTED: tantivy.FieldType.Integer,
    names.POPULATION: tantivy.FieldType.Integer,
    names.LATITUDE: tantivy.FieldType.Float,
    names.LONGITUDE: tantivy.FieldType.Float,
}


class Compiler:
    """Makes queries for one state of an index."""

    def __init__(self, searcher: tantivy.Searcher) -> None:
        self._searcher = searcher
        self._schema = names.schema()

    def query(self, query: IndexQuery) -> tantivy.Query:
        """Return tantivy's form of a query."""
        match query:
            case Term(field, text, weight):
                return tantivy.Query.boost_query(self._term(field, text, "freq"), weight)
            case TermPhrase(field, words, slop, weight):
                phrase: list[str | tuple[int, str]] = [*words]
                found = tantivy.Query.phrase_query(self._schema, field, phrase, slop=slop)
                return tantivy.Query.boost_query(found, weight)
            case TermPrefix(field, text, weight):
                found = tantivy.Query.regex_query(self._schema, field, f"{re.escape(text)}.*")
                return tantivy.Query.boost_query(found, weight)
            case All() | Some() | Best() | Without() | Constant():
                return self._joined(query)
            case _:
                return self._filter(query)

    def _joined(self, query: All | Some | Best | Without | Constant) -> tantivy.Query:
        match query:
            case All(parts, optional):
                return self._all(parts, optional)
            case Some(parts):
                return any_of([self.query(part) for part in parts])
            case Best(parts):
                found = [self.query(part) for part in parts]
                one = len(found) == 1
                return found[0] if one else tantivy.Query.disjunction_max_query(found, TIE)
            case Without(part):
                return without(self.everything(), self.query(part))
            case Constant(part, weight):
                return tantivy.Query.const_score_query(self.query(part), weight)

    def _all(self, parts: Sequence[IndexQuery], optional: Sequence[IndexQuery]) -> tantivy.Query:
        clauses = [
            (_MUST_NOT, self.query(part.part))
            if isinstance(part, Without)
            else (_MUST, self.query(part))
            for part in parts
            if not isinstance(part, Anything)
        ]
        if all(occur == _MUST_NOT for occur, _ in clauses):
            clauses.append((_MUST, self.everything()))
        clauses += [(_SHOULD, self.query(part)) for part in optional]
        return clauses[0][1] if len(clauses) == 1 else tantivy.Query.boolean_query(clauses)

    def _filter(self, query: Exact | Span | Inside | Anything) -> tantivy.Query:
        match query:
            case Exact(field, values):
                return self._any_term(field, values)
            case Span(column, low, high):
                return self._span(column, low, high)
            case Inside(area):
                return self._within(area)
            case Anything():
                return self.everything()

    def everything(self) -> tantivy.Query:
        """Return the query of all records: of all documents but the one with the position."""
        position = self._term(names.URI, names.POSITION_URI)
        everything = tantivy.Query.const_score_query(tantivy.Query.all_query(), 0.0)
        return without(everything, position)

    def _any_term(self, field: str, values: Sequence[str]) -> tantivy.Query:
        """Return the query of records with one of these values, without weighing them."""
        found = (
            self._term(field, values[0])
            if len(values) == 1
            else tantivy.Query.term_set_query(self._schema, field, list(values))
        )
        return tantivy.Query.const_score_query(found, 0.0)

    def _within(self, area: BoundingBox | Circle) -> tantivy.Query:
        """Return the query of records in an area.

        tantivy knows no distances. A circle is boxes that lie wholly inside, and those of the
        points around them that are near enough: these are read and judged here. Places come
        again and again, so the distinct points are few.
        """
        outside = self._boxes(ranges(area))
        if isinstance(area, BoundingBox):
            return outside
        core = inner_ranges(area)
        rim = without(outside, self._boxes(core)) if core else outside
        near = [key for key in self._points(rim) if inside(area, *point_of(key))]
        found = [self._boxes(core)] if core else []
        found += [self._any_term(names.POINT, near)] if near else []
        return any_of(found) if found else tantivy.Query.empty_query()

    def _points(self, query: tantivy.Query) -> list[str]:
        counted = self._searcher.aggregate(
            query, {"points": {"terms": {"field": names.POINT, "size": _MAX_POINTS}}}
        )
        return [bucket["key"] for bucket in counted["points"]["buckets"]]

    def _boxes(self, boxes: Sequence[Range]) -> tantivy.Query:
        return any_of(
            [
                tantivy.Query.boolean_query(
                    [
                        (_MUST, self._span(names.LATITUDE, box.south, box.north)),
                        (_MUST, self._span(names.LONGITUDE, box.west, box.east)),
                    ]
                )
                for box in boxes
            ]
        )

    def _span(self, column: str, low: float | None, high: float | None) -> tantivy.Query:
        kind = _KINDS[column]
        if kind == tantivy.FieldType.Unsigned and high is not None and high < 0:
            return tantivy.Query.empty_query()
        found = tantivy.Query.range_query(
            self._schema, column, kind, lower_bound=low, upper_bound=high
        )
        return tantivy.Query.const_score_query(found, 0.0)

    def _term(self, field: str, value: str, option: str = "basic") -> tantivy.Query:
        return tantivy.Query.term_query(self._schema, field, value, index_option=option)


def any_of(queries: Sequence[tantivy.Query]) -> tantivy.Query:
    """Join queries by OR; without any, nothing fits."""
    if len(queries) < 2:
        return queries[0] if queries else tantivy.Query.empty_query()
    return tantivy.Query.boolean_query([(_SHOULD, query) for query in queries])


def without(query: tantivy.Query, unwanted: tantivy.Query) -> tantivy.Query:
    """Return what fits one query but not the other."""
    return tantivy.Query.boolean_query([(_MUST, query), (_MUST_NOT, unwanted)])
