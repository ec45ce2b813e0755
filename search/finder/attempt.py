"""Looking for a tree: what is asked of the index, and the page that is made of its answers."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Final

from search.api import FRESH, MAX_OFFSET, SearchResult, Sort
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
_LANGUAGES: Final = 8
"""Languages whose records are mixed: those in which the query has a name, and the reader's."""


class Attempt:
    """One tree on one state of an index."""

    def __init__(self, view: View, plan: Plan, tree: Node) -> None:
        self._view = view
        self._plan = plan
        self._tree = tree
        lowering = Lowering(plan.languages)
        self._words = lowering.query(tree)
        self._expansions = lowering.expansions
        self._boosts = boosts(plan.now) if plan.sort is Sort.RELEVANCE else []

    def total(self) -> int:
        """Return the number of records that fit."""
        (answer,) = self._view.answer([Ask(self._query(), total=True)])
        return answer.total

    def result(self) -> SearchResult:
        """Return the page that was asked for."""
        plan = self._plan
        mixing = plan.sort is Sort.RELEVANCE and (self._expansions or plan.request.collapse)
        asks = self._mixed_asks() if mixing else [self._page_ask()]
        pages, counts = len(asks), self._counting_asks()
        answers = self._view.answer(asks + counts)
        main = answers[0]
        counted = {name: found for answer in answers for name, found in answer.facets.items()}
        if _FRESH in plan.facets:
            last = answers[len(answers) - len(FRESH) :]
            counted[_FRESH] = {code: one.total for (code, _), one in zip(FRESH, last, strict=True)}
        under: Mapping[Hashable, list[Row]] = {}
        if mixing:
            order, under = self._order(answers[:pages])
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

    def _query(self, ignoring: str = "", *, also: Sequence[IndexQuery] = ()) -> IndexQuery:
        """Return the whole question, or the one that ignores what was chosen in one facet."""
        chosen = [query for name, query in self._plan.filters.items() if name != ignoring]
        # Only the order is changed by what is optional: counting does without.
        weights = () if ignoring else tuple(weighed(boost) for boost in self._boosts)
        return All((*self._fixed, *chosen, *also), weights)

    def _page_ask(self) -> Ask:
        plan = self._plan
        return Ask(
            self._query(),
            sort=plan.sort,
            limit=plan.limit + 1,
            skip=plan.place.skip,
            after=plan.place.key,
            facets=self._unchosen,
            total=True,
        )

    def _counting_asks(self) -> list[Ask]:
        """Ask for each facet in which something is chosen, then for each period."""
        plan = self._plan
        asks = [
            Ask(self._query(ignoring=name), facets=(name,))
            for name in plan.facets
            if name in plan.filters and name != _FRESH
        ]
        if _FRESH in plan.facets:
            asks += [
                Ask(self._query(ignoring=_FRESH, also=(since(plan.now, days),)), total=True)
                for _, days in FRESH
            ]
        return asks

    @property
    def _unchosen(self) -> tuple[str, ...]:
        plan = self._plan
        return tuple(one for one in plan.facets if one not in plan.filters and one != _FRESH)

    # -- mixing languages, families under their first --------------------------------------

    @cached_property
    def _mixed_languages(self) -> list[tuple[str, float]]:
        """Return the languages whose records are mixed, with the weight of each."""
        own = {language for one in self._expansions for language in one.languages}
        own.add(self._plan.request.reader)
        named = {name.language for one in self._expansions for name in one.names}
        known = [one for one in self._view.languages if one in own or one in named]
        return [(one, OWN if one in own else OTHER) for one in known[:_LANGUAGES]]

    def _mixed_asks(self) -> list[Ask]:
        asks = [Ask(self._query(), limit=DEPTH, facets=self._unchosen, total=True)]
        if self._expansions:
            asks += [
                Ask(self._query(also=(tagged("language", (language,)),)), limit=DEPTH)
                for language, _ in self._mixed_languages
            ]
        return asks

    def _order(self, answers: Sequence[Answer]) -> tuple[list[Row], Mapping[Hashable, list[Row]]]:
        """Return the first records in their order, and those that are listed under them."""
        main, *others = answers
        if others:
            weights = [weight for _, weight in self._mixed_languages]
            lists = [(w, answer.rows) for w, answer in zip(weights, others, strict=True)]
            rows = mixed([*lists, (REST, main.rows)])
        else:
            rows = list(main.rows)
        if not self._plan.request.collapse:
            return rows, {}
        return collapsed(rows, self._view.families([row.handle for row in rows]))

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
