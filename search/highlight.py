"""Why a record was found: pieces of its text with the matching words marked.

Texts are analysed as they were for the index, so an accent, a plural or a prefix is marked as it
stands in the original. Pieces are plain text with offsets: whoever shows them adds the markup.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from search.analysis.fold import fold
from search.analysis.tokens import composed, spans
from search.api import Snippet
from search.expand import Name
from search.query.terms import base, stem_terms
from search.query.tree import Leaf, Phrase, Prefix, Word

FIELDS: Final = ("title", "summary", "body")
PIECE_CHARACTERS: Final = 240
MAX_SNIPPETS: Final = 6
_REACHES: Final = (3_000, 20_000)
"""Characters of a text that are looked through: the second only when the first hold no match; a
match further down is not shown."""


class _Token(NamedTuple):
    """A word of a text: as it is compared, and where it stands."""

    plain: str
    stems: tuple[str, ...]
    start: int
    end: int


class Highlighter:
    """Finds what one query matched; made once a query, used for all of its hits."""

    def __init__(
        self, leaves: Sequence[Leaf], languages: Sequence[str], names: Sequence[Name] = ()
    ) -> None:
        """Begin.

        Args:
            leaves: what was asked for.
            languages: languages by whose rules words may be bent.
            names: other names of what was asked for, marked in texts of their language.
        """
        self._leaves = leaves
        self._names = names
        self._languages = frozenset(languages)
        self._compared: dict[tuple[str, str], tuple[str, tuple[str, ...]]] = {}

    def snippets(self, texts: Mapping[str, Mapping[str, str]]) -> list[Snippet]:
        """Return pieces of a record's texts per field and language, best fields first."""
        found: list[Snippet] = []
        for field in FIELDS:
            leaves = [leaf for leaf in self._leaves if leaf.field in ("", field)]
            if not leaves and not self._names:
                continue
            for language, text in texts.get(field, {}).items():
                snippet = self._snippet(field, language, composed(text), leaves)
                if snippet is not None:
                    found.append(snippet)
        return found[:MAX_SNIPPETS]

    def _snippet(
        self, field: str, language: str, text: str, leaves: Sequence[Leaf]
    ) -> Snippet | None:
        short = base(language) if base(language) in self._languages else ""
        tokens: list[_Token] = []
        matched: list[int] = []
        for reach in _REACHES:
            tokens = [
                _Token(*self._forms(token.text, short), token.start, token.end)
                for token in spans(_beginning(text, reach))
            ]
            by_stem: dict[str, list[int]] = {}
            for place, token in enumerate(tokens):
                for stem in token.stems:
                    by_stem.setdefault(stem, []).append(place)
            found = {place for leaf in leaves for place in _places(leaf, tokens, by_stem, short)}
            for name in self._names:
                if name.language == short:
                    found.update(_name_places(name, by_stem))
            matched = sorted(found)
            if matched or len(text) <= reach:
                break
        if not matched:
            return None
        marks = [(tokens[place].start, tokens[place].end) for place in matched]
        if field == "title" or len(text) <= PIECE_CHARACTERS:
            return Snippet(field, language, text, marks)
        start, end = _window(text, marks)
        inside = [(a - start, b - start) for a, b in marks if start <= a and b <= end]
        return Snippet(field, language, text[start:end], inside)

    def stems(self, texts: Mapping[str, Mapping[str, str]]) -> tuple[set[str], set[str]]:
        """Return the folded words and the marked stems of a record's texts, as far as is looked."""
        plain: set[str] = set()
        stemmed: set[str] = set()
        for field in FIELDS:
            for language, text in texts.get(field, {}).items():
                short = base(language) if base(language) in self._languages else ""
                for token in spans(_beginning(composed(text), _REACHES[0])):
                    word, forms = self._forms(token.text, short)
                    plain.add(word)
                    stemmed.update(forms)
        return plain, stemmed

    def _forms(self, word: str, language: str) -> tuple[str, tuple[str, ...]]:
        """Return a word folded, and its stems; most words of a page come many times."""
        known = self._compared.get((word, language))
        if known is None:
            known = fold(word), stem_terms(word, language) if language else ()
            self._compared[word, language] = known
        return known


def _beginning(text: str, reach: int) -> str:
    """Return the beginning of a text, cut between words: half a word is another word."""
    if len(text) <= reach:
        return text
    space = text.rfind(" ", 0, reach)
    return text[: space if space > 0 else reach]


def _places(
    leaf: Leaf, tokens: Sequence[_Token], by_stem: Mapping[str, list[int]], language: str
) -> Iterator[int]:
    match leaf:
        case Word(text):
            plain = fold(text)
            yield from (place for place, token in enumerate(tokens) if token.plain == plain)
            for stem in stem_terms(text, language) if language else ():
                yield from by_stem.get(stem, ())
        case Prefix(text):
            for place, token in enumerate(tokens):
                if token.plain.startswith(text):
                    yield place
        case Phrase(words, _, slop):
            yield from _phrase_places(words, slop, tokens)


def _name_places(name: Name, by_stem: Mapping[str, list[int]]) -> Iterator[int]:
    """Yield the words of another name where all of them occur."""
    found = [[place for stem in stems for place in by_stem.get(stem, ())] for stems in name.stems]
    if all(found):
        for places in found:
            yield from places


def _phrase_places(words: Sequence[str], slop: int, tokens: Sequence[_Token]) -> Iterator[int]:
    """Yield the words of each occurrence of a phrase, found greedily from its first word on."""
    for first, token in enumerate(tokens):
        if token.plain != words[0]:
            continue
        places, spare = [first], slop
        for word in words[1:]:
            reach = tokens[places[-1] + 1 : places[-1] + 2 + spare]
            step = next((step for step, near in enumerate(reach) if near.plain == word), None)
            if step is None:
                break
            spare -= step
            places.append(places[-1] + 1 + step)
        else:
            yield from places


def _window(text: str, marks: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """Return the piece of a long text with most marks in it, cut between words."""
    room = PIECE_CHARACTERS
    best, most = marks[0][0], 0
    for index, (start, _) in enumerate(marks):
        count = sum(1 for _, end in marks[index : index + 50] if end <= start + room * 3 // 4)
        if count > most:
            best, most = start, count
    start = max(0, min(best - room // 5, len(text) - room))
    end = min(len(text), start + room)
    if start > 0:
        space = text.find(" ", start, best)
        start = space + 1 if space >= 0 else start
    if end < len(text):
        space = text.rfind(" ", best + 1, end)
        last = max(e for s, e in marks if s == best)
        end = space if space >= last else max(end, last)
    return start, end
