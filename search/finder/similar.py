"""More like this: what resembles a record, in any language.

The words of its title and summary that few other records have, in all their forms, and its
concepts, which no language keeps apart.
"""

import math
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Final

from search.analysis.stopwords import stopwords
from search.analysis.tokens import words
from search.document import Stored, stored
from search.expand import expansions
from search.finder.lower import URI, tagged
from search.index_query import Best, Constant, Exact, IndexQuery, Some, Term
from search.query.terms import base, stem_terms, twin
from search.view import Ask, View

WORDS: Final = 20
"""Words by which others are looked for: the rarest that are said most."""

_READ: Final = 400
_FIELDS: Final = (("title", 2.0), ("summary", 1.0))
_LOOKED_UP: Final = ("title", "summary", "body")
_COMMON: Final = 0.2
"""Share of all records above which a word says nothing about a record."""

_CONCEPTS: Final[Mapping[str, float]] = {
    "theme": 20.0,
    "method": 6.0,
    "target_group": 6.0,
    "settlement": 2.0,
    "population": 2.0,
}
"""What a record scores for a concept that it shares and that few others have."""


def alike(view: View, uri: str) -> IndexQuery:
    """Return what to ask for records like one; nothing where the index does not hold it."""
    (answer,) = view.answer([Ask(Exact(URI, (uri,)), limit=1)])
    for data in view.stored([row.handle for row in answer.rows]):
        record = stored(data)
        return Some((*_words(view, record), *_concepts(view, record)))
    return Some(())


def _concepts(view: View, record: Stored) -> Iterable[IndexQuery]:
    """Yield the concepts of a record; one that half of all records have says little."""
    found = [
        (tagged(facet, (code,)), weight)
        for facet, weight in _CONCEPTS.items()
        for code in record.facets.get(facet, ())
    ]
    everything = max(1, view.records)
    held = [answer.total for answer in view.answer([Ask(one, total=True) for one, _ in found])]
    for (query, weight), records in zip(found, held, strict=True):
        rare = math.log((1 + everything) / (1 + records)) / math.log(1 + everything)
        yield Constant(query, weight * max(0.0, rare))


def _words(view: View, record: Stored) -> Iterable[IndexQuery]:
    """Yield the telling words of a record, and what they are called in other languages."""
    everything = max(1, view.records)
    weighed: dict[tuple[str, ...], float] = {}
    for field, weight in _FIELDS:
        for language, text in record.texts.get(field, {}).items():
            for word in _said(text, language):
                stems = stem_terms(word, base(language))
                if stems:
                    weighed[stems] = weighed.get(stems, 0.0) + weight
    telling: list[tuple[float, tuple[str, ...]]] = []
    every = [stem for stems in weighed for stem in stems]
    asked = [(twin(field), stem) for stem in every for field in _LOOKED_UP]
    counted = iter(view.frequencies(asked))
    records = {stem: sum(islice(counted, len(_LOOKED_UP))) for stem in every}
    for stems, weight in weighed.items():
        held = max(records[stem] for stem in stems)
        if held <= max(2, everything * _COMMON):
            telling.append((weight * math.log(1 + everything / (1 + held)), stems))
    telling.sort(key=lambda pair: (-pair[0], pair[1]))
    for _, stems in telling[:WORDS]:
        yield _anywhere(stems)
    yield from _translated(record)


def _translated(record: Stored) -> Iterable[IndexQuery]:
    for language, text in record.texts.get("title", {}).items():
        for one in expansions(_said(text, language), (base(language),)):
            for concept in one.concepts:
                names = [name for name in concept.names if name.language != base(language)]
                for name in names:
                    if len(name.stems) == 1:
                        yield _anywhere(name.stems[0])


def _said(text: str, language: str) -> list[str]:
    return [word for word in words(text)[:_READ] if word not in stopwords(base(language))]


def _anywhere(stems: tuple[str, ...]) -> IndexQuery:
    return Best(
        tuple(
            Term(twin(field), stem, weight)
            for field, weight in (("title", 2.0), ("summary", 1.0), ("body", 0.5))
            for stem in stems
        )
    )
