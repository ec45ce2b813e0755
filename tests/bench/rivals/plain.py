"""tantivy by itself, in this process: one text field, its own tokenizer, nothing around it.

This is the limit that no program built on it can pass. It folds no accents, stems nothing and
corrects nothing.
"""

from pathlib import Path
from typing import Any, Final

import tantivy

from tests.bench.rivals.program import Answer, Batch
from tests.bench.rivals.questions import (
    FACETS,
    FIRST,
    LAST,
    PHRASE,
    SIZE,
    TYPO,
    Question,
)

_TEXT: Final = "text"
_WHEN: Final = "modified"
_URI: Final = "uri"
_FLOAT: Final = tantivy.FieldType.Float


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field(_URI, stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("title", stored=True)
    builder.add_text_field("summary", stored=True)
    builder.add_text_field(_TEXT)
    for name in FACETS:
        builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_unsigned_field(_WHEN, fast=True)
    builder.add_float_field("latitude", fast=True)
    builder.add_float_field("longitude", fast=True)
    return builder.build()


class PlainIndex:
    """The index."""

    name = "plain tantivy"

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._folder = folder
        self.schema = _schema()
        self.index = tantivy.Index(self.schema, str(folder))
        self._writer = self.index.writer()

    def add(self, batch: Batch) -> None:
        """Index rows."""
        for row in batch.rows:
            made = tantivy.Document()
            made.add_text(_URI, row.uri)
            made.add_text("title", row.texts["title"])
            made.add_text("summary", row.texts["summary"])
            for text in row.texts.values():
                made.add_text(_TEXT, text)
            for name, codes in row.facets.items():
                for code in codes:
                    made.add_text(name, code)
            made.add_unsigned(_WHEN, row.modified)
            made.add_float("latitude", row.latitude)
            made.add_float("longitude", row.longitude)
            self._writer.add_document(made)

    def finish(self) -> None:
        """Commit, and wait until segments are merged."""
        self._writer.commit()
        self._writer.wait_merging_threads()
        self.index.reload()

    def megabytes(self) -> float:
        """Return the size of the index."""
        return sum(file.stat().st_size for file in self._folder.rglob("*") if file.is_file()) / 1e6


class Plain:
    """Asks the index: twenty titles and summaries, the total, the counts."""

    name = "plain tantivy"
    cannot: frozenset[str] = frozenset()

    def __init__(self, store: PlainIndex) -> None:
        self._schema = store.schema
        self._searcher = store.index.searcher()

    def prepare(self, question: Question) -> Question:
        """Return the question: making the query is part of answering."""
        return question

    def send(self, prepared: Question) -> tuple[int, Any]:
        """Ask."""
        query, searcher = self._query(prepared), self._searcher
        options: dict[str, Any] = {}
        if prepared.kind in (FIRST, LAST):
            options = {"order_by_field": _WHEN, "order": tantivy.Order.Desc}
        if prepared.kind == LAST:
            options["offset"] = searcher.num_docs - SIZE
        result: Any = searcher.search(query, SIZE, count=True, **options)
        for _, address in result.hits:
            searcher.doc(address).to_dict()
        counts = {}
        if prepared.facets:
            wanted = {name: {"terms": {"field": name, "size": 100}} for name in prepared.facets}
            counts = searcher.aggregate(query, wanted)
        return result.count, counts

    def read(self, raw: tuple[int, Any]) -> Answer:
        """Return what was said."""
        total, counts = raw
        return Answer(
            total,
            {
                name: {bucket["key"]: bucket["doc_count"] for bucket in found["buckets"]}
                for name, found in counts.items()
            },
        )

    def _query(self, question: Question) -> tantivy.Query:
        schema, made = self._schema, tantivy.Query
        if question.like >= 0:
            uri = made.term_query(schema, _URI, f"https://bench.example/practices/{question.like}")
            ((_, address),) = self._searcher.search(uri, 1).hits
            return made.more_like_this_query(address)
        if question.kind == PHRASE:
            return made.phrase_query(schema, _TEXT, list(question.words))
        if question.kind == TYPO:
            return made.fuzzy_term_query(schema, _TEXT, question.words[0])
        parts = [made.term_query(schema, _TEXT, word) for word in question.words]
        parts += [made.term_query(schema, name, code) for name, code in question.filters.items()]
        if question.box is not None:
            west, south, east, north = question.box
            parts.append(made.range_query(schema, "latitude", _FLOAT, south, north))
            parts.append(made.range_query(schema, "longitude", _FLOAT, west, east))
        if not parts:
            return made.all_query()
        if len(parts) == 1:
            return parts[0]
        return made.boolean_query([(tantivy.Occur.Must, part) for part in parts])
