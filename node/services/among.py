"""Which of some records match a question."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from node.runtime import Runtime
from node.services.find import request_of
from node.services.question import Question
from search.api import MAX_URIS, Hit


@dataclass(frozen=True, slots=True)
class Among:
    """Records that match.

    Attributes:
        total: how many.
        hits: some of them.
    """

    total: int
    hits: tuple[Hit, ...]


def among(
    runtime: Runtime, question: Question, uris: Sequence[str], language: str, most: int
) -> Among:
    """Return those of some records that match a question, up to `most` of the first as hits.

    Nothing is forgiven: that none of a few records has the words is no mistake of the words.

    Args:
        runtime: of the node.
        question: what is asked; page and cursor do not matter.
        uris: the records.
        language: of the reader.
        most: hits wanted, 1 to 200.
    """
    asked = replace(question, literal=True, page=1, size=most, cursor="", facets=(), collapse=False)
    request = request_of(runtime, asked, language)
    if request is None:
        return Among(0, ())
    total, hits = 0, list[Hit]()
    for start in range(0, len(uris), MAX_URIS):
        some = tuple(uris[start : start + MAX_URIS])
        result = runtime.engine.search(replace(request, uris=some))
        total += result.total
        hits += result.hits[: most - len(hits)]
    return Among(total, tuple(hits))
