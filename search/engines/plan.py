"""What all engines do with a request before and after they search."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from search.analysis.stems import has_stemmer
from search.api import FACETS, RELATIONS, Diagnostic, Hit, SearchRequest, SearchResult, Sort
from search.countries import LANGUAGES
from search.engines.document import Stored, stored
from search.highlight import Highlighter
from search.paging import Place, limit_of, place_of
from search.query import parse
from search.query.terms import base
from search.query.tree import Node, leaves, scores

MAX_FACET_SIZE: Final = 1_000
MAX_CHOSEN: Final = 200


@dataclass(frozen=True, slots=True)
class Plan:
    """A request, read.

    Attributes:
        request: as it came.
        tree: its text, parsed.
        diagnostics: what was bent in the text.
        languages: languages whose stemming is tried.
        filters: chosen codes per known facet, none empty.
        links: wanted URIs per known relation, none empty.
        sort: the order that makes sense: without words to weigh, relevance is "newest".
        place: where the page begins.
        limit: hits wanted.
        facets: known facets to count.
        facet_size: most values per facet.
    """

    request: SearchRequest
    tree: Node
    diagnostics: Sequence[Diagnostic]
    languages: tuple[str, ...]
    filters: Mapping[str, tuple[str, ...]]
    links: Mapping[str, tuple[str, ...]]
    sort: Sort
    place: Place
    limit: int
    facets: tuple[str, ...]
    facet_size: int


def planned(request: SearchRequest, indexed: Iterable[str]) -> Plan:
    """Read a request.

    Args:
        request: the request.
        indexed: codes of the languages that the index holds.
    """
    tree, diagnostics = parse(request.text)
    sort = request.sort
    if sort is Sort.RELEVANCE and not scores(tree):
        sort = Sort.NEWEST
    return Plan(
        request=request,
        tree=tree,
        diagnostics=diagnostics,
        languages=_languages(request, indexed),
        filters=_chosen(request.filters, FACETS),
        links=_chosen(request.links, RELATIONS),
        sort=sort,
        place=place_of(request, sort),
        limit=limit_of(request),
        facets=tuple(name for name in FACETS if name in request.facets),
        facet_size=min(max(request.facet_size, 1), MAX_FACET_SIZE),
    )


def _languages(request: SearchRequest, indexed: Iterable[str]) -> tuple[str, ...]:
    named = [base(language) for language in request.languages]
    wanted = named or [*LANGUAGES, *sorted(base(language) for language in indexed)]
    return tuple(language for language in dict.fromkeys(wanted) if has_stemmer(language))


def _chosen(
    choices: Mapping[str, Sequence[str]], known: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    return {
        name: tuple(dict.fromkeys(str(value) for value in values))[:MAX_CHOSEN]
        for name, values in choices.items()
        if name in known and values
    }


def ordered(counts: Iterable[tuple[str, int]], size: int) -> list[tuple[str, int]]:
    """Return the counts of a facet, the largest first, equal ones by code, the empty ones not."""
    return sorted(
        ((code, count) for code, count in counts if count), key=lambda pair: (-pair[1], pair[0])
    )[:size]


def shown(found: Iterable[tuple[float, bytes]], plan: Plan) -> list[Hit]:
    """Return the hits of a page from their scores and stored bytes."""
    highlighter = Highlighter(leaves(plan.tree), plan.languages) if plan.request.highlight else None
    hits = []
    for score, data in found:
        record: Stored = stored(data)
        snippets = highlighter.snippets(record.texts) if highlighter else ()
        hits.append(Hit(record.uri, score, record.card, snippets))
    return hits


def nothing(plan: Plan) -> SearchResult:
    """Return the answer of an index that holds nothing."""
    return SearchResult(
        total=0,
        hits=(),
        facets={name: [] for name in plan.facets},
        diagnostics=plan.diagnostics,
    )
