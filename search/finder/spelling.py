"""The words that can be meant: those of the index, and those that name a concept."""

from collections.abc import Iterable, Sequence
from typing import Final

from search.analysis.fold import fold
from search.document import stored
from search.expand import spelt
from search.index_query import Some, Term
from search.query.fields import TEXT_FIELDS
from search.query.terms import word_terms
from search.query.tree import Word
from search.suggest import spelling_in
from search.view import Ask, View

_MOST_TERMS: Final = 30_000  # of one field with one first letter
_HITS_READ: Final = 3


class ViewDictionary:
    """The words of one state of an index."""

    def __init__(self, view: View, languages: Sequence[str]) -> None:
        self._view = view
        self._languages = languages

    def knows(self, word: Word) -> bool:
        """Say whether any record has a word, in any form, or a concept is named by it."""
        if fold(word.text) in spelt():
            return True
        terms = word_terms(word, self._languages)
        return any(self._view.frequencies([(term.field, term.text) for term in terms]))

    def beginning(self, letter: str) -> Iterable[str]:
        """Yield the folded words that begin with a letter; some may come twice."""
        yield from (word for word in spelt() if word.startswith(letter))
        for field in TEXT_FIELDS:
            for term, _ in self._view.terms(field, letter, _MOST_TERMS):
                yield term

    def records(self, folded: str) -> int:
        """Say about how many records have a folded word."""
        named = int(folded in spelt())
        return named + sum(self._view.frequencies([(field, folded) for field in TEXT_FIELDS]))

    def spelling(self, folded: str) -> str:
        """Return a folded word with the accents that it has in some record or label."""
        query = Some(tuple(Term(field, folded) for field in TEXT_FIELDS))
        (answer,) = self._view.answer([Ask(query, limit=_HITS_READ)])
        for data in self._view.stored([row.handle for row in answer.rows]):
            texts = stored(data).texts.values()
            found = spelling_in((text for field in texts for text in field.values()), folded)
            if found != folded:
                return found
        return spelt().get(folded, folded)
