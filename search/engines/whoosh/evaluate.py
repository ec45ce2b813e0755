"""Finding and weighing the records of a query tree in a Whoosh index."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from search.engines.whoosh import bits
from search.engines.whoosh.library import Searcher, phrase_query
from search.engines.whoosh.table import Table
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

MOST_WEIGHED: Final = 40_000
"""Occurrences of words that one query weighs, about a quarter of a second's work; what comes
after is found but adds nothing to the score. No sensible query gets there."""


class Evaluator:
    """Evaluates one query; afterwards `score` tells what a found record weighs.

    Every leaf is read once, term by term. A union of dozens of terms in Whoosh's own matchers
    takes ten times as long.
    """

    def __init__(self, searcher: Searcher, table: Table, languages: Sequence[str]) -> None:
        self._searcher = searcher
        self._table = table
        self._languages = languages
        self._scores: list[dict[int, float]] = []
        self._weighed = 0
        self._weighing = True

    def found(self, node: Node) -> int:
        """Return the records that fit a tree."""
        return self._node(node, scored=True) & self._table.records

    def score(self, number: int) -> float:
        """Return the score of a record: the sum over the words and phrases of the query."""
        return sum(scores.get(number, 0.0) for scores in self._scores)

    def _node(self, node: Node, *, scored: bool) -> int:
        match node:
            case And(parts):  # optional words are too common to be weighed in Python
                found = self._table.records
                for part in parts:
                    if found:
                        found &= self._node(part, scored=scored)
                return found
            case Or(parts):
                found = 0
                for part in parts:
                    found |= self._node(part, scored=scored)
                return found
            case Not(part):
                return self._table.records & ~self._node(part, scored=False)
            case Everything():
                return self._table.records
            case Word() | Phrase() | Prefix():
                return self._leaf(node, scored=scored)
            case _:
                return self._filter(node)

    def _filter(self, node: Code | Link | Between) -> int:
        match node:
            case Code(facet, codes):
                return self._table.with_codes(facet, codes)
            case Link(relation, uris):
                return self._table.linked(relation, uris)
            case Between(field, low, high):
                return self._table.between(field, low, high)

    def _leaf(self, leaf: Leaf, *, scored: bool) -> int:
        """Return the records of a leaf; each scores by its best part, a little by the others."""
        best: dict[int, float] = {}
        total: dict[int, float] = {}
        self._weighing = scored and self._weighed < MOST_WEIGHED
        for number, score in self._matches(leaf):
            if score > best.get(number, 0.0):
                best[number] = score
            total[number] = total.get(number, 0.0) + score
        for named in meanings(leaf, self._languages):
            for number in bits.numbers(self._table.with_codes(named.facet, named.codes)):
                best[number] = max(best.get(number, 0.0), named.weight)
                total[number] = total.get(number, 0.0) + named.weight
        if scored:
            self._scores.append(
                {number: top + TIE * (total[number] - top) for number, top in best.items()}
            )
        return bits.from_numbers(total, self._table.size)

    def _matches(self, leaf: Leaf) -> Iterator[tuple[int, float]]:
        match leaf:
            case Word():
                for term in word_terms(leaf, self._languages):
                    yield from self._postings(term.field, term.text, term.weight)
            case Phrase((word,), field):
                for name in fields_of(field):
                    yield from self._postings(name, word, WEIGHTS[name])
            case Phrase():
                for name in fields_of(leaf.field):
                    yield from self._phrase(leaf, name)
            case Prefix(text, field):
                for name in fields_of(field):
                    yield from self._prefix(name, text)

    def _postings(self, field: str, text: str, weight: float) -> Iterator[tuple[int, float]]:
        term = (field, text.encode())
        for part, first in self._parts():
            if term in part.reader():
                yield from self._read(part.postings(field, text), first, weight)

    def _phrase(self, phrase: Phrase, field: str) -> Iterator[tuple[int, float]]:
        query = phrase_query(field, list(phrase.words), slop=phrase.slop + 1)
        for part, first in self._parts():
            reader = part.reader()
            if all((field, word.encode()) in reader for word in phrase.words):
                matcher = query.matcher(part, part.context())
                yield from self._read(matcher, first, WEIGHTS[field])

    def _prefix(self, field: str, text: str) -> Iterator[tuple[int, float]]:
        seen: set[int] = set()
        for part, first in self._parts():
            reader = part.reader()
            for term in reader.expand_prefix(field, text):
                matcher = reader.postings(field, term)
                seen.update(first + number for number in matcher.all_ids())
        for number in seen:
            yield number, WEIGHTS[field]

    def _read(self, matcher: Any, first: int, weight: float) -> Iterator[tuple[int, float]]:
        if not self._weighing:
            for number in matcher.all_ids():
                yield first + number, 0.0
            return
        while matcher.is_active():
            self._weighed += 1
            yield first + matcher.id(), weight * matcher.score()
            matcher.next()

    def _parts(self) -> Iterable[tuple[Searcher, int]]:
        if not self._table.size:
            return ()  # Whoosh cannot weigh words in an empty index
        found: Iterable[tuple[Searcher, int]] = self._searcher.leaf_searchers()
        return found
