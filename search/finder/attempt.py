"""Looking for a tree: what is asked of the index, and the page that is made of its answers."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Final

from search.api import FRESH, MAX_OFFSET, SearchResult, Sort
from search.document import tongues
from search.finder.boosts import boosts, weighed
from search.finder.fuse import DEPTH, OTHER, OWN, REST, collapsed, mixed
from search.finder.hits import Looked, hits_of
from search.finder.lower import URI, Lowering, since, tagged
from search.finder.plan import Plan
from search.finder.similar import alike
from search.index_query import All, Exact, IndexQuery, Without
from search.paging import next_cursor
from search.query.tree import Everything, Node
from search.view import Answer, Ask, Row, View

_FRESH: Final = "fresh"
_FEW: Final = 4
_LANGUAGES: Final = 8
"""Languages whose records are mixed: those in which the query has a name, and the reader's."""


class Attempt:
    """One tree on one state of an index."""

    def __init__(self, view: View, plan: Plan, tree: Node) -> None:
        self._view = view
        self._plan = plan
        self._tree = tree
        lowering = Lowering(plan.languages, names=plan.request.names)
        self._words = lowering.query(tree)
        self._expansions = lowering.expansions
        self._boosts = boosts(plan.now) if plan.sort is Sort.RELEVANCE else []

    def total(self) -> int:
        """Return the number of records that fit."""
        (answer,) = self._view.answer([Ask(self._unweighed(), total=True)])
        return answer.total

    def result(self) -> SearchResult:
        """Return the page that was asked for."""
        plan = self._plan
        mixing = plan.sort is Sort.RELEVANCE and (self._expansions or plan.request.collapse)
        page_ask = Ask(self._query(), limit=DEPTH) if mixing else self._page_ask()
        main, count, *others = self._view.answer([page_ask, *self._counting_asks()])
        main, answers = replace(main, total=count.total), (count, *others)
        counted = {name: found for answer in answers for name, found in answer.facets.items()}
        newest = next((answer.since for answer in answers if answer.since), ())
        counted[_FRESH] = {code: n for (code, _), n in zip(FRESH, newest, strict=False)}
        under: Mapping[Hashable, list[Row]] = {}
        if mixing:
            order, under = self._order(main)
            page, listed, cursor = self._mixed_page(main, order, under)
        else:
            page, listed = list(main.rows[: plan.limit]), main.total
            more = len(main.rows) > plan.limit
            cursor = next_cursor(plan.sort, plan.place, [row.key for row in page], more=more)
        return SearchResult(
            total=main.total,
            listed=listed,
            hits=hits_of(self._looked, page, under),
            facets={name: _ordered(counted[name].items(), plan.facet_size) for name in plan.facets},
            next=cursor,
            diagnostics=plan.diagnostics,
        )

    @property
    def _looked(self) -> Looked:
        return Looked(self._view, self._plan, self._tree, self._expansions, self._boosts)

    # -- what is asked ---------------------------------------------------------------------

    @cached_property
    def _fixed(self) -> tuple[IndexQuery, ...]:
        """What is wanted besides the facets."""
        like = self._plan.request.like
        parts = [] if like and isinstance(self._tree, Everything) else [self._words]
        if like:
            parts += [alike(self._view, like), Without(Exact(URI, (like,)))]
        return (*parts, *self._plan.fixed)

    def _query(self) -> IndexQuery:
        """Return the whole question."""
        return All((*self._fixed, *self._plan.filters.values()), self._weights)

    def _unweighed(self, ignoring: str = "") -> IndexQuery:
        """Return what to count: the question without what only changes the order.

        Args:
            ignoring: a facet in which whatever was chosen does not count.
        """
        chosen = [query for name, query in self._plan.filters.items() if name != ignoring]
        return All((*self._fixed, *chosen))

    @cached_property
    def _weights(self) -> tuple[IndexQuery, ...]:
        return tuple(weighed(boost) for boost in self._boosts)

    def _page_ask(self) -> Ask:
        plan = self._plan
        return Ask(
            self._query(),
            sort=plan.sort,
            limit=plan.limit + 1,
            skip=plan.place.skip,
            after=plan.place.key,
        )

    def _counting_asks(self) -> list[Ask]:
        """Ask for the total with all facets in which nothing is chosen, then for each other one."""
        plan = self._plan
        fresh = _FRESH in plan.facets
        chosen = [name for name in plan.facets if name in plan.filters and name != _FRESH]
        others = [name for name in plan.facets if name not in plan.filters and name != _FRESH]
        since = self._periods if fresh and _FRESH not in plan.filters else ()
        asks = [Ask(self._unweighed(), facets=others, since=since, total=True)]
        asks += [Ask(self._unweighed(ignoring=name), facets=(name,)) for name in chosen]
        if fresh and not since:
            asks.append(Ask(self._unweighed(ignoring=_FRESH), since=self._periods))
        return asks

    @property
    def _periods(self) -> tuple[int, ...]:
        return tuple(since(self._plan.now, days).low or 0 for _, days in FRESH)

    # -- mixing languages, families under their first --------------------------------------

    @cached_property
    def _mixed_languages(self) -> list[tuple[str, float]]:
        """Return the languages whose records are mixed, with the weight of each."""
        own = {language for one in self._expansions for language in one.languages}
        own.add(self._plan.request.reader)
        named = {name.language for one in self._expansions for name in one.names}
        known = [one for one in self._view.languages if one in own or one in named]
        return [(one, OWN if one in own else OTHER) for one in known[:_LANGUAGES]]

    def _in(self, language: str) -> IndexQuery:
        """Return the question to the records of one language: names of others are left out."""
        words = Lowering(self._plan.languages, only=language).query(self._tree)
        fixed = (words, *self._fixed[1:]) if self._fixed[0] is self._words else self._fixed
        chosen = (*self._plan.filters.values(), tagged("language", (language,)))
        return All((*fixed, *chosen), self._weights)

    def _order(self, main: Answer) -> tuple[list[Row], Mapping[Hashable, list[Row]]]:
        """Return the first records in their order, and those that are listed under them."""
        rows = mixed(self._lists(main)) if self._expansions else list(main.rows)
        if not self._plan.request.collapse:
            return rows, {}
        return collapsed(rows, self._view.column("family", [row.handle for row in rows]))

    def _lists(self, main: Answer) -> list[tuple[float, Sequence[Row]]]:
        """Return the best records of each language, and of all together.

        Most are among the best of all. A language that has hardly any there is asked for alone.
        """
        spoken = self._view.column("tongues", [row.handle for row in main.rows])
        lists: dict[str, tuple[float, Sequence[Row]]] = {}
        for language, weight in self._mixed_languages:
            bits = tongues([language])
            rows = [row for row, said in zip(main.rows, spoken, strict=True) if said & bits]
            lists[language] = weight, rows
        rare = [name for name, (_, rows) in lists.items() if len(rows) < _FEW]
        if rare and main.total > len(main.rows):
            asks = [Ask(self._in(language), limit=_FEW) for language in rare]
            for language, answer in zip(rare, self._view.answer(asks), strict=True):
                lists[language] = lists[language][0], answer.rows
        return [*lists.values(), (REST, main.rows)]

    def _mixed_page(
        self, main: Answer, order: list[Row], under: Mapping[Hashable, list[Row]]
    ) -> tuple[list[Row], int, str]:
        """Return the rows of the page, the number of all rows, and the cursor of the next page."""
        plan = self._plan
        start, end = plan.place.skip, plan.place.skip + plan.limit
        hidden = sum(map(len, under.values()))
        listed = main.total - hidden
        page = order[start:end]
        if end > len(order) and listed > len(order):
            seen = {row.handle for row in order}
            seen |= {row.handle for rows in under.values() for row in rows}
            behind = self._behind(seen, end - len(order))
            page += behind[max(0, start - len(order)) :]
        reached = start + len(page)
        more = reached < min(listed, MAX_OFFSET)
        return page, listed, next_cursor(plan.sort, plan.place, [0] * len(page), more=more)

    def _behind(self, seen: set[Hashable], wanted: int) -> list[Row]:
        """Return rows that rank behind the mixed ones, by score."""
        (answer,) = self._view.answer([Ask(self._query(), limit=len(seen) + wanted)])
        return [row for row in answer.rows if row.handle not in seen][:wanted]


def _ordered(counts: Iterable[tuple[str, int]], size: int) -> list[tuple[str, int]]:
    """Return the counts of a facet, the largest first, equal ones by code, the empty ones not."""
    return sorted(
        ((code, count) for code, count in counts if count), key=lambda pair: (-pair[1], pair[0])
    )[:size]
