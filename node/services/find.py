"""Find practices: a question to hits, facets with labels, and the ways on from there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from federation.records import Origin
from node.runtime import Runtime
from node.services import labels
from node.services.cards import Card, card_of
from node.services.question import Question
from node.services.scope import scope_origins
from node.services.text import host_of, one_line
from search.api import CHOICES, MAX_OFFSET, Diagnostic, SearchRequest, SearchResult, Through
from vocab.terms import PRACTICE_TYPES, JsonObject, JsonValue

ANY_TYPE: Final = "any"
"""Value of the parameter "type" that also finds organisations and clusters."""


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a facet; the count ignores what is chosen in the same facet."""

    code: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """One facet: by its own order where it has one, else chosen first and by falling count."""

    name: str
    label: str
    values: tuple[Value, ...]

    @property
    def chosen(self) -> int:
        """Return how many of its values are chosen."""
        return sum(value.chosen for value in self.values)


@dataclass(frozen=True, slots=True)
class Chip:
    """A choice that narrows the search, and the query string of the search without it."""

    facet: str
    label: str
    query: str


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to a question.

    Attributes:
        question: what was asked.
        total: number of all matching records.
        cards: this page of them.
        facets: every facet that was asked for, empty ones too.
        next: cursor of the next page, "" on the last one.
        diagnostics: what was bent in the query.
        suggestion: a better spelling, "" when there is none.
        corrected: whether the cards are those of the suggestion.
        chips: choices that can be taken back one by one.
        pages: number of the last page that can be reached by number.
    """

    question: Question
    total: int
    cards: tuple[Card, ...]
    facets: tuple[Facet, ...]
    next: str
    diagnostics: tuple[Diagnostic, ...]
    suggestion: str
    corrected: bool
    chips: tuple[Chip, ...]
    pages: int


def find(runtime: Runtime, question: Question, language: str) -> Found:
    """Answer a question for readers of `language`."""
    origins = runtime.journal.origins()
    inside = scope_origins(runtime, question.scope)
    request = _request(question, inside, language)
    if request is None:
        result = SearchResult(0, (), dict.fromkeys(question.facets, ()))
    else:
        result = runtime.engine.search(request)
    names = origin_names(origins)
    reachable = min(result.listed, MAX_OFFSET)
    return Found(
        question=question,
        total=result.total,
        cards=tuple(card_of(runtime, hit, language) for hit in result.hits),
        facets=tuple(
            _facet(name, result, question, names, language, inside) for name in question.facets
        ),
        next=result.next,
        diagnostics=tuple(result.diagnostics),
        suggestion=result.suggestion,
        corrected=result.corrected,
        chips=_chips(question, names, language),
        pages=max(1, -(-reachable // question.size)),
    )


def request_of(runtime: Runtime, question: Question, language: str) -> SearchRequest | None:
    """Return what the engine is asked for a question; None when nothing can match."""
    return _request(question, scope_origins(runtime, question.scope), language)


def _request(
    question: Question, inside: Sequence[str] | None, language: str
) -> SearchRequest | None:
    filters = _filters(question, inside)
    if filters is None:
        return None
    return SearchRequest(
        text=question.text,
        filters=filters,
        area=question.area,
        sort=question.order,
        limit=question.size,
        cursor=question.cursor,
        offset=(question.page - 1) * question.size,
        facets=question.facets,
        highlight=question.highlight,
        like=question.like,
        reader=language,
        collapse=question.collapse,
        explain=question.explain,
        literal=question.literal,
    )


def _filters(question: Question, inside: Sequence[str] | None) -> dict[str, Sequence[str]] | None:
    """Return what the engine filters by; None when nothing can match."""
    filters: dict[str, Sequence[str]] = dict(question.filters)
    types = filters.get("type", PRACTICE_TYPES)
    if ANY_TYPE in types:
        filters.pop("type", None)
    else:
        filters["type"] = types
    if inside is not None:
        chosen = filters.get("origin")
        filters["origin"] = [did for did in inside if chosen is None or did in chosen]
        if not filters["origin"]:
            return None
    return filters


def _facet(
    name: str,
    result: SearchResult,
    question: Question,
    names: Mapping[str, str],
    language: str,
    inside: Sequence[str] | None,
) -> Facet:
    counted = dict(result.facets.get(name, ()))
    if name == "origin" and inside is not None:
        counted = {code: count for code, count in counted.items() if code in inside}
    for code in question.filters.get(name, ()):
        counted.setdefault(code, 0)  # a choice must stay visible to be taken back
    values = [
        Value(code, _label(name, code, names, language), count, question.chosen(name, code))
        for code, count in counted.items()
    ]
    order = labels.facet_order(name)
    if order:
        values.sort(key=lambda value: order.index(value.code) if value.code in order else 999)
    else:
        values.sort(key=lambda value: (not value.chosen, -value.count, value.label))
    return Facet(name, labels.facet_name(name, language), tuple(values))


def _label(facet: str, code: str, names: Mapping[str, str], language: str) -> str:
    if facet == "origin":
        return names.get(code, code)
    return one_line(labels.value_label(facet, code, language))


def _chips(question: Question, names: Mapping[str, str], language: str) -> tuple[Chip, ...]:
    chips = [
        Chip(name, _label(name, code, names, language), question.without(name, code).query())
        for name in CHOICES
        for code in question.filters.get(name, ())
    ]
    if question.area_text:
        rest = replace(question, area=None, area_text=None, page=1)
        chips.append(Chip("area", "", rest.query()))
    return tuple(chips)


def origin_names(origins: Sequence[Origin]) -> dict[str, str]:
    """Return by DID what publishers are called."""
    return {o.did: one_line(o.name) or host_of(o.base) for o in origins}


def as_json(found: Found, *, root: str | None = None) -> JsonObject:
    """Return the answer as `/api/v1/search` and `lonja search --json` give it.

    Args:
        found: the answer.
        root: path below which the node's pages are served; None leaves the pages out.
    """
    facets: JsonObject = {
        facet.name: [
            {"value": value.code, "label": value.label, "count": value.count}
            for value in facet.values
        ]
        for facet in found.facets
    }
    return {
        "total": found.total,
        "hits": [hit_json(card, root) for card in found.cards],
        "facets": facets,
        "suggestion": found.suggestion or None,
        "corrected": found.corrected,
        "diagnostics": [
            {"code": item.code, "messages": dict(item.messages)} for item in found.diagnostics
        ],
        "next": found.next or None,
    }


def hit_json(card: Card, root: str | None) -> JsonObject:
    """Return a record of the answer, `root` as in `as_json`."""
    hit: JsonObject = {
        "uri": card.uri,
        "type": card.type,
        "title": card.title.text,
        "language": card.title.language,
        "summary": card.summary.text,
        "origin": card.origin,
        "score": round(card.score, 4),
        "themes": [theme.code for theme in card.themes],
        "place": card.place,
        "country": card.country,
        "latitude": card.latitude,
        "longitude": card.longitude,
        "modified": card.modified.isoformat() if card.modified else None,
    }
    snippets: list[JsonValue] = [
        {
            "field": item.field,
            "language": item.language,
            "text": item.text,
            "marks": [[start, end] for start, end in item.marks],
        }
        for item in card.snippets
    ]
    if snippets:
        hit["snippets"] = snippets
    if card.through:
        hit["through"] = [_through(one) for one in card.through]
    if card.reasons:
        hit["reasons"] = [
            {"kind": one.kind, "text": one.text, "score": one.score} for one in card.reasons
        ]
    if card.relatives:
        hit["family"] = [{"uri": one.uri, "title": one.title.text} for one in card.relatives]
    if root is not None:
        hit["url"] = root + card.path
    return hit


def _through(one: Through) -> JsonObject:
    said: JsonObject = {"typed": one.typed, "label": one.label, "language": one.language}
    return said | ({"facet": one.facet, "value": one.code} if one.facet else {})


def in_words(runtime: Runtime, question: Question, language: str) -> str:
    """Return in a few words what is asked for: the words, and what was chosen; "" for all."""
    names = origin_names(runtime.journal.origins())
    chosen = (chip.label for chip in _chips(question, names, language))
    said = (question.text, question.like, *chosen)
    return one_line(", ".join(word for word in said if word))
