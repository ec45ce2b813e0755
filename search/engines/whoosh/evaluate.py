"""Finding and weighing records in one state of a Whoosh index."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from search.engines.whoosh import bits
from search.engines.whoosh.library import Searcher, phrase_query
from search.engines.whoosh.table import Table
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

MOST_WEIGHED: Final = 40_000
"""Occurrences of words that one query weighs, about a quarter of a second's work; what comes
after is found but adds nothing to the score. No sensible query gets there."""

Score = Callable[[int], float]
"""Tells what a found record scores."""


@dataclass(frozen=True, slots=True)
class Found:
    """The records that fit a query, as a set, and what each of them scores."""

    held: int
    score: Score


def _nothing(_number: int) -> float:
    return 0.0


class Evaluator:
    """Evaluates queries on one state. Every term is read once a query, posting by posting.

    A union of dozens of terms in Whoosh's own matchers takes ten times as long.
    """

    def __init__(self, searcher: Searcher, table: Table) -> None:
        self._searcher = searcher
        self._table = table
        self._weighed = 0

    def found(self, query: IndexQuery, *, scored: bool) -> Found:
        """Return the records that fit a query; unscored ones score 0."""
        found = self._query(query, scored=scored)
        return Found(found.held & self._table.records, found.score)

    def _query(self, query: IndexQuery, *, scored: bool) -> Found:
        match query:
            case Term(field, text, weight):
                return self._read(self._postings(field, text), weight, scored=scored)
            case TermPhrase():
                return self._read(self._phrase(query), query.weight, scored=scored)
            case TermPrefix(field, text, weight):
                held = self._prefix(field, text)
                return Found(held, _constant(held, weight))
            case Constant(part, weight):
                held = self._query(part, scored=False).held
                return Found(held, _constant(held, weight))
            case All() | Some() | Best() | Without():
                return self._joined(query, scored=scored)
            case _:
                return Found(self._filter(query), _nothing)

    def _joined(self, query: All | Some | Best | Without, *, scored: bool) -> Found:
        match query:
            case All(parts, optional):
                return self._all(parts, optional if scored else (), scored=scored)
            case Without(part):
                unwanted = self._query(part, scored=False).held
                return Found(self._table.records & ~unwanted, _nothing)
            case Some(parts) | Best(parts):
                each = [self._query(part, scored=scored) for part in parts]
                held = 0
                for one in each:
                    held |= one.held
                scores = [one.score for one in each if one.score is not _nothing]
                return Found(held, _best(scores) if isinstance(query, Best) else _sum(scores))

    def _all(
        self, parts: Sequence[IndexQuery], optional: Sequence[IndexQuery], *, scored: bool
    ) -> Found:
        held = self._table.records
        scores: list[Score] = []
        for part in parts:
            if held:
                one = self._query(part, scored=scored)
                held &= one.held
                scores.append(one.score)
        if held:
            scores += [self._query(part, scored=True).score for part in optional]
        return Found(held, _sum([score for score in scores if score is not _nothing]))

    def _filter(self, query: Exact | Span | Inside | Anything) -> int:
        match query:
            case Exact("uri", values):
                return self._with_uris(values)
            case Exact("links", values):
                return self._table.linked(values)
            case Exact(field, values):
                return self._table.with_codes(field.removeprefix("f_"), values)
            case Span(column, low, high):
                return self._table.between(column, low, high)
            case Inside(area):
                return self._table.within(area)
            case Anything():
                return self._table.records

    def _with_uris(self, uris: Iterable[str]) -> int:
        numbers = [
            number for uri in uris for matcher, first in self._postings("uri", uri)
            for number in (first + one for one in matcher.all_ids())
        ]  # fmt: skip
        return bits.from_numbers(numbers, self._table.size)

    # -- words ---------------------------------------------------------------------------------

    def _read(self, matchers: Iterable[tuple[Any, int]], weight: float, *, scored: bool) -> Found:
        """Read postings, and what each weighs for as long as that is bearable."""
        scores: dict[int, float] = {}
        plain: list[int] = []
        for matcher, first in matchers:
            if not scored or self._weighed >= MOST_WEIGHED:
                plain += [first + number for number in matcher.all_ids()]
                continue
            while matcher.is_active():
                scores[first + matcher.id()] = weight * matcher.score()
                matcher.next()
            self._weighed += len(scores)
        held = bits.from_numbers([*scores, *plain], self._table.size)
        return Found(held, _looked_up(scores) if scores else _nothing)

    def _postings(self, field: str, text: str) -> Iterator[tuple[Any, int]]:
        term = (field, text.encode())
        for part, first in self._parts():
            if term in part.reader():
                yield part.postings(field, text), first

    def _phrase(self, phrase: TermPhrase) -> Iterator[tuple[Any, int]]:
        query = phrase_query(phrase.field, list(phrase.words), slop=phrase.slop + 1)
        for part, first in self._parts():
            reader = part.reader()
            if all((phrase.field, word.encode()) in reader for word in phrase.words):
                yield query.matcher(part, part.context()), first

    def _prefix(self, field: str, text: str) -> int:
        seen: set[int] = set()
        for part, first in self._parts():
            reader = part.reader()
            for term in reader.expand_prefix(field, text):
                matcher = reader.postings(field, term)
                seen.update(first + number for number in matcher.all_ids())
        return bits.from_numbers(seen, self._table.size)

    def _parts(self) -> Iterable[tuple[Searcher, int]]:
        if not self._table.size:
            return ()  # Whoosh cannot weigh words in an empty index
        found: Iterable[tuple[Searcher, int]] = self._searcher.leaf_searchers()
        return found


def _looked_up(scores: dict[int, float]) -> Score:
    return lambda number: scores.get(number, 0.0)


def _constant(held: int, weight: float) -> Score:
    packed = held.to_bytes(held.bit_length() // 8 + 1, "little")
    last = len(packed)

    def score(number: int) -> float:
        byte = number >> 3
        return weight if byte < last and packed[byte] >> (number & 7) & 1 else 0.0

    return score


def _sum(scores: Sequence[Score]) -> Score:
    if len(scores) < 2:
        return scores[0] if scores else _nothing
    return lambda number: sum(score(number) for score in scores)


def _best(scores: Sequence[Score]) -> Score:
    if len(scores) < 2:
        return scores[0] if scores else _nothing

    def score(number: int) -> float:
        each = [one(number) for one in scores]
        best = max(each)
        return best + TIE * (sum(each) - best)

    return score
