"""Typeahead: what somebody may be about to type."""

from collections.abc import Iterator
from typing import Final

from search.analysis.fold import fold
from search.analysis.tokens import composed, spans
from search.api import Completion
from search.document import stored
from search.expand import concepts
from search.index_query import All, Best, IndexQuery, TermPrefix
from search.suggest import spelling_in
from search.view import Ask, View
from vocab.language import pick

MIN_LETTERS: Final = 2
MAX_LETTERS: Final = 60
_TITLES: Final = 3
_WORDS: Final = 3
_TERMS: Final = 400
_READ: Final = 2


def complete(view: View, text: str, language: str, limit: int) -> list[Completion]:
    """Return ways to go on typing: names of concepts, words that records have, titles.

    Args:
        view: the state of the index.
        text: what was typed so far.
        language: language of the reader, in which concepts are named.
        limit: most of them.
    """
    shown = composed(text)[:MAX_LETTERS].strip()
    typed = [fold(token.text) for token in spans(shown)]
    if not typed or len("".join(typed)) < MIN_LETTERS:
        return []
    found: dict[str, Completion] = {}
    for one in (*_labels(typed, language), *_words(view, shown, typed), *_titles(view, typed)):
        found.setdefault(fold(one.text), one)
    return list(found.values())[:limit]


def _labels(typed: list[str], language: str) -> Iterator[Completion]:
    """Yield labels with a word that begins with the last one typed, after the others typed."""
    begun: list[tuple[int, str]] = []
    for concept in concepts():
        for name in concept.names:
            if name.language == language:
                words = [fold(token.text) for token in spans(name.label)]
                place = _place(words, typed)
                if place is not None:
                    begun.append((place, name.label))
    for _, label in sorted(begun)[:_WORDS]:
        yield Completion(label, "concept")


def _place(words: list[str], typed: list[str]) -> int | None:
    *before, last = typed
    for at in range(len(words) - len(before)):
        if words[at : at + len(before)] == before and words[at + len(before)].startswith(last):
            return at
    return None


def _words(view: View, shown: str, typed: list[str]) -> Iterator[Completion]:
    """Yield the last word typed as the records that have most of it go on with it."""
    last = typed[-1]
    if len(last) < MIN_LETTERS:
        return
    counted: dict[str, int] = {}
    for field in ("title", "keywords", "summary"):
        for term, records in view.terms(field, last, _TERMS):
            counted[term] = counted.get(term, 0) + records
    head = shown[: spans(shown)[-1].start]
    often = sorted(counted, key=lambda term: (-counted[term], term))
    for term in [term for term in often if term != last][:_WORDS]:
        yield Completion(head + _spelt(view, term), "word")


def _spelt(view: View, term: str) -> str:
    query = Best(tuple(TermPrefix(field, term) for field in ("title", "keywords", "summary")))
    (answer,) = view.answer([Ask(query, limit=_READ)])
    for data in view.stored([row.handle for row in answer.rows]):
        texts = stored(data).texts.values()
        found = spelling_in((text for field in texts for text in field.values()), term)
        if found != term:
            return found
    return term


def _titles(view: View, typed: list[str]) -> Iterator[Completion]:
    words: list[IndexQuery] = [TermPrefix("title", word) for word in typed if len(word) > 1]
    (answer,) = view.answer([Ask(All(tuple(words)), limit=_TITLES)]) if words else (None,)
    if answer is None:
        return
    for data in view.stored([row.handle for row in answer.rows]):
        record = stored(data)
        title, _ = pick(record.texts.get("title", {}), [])
        if title:
            yield Completion(title, "title", record.uri)
