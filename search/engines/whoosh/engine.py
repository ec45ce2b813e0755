"""Reading a Whoosh index."""

import threading
from collections.abc import Mapping
from pathlib import Path

from search.api import SearchRequest, SearchResult, Sort
from search.engines.folders import layout_folder, made_anew, remove_other_layouts
from search.engines.plan import Plan, nothing, ordered, planned, shown
from search.engines.whoosh import bits
from search.engines.whoosh.dictionary import WhooshDictionary
from search.engines.whoosh.evaluate import Evaluator
from search.engines.whoosh.library import create_in
from search.engines.whoosh.schema import RECORD, schema
from search.engines.whoosh.views import View, Viewer, opened
from search.engines.whoosh.writer import WhooshWriter
from search.paging import next_cursor, title_number
from search.query import parse
from search.query.tree import leaves
from search.suggest import suggestion


class WhooshEngine:
    """An index on disk. Threads take turns: Whoosh's readers keep places in files."""

    name = "whoosh"

    def __init__(self, folder: Path) -> None:
        self._folder = layout_folder(folder, self.name)
        self._lock = threading.RLock()
        self._viewer = Viewer(self._folder)

    def search(self, request: SearchRequest) -> SearchResult:
        """Answer a question."""
        with self._lock:
            view = self._viewer.newest()
            plan = planned(request, view.table.facets.get("language", {}) if view else ())
            return _Search(view, plan).run() if view else nothing(plan)

    def position(self) -> int:
        """Return the journal position of the last commit, 0 for an empty index."""
        with self._lock:
            view = self._viewer.newest()
            return view.position if view else 0

    def writer(self) -> WhooshWriter:
        """Return the writer; an index that cannot be read is made anew."""
        remove_other_layouts(self._folder)
        with self._lock:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if self._viewer.newest() is None:
                self._make_anew()
        return WhooshWriter(opened(self._folder))

    def clear(self) -> None:
        """Empty the index and set its position to 0."""
        self.writer().close()  # refused while there is another writer
        with self._lock:
            self._make_anew()

    def close(self) -> None:
        """Release files."""
        with self._lock:
            self._viewer.close()

    def _make_anew(self) -> None:
        self._viewer.close()
        made_anew(self._folder)
        create_in(str(self._folder), schema())


class _Search:
    """One request on one state of the index."""

    def __init__(self, view: View, plan: Plan) -> None:
        self._view = view
        self._plan = plan
        self._evaluator = Evaluator(view.searcher, view.table, plan.languages)

    def run(self) -> SearchResult:
        plan, table = self._plan, self._view.table
        text = self._evaluator.found(plan.tree)
        fixed = text & self._fixed()
        chosen = {name: table.with_codes(name, codes) for name, codes in plan.filters.items()}
        found = _all(fixed, chosen)
        total = found.bit_count()
        page, cursor = self._page(found)
        return SearchResult(
            total=total,
            hits=shown([(self._score(number), self._record(number)) for number in page], plan),
            facets=self._facets(fixed, chosen),
            next=cursor,
            diagnostics=plan.diagnostics,
            suggestion="" if total else self._suggestion(chosen),
        )

    def _fixed(self) -> int:
        """Return the records that fit what is wanted besides the text and the filters."""
        plan, table = self._plan, self._view.table
        found = table.records
        for relation, uris in plan.links.items():
            found &= table.linked(relation, uris)
        if plan.request.area is not None:
            found &= table.within(plan.request.area)
        return found

    def _page(self, found: int) -> tuple[list[int], str]:
        plan, place, table = self._plan, self._plan.place, self._view.table
        numbers = list(bits.numbers(found))
        match plan.sort:
            case Sort.RELEVANCE:
                score = self._evaluator.score
                numbers.sort(key=lambda number: (-score(number), table.when[number]))
                keys = [0] * len(numbers)
            case Sort.TITLE:
                numbers.sort(key=table.titles.__getitem__)
                keys = [title_number(table.titles[number]) for number in numbers]
            case _:
                numbers.sort(key=table.when.__getitem__, reverse=plan.sort is Sort.NEWEST)
                keys = [table.when[number] for number in numbers]
        start = place.skip
        if place.key is not None:
            behind = [
                key <= place.key if plan.sort is Sort.NEWEST else key >= place.key for key in keys
            ]
            start += behind.index(True) if True in behind else len(keys)
        end = start + plan.limit
        cursor = next_cursor(plan.sort, place, keys[start:end], more=end < len(numbers))
        return numbers[start:end], cursor

    def _score(self, number: int) -> float:
        return self._evaluator.score(number) if self._plan.sort is Sort.RELEVANCE else 0.0

    def _record(self, number: int) -> bytes:
        data: bytes = self._view.searcher.reader().stored_fields(number)[RECORD]
        return data

    def _facets(self, fixed: int, chosen: Mapping[str, int]) -> Mapping[str, list[tuple[str, int]]]:
        """Count the facets, each as if nothing were chosen in it."""
        counted = {}
        for name in self._plan.facets:
            others = {facet: held for facet, held in chosen.items() if facet != name}
            found = _all(fixed, others)
            counted[name] = ordered(
                (
                    (code, (held & found).bit_count())
                    for code, held in self._view.table.facets.get(name, {}).items()
                ),
                self._plan.facet_size,
            )
        return counted

    def _suggestion(self, chosen: Mapping[str, int]) -> str:
        fixed = _all(self._fixed(), chosen)

        def hits(text: str) -> int:
            tree, _ = parse(text)
            return (self._evaluator.found(tree) & fixed).bit_count()

        plan = self._plan
        dictionary = WhooshDictionary(self._view.searcher, self._evaluator)
        return suggestion(plan.request.text, leaves(plan.tree), dictionary, hits)


def _all(found: int, chosen: Mapping[str, int]) -> int:
    for held in chosen.values():
        found &= held
    return found
