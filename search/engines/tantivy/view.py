"""One committed state of a tantivy index."""

from collections.abc import Hashable, Sequence
from functools import cached_property
from typing import Any, Final

import tantivy

from search.api import Sort
from search.engines.tantivy import schema as names
from search.engines.tantivy.compile import Compiler
from search.finder.lower import facet_field
from search.index_query import All, IndexQuery, Span
from search.paging import title_number
from search.view import Answer, Ask, Row

_COUNTED_VALUES: Final = 5_000
"""Values counted per facet, more than are shown, so that equal counts are cut by code."""

_TOTAL: Final = "lonja:total"
_SINCE: Final = "lonja:since"

_SORT_FIELDS: Final = {
    Sort.NEWEST: (names.WHEN, tantivy.Order.Desc),
    Sort.OLDEST: (names.WHEN, tantivy.Order.Asc),
    Sort.TITLE: (names.TITLE_KEY, tantivy.Order.Asc),
}


class TantivyView:
    """Answers questions from one committed state; it stays as it is while others commit."""

    def __init__(self, searcher: tantivy.Searcher) -> None:
        self._searcher = searcher

    @cached_property
    def position(self) -> int:
        """Return the journal position of this state."""
        query = tantivy.Query.term_query(names.schema(), names.URI, names.POSITION_URI)
        for _, address in self._searcher.search(query, 1, count=False).hits:
            position: int = self._searcher.doc(address).get_first(names.POSITION) or 0
            return position
        return 0

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """Return the codes of the languages in which records have titles."""
        field = facet_field("language")
        terms = self._searcher.terms_with_prefix(field, "", limit=64)
        return tuple(sorted(code for code, _ in terms))

    @property
    def records(self) -> int:
        """Return about how many records the index holds."""
        return max(0, self._searcher.num_docs - 1)

    def answer(self, asks: Sequence[Ask]) -> list[Answer]:
        """Answer several questions, one after the other."""
        compiler = Compiler(self._searcher)
        return [self._answer(ask, compiler) for ask in asks]

    def stored(self, handles: Sequence[Hashable]) -> list[bytes]:
        """Return what was stored of some records, in their order."""
        found: list[bytes] = []
        for address in _addresses(handles):
            data: bytes = self._searcher.doc(address).get_first(names.STORED) or b""
            found.append(data)
        return found

    def column(self, name: str, handles: Sequence[Hashable]) -> list[int]:
        """Return a number of some records, in their order; 0 where a record has none."""
        found = self._searcher.fast_field_values(name, _addresses(handles)) if handles else []
        return [int(number or 0) for number in found]

    def frequencies(self, terms: Sequence[tuple[str, str]]) -> list[int]:
        """Return about how many records have each of some (text field, index term)."""
        return [self._searcher.doc_freq(field, term) for field, term in terms]

    def terms(self, field: str, prefix: str, limit: int) -> list[tuple[str, int]]:
        """Return (term, about how many records have it) for terms that begin like this."""
        return list(self._searcher.terms_with_prefix(field, prefix, limit=limit))

    def _answer(self, ask: Ask, compiler: Compiler) -> Answer:
        query = compiler.query(ask.query)
        rows = self._rows(ask, query, compiler) if ask.limit else []
        if ask.facets or ask.since:
            return self._counted(ask, query, rows)
        total = 0
        if ask.total:
            counted: Any = self._searcher.search(query, 1, count=True)  # its type lacks the count
            total = counted.count
        return Answer(rows, total)

    def _rows(self, ask: Ask, query: tantivy.Query, compiler: Compiler) -> list[Row]:
        options: dict[str, Any] = {"count": False, "offset": ask.skip}
        if ask.sort is not Sort.RELEVANCE:
            field, order = _SORT_FIELDS[ask.sort]
            options |= {"order_by_field": field, "order": order}
            if ask.after is not None:
                query = compiler.query(All((ask.query, _from(ask.sort, ask.after))))
        found = self._searcher.search(query, ask.limit, **options).hits
        by_score = ask.sort is Sort.RELEVANCE
        return [
            Row(
                (address.segment_ord, address.doc),
                float(key) if by_score else 0.0,
                0 if by_score else _number(ask.sort, key),
            )
            for key, address in found
        ]

    def _counted(self, ask: Ask, query: tantivy.Query, rows: list[Row]) -> Answer:
        """Count everything that is wanted in one pass over the records."""
        wanted: dict[str, Any] = {
            name: {"terms": {"field": facet_field(name), "size": _COUNTED_VALUES}}
            for name in ask.facets
        }
        wanted[_TOTAL] = {"value_count": {"field": names.WHEN}}  # every record has one
        if ask.since:
            edges = [*ask.since, None]
            spans = [
                {"from": low} | ({} if high is None else {"to": high})
                for high, low in zip([None, *edges], ask.since, strict=False)
            ]
            wanted[_SINCE] = {"range": {"field": names.WHEN, "ranges": spans[::-1]}}
        found = self._searcher.aggregate(query, wanted)
        return Answer(
            rows,
            int(found[_TOTAL]["value"]),
            _cumulated(found[_SINCE]["buckets"], ask.since) if ask.since else (),
            {
                name: {bucket["key"]: bucket["doc_count"] for bucket in found[name]["buckets"]}
                for name in ask.facets
            },
        )


def _cumulated(buckets: Any, since: Sequence[int]) -> list[int]:
    """Return how many records are as new as each key: the spans counted do not overlap."""
    return [
        sum(int(bucket["doc_count"]) for bucket in buckets if bucket.get("from", -1) >= key)
        for key in since
    ]


def _addresses(handles: Sequence[Hashable]) -> list[tantivy.DocAddress]:
    return [tantivy.DocAddress(*handle) for handle in handles if isinstance(handle, tuple)]


def _from(sort: Sort, key: int) -> IndexQuery:
    """Return the query of records whose sort key is `key` or lies behind it."""
    column = names.TITLE_NUMBER if sort is Sort.TITLE else names.WHEN
    return Span(column, None, key) if sort is Sort.NEWEST else Span(column, key, None)


def _number(sort: Sort, key: Any) -> int:
    return title_number(key) if sort is Sort.TITLE else int(key)
