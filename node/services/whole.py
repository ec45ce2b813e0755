"""The whole answer to a question, not one page of it: for files and for what follows a search."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from node.runtime import Runtime
from node.services.find import request_of
from node.services.question import MAX_SIZE, Question
from search.api import Hit

MOST: Final = 10_000
"""Records in one file: as far as a search by relevance can be counted."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One page of a whole answer.

    Attributes:
        total: number of all matching records.
        hits: this page of them; none was on a page before.
        next: cursor of what follows, "" at the end.
    """

    total: int
    hits: tuple[Hit, ...]
    next: str


def pieces(
    runtime: Runtime, question: Question, language: str, most: int = MOST
) -> Iterator[Piece]:
    """Yield the answer page by page, at least one page, at most `most` records in all.

    The index may change between two pages: a record that moves meanwhile comes only once.

    Args:
        runtime: of the node.
        question: what is asked; it begins at its cursor, and nothing is counted, marked or listed
            under something else.
        language: of the reader, whose records come a little earlier by relevance.
        most: records wanted.
    """
    plain = replace(question, facets=(), highlight=False, collapse=False, explain=False)
    request = request_of(runtime, replace(plain, page=1), language)
    if request is None:
        yield Piece(0, (), "")
        return
    seen: set[str] = set()
    cursor, taken = question.cursor, 0
    while True:
        size = min(MAX_SIZE, most - taken)
        result = runtime.engine.search(replace(request, limit=size, cursor=cursor))
        fresh = tuple(hit for hit in result.hits if hit.uri not in seen)
        seen.update(hit.uri for hit in fresh)
        taken += len(result.hits)
        cursor = result.next
        yield Piece(result.total, fresh, cursor)
        if not cursor or taken >= most:
            return
