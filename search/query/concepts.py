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

_NAMED: Final = 3.0
"""What a record scores for a concept whose name holds a word: about as much as for a keyword."""

_EVERYDAY: Final = 1.0
"""The same for an everyday word of the concept: a record that says the word itself comes first."""

# Labels of the goals (sdg) would make "city" and "community" mean nearly every record.
_NAMING: Final = ("theme", "target_group", "method", "settlement")

_Meaning = tuple[str, str]
_Weighed = dict[_Meaning, float]


@dataclass(frozen=True, slots=True)
class Named:
    """Concepts of one facet that a word names.

    Attributes:
        facet: the facet.
        codes: their codes.
        weight: what a record with one of them scores.
    """

    facet: str
    codes: tuple[str, ...]
    weight: float


@dataclass(frozen=True, slots=True)
class _Names:
    """All labels: by word, by marked stem, and whole."""

    by_word: dict[str, _Weighed]
    by_stem: dict[str, _Weighed]
    whole: list[tuple[tuple[str, ...], _Meaning, float]]


def meanings(leaf: Leaf, languages: Sequence[str]) -> list[Named]:
    """Return the concepts that a word, phrase or prefix names, in any language.

    Args:
        leaf: what was asked for.
        languages: languages by whose rules the word may be bent.
    """
    if leaf.field not in ("", "keywords"):
        return []
    found: dict[tuple[str, float], list[str]] = {}
    for (facet, code), weight in sorted(_found(leaf, languages).items()):
        found.setdefault((facet, weight), []).append(code)
    return [Named(facet, tuple(every), weight) for (facet, weight), every in found.items()]


def _found(leaf: Leaf, languages: Sequence[str]) -> _Weighed:
    names = _names()
    found: _Weighed = {}
    match leaf:
        case Word(text):
            _merge(found, names.by_word.get(fold(text), {}))
            for language in languages:
                for stem in stem_terms(text, language):
                    _merge(found, names.by_stem.get(stem, {}))
        case Prefix(text):
            for word, every in names.by_word.items():
                if word.startswith(text):
                    _merge(found, every)
        case Phrase(phrase):
            for label, meaning, weight in names.whole:
                if _contains(label, phrase):
                    _merge(found, {meaning: weight})
    return found


def _merge(found: _Weighed, more: _Weighed) -> None:
    for meaning, weight in more.items():
        found[meaning] = max(weight, found.get(meaning, 0.0))


def _contains(label: tuple[str, ...], phrase: tuple[str, ...]) -> bool:
    size = len(phrase)
    return any(label[at : at + size] == phrase for at in range(len(label) - size + 1))


@lru_cache(maxsize=1)
def _names() -> _Names:
    names = _Names({}, {}, [])
    for language, label, meaning, weight in _labels():
        said = words(label)
        names.whole.append((tuple(fold(word) for word in said), meaning, weight))
        if weight == _EVERYDAY and len(said) > 1:
            continue  # "school canteen" means food only as a whole: not every school is one
        for word in said:
            if word not in stopwords(language):
                _merge(names.by_word.setdefault(fold(word), {}), {meaning: weight})
                for stem in stem_terms(word, language):
                    _merge(names.by_stem.setdefault(stem, {}), {meaning: weight})
    return names


def _labels() -> Iterator[tuple[str, str, _Meaning, float]]:
    """Yield language, label, meaning and weight of all names of concepts and countries."""
    for facet in _NAMING:
        for code in codes(SCHEMES[facet]):
            for language, (preferred, *others) in labels(SCHEMES[facet], code).items():
                yield language, preferred, (facet, code), _NAMED
                for label in others:
                    yield language, label, (facet, code), _EVERYDAY
    for language, code, name in all_country_names():
        yield language, name, ("country", code), _NAMED
