"""Reading a tantivy index."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import tantivy

from search.api import IndexBusyError, SearchRequest, SearchResult, Sort
from search.engines.folders import layout_folder, made_anew, remove_other_layouts
from search.engines.plan import Plan, nothing, ordered, planned, shown
from search.engines.tantivy import schema as names
from search.engines.tantivy.compile import Compiler, all_of
from search.engines.tantivy.dictionary import TantivyDictionary
from search.engines.tantivy.library import count, stored_of
from search.engines.tantivy.writer import TantivyWriter
from search.paging import next_cursor, title_number
from search.query import parse
from search.query.tree import leaves
from search.suggest import suggestion

_COUNTED_VALUES: Final = 5_000
"""Values counted per facet, more than are shown, so that equal counts are cut by code."""

_SORT_FIELDS: Final = {
    Sort.NEWEST: (names.WHEN, tantivy.Order.Desc),
    Sort.OLDEST: (names.WHEN, tantivy.Order.Asc),
    Sort.TITLE: (names.TITLE_KEY, tantivy.Order.Asc),
}


@dataclass(frozen=True, slots=True)
class _View:
    """One committed state of the index."""

    searcher: tantivy.Searcher
    position: int
    languages: tuple[str, ...]


class TantivyEngine:
    """An index on disk; any number of readers in any processes, one writer."""

    name = "tantivy"

    def __init__(self, folder: Path) -> None:
        self._folder = layout_folder(folder, self.name)
        self._lock = threading.Lock()
        self._index: tantivy.Index | None = None
        self._seen: tuple[int, ...] = ()
        self._current: _View | None = None

    def search(self, request: SearchRequest) -> SearchResult:
        """Answer a question."""
        view = self._view()
        plan = planned(request, view.languages if view else ())
        return _Search(view.searcher, plan).run() if view else nothing(plan)

    def position(self) -> int:
        """Return the journal position of the last commit, 0 for an empty index."""
        view = self._view()
        return view.position if view else 0

    def writer(self) -> TantivyWriter:
        """Return the writer; an index that cannot be read is made anew."""
        remove_other_layouts(self._folder)
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            index = tantivy.Index(names.schema(), str(self._folder))
        except ValueError:  # torn, or made by another version of the library
            made_anew(self._folder)
            index = tantivy.Index(names.schema(), str(self._folder))
        try:
            return TantivyWriter(index)
        except ValueError as error:
            if "lock" in str(error).lower():
                raise IndexBusyError("another process writes this index") from error
            raise

    def clear(self) -> None:
        """Empty the index and set its position to 0."""
        writer = self.writer()
        try:
            writer.clear()
        finally:
            writer.close()

    def close(self) -> None:
        """Release files and threads."""
        with self._lock:
            self._index = self._current = None
            self._seen = ()

    def _view(self) -> _View | None:
        """Return the newest committed state, None when there is none.

        One look at a file's date per query finds commits of other processes.
        """
        try:
            found = (self._folder / "meta.json").stat()
        except FileNotFoundError:
            return None
        stamp = (found.st_ino, found.st_mtime_ns, found.st_size)
        with self._lock:
            if stamp != self._seen:
                self._current = self._opened()
                self._seen = stamp
            return self._current

    def _opened(self) -> _View | None:
        try:
            if self._index is None:
                self._index = tantivy.Index.open(str(self._folder))
                self._index.config_reader("manual")
            self._index.reload()
            searcher = self._index.searcher()
        except ValueError:  # unreadable: as good as empty, the writer makes it anew
            self._index = None
            return None
        return _View(searcher, _position(searcher), _languages(searcher))


def _position(searcher: tantivy.Searcher) -> int:
    query = tantivy.Query.term_query(names.schema(), names.URI, names.POSITION_URI)
    for _, address in searcher.search(query, 1, count=False).hits:
        position: int = searcher.doc(address).get_first(names.POSITION) or 0
        return position
    return 0


def _languages(searcher: tantivy.Searcher) -> tuple[str, ...]:
    terms = searcher.terms_with_prefix(names.facet_field("language"), "", limit=64)
    return tuple(sorted(code for code, _ in terms))


class _Search:
    """One request on one state of the index."""

    def __init__(self, searcher: tantivy.Searcher, plan: Plan) -> None:
        self._searcher = searcher
        self._plan = plan
        self._compiler = Compiler(searcher, plan.languages)
        self._fixed = self._fixed_parts()
        self._filters = {
            name: self._compiler.any_term(names.facet_field(name), codes)
            for name, codes in plan.filters.items()
        }

    def run(self) -> SearchResult:
        plan = self._plan
        query = self._query()
        total = count(self._searcher, query)
        addresses, cursor = self._page(query)
        stored = [(score, stored_of(self._searcher, address)) for score, address in addresses]
        return SearchResult(
            total=total,
            hits=shown(stored, plan),
            facets=self._facets(),
            next=cursor,
            diagnostics=plan.diagnostics,
            suggestion="" if total else self._suggestion(),
        )

    def _fixed_parts(self) -> list[tantivy.Query]:
        """Return what is wanted besides the filters."""
        plan, compiler = self._plan, self._compiler
        parts = [compiler.node(plan.tree)]
        parts += [compiler.linked(relation, uris) for relation, uris in plan.links.items()]
        if plan.request.area is not None:
            parts.append(compiler.within(plan.request.area))
        return parts

    def _query(self, ignoring: str = "") -> tantivy.Query:
        """Return the whole query, or the one that ignores what was chosen in one facet."""
        chosen = [query for name, query in self._filters.items() if name != ignoring]
        return all_of([*self._fixed, *chosen])

    def _page(self, query: tantivy.Query) -> tuple[list[tuple[float, tantivy.DocAddress]], str]:
        plan, place = self._plan, self._plan.place
        options: dict[str, Any] = {"count": False, "offset": place.skip}
        if plan.sort is not Sort.RELEVANCE:
            field, order = _SORT_FIELDS[plan.sort]
            options |= {"order_by_field": field, "order": order}
            if place.key is not None:
                number = names.TITLE_NUMBER if plan.sort is Sort.TITLE else field
                rising = plan.sort is not Sort.NEWEST
                query = all_of([query, self._compiler.from_key(number, place.key, rising=rising)])
        found = self._searcher.search(query, plan.limit + 1, **options).hits
        page = found[: plan.limit]
        keys = [_number(plan.sort, key) for key, _ in page]
        cursor = next_cursor(plan.sort, place, keys, more=len(found) > len(page))
        by_score = plan.sort is Sort.RELEVANCE
        return [(float(key) if by_score else 0.0, address) for key, address in page], cursor

    def _facets(self) -> Mapping[str, list[tuple[str, int]]]:
        """Count the facets: in one pass those in which nothing is chosen, then each other one."""
        wanted = self._plan.facets
        counted = self._counts(
            self._query(), [name for name in wanted if name not in self._filters]
        )
        for name in wanted:
            if name in self._filters:
                counted |= self._counts(self._query(ignoring=name), [name])
        return {name: counted[name] for name in wanted}

    def _counts(self, query: tantivy.Query, facets: list[str]) -> dict[str, list[tuple[str, int]]]:
        if not facets:
            return {}
        found = self._searcher.aggregate(
            query,
            {
                name: {"terms": {"field": names.facet_field(name), "size": _COUNTED_VALUES}}
                for name in facets
            },
        )
        return {
            name: ordered(
                ((bucket["key"], bucket["doc_count"]) for bucket in found[name]["buckets"]),
                self._plan.facet_size,
            )
            for name in facets
        }

    def _suggestion(self) -> str:
        plan = self._plan
        dictionary = TantivyDictionary(self._searcher, self._compiler)
        return suggestion(plan.request.text, leaves(plan.tree), dictionary, self._hits_of)

    def _hits_of(self, text: str) -> int:
        tree, _ = parse(text)
        query = all_of([self._compiler.node(tree), *self._fixed[1:], *self._filters.values()])
        return count(self._searcher, query)


def _number(sort: Sort, key: Any) -> int:
    match sort:
        case Sort.RELEVANCE:
            return 0
        case Sort.TITLE:
            return title_number(key)
        case _:
            return int(key)
