"""From a word to the index terms it is looked up by, and what each of them weighs.

Every text field has a twin with the stems of its words, each marked with its language: "es~autobus"
is not "fr~autobus", so that a word is only bent by the rules of the language it stands in.
"""

from collections.abc import Sequence
from typing import Final

from search.analysis.fold import fold
from search.analysis.stems import has_stemmer, stems
from search.analysis.stopwords import stopwords
from search.index_query import Term
from search.query.fields import TEXT_FIELDS
from search.query.tree import Word

WEIGHTS: Final[dict[str, float]] = {"title": 4.0, "summary": 2.0, "keywords": 1.5, "body": 1.0}
"""What a match in a field counts."""

STEM_SHARE: Final = 0.4
"""What a match of the stem counts beside one of the word as it was typed."""


def twin(field: str) -> str:
    """Return the name of the field that holds the stems of another."""
    return f"{field}_stems"


def marked(stem: str, language: str) -> str:
    """Return a stem as it is indexed."""
    return f"{language}~{stem}"


def base(language: str) -> str:
    """Return a language code without its region: "pt-BR" is stemmed as "pt"."""
    return language.split("-", 1)[0].lower()


def fields_of(field: str) -> tuple[str, ...]:
    """Return the text fields that a leaf is looked up in."""
    return (field,) if field else TEXT_FIELDS


def stem_terms(word: str, language: str) -> tuple[str, ...]:
    """Return the marked stems of a word in lower case; none for words without a meaning."""
    if not has_stemmer(language) or word in stopwords(language):
        return ()
    return tuple(marked(stem, language) for stem in stems(word, language))


def word_terms(word: Word, languages: Sequence[str]) -> list[Term]:
    """Return the terms of which a record must have one to match a word.

    Args:
        word: the word.
        languages: languages whose stemming is tried, without regions.
    """
    plain = fold(word.text)
    bent = [term for language in languages for term in stem_terms(word.text, language)]
    return [
        term
        for field in fields_of(word.field)
        for term in (
            Term(field, plain, WEIGHTS[field]),
            *(Term(twin(field), stem, WEIGHTS[field] * STEM_SHARE) for stem in bent),
        )
    ]
