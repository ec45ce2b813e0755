"""Lonja: a real node, asked over HTTP and in this process."""

import json
from urllib.parse import parse_qs, urlencode

from node.runtime import Runtime
from node.services.find import request_of
from node.services.question import read
from search.api import SearchRequest, SearchResult
from search.engines import open_engine
from search.entry import from_record
from tests.bench.rivals.program import Answer, Batch, Line
from tests.bench.rivals.questions import EXACT, FIRST, LAST, PHRASE, SIZE, Question
from tests.nodes import Node

BASE = "https://bench.example/practices/"


class LonjaIndex:
    """The node's index alone; the journal stays small, the search is the same."""

    name = "Lonja"

    def __init__(self, node: Node) -> None:
        self._folder = node.data / "index" / "tantivy"
        self._engine = open_engine("tantivy", self._folder)
        self._position = self._engine.position()
        self._writer = self._engine.writer()

    def add(self, batch: Batch) -> None:
        """Analyse and index the documents."""
        entries = (
            from_record(document, uri=row.uri, digest=f"z{row.number}", origin="did:web:bench")
            for document, row in zip(batch.documents, batch.rows, strict=True)
        )
        self._writer.upsert(entry for entry in entries if entry is not None)

    def finish(self) -> None:
        """Commit, and wait until segments are merged."""
        self._writer.commit(self._position)
        self._writer.close()
        self._engine.close()

    def megabytes(self) -> float:
        """Return the size of the index."""
        return sum(file.stat().st_size for file in self._folder.rglob("*") if file.is_file()) / 1e6


def query_of(question: Question, last: str = "") -> str:
    """Return a question as the query string of `/api/v1/search`.

    Args:
        question: the question.
        last: cursor of the last page.
    """
    words = " ".join(question.words)
    pairs = [("q", f'"{words}"' if question.kind in (EXACT, PHRASE) else words)] if words else []
    pairs += question.filters.items()
    if question.box is not None:
        pairs.append(("bbox", ",".join(map(str, question.box))))
    if question.like >= 0:
        pairs.append(("like", f"{BASE}{question.like}"))
    if question.kind in (FIRST, LAST):
        pairs.append(("sort", "newest"))
    if question.kind == LAST:
        pairs.append(("cursor", last))
    return urlencode([*pairs, ("facets", ",".join(question.facets)), ("limit", str(SIZE))])


class LonjaOverHttp:
    """`/api/v1/search` of a serving node."""

    name = "Lonja, HTTP"
    cannot: frozenset[str] = frozenset()

    def __init__(self, node: Node) -> None:
        self._line = Line(node.port)
        self.last = self._last_page()

    def prepare(self, question: Question) -> str:
        """Return the path to ask for."""
        return f"/api/v1/search?{query_of(question, self.last)}"

    def send(self, prepared: str) -> bytes:
        """Ask."""
        return self._line.get(prepared)

    def read(self, raw: bytes) -> Answer:
        """Return what was said."""
        said = json.loads(raw)
        counts = {
            name: {value["value"]: value["count"] for value in values}
            for name, values in said["facets"].items()
        }
        return Answer(said["total"], counts, (said["suggestion"] or "") * said["corrected"])

    def close(self) -> None:
        """Close the connection."""
        self._line.close()

    def _last_page(self) -> str:
        """Turn pages until the last one, as a program does, and return its cursor."""
        cursor = found = ""
        while True:
            pairs = {"sort": "newest", "facets": "", "limit": "200", "cursor": cursor}
            said = json.loads(self._line.get(f"/api/v1/search?{urlencode(pairs)}"))
            if not said["next"]:
                return found
            cursor = found = said["next"]


class LonjaInProcess:
    """The same requests to the engine, without web server, labels and JSON."""

    name = "Lonja, in process"
    cannot: frozenset[str] = frozenset()

    def __init__(self, runtime: Runtime, last: str) -> None:
        self._runtime = runtime
        self._last = last

    def prepare(self, question: Question) -> SearchRequest:
        """Return the request that the web layer would make."""
        parameters = parse_qs(query_of(question, self._last), keep_blank_values=True)
        asked, problems = read(parameters)
        assert not problems, problems
        request = request_of(self._runtime, asked, "en")
        assert request is not None
        return request

    def send(self, prepared: SearchRequest) -> SearchResult:
        """Ask."""
        return self._runtime.engine.search(prepared)

    def read(self, raw: SearchResult) -> Answer:
        """Return what was said."""
        counts = {name: dict(values) for name, values in raw.facets.items()}
        return Answer(raw.total, counts, raw.suggestion if raw.corrected else "")
