"""Families of practices: who was adapted from whom, as far as this node knows.

An adaptation names its source, never the other way round. So when an adaptation comes or goes, its
source is indexed anew too: it is found as "adapted in 3 places", and the family is listed together.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import orjson

from federation.journal.journal import Journal
from federation.records import Entry, EntryState
from search.analysis.fold import fold
from search.api import MAX_URIS, SearchEngine, SearchRequest, Sort
from search.entry import Family
from search.values import addresses, mapping, string, texts

_DEEP: Final = 10
"""Generations that are followed; a ring of records that name each other ends there."""

_MOST: Final = 1_000
"""Records that are indexed anew because of one batch, beside the batch itself."""

_PAGE: Final = 200
_NOT_DONE: Final = frozenset({"interested", "planning"})


class Families:
    """What a batch of entries changes in families, before it is written to an index."""

    def __init__(self, journal: Journal, engine: SearchEngine, batch: Sequence[Entry]) -> None:
        """Look at a batch.

        Args:
            journal: holds the records.
            engine: of the index that the batch is about to be written to.
            batch: newest entries of some records.
        """
        self._journal = journal
        self._engine = engine
        self._documents = {entry.uri: _document(entry) for entry in batch}
        self._uris = self._documents.keys()
        self._adapters: dict[str, dict[str, str]] = {}
        self._touched: dict[str, None] = {}
        self._look()

    def touched(self) -> list[Entry]:
        """Return entries that are not in the batch but have to be indexed anew with it."""
        found = (self._journal.current(uri) for uri in [*self._touched][:_MOST])
        return [entry for entry in found if entry is not None]

    def of(self, uri: str, document: Mapping[str, Any]) -> Family:
        """Return what is known of the family of a record of the batch or a touched one."""
        adapters = self._adapters.get(uri, {})
        elsewhere = {where for where in adapters.values() if where} - {where(document)}
        first = self._first(uri, document)
        if first == uri and not adapters:
            first = ""
        return Family(first, len(elsewhere))

    def _look(self) -> None:
        sources: set[str] = set()
        for uri, document in self._documents.items():
            for source in _sources(document):
                self._adapters.setdefault(source, {})[uri] = where(document)
                sources.add(source)
        for _, card in self._cards(uris=[*self._uris], filters={"type": ("Adaptation",)}):
            sources.update(addresses(card.get("adaptedFrom")))  # what it named until now
        self._touched.update(dict.fromkeys(sorted(sources - self._uris)))
        self._note_adapters([*self._uris, *self._touched])
        self._touch_descendants([uri for uri, one in self._documents.items() if _sources(one)])

    def _note_adapters(self, uris: Sequence[str]) -> None:
        for uri, card in self._adapting(uris):
            if uri not in self._uris:
                for source in addresses(card.get("adaptedFrom")):
                    self._adapters.setdefault(source, {})[uri] = where(card)

    def _touch_descendants(self, moved: Sequence[str]) -> None:
        """Index those anew that were adapted from an adaptation: their family may be another."""
        for _generation in range(_DEEP):
            if not moved or len(self._touched) > _MOST:
                return
            found = [uri for uri, _ in self._adapting(moved)]
            moved = [one for one in found if one not in self._uris and one not in self._touched]
            self._touched.update(dict.fromkeys(moved))
            self._note_adapters(moved)

    def _adapting(self, uris: Sequence[str]) -> Iterable[tuple[str, Mapping[str, Any]]]:
        """Yield (URI, card) of indexed records that were adapted from one of these."""
        for start in range(0, len(uris), MAX_URIS):
            yield from self._cards(links={"adapted_from": uris[start : start + MAX_URIS]})

    def _cards(self, **wanted: Any) -> Iterable[tuple[str, Mapping[str, Any]]]:
        """Yield (URI, card) of what the index holds now."""
        if not any(wanted.values()):
            return
        cursor, read = "", 0
        while read < _MOST:
            result = self._engine.search(
                SearchRequest(sort=Sort.OLDEST, limit=_PAGE, cursor=cursor, facets=(), **wanted)
            )
            for hit in result.hits:
                yield hit.uri, hit.card
            read += len(result.hits)
            cursor = result.next
            if not cursor:
                return

    def _first(self, uri: str, document: Mapping[str, Any]) -> str:
        """Return the practice that a record was adapted from in the end, itself if from none."""
        seen = {uri}
        for _generation in range(_DEEP):
            source = next(iter(_sources(document)), "")
            if not source or source in seen:
                break
            seen.add(source)
            uri = source
            held = None if source in self._documents else self._journal.current(source)
            document = self._documents.get(source) or (_document(held) if held else {})
        return uri


def _document(entry: Entry) -> dict[str, Any]:
    if entry.state is not EntryState.HELD or entry.type == "Tombstone":
        return {}
    found: dict[str, Any] = orjson.loads(entry.body)
    return found


def _sources(document: Mapping[str, Any]) -> list[str]:
    return addresses(document.get("adaptedFrom"))


def where(record: Mapping[str, Any]) -> str:
    """Return where something was done, by a record or its card; "" if it was not done yet.

    Two adaptations in one place count once; without a place it is whoever publishes.
    """
    if string(record.get("stage")) in _NOT_DONE:
        return ""
    place = mapping(record.get("place"))
    named = texts(place.get("name"))
    name = named.get("en") or next(iter(named.values()), "")
    if name:
        return f"{string(place.get('country'))} {fold(name)}"
    return next(iter(addresses(record.get("publisher"))), "")
