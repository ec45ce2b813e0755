"""A search engine: an index, and everything that is the same for all of them."""

from search.api import Completion, IndexWriter, SearchRequest, SearchResult
from search.finder.complete import complete
from search.finder.find import find
from search.view import Index


class Engine:
    """Finds what is in an index, whoever made it."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self.name = index.name

    def search(self, request: SearchRequest) -> SearchResult:
        """Answer a question. Never raises for any text a user can type."""
        return find(self._index.view(), request)

    def complete(self, text: str, language: str, limit: int = 8) -> list[Completion]:
        """Return ways to go on typing, for a reader of a language; the likeliest first."""
        view = self._index.view()
        return complete(view, text, language, limit) if view else []

    def position(self) -> int:
        """Return the journal position of the last commit, 0 for an empty index."""
        view = self._index.view()
        return view.position if view else 0

    def writer(self) -> IndexWriter:
        """Return the writer; an index that cannot be read is made anew."""
        return self._index.writer()

    def clear(self) -> None:
        """Empty the index and set its position to 0."""
        self._index.clear()

    def close(self) -> None:
        """Release files and threads."""
        self._index.close()
