"""The words of a tantivy index, for suggestions."""

from collections.abc import Iterable
from typing import Final

import tantivy

from search.engines.document import stored
from search.engines.tantivy.compile import Compiler
from search.engines.tantivy.library import stored_of
from search.query.fields import TEXT_FIELDS
from search.query.tree import Phrase, Word
from search.suggest import spelling_in

_MOST_TERMS: Final = 30_000  # of one field with one first letter
_HITS_READ: Final = 3


class TantivyDictionary:
    """Looks words up in one state of the index."""

    def __init__(self, searcher: tantivy.Searcher, compiler: Compiler) -> None:
        self._searcher = searcher
        self._compiler = compiler

    def knows(self, word: Word) -> bool:
        """Say whether any record has a word, in any form."""
        query = self._compiler.node(word)
        return bool(self._searcher.search(query, 1, count=False).hits)

    def beginning(self, letter: str) -> Iterable[str]:
        """Yield the folded words that begin with a letter; some may come twice."""
        for field in TEXT_FIELDS:
            for term, _ in self._searcher.terms_with_prefix(field, letter, limit=_MOST_TERMS):
                yield term

    def records(self, folded: str) -> int:
        """Say about how many records have a folded word."""
        return sum(self._searcher.doc_freq(field, folded) for field in TEXT_FIELDS)

    def spelling(self, folded: str) -> str:
        """Return a folded word with the accents that it has in some record."""
        query = self._compiler.node(Phrase((folded,)))
        for _, address in self._searcher.search(query, _HITS_READ, count=False).hits:
            texts = stored(stored_of(self._searcher, address)).texts.values()
            found = spelling_in((text for field in texts for text in field.values()), folded)
            if found != folded:
                return found
        return folded
