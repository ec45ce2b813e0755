"""What an engine must be able to do: answer plain questions on one committed state of its index.

Everything else (reading the query, languages, spelling, ranking, collapsing, paging, highlights)
is done once for all engines, in `search/finder/`: an engine is an `Index` and that.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from search.api import IndexWriter, Sort
from search.index_query import IndexQuery


@dataclass(frozen=True, slots=True)
class Ask:
    """One plain question.

    Attributes:
        query: what a record must fit; filters and areas are part of it.
        sort: order of the rows; equal ones in an order that does not change.
        limit: rows wanted; 0 for none.
        skip: rows to pass over.
        after: number of the sort key to go on from, that key included; None to begin at the top.
            By relevance it is always None.
        facets: facets to count over all records that fit.
        since: sort keys of "newest", falling; for each, the records that are as new are counted.
        total: whether the number of all records that fit is wanted.
    """

    query: IndexQuery
    sort: Sort = Sort.RELEVANCE
    limit: int = 0
    skip: int = 0
    after: int | None = None
    facets: Sequence[str] = ()
    since: Sequence[int] = ()
    total: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One record of an answer.

    Attributes:
        handle: what the view knows the record by; equal handles are the same record.
        score: by relevance, otherwise 0.
        key: number of the sort key, 0 by relevance.
    """

    handle: Hashable
    score: float
    key: int


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one `Ask`; what was not asked for is empty or 0.

    Attributes:
        rows: in order.
        total: number of all records that fit.
        facets: count per code for each facet, in any order, at most 5,000 codes a facet.
        since: count for each key of the question.
    """

    rows: Sequence[Row] = ()
    total: int = 0
    since: Sequence[int] = ()
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


class View(Protocol):
    """One committed state of an index. Safe to share between threads."""

    @property
    def position(self) -> int:
        """Return the journal position of this state."""
        ...

    @property
    def languages(self) -> tuple[str, ...]:
        """Return the codes of the languages in which records have titles."""
        ...

    @property
    def records(self) -> int:
        """Return about how many records the index holds."""
        ...

    def answer(self, asks: Sequence[Ask]) -> list[Answer]:
        """Answer several questions at once; an engine across a network does it in one trip."""
        ...

    def stored(self, handles: Sequence[Hashable]) -> list[bytes]:
        """Return what `search.document` stored of some records, in their order."""
        ...

    def column(self, name: str, handles: Sequence[Hashable]) -> list[int]:
        """Return a number of some records, in their order; 0 where a record has none.

        Args:
            name: "family" (a `search.document.family_number`) or "tongues" (languages of the
                title, a `search.document.tongues`).
            handles: the records.
        """
        ...

    def frequencies(self, terms: Sequence[tuple[str, str]]) -> list[int]:
        """Return about how many records have each of some (text field, index term)."""
        ...

    def terms(self, field: str, prefix: str, limit: int) -> list[tuple[str, int]]:
        """Return (term, about how many records have it) for terms that begin like this."""
        ...


class Index(Protocol):
    """An index: many readers, one writer. Safe to share between threads."""

    name: str

    def view(self) -> View | None:
        """Return the newest committed state, None when there is none or it cannot be read."""
        ...

    def writer(self) -> IndexWriter:
        """Return the writer. The caller must own the index.

        An index that cannot be read, or was made with another schema, is made anew first.

        Raises:
            IndexBusyError: there is a writer already, here or in another process.
        """
        ...

    def clear(self) -> None:
        """Empty the index and set its position to 0. The caller must own the index."""
        ...

    def close(self) -> None:
        """Release files and threads."""
        ...
