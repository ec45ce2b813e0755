"""Find practices: a question to hits, facets with labels, and the ways on from there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from node.runtime import Runtime
from node.services.cards import Card, card_of
from node.services.facets import Chip, Facet, chips_of, cluster_facet, facet_of, origin_names
from node.services.question import CLUSTER, Question
from node.services.scope import clusters, scope_origins
from node.services.text import one_line
from search.api import MAX_OFFSET, Diagnostic, SearchRequest, SearchResult, Through
from vocab.terms import PRACTICE_TYPES, JsonObject, JsonValue

ANY_TYPE: Final = "any"
"""Value of the parameter "type" that also finds organisations and clusters."""


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
    groups = _groups(runtime, question)
    inside = _inside(runtime, question, groups)
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
            cluster_facet(groups, result, question, names, language)
            if name == CLUSTER
            else facet_of(name, result, question, names, language, inside)
            for name in question.facets
        ),
        next=result.next,
        diagnostics=tuple(result.diagnostics),
        suggestion=result.suggestion,
        corrected=result.corrected,
        chips=chips_of(question, names, language),
        pages=max(1, -(-reachable // question.size)),
    )


def request_of(runtime: Runtime, question: Question, language: str) -> SearchRequest | None:
    """Return what the engine is asked for a question; None when nothing can match."""
    return _request(question, _inside(runtime, question, _groups(runtime, question)), language)


def _groups(runtime: Runtime, question: Question) -> Mapping[str, frozenset[str]]:
    """Return the members of each cluster, nothing where nobody asks for clusters."""
    asked = CLUSTER in question.facets or CLUSTER in question.filters
    return clusters(runtime) if asked else {}


def _inside(
    runtime: Runtime, question: Question, groups: Mapping[str, frozenset[str]]
) -> list[str] | None:
    """Return the origins that scope and chosen clusters leave, None for all."""
    inside = scope_origins(runtime, question.scope)
    chosen = question.filters.get(CLUSTER, ())
    if not chosen:
        return inside
    members = {did for hub in chosen for did in groups.get(hub, ())}
    return sorted(members if inside is None else members & set(inside))


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
        facets=_counted(question),
        highlight=question.highlight,
        like=question.like,
        reader=language,
        collapse=question.collapse,
        explain=question.explain,
        literal=question.literal,
    )


def _counted(question: Question) -> tuple[str, ...]:
    """Return the facets to count: those of clusters are added up from those of origins."""
    return (*question.facets, "origin") if CLUSTER in question.facets else question.facets


def _filters(question: Question, inside: Sequence[str] | None) -> dict[str, Sequence[str]] | None:
    """Return what the engine filters by; None when nothing can match."""
    filters: dict[str, Sequence[str]] = dict(question.filters)
    filters.pop(CLUSTER, None)
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
    chosen = (chip.label for chip in chips_of(question, names, language))
    said = (question.text, question.like, *chosen)
    return one_line(", ".join(word for word in said if word))
