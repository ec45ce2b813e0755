"""The part of indexing that all engines share: from an entry to the terms of its fields."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import orjson

from search.analysis.fold import fold
from search.analysis.stems import ALGORITHMS
from search.analysis.tokens import words
from search.api import SearchEntry
from search.query.terms import base, stem_terms
from vocab.language import LANGUAGES

SCHEMA_VERSION: Final = 5
"""Raised whenever fields, analysis or the stored form change: the index is then made anew."""

GAP: Final = "\u241e"
"""Stands between two texts of a field, so that no phrase is found across them. It is no letter,
so that nobody can search for it."""

REMEMBERED: Final = 30_000
"""Analysed words kept in memory per language while indexing, about 5 MB each when full."""

TITLE_KEY_CHARACTERS: Final = 80


@dataclass(frozen=True, slots=True)
class Prepared:
    """An entry as an engine indexes it.

    Attributes:
        exact: folded words per text field, separated by spaces.
        stems: marked stems per text field, separated by spaces.
        links: "relation URI" for each link.
        title_key: what "title" sorts by.
        stored: everything needed to show the record, as JSON.
    """

    exact: Mapping[str, str]
    stems: Mapping[str, str]
    links: list[str]
    title_key: str
    stored: bytes


@dataclass(frozen=True, slots=True)
class Stored:
    """What the index gives back of a record."""

    uri: str
    digest: str
    card: Mapping[str, object]
    texts: Mapping[str, Mapping[str, str]]
    facets: Mapping[str, Sequence[str]]
    modified: int
    family: str


def prepared(entry: SearchEntry) -> Prepared:
    """Analyse an entry."""
    exact: dict[str, str] = {}
    stems: dict[str, str] = {}
    for field, texts in (
        ("title", entry.title),
        ("summary", entry.summary),
        ("body", entry.body),
    ):
        pairs = [_analysed(text, base(language)) for language, text in texts.items()]
        exact[field], stems[field] = _joined(pairs)
    exact["keywords"], stems["keywords"] = _joined(
        _keyword(text, base(language))
        for language, texts in entry.keywords.items()
        for text in texts
    )
    return Prepared(
        exact=exact,
        stems=stems,
        links=[f"{name} {uri}" for name, uris in entry.links.items() for uri in uris],
        title_key=title_key(entry),
        stored=orjson.dumps(
            [
                entry.uri,
                entry.digest,
                dict(entry.card),
                {"title": entry.title, "summary": entry.summary, "body": entry.body},
                entry.facets,
                entry.modified,
                entry.family,
            ],
            default=dict,
        ),
    )


def stored(data: bytes) -> Stored:
    """Return what was stored."""
    return Stored(*orjson.loads(data))


def family_number(uri: str) -> int:
    """Return the number of a family by its first practice: 63 bits, never 0 but for none."""
    if not uri:
        return 0
    return int.from_bytes(hashlib.sha256(uri.encode()).digest()[:8]) >> 1 or 1


def title_key(entry: SearchEntry) -> str:
    """Return the folded title that an entry is sorted by."""
    title = entry.title.get("en") or next(iter(entry.title.values()), "")
    return " ".join(fold(word) for word in words(title[: 4 * TITLE_KEY_CHARACTERS]))[
        :TITLE_KEY_CHARACTERS
    ]


def _joined(pairs: Iterable[tuple[str, str]]) -> tuple[str, str]:
    found = list(pairs)
    exact = f" {GAP} ".join(text for text, _ in found if text)
    return exact, " ".join(stems for _, stems in found if stems)


@lru_cache(maxsize=8_000)
def _keyword(text: str, language: str) -> tuple[str, str]:
    """Remember keywords: labels of concepts and names come again in many records."""
    return _analysed(text, language)


def _analysed(text: str, language: str) -> tuple[str, str]:
    """Return folded words and marked stems of a text."""
    found = words(text)
    plain = found if text.isascii() else map(_folded().__getitem__, found)
    return " ".join(plain), " ".join(filter(None, map(_stemmed(language).__getitem__, found)))


class _Memory(dict[str, str]):
    """Remembers what became of a word, and forgets everything when that grows too large.

    A plain dictionary, because looking words up is most of the work of indexing.
    """

    def __init__(self, analyse: Callable[[str], str]) -> None:
        super().__init__()
        self._analyse = analyse

    def __missing__(self, word: str) -> str:
        if len(self) >= REMEMBERED:
            self.clear()
        found = self[word] = self._analyse(word)
        return found


@lru_cache(maxsize=1)
def _folded() -> _Memory:
    return _Memory(fold)


@lru_cache(maxsize=64)
def _stemmed(language: str) -> _Memory:
    return _Memory(lambda word: " ".join(stem_terms(word, language)))


TONGUES: Final = (*LANGUAGES, *sorted(set(ALGORITHMS) - set(LANGUAGES)))
"""Languages in the order of their bits in `tongues`."""


def tongues(languages: Iterable[str]) -> int:
    """Return some languages as a number, a bit for each; those without a stemmer share one."""
    found = 0
    for language in languages:
        short = base(language)
        found |= 1 << (TONGUES.index(short) if short in TONGUES else len(TONGUES))
    return found
