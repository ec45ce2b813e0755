"""All hits of a question to the index, page by page."""

from collections.abc import Iterator
from dataclasses import replace

from node.runtime import Runtime
from node.services.question import MAX_SIZE
from search.api import Hit, SearchRequest


def hits(runtime: Runtime, request: SearchRequest, most: int) -> Iterator[Hit]:
    """Yield up to `most` hits; one that moves meanwhile may come twice.

    Raises:
        SearchUnavailableError: the search engine is away.
    """
    asked, left = replace(request, cursor="", facets=()), most
    while left > 0:
        result = runtime.engine.search(replace(asked, limit=min(MAX_SIZE, left)))
        yield from result.hits
        left -= len(result.hits)
        if not result.next or not result.hits:
            return
        asked = replace(asked, cursor=result.next)
