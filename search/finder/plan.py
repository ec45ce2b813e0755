"""A request, read: what it says within the bounds of what is answered."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from search.analysis.stems import has_stemmer
from search.api import CHOICES, FRESH, MAX_URIS, RELATIONS, Diagnostic, SearchRequest, Sort
from search.countries import LANGUAGES
from search.finder.lower import URI, linked, since, tagged
from search.index_query import Exact, IndexQuery, Inside, Some
from search.paging import Place, limit_of, place_of
from search.query import parse
from search.query.terms import base
from search.query.tree import Node, scores

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
        fixed: what is wanted besides words and facets.
        filters: what is wanted in each facet in which something was chosen.
        sort: the order that makes sense: without words to weigh, relevance is "newest".
        place: where the page begins.
        limit: hits wanted.
        facets: known facets to count.
        facet_size: most values per facet.
        now: seconds since 1970 that count as today.
    """

    request: SearchRequest
    tree: Node
    diagnostics: Sequence[Diagnostic]
    languages: tuple[str, ...]
    fixed: tuple[IndexQuery, ...]
    filters: Mapping[str, IndexQuery]
    sort: Sort
    place: Place
    limit: int
    facets: tuple[str, ...]
    facet_size: int
    now: int


def planned(request: SearchRequest, indexed: Iterable[str]) -> Plan:
    """Read a request.

    Args:
        request: the request.
        indexed: codes of the languages that the index holds.
    """
    tree, diagnostics = parse(request.text)
    sort = request.sort
    if sort is Sort.RELEVANCE and not (scores(tree) or request.like):
        sort = Sort.NEWEST
    now = int(time.time()) if request.now is None else request.now
    return Plan(
        request=request,
        tree=tree,
        diagnostics=diagnostics,
        languages=_languages(request, indexed),
        fixed=tuple(_fixed(request)),
        filters=dict(_filters(request, now)),
        sort=sort,
        place=place_of(request, sort),
        limit=limit_of(request),
        facets=tuple(name for name in CHOICES if name in request.facets),
        facet_size=min(max(request.facet_size, 1), MAX_FACET_SIZE),
        now=now,
    )


def _filters(request: SearchRequest, now: int) -> Iterable[tuple[str, IndexQuery]]:
    for name, codes in _chosen(request.filters, CHOICES, MAX_CHOSEN).items():
        if name != "fresh":
            yield name, tagged(name, codes)
        elif days := [days for code, days in FRESH if code in codes]:
            yield name, since(now, max(days))
        else:
            yield name, Some(())


def _fixed(request: SearchRequest) -> Iterable[IndexQuery]:
    for relation, uris in _chosen(request.links, RELATIONS, MAX_URIS).items():
        yield linked(relation, uris)
    if request.uris:
        yield Exact(URI, tuple(dict.fromkeys(request.uris))[:MAX_URIS])
    if request.area is not None:
        yield Inside(request.area)


def _languages(request: SearchRequest, indexed: Iterable[str]) -> tuple[str, ...]:
    named = [base(language) for language in request.languages]
    wanted = named or [*LANGUAGES, *sorted(base(language) for language in indexed)]
    return tuple(language for language in dict.fromkeys(wanted) if has_stemmer(language))


def _chosen(
    choices: Mapping[str, Sequence[str]], known: Sequence[str], most: int
) -> dict[str, tuple[str, ...]]:
    return {
        name: tuple(dict.fromkeys(str(value) for value in values))[:most]
        for name, values in choices.items()
        if name in known and values
    }
