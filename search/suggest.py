"""What to try when nothing is found: the nearest spelling of words that the index lacks."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final, Protocol

from rapidfuzz import process
from rapidfuzz.distance import OSA

from search.analysis.fold import fold
from search.analysis.tokens import composed, spans
from search.query.concepts import meanings
from search.query.tree import Leaf, Phrase, Word

MAX_WORDS: Final = 4
_COMPARED: Final = 50  # equally near words of which the most frequent is taken
_SHORTEST: Final = 3
_LONG: Final = 6  # letters from which on two mistakes are forgiven: two of five change a word

_REPEATED: Final = re.compile(r"(.)\1+")  # a key held down too long is one mistake


class Dictionary(Protocol):
    """What an index knows of its words."""

    def knows(self, word: Word) -> bool:
        """Say whether any record has a word, in any form."""
        ...

    def beginning(self, letter: str) -> Iterable[str]:
        """Yield the folded words that begin with a letter; some may come twice."""
        ...

    def records(self, folded: str) -> int:
        """Say about how many records have a folded word."""
        ...

    def spelling(self, folded: str) -> str:
        """Return a folded word with the accents that it has in some record."""
        ...


def suggestion(
    text: str, leaves: Sequence[Leaf], dictionary: Dictionary, hits: Callable[[str], int]
) -> str:
    """Return a better spelling of a query without hits, "" when none would find anything.

    Args:
        text: the query as it was typed.
        leaves: its words and phrases.
        dictionary: the words of the index.
        hits: counts what a query would find.
    """
    changed = text
    for word in _words(leaves)[:MAX_WORDS]:
        if not (word.text.isdigit() or meanings(word, ()) or dictionary.knows(word)):
            better = _nearest(fold(word.text), dictionary)
            if not better:
                return ""
            changed = _replaced(changed, word.text, dictionary.spelling(better))
    return changed if changed != text and hits(changed) else ""


def _words(leaves: Sequence[Leaf]) -> list[Word]:
    found: dict[str, Word] = {}
    for leaf in leaves:
        if isinstance(leaf, Word):
            found.setdefault(leaf.text, leaf)
        elif isinstance(leaf, Phrase):
            for text in leaf.words:
                found.setdefault(text, Word(text, leaf.field))
    return list(found.values())


def _nearest(word: str, dictionary: Dictionary) -> str:
    if len(word) < _SHORTEST:
        return ""
    starts = dict.fromkeys((word[0], word[1]))  # the first letter may be missing or swapped
    known = {term for start in starts for term in dictionary.beginning(start)} - {word}
    for tried in (word, _REPEATED.sub(r"\1", word)):
        limit = 1 if len(tried) < _LONG else 2
        # Letters added, dropped, changed, or swapped with their neighbour.
        near = process.extract(tried, known, scorer=OSA.distance, score_cutoff=limit, limit=None)
        if near:
            closest = min(distance for _, distance, _ in near)
            equals = sorted(term for term, distance, _ in near if distance == closest)
            return max(equals[:_COMPARED], key=dictionary.records)
    return ""


def _replaced(text: str, word: str, better: str) -> str:
    """Put a word in the place of another, as it was typed, whatever its case and accents."""
    plain = fold(word)
    shown = composed(text)
    for token in reversed(spans(shown)):
        if fold(token.text) == plain:
            shown = shown[: token.start] + better + shown[token.end :]
    return re.sub(r"\s+", " ", shown).strip()


def spelling_in(texts: Iterable[str], folded: str) -> str:
    """Return a folded word as some text spells it, the folded word itself when none has it."""
    for text in texts:
        for token in spans(composed(text)):
            if fold(token.text) == folded:
                return token.text
    return folded
