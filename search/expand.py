"""Other names of what was asked for: synonyms, and the same in other languages.

Words that are a whole label of a concept (of the facets or of the thesaurus) also stand for its
other labels: "carril bici" finds "Radweg". The labels are looked up when a question is asked and
never written into the index, so a corrected label counts at once. Optional embeddings, should they
come, would be one more list of records for `search.finder.fuse`; nothing here would change.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice, product, zip_longest
from typing import Final

from search.analysis.fold import fold
from search.analysis.stems import stems
from search.analysis.stopwords import stopwords
from search.analysis.tokens import words
from search.facets import SCHEMES
from search.query.terms import stem_terms
from vocab.concepts import codes, labels
from vocab.language import LANGUAGES
from vocab.thesaurus import entries

MAX_WORDS: Final = 5
"""Words of the longest label that is recognised in a query."""

MAX_NAMES: Final = 64
"""Other names that a query may stand for in all, so that no query is expensive."""

MAX_STRETCHES: Final = 8
"""Stretches of a query that may be names; what comes after is meant as it was typed."""

_VARIANTS: Final = 8
_FACETS: Final = ("theme", "target_group", "method", "settlement", "phase", "sector")


@dataclass(frozen=True, slots=True)
class Name:
    """One other name of what was asked for.

    Attributes:
        label: as it is written.
        language: its language code.
        stems: for each of its words the marked stems, one of which a text must have.
    """

    label: str
    language: str
    stems: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Concept:
    """Something with names.

    Attributes:
        facet: the facet in which records have it, "" for a term of the thesaurus.
        code: its code there.
        names: in all languages, preferred ones first.
    """

    facet: str
    code: str
    names: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class Expansion:
    """A stretch of a query and what it stands for.

    Attributes:
        start: number of its first word.
        length: how many words it has.
        typed: the words.
        languages: languages in which it is a name.
        concepts: what it names.
        names: all their other names, without repeats.
    """

    start: int
    length: int
    typed: str
    languages: frozenset[str]
    concepts: tuple[Concept, ...]
    names: tuple[Name, ...]


def expansions(typed: Sequence[str], languages: Sequence[str]) -> list[Expansion]:
    """Return what stretches of a query stand for; the longest stretch wins, from the left.

    At most `MAX_STRETCHES` of them, with `MAX_NAMES` names in all.

    Args:
        typed: consecutive words in lower case, without words that mean nothing.
        languages: languages of which names are read and returned.
    """
    found: list[Expansion] = []
    start = 0
    while start < len(typed) and len(found) < MAX_STRETCHES:
        for length in range(min(MAX_WORDS, len(typed) - start), 0, -1):
            one = _expansion(typed, start, length, languages)
            if one is not None:
                found.append(one)
                start += length
                break
        else:
            start += 1
    share = MAX_NAMES // max(1, len(found))
    return [replace(one, names=one.names[:share]) for one in found]


def _expansion(
    typed: Sequence[str], start: int, length: int, languages: Sequence[str]
) -> Expansion | None:
    stretch = tuple(typed[start : start + length])
    found = [
        (concept, language)
        for concept, language in _by_spelling().get(tuple(map(fold, stretch)), ())
        if language in languages
    ]
    if not found:  # another form of a name; "mobilisation" has the stem of "mobilité", so only now
        found = [
            (concept, language)
            for language in languages
            for key in _keys(stretch, language)
            for concept in _by_name().get((language, key), ())
        ]
    concepts = {(concept.facet, concept.code): concept for concept, _ in found}
    spoken = {language for _, language in found}
    if not concepts:
        return None
    names: dict[tuple[tuple[str, ...], ...], Name] = {}
    own = {tuple(stem_terms(word, language) for word in stretch) for language in spoken}
    for concept in concepts.values():
        for name in concept.names:
            if name.language in languages and name.stems not in own:
                names.setdefault(name.stems, name)
    return Expansion(
        start,
        length,
        " ".join(stretch),
        frozenset(spoken),
        tuple(concepts.values()),
        tuple(names.values()),
    )


def _keys(stretch: Sequence[str], language: str) -> Iterator[tuple[str, ...]]:
    """Yield the ways in which words may be a name: with and without accents they differ."""
    return islice(product(*(stems(word, language) for word in stretch)), _VARIANTS)


def concepts() -> tuple[Concept, ...]:
    """Return everything with names: the values of some facets, and the thesaurus."""
    return _all_concepts()


@lru_cache(maxsize=1)
def _by_spelling() -> Mapping[tuple[str, ...], tuple[tuple[Concept, str], ...]]:
    """Return concepts, with the language in which they are named so, by folded words."""
    found: dict[tuple[str, ...], list[tuple[Concept, str]]] = {}
    for concept in _all_concepts():
        for name in concept.names:
            key = tuple(fold(word) for word in _meaning(name.label, name.language))
            found.setdefault(key, []).append((concept, name.language))
    return {key: tuple(named) for key, named in found.items()}


@lru_cache(maxsize=1)
def _by_name() -> Mapping[tuple[str, tuple[str, ...]], tuple[Concept, ...]]:
    found: dict[tuple[str, tuple[str, ...]], dict[tuple[str, str], Concept]] = {}
    for concept in _all_concepts():
        for name in concept.names:
            for key in _keys(_meaning(name.label, name.language), name.language):
                same = found.setdefault((name.language, key), {})
                same[concept.facet, concept.code] = concept
    return {key: tuple(named.values()) for key, named in found.items()}


@lru_cache(maxsize=1)
def _all_concepts() -> tuple[Concept, ...]:
    named: list[tuple[str, str, Mapping[str, Sequence[str]]]] = []
    for facet in _FACETS:
        scheme = SCHEMES[facet]
        named += [(facet, code, _preferred(scheme, code)) for code in codes(scheme)]
    named += [("", entry.code, entry.labels) for entry in entries()]
    return tuple(Concept(facet, code, _names(every)) for facet, code, every in named)


def _preferred(scheme: str, code: str) -> dict[str, tuple[str, ...]]:
    """Return the preferred labels: other labels of a facet's value name what is a part of it."""
    return {language: names[:1] for language, names in labels(scheme, code).items()}


def _names(every: Mapping[str, Sequence[str]]) -> tuple[Name, ...]:
    """Return the names of a concept, the preferred ones of all languages first."""
    found = []
    for labelled in zip_longest(*(every.get(language, ()) for language in LANGUAGES)):
        for language, label in zip(LANGUAGES, labelled, strict=True):
            said = _meaning(label, language) if label else []
            if 0 < len(said) <= MAX_WORDS:
                stemmed = tuple(stem_terms(word, language) for word in said)
                found.append(Name(label, language, stemmed))
    return tuple(found)


def _meaning(label: str, language: str) -> list[str]:
    """Return the words of a label that mean something."""
    return [word for word in words(label) if word not in stopwords(language)]


@lru_cache(maxsize=1)
def spelt() -> Mapping[str, str]:
    """Return the words of all names by their folded form: words that are no mistake."""
    return {
        fold(word): word
        for concept in _all_concepts()
        for name in concept.names
        for word in _meaning(name.label, name.language)
    }
