"""Which of some records match a question."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from node.runtime import Runtime
from node.services.question import Question
from node.services.whole import pieces
from search.api import Hit, Sort


@dataclass(frozen=True, slots=True)
class Among:
    """Records that match.

    Attributes:
        total: how many.
        hits: the newest of them.
    """

    total: int
    hits: tuple[Hit, ...]


def among(runtime: Runtime, question: Question, uris: Collection[str], most: int) -> Among:
    """Return those of some records that match a question, the newest `most` as hits."""
    wanted, found = set(uris), []
    if not wanted:
        return Among(0, ())
    newest = replace(question, sort=Sort.NEWEST, page=1, cursor="")
    for piece in pieces(runtime, newest, most=1 << 62):
        found += [hit for hit in piece.hits if hit.uri in wanted]
        if len(found) == len(wanted):
            break
    return Among(len(found), tuple(found[:most]))
