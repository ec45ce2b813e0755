"""From the query tree to tantivy's queries."""

import re
from collections.abc import Sequence
from typing import Final

import tantivy

from search.api import BoundingBox, Circle
from search.engines.tantivy import schema as names
from search.geo import Range, inner_ranges, inside, point_of, ranges
from search.paging import time_bounds
from search.query.concepts import meanings
from search.query.terms import TIE, WEIGHTS, fields_of, word_terms
from search.query.tree import (
    And,
    Between,
    Code,
    Everything,
    Leaf,
    Link,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Word,
)

_MUST: Final = tantivy.Occur.Must
_MUST_NOT: Final = tantivy.Occur.MustNot
_SHOULD: Final = tantivy.Occur.Should
_MAX_POINTS: Final = 60_000  # tantivy refuses to count more values than 65,000


class Compiler:
    """Makes queries for one index and one set of languages."""

    def __init__(self, searcher: tantivy.Searcher, languages: Sequence[str]) -> None:
        self._searcher = searcher
        self._languages = languages
        self._schema = names.schema()

    def node(self, node: Node) -> tantivy.Query:
        """Return the query of a tree."""
        match node:
            case And(parts, optional):
                return self._and(parts, optional)
            case Or(parts):
                return any_of([self.node(part) for part in parts])
            case Not(part):
                return without(self.everything(), self.node(part))
            case Everything():
                return self.everything()
            case Word() | Phrase() | Prefix():
                return self._leaf(node)
            case _:
                return self._filter(node)

    def _leaf(self, node: Leaf) -> tantivy.Query:
        match node:
            case Word():
                return self._word(node)
            case Phrase():
                return self._phrase(node)
            case Prefix():
                return self._prefix(node)

    def _filter(self, node: Code | Link | Between) -> tantivy.Query:
        match node:
            case Code(facet, codes):
                return self.any_term(names.facet_field(facet), codes)
            case Link(relation, uris):
                return self.linked(relation, uris)
            case Between(field, low, high):
                return self._between(field, low, high)

    def everything(self) -> tantivy.Query:
        """Return the query of all records: of all documents but the one with the position."""
        position = self._term(names.URI, names.POSITION_URI)
        return without(tantivy.Query.all_query(), position)

    def any_term(self, field: str, values: Sequence[str]) -> tantivy.Query:
        """Return the query of records with one of these values, without weighing them."""
        found = (
            self._term(field, values[0])
            if len(values) == 1
            else tantivy.Query.term_set_query(self._schema, field, list(values))
        )
        return tantivy.Query.const_score_query(found, 0.0)

    def linked(self, relation: str, uris: Sequence[str]) -> tantivy.Query:
        """Return the query of records with a relation to one of these URIs."""
        return self.any_term(names.LINKS, [f"{relation} {uri}" for uri in uris])

    def within(self, area: BoundingBox | Circle) -> tantivy.Query:
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
        found += [self.any_term(names.POINT, near)] if near else []
        return any_of(found) if found else tantivy.Query.empty_query()

    def _points(self, query: tantivy.Query) -> list[str]:
        counted = self._searcher.aggregate(
            query, {"points": {"terms": {"field": names.POINT, "size": _MAX_POINTS}}}
        )
        return [bucket["key"] for bucket in counted["points"]["buckets"]]

    def _boxes(self, boxes: Sequence[Range]) -> tantivy.Query:
        found = [
            all_of(
                [
                    self._range(names.LATITUDE, box.south, box.north),
                    self._range(names.LONGITUDE, box.west, box.east),
                ]
            )
            for box in boxes
        ]
        return tantivy.Query.const_score_query(any_of(found), 0.0)

    def from_key(self, field: str, key: int, *, rising: bool) -> tantivy.Query:
        """Return the query of records whose sort key is `key` or lies behind it."""
        low, high = (key, None) if rising else (None, key)
        return self._unsigned(field, low, high)

    def _word(self, word: Word) -> tantivy.Query:
        return self._best(
            word,
            [
                tantivy.Query.boost_query(self._term(term.field, term.text, "freq"), term.weight)
                for term in word_terms(word, self._languages)
            ],
        )

    def _phrase(self, phrase: Phrase) -> tantivy.Query:
        words: list[str | tuple[int, str]] = [*phrase.words]
        return self._best(
            phrase,
            [
                boosted(
                    self._term(name, phrase.words[0], "freq")
                    if len(words) == 1
                    else tantivy.Query.phrase_query(self._schema, name, words, slop=phrase.slop),
                    name,
                )
                for name in fields_of(phrase.field)
            ],
        )

    def _prefix(self, prefix: Prefix) -> tantivy.Query:
        pattern = f"{re.escape(prefix.text)}.*"
        return self._best(
            prefix,
            [
                boosted(tantivy.Query.regex_query(self._schema, name, pattern), name)
                for name in fields_of(prefix.field)
            ],
        )

    def _between(self, field: str, low: int | None, high: int | None) -> tantivy.Query:
        if low is None and high is None:
            return self.everything()
        if field == "modified":
            return self._unsigned(names.WHEN, *time_bounds(low, high))
        return self._bounded(names.STARTED, tantivy.FieldType.Integer, low, high)

    def _and(self, parts: Sequence[Node], optional: Sequence[Node]) -> tantivy.Query:
        clauses = [
            (_MUST_NOT, self.node(part.part)) if isinstance(part, Not) else (_MUST, self.node(part))
            for part in parts
        ]
        if all(occur == _MUST_NOT for occur, _ in clauses):
            clauses.append((_MUST, self.everything()))
        clauses += [(_SHOULD, self.node(part)) for part in optional]
        return tantivy.Query.boolean_query(clauses)

    def _term(self, field: str, value: str, option: str = "basic") -> tantivy.Query:
        return tantivy.Query.term_query(self._schema, field, value, index_option=option)

    def _range(self, field: str, low: float, high: float) -> tantivy.Query:
        return self._bounded(field, tantivy.FieldType.Float, low, high)

    def _unsigned(self, field: str, low: int | None, high: int | None) -> tantivy.Query:
        if high is not None and high < 0:
            return tantivy.Query.empty_query()
        return self._bounded(field, tantivy.FieldType.Unsigned, low, high)

    def _bounded(
        self, field: str, kind: tantivy.FieldType, low: float | None, high: float | None
    ) -> tantivy.Query:
        found = tantivy.Query.range_query(
            self._schema, field, kind, lower_bound=low, upper_bound=high
        )
        return tantivy.Query.const_score_query(found, 0.0)

    def _best(self, leaf: Leaf, queries: list[tantivy.Query]) -> tantivy.Query:
        """Return the query that scores by its best part, and a little by the others.

        A concept that the leaf names is one more part of it.
        """
        for named in meanings(leaf, self._languages):
            tagged = self.any_term(names.facet_field(named.facet), named.codes)
            queries.append(tantivy.Query.const_score_query(tagged, named.weight))
        return (
            queries[0] if len(queries) == 1 else tantivy.Query.disjunction_max_query(queries, TIE)
        )


def boosted(query: tantivy.Query, field: str) -> tantivy.Query:
    """Return a query weighed as its field is."""
    return tantivy.Query.boost_query(query, WEIGHTS[field])


def all_of(queries: Sequence[tantivy.Query]) -> tantivy.Query:
    """Join queries by AND."""
    if len(queries) == 1:
        return queries[0]
    return tantivy.Query.boolean_query([(_MUST, query) for query in queries])


def any_of(queries: Sequence[tantivy.Query]) -> tantivy.Query:
    """Join queries by OR."""
    if len(queries) == 1:
        return queries[0]
    return tantivy.Query.boolean_query([(_SHOULD, query) for query in queries])


def without(query: tantivy.Query, unwanted: tantivy.Query) -> tantivy.Query:
    """Return what fits one query but not the other."""
    return tantivy.Query.boolean_query([(_MUST, query), (_MUST_NOT, unwanted)])
