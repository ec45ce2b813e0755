"""Words that name a concept: "vivienda" also finds the English record tagged "housing".

The labels are not written into the index: the word is looked up in the vocabulary when it is
asked for, and the concept's code in the facet. So the index stays small, a corrected label counts
at once, and no language is favoured because its words are rarer.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from search.analysis.fold import fold
from search.analysis.stopwords import stopwords
from search.analysis.tokens import words
from search.countries import all_country_names
from search.facets import SCHEMES
from search.query.terms import stem_terms
from search.query.tree import Leaf, Phrase, Prefix, Word
from vocab.concepts import codes, labels

WEIGHT: Final = 3.0
"""What a record scores for a concept that a word names: about as much as for a keyword."""

# Labels of the goals (sdg) would make "city" and "community" mean nearly every record.
_NAMING: Final = ("theme", "target_group", "method", "settlement")

_Meaning = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Names:
    """All labels: by word, by marked stem, and whole."""

    by_word: dict[str, set[_Meaning]]
    by_stem: dict[str, set[_Meaning]]
    whole: list[tuple[tuple[str, ...], _Meaning]]


def meanings(leaf: Leaf, languages: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the codes per facet that a word, phrase or prefix names, in any language.

    Args:
        leaf: what was asked for.
        languages: languages by whose rules the word may be bent.
    """
    if leaf.field not in ("", "keywords"):
        return {}
    found: dict[str, list[str]] = {}
    for facet, code in sorted(_found(leaf, languages)):
        found.setdefault(facet, []).append(code)
    return {facet: tuple(every) for facet, every in found.items()}


def _found(leaf: Leaf, languages: Sequence[str]) -> set[_Meaning]:
    names = _names()
    match leaf:
        case Word(text):
            found = set(names.by_word.get(fold(text), ()))
            for language in languages:
                for stem in stem_terms(text, language):
                    found |= names.by_stem.get(stem, set())
            return found
        case Prefix(text):
            hits = [every for word, every in names.by_word.items() if word.startswith(text)]
            return set().union(*hits)
        case Phrase(phrase):
            return {meaning for label, meaning in names.whole if _contains(label, phrase)}


def _contains(label: tuple[str, ...], phrase: tuple[str, ...]) -> bool:
    size = len(phrase)
    return any(label[at : at + size] == phrase for at in range(len(label) - size + 1))


@lru_cache(maxsize=1)
def _names() -> _Names:
    names = _Names({}, {}, [])
    for language, label, meaning in _labels():
        said = words(label)
        names.whole.append((tuple(fold(word) for word in said), meaning))
        for word in said:
            if word not in stopwords(language):
                names.by_word.setdefault(fold(word), set()).add(meaning)
                for stem in stem_terms(word, language):
                    names.by_stem.setdefault(stem, set()).add(meaning)
    return names


def _labels() -> Iterator[tuple[str, str, _Meaning]]:
    """Yield language, label and meaning of all concepts and countries."""
    for facet in _NAMING:
        for code in codes(SCHEMES[facet]):
            for language, every in labels(SCHEMES[facet], code).items():
                for label in every:
                    yield language, label, (facet, code)
    for language, code, name in all_country_names():
        yield language, name, ("country", code)
