"""One committed state of a Whoosh index, as the engines' interface wants it."""

import threading
from collections.abc import Hashable, Sequence
from itertools import islice

from search.api import Sort
from search.engines.whoosh import bits
from search.engines.whoosh.evaluate import Evaluator, Found
from search.engines.whoosh.schema import RECORD
from search.engines.whoosh.views import State
from search.paging import title_number
from search.view import Answer, Ask, Row


class WhooshView:
    """Answers questions from one state. Threads take turns: Whoosh's readers keep places."""

    def __init__(self, state: State, lock: threading.RLock) -> None:
        self._state = state
        self._table = state.table
        self._lock = lock

    @property
    def position(self) -> int:
        """Return the journal position of this state."""
        return self._state.position

    @property
    def languages(self) -> tuple[str, ...]:
        """Return the codes of the languages in which records have titles."""
        return tuple(sorted(self._table.facets.get("language", {})))

    @property
    def records(self) -> int:
        """Return the number of records that the index holds."""
        return self._table.records.bit_count()

    def answer(self, asks: Sequence[Ask]) -> list[Answer]:
        """Answer several questions, one after the other."""
        with self._lock:
            return [self._answer(ask) for ask in asks]

    def stored(self, handles: Sequence[Hashable]) -> list[bytes]:
        """Return what was stored of some records, in their order."""
        with self._lock:
            reader = self._state.searcher.reader()
            return [reader.stored_fields(number)[RECORD] for number in handles]

    def column(self, name: str, handles: Sequence[Hashable]) -> list[int]:
        """Return a number of some records, in their order; 0 where a record has none."""
        held = self._table.families if name == "family" else self._table.tongues
        return [held[number] for number in handles if isinstance(number, int)]

    def frequencies(self, terms: Sequence[tuple[str, str]]) -> list[int]:
        """Return about how many records have each of some (text field, index term)."""
        with self._lock:
            reader = self._state.searcher.reader()
            return [int(reader.doc_frequency(field, term)) for field, term in terms]

    def terms(self, field: str, prefix: str, limit: int) -> list[tuple[str, int]]:
        """Return (term, about how many records have it) for terms that begin like this."""
        counted: dict[str, int] = {}
        with self._lock:
            for part, _ in self._state.searcher.leaf_searchers():
                reader = part.reader()
                for term in islice(reader.expand_prefix(field, prefix), limit):
                    text = term.decode()
                    counted[text] = counted.get(text, 0) + int(reader.doc_frequency(field, term))
        return list(islice(counted.items(), limit))

    def _answer(self, ask: Ask) -> Answer:
        scored = bool(ask.limit) and ask.sort is Sort.RELEVANCE
        found = Evaluator(self._state.searcher, self._table).found(ask.query, scored=scored)
        return Answer(
            self._rows(ask, found) if ask.limit else (),
            found.held.bit_count(),
            [
                (self._table.between("when", key, None) & found.held).bit_count()
                for key in ask.since
            ],
            {
                name: {
                    code: (held & found.held).bit_count()
                    for code, held in self._table.facets.get(name, {}).items()
                }
                for name in ask.facets
            },
        )

    def _rows(self, ask: Ask, found: Found) -> list[Row]:
        table, numbers = self._table, list(bits.numbers(found.held))
        if ask.sort is Sort.RELEVANCE:
            weighed = sorted((-found.score(number), table.when[number], number)
                             for number in numbers)  # fmt: skip
            page = weighed[ask.skip : ask.skip + ask.limit]
            return [Row(number, -score, 0) for score, _, number in page]
        if ask.sort is Sort.TITLE:
            numbers.sort(key=table.titles.__getitem__)
            keys = [title_number(table.titles[number]) for number in numbers]
        else:
            numbers.sort(key=table.when.__getitem__, reverse=ask.sort is Sort.NEWEST)
            keys = [table.when[number] for number in numbers]
        start = ask.skip
        if ask.after is not None:
            after, falling = ask.after, ask.sort is Sort.NEWEST
            behind = [key <= after if falling else key >= after for key in keys]
            start += behind.index(True) if True in behind else len(keys)
        page_numbers = numbers[start : start + ask.limit]
        return [
            Row(number, 0.0, key) for number, key in zip(page_numbers, keys[start:], strict=False)
        ]
