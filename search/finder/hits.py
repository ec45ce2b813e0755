"""The hits of a page: their cards, why they were found, and what their score is made of."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from search.analysis.fold import fold
from search.analysis.tokens import words
from search.api import Hit, Reason, Relative, Through
from search.document import Stored, stored
from search.expand import Expansion
from search.finder.boosts import Boost, reasons
from search.finder.lower import URI, Lowering
from search.finder.plan import Plan
from search.highlight import Highlighter
from search.index_query import All, Exact
from search.query.terms import stem_terms
from search.query.tree import And, Node, Or, Phrase, Prefix, Word, leaves
from search.view import Ask, Row, View
from vocab.language import pick

_RELATIVES: Final = 5
_LEAST: Final = 0.005


@dataclass(frozen=True, slots=True)
class Looked:
    """What was looked for, and on what.

    Attributes:
        view: the state of the index.
        plan: the request.
        tree: what its text became.
        expansions: what stretches of it stand for.
        boosts: what adds to scores.
    """

    view: View
    plan: Plan
    tree: Node
    expansions: Sequence[Expansion]
    boosts: Sequence[Boost]


def hits_of(
    looked: Looked, rows: Sequence[Row], under: Mapping[Hashable, Sequence[Row]]
) -> list[Hit]:
    """Return the hits of a page.

    Args:
        looked: what was looked for.
        rows: the rows of the page.
        under: rows of the same family per handle of a row.
    """
    records = _records(looked.view, rows)
    hits = [
        Hit(record.uri, row.score, record.card) for row, record in zip(rows, records, strict=True)
    ]
    if looked.plan.request.highlight:
        hits = _highlighted(looked, hits, records)
    if looked.plan.request.explain:
        hits = _explained(looked, hits, records)
    if under:
        hits = [
            replace(hit, relatives=_relatives(looked.view, under.get(row.handle, ())))
            for row, hit in zip(rows, hits, strict=True)
        ]
    return hits


def _records(view: View, rows: Sequence[Row]) -> list[Stored]:
    return [stored(data) for data in view.stored([row.handle for row in rows])]


def _relatives(view: View, rows: Sequence[Row]) -> tuple[Relative, ...]:
    return tuple(Relative(one.uri, one.card) for one in _records(view, rows[:_RELATIVES]))


# -- why a record was found --------------------------------------------------------------------


def _highlighted(looked: Looked, hits: list[Hit], records: list[Stored]) -> list[Hit]:
    names = [name for one in looked.expansions for name in one.names]
    highlighter = Highlighter(leaves(looked.tree), looked.plan.languages, names)
    return [
        replace(
            hit,
            snippets=highlighter.snippets(record.texts),
            through=tuple(_through(looked, record, highlighter)),
        )
        for hit, record in zip(hits, records, strict=True)
    ]


def _through(looked: Looked, record: Stored, highlighter: Highlighter) -> Iterable[Through]:
    """Yield by what other names a record was found, where it does not say the words typed."""
    if not looked.expansions:
        return
    plain, stems = highlighter.stems(record.texts)
    for one in looked.expansions:
        if _says(one.typed, plain, stems, looked.plan.languages):
            continue
        said = next(
            (
                Through(one.typed, name.label, name.language)
                for name in one.names
                if all(not stems.isdisjoint(forms) for forms in name.stems)
            ),
            None,
        )
        found = said or _tagged(one, record, looked.plan.request.reader)
        if found is not None:
            yield found


def _says(typed: str, plain: set[str], stems: set[str], languages: Sequence[str]) -> bool:
    return all(
        fold(word) in plain
        or any(not stems.isdisjoint(stem_terms(word, language)) for language in languages)
        for word in words(typed)
    )


def _tagged(one: Expansion, record: Stored, reader: str) -> Through | None:
    for concept in one.concepts:
        if concept.facet and concept.code in record.facets.get(concept.facet, ()):
            labels = {name.language: name.label for name in reversed(concept.names)}
            label, language = pick(labels, [reader])
            return Through(one.typed, label, language, concept.facet, concept.code)
    return None


# -- what a score is made of -------------------------------------------------------------------


def _explained(looked: Looked, hits: list[Hit], records: list[Stored]) -> list[Hit]:
    parts = looked.tree.parts if isinstance(looked.tree, And) else (looked.tree,)
    here = Exact(URI, tuple(hit.uri for hit in hits))
    asks = [
        Ask(All((Lowering(looked.plan.languages).query(part), here)), limit=len(hits))
        for part in parts
    ]
    found: dict[str, list[Reason]] = {hit.uri: [] for hit in hits}
    for part, answer in zip(parts, looked.view.answer(asks) if hits else [], strict=False):
        for row, record in zip(answer.rows, _records(looked.view, answer.rows), strict=True):
            if row.score >= _LEAST:
                found[record.uri].append(Reason("words", _said(part), round(row.score, 3)))
    explained = []
    for hit, record in zip(hits, records, strict=True):
        every = found[hit.uri] + reasons(record, looked.boosts, looked.plan.now)
        rest = hit.score - sum(reason.score for reason in every)
        if rest >= _LEAST:  # side by side, or by another name of several words
            every.append(Reason("together", looked.plan.request.text, round(rest, 3)))
        explained.append(replace(hit, reasons=tuple(every)))
    return explained


def _said(node: Node) -> str:
    """Return a part of a query as somebody might type it."""
    match node:
        case Word(text):
            return text
        case Phrase(phrase):
            return f'"{" ".join(phrase)}"'
        case Prefix(text):
            return f"{text}*"
        case And(parts):
            return " ".join(map(_said, parts))
        case Or(parts):
            return " OR ".join(map(_said, parts))
        case _:
            return ""
