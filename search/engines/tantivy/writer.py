"""Writing a tantivy index: one long-lived writer, commits in batches."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Final

import tantivy

from search.api import SearchEntry
from search.document import family_number, prepared, tongues
from search.engines.tantivy import schema as names
from search.finder.lower import facet_field
from search.geo import point_key
from search.paging import time_key, title_key, title_number
from search.query.terms import twin

MEMORY_BYTES: Final = 48_000_000
"""What uncommitted entries may take before they are written to disk."""

_COMMITS_BETWEEN_CLEANINGS: Final = 10


class TantivyWriter:
    """The writer of an index.

    It must live long: opening a writer for every change leaves hundreds of files behind. One
    thread, because the analysis that feeds it runs in one.
    """

    def __init__(self, index: tantivy.Index) -> None:
        self._index = index
        self._writer = index.writer(heap_size=MEMORY_BYTES, num_threads=1)
        self._writer.garbage_collect_files()  # what the last writer's merges left behind
        self._commits = 0
        self._closed = False

    def upsert(self, entries: Iterable[SearchEntry]) -> None:
        """Add entries, each replacing an earlier one with the same URI."""
        writer = self._writer
        for entry in entries:
            writer.delete_documents_by_term(names.URI, entry.uri)
            writer.add_document(document(entry))

    def delete(self, uris: Iterable[str]) -> None:
        """Remove records."""
        for uri in uris:
            self._writer.delete_documents_by_term(names.URI, uri)

    def commit(self, position: int) -> None:
        """Make everything so far durable and visible, together with the position."""
        mark = tantivy.Document()
        mark.add_text(names.URI, names.POSITION_URI)
        mark.add_unsigned(names.POSITION, position)
        self._writer.delete_documents_by_term(names.URI, names.POSITION_URI)
        self._writer.add_document(mark)
        self._writer.commit()
        self._commits += 1
        if self._commits % _COMMITS_BETWEEN_CLEANINGS == 0:
            self._writer.garbage_collect_files()

    def clear(self) -> None:
        """Remove everything and set the position to 0."""
        self._writer.delete_all_documents()
        self.commit(0)

    def close(self) -> None:
        """Give up the writer; what was not committed is lost. Waits for merges under way."""
        if not self._closed:
            self._closed = True
            with suppress(ValueError):  # a writer that failed has nothing to roll back
                self._writer.rollback()
            self._writer.wait_merging_threads()
            with suppress(ValueError):  # somebody else writes already, and will clean up
                cleaner = self._index.writer(heap_size=MEMORY_BYTES, num_threads=1)
                cleaner.garbage_collect_files()  # what those merges left behind
                cleaner.wait_merging_threads()


def document(entry: SearchEntry) -> tantivy.Document:
    """Return the tantivy document of an entry; field by field, which is the quickest way."""
    ready = prepared(entry)
    made = tantivy.Document()
    add = made.add_text
    add(names.URI, entry.uri)
    for field, text in ready.exact.items():
        if text:
            add(field, text)
            add(twin(field), ready.stems[field])
    for facet, codes in entry.facets.items():
        field = facet_field(facet)
        for code in codes:
            add(field, code)
    for link in ready.links:
        add(names.LINKS, link)
    title = title_key(ready.title_key, entry.uri)
    add(names.TITLE_KEY, title)
    made.add_unsigned(names.TITLE_NUMBER, title_number(title))
    made.add_unsigned(names.WHEN, time_key(entry.modified, entry.uri))
    if entry.started is not None:
        made.add_integer(names.STARTED, entry.started)
    if entry.population is not None:
        made.add_integer(names.POPULATION, entry.population)
    made.add_unsigned(names.FAMILY, family_number(entry.family))
    made.add_unsigned(names.TONGUES, tongues(entry.title))
    if entry.latitude is not None and entry.longitude is not None:
        made.add_float(names.LATITUDE, entry.latitude)
        made.add_float(names.LONGITUDE, entry.longitude)
        add(names.POINT, point_key(entry.latitude, entry.longitude))
    made.add_bytes(names.STORED, ready.stored)
    return made
