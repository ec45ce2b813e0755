"""The words of a Whoosh index, for suggestions."""

from collections.abc import Iterable
from itertools import islice
from typing import Final

from search.engines.document import stored
from search.engines.whoosh import bits
from search.engines.whoosh.evaluate import Evaluator
from search.engines.whoosh.library import Searcher
from search.engines.whoosh.schema import RECORD
from search.query.fields import TEXT_FIELDS
from search.query.tree import Phrase, Word
from search.suggest import spelling_in

_MOST_TERMS: Final = 30_000  # of one field with one first letter
_HITS_READ: Final = 3


class WhooshDictionary:
    """Looks words up in one state of the index."""

    def __init__(self, searcher: Searcher, evaluator: Evaluator) -> None:
        self._searcher = searcher
        self._evaluator = evaluator

    def knows(self, word: Word) -> bool:
        """Say whether any record has a word, in any form."""
        return bool(self._evaluator.found(word))

    def beginning(self, letter: str) -> Iterable[str]:
        """Yield the folded words that begin with a letter; some may come twice."""
        for part, _ in self._searcher.leaf_searchers():
            for field in TEXT_FIELDS:
                for term in islice(part.reader().expand_prefix(field, letter), _MOST_TERMS):
                    yield term.decode()

    def records(self, folded: str) -> int:
        """Say about how many records have a folded word."""
        reader = self._searcher.reader()
        return sum(int(reader.doc_frequency(field, folded)) for field in TEXT_FIELDS)

    def spelling(self, folded: str) -> str:
        """Return a folded word with the accents that it has in some record."""
        found = bits.numbers(self._evaluator.found(Phrase((folded,))))
        for number in islice(found, _HITS_READ):
            texts = stored(self._searcher.reader().stored_fields(number)[RECORD]).texts.values()
            spelt = spelling_in((text for field in texts for text in field.values()), folded)
            if spelt != folded:
                return spelt
        return folded
