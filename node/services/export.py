"""Export: everything a node holds, or one record, in open formats."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

import orjson

from federation.records import Entry, EntryState
from node.runtime import Runtime
from node.services.errors import ServiceError
from node.services.sentences import SENTENCES
from vocab import rdf, views
from vocab.language import LANGUAGES
from vocab.terms import PRACTICE_TYPES, JsonObject

EXPORT_FORMATS: Final = ("ndjson", "nquads", "csv", "geojson", "dcat")
_WHOLE: Final = ("geojson", "dcat")  # formats of one document that holds all records
_PAGE: Final = 500
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NUMBER: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?(e-?[0-9]+)?")
_VERSION: Final = re.compile(r"(.+)/v/([0-9]{1,9})")


def _json(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2) + b"\n"


def _turtle(entry: Entry) -> bytes:
    return rdf.to_turtle(_document(entry))


_SHOW: Final[dict[str, Callable[[Entry], bytes]]] = {
    "jsonld": lambda entry: entry.body + b"\n",
    "turtle": _turtle,
    "rdfxml": lambda entry: rdf.to_rdfxml(_document(entry)),
    "ntriples": lambda entry: rdf.to_ntriples(_document(entry)),
    "nquads": lambda entry: rdf.to_nquads(_document(entry)),
    "csv": lambda entry: _csv_lines([views.CSV_COLUMNS, views.csv_row(_document(entry))]),
    "geojson": lambda entry: _json(views.geojson([_document(entry)])),
    "oai_dc": lambda entry: views.oai_dc(_document(entry)),
    "dcat": lambda entry: views.dcat_bytes(views.record_as_dcat(_document(entry)), "turtle"),
    "schema.org": lambda entry: _json(views.schema_org(_document(entry), LANGUAGES[0])),
}
SHOW_FORMATS: Final = tuple(_SHOW)


def show(runtime: Runtime, uri: str, form: str) -> bytes:
    """Return one record, newest version, in a format of `SHOW_FORMATS`.

    A version URI shows that version.

    Raises:
        ServiceError: the record is not held here, or the format does not exist.
    """
    version = _VERSION.fullmatch(uri)
    entry = (
        runtime.journal.version(version[1], int(version[2]))
        if version
        else runtime.journal.current(uri)
    )
    if entry is None or entry.state is not EntryState.HELD:
        raise ServiceError(f"there is no record {uri} here; find it with: lonja search WORDS")
    if form not in _SHOW:
        raise ServiceError(f"'{form}' is no format; choose one of {', '.join(SHOW_FORMATS)}")
    return render(entry, form)


def render(entry: Entry, form: str) -> bytes:
    """Return one held version in a format of `SHOW_FORMATS`."""
    return _SHOW[form](entry)


def export(runtime: Runtime, form: str) -> Iterator[bytes]:
    """Yield everything the node holds, piece by piece.

    "ndjson": every entry ever appended, verbatim, one a line, in journal order; "nquads": the
    newest version of every record; "csv": the newest version of every practice; "geojson" and
    "dcat" (DCAT-AP 3, Turtle): one document of the newest versions, made in memory.

    Raises:
        ServiceError: the format does not exist.
    """
    if form not in EXPORT_FORMATS:
        raise ServiceError(f"'{form}' is no format; choose one of {', '.join(EXPORT_FORMATS)}")
    if form in _WHOLE:
        yield _whole(runtime, form)
        return
    if form == "csv":
        yield _csv_lines([views.CSV_COLUMNS])
    for entry in _entries(runtime, current_only=form != "ndjson"):
        if entry.state is not EntryState.HELD:
            continue
        if form == "ndjson":
            yield entry.body + b"\n"
        elif entry.type == "Tombstone":
            continue
        elif form == "nquads":
            yield rdf.to_nquads(_document(entry))
        elif entry.type in PRACTICE_TYPES:
            yield _csv_lines([views.csv_row(_document(entry))])


def _whole(runtime: Runtime, form: str) -> bytes:
    held = (
        _document(entry)
        for entry in _entries(runtime, current_only=True)
        if entry.state is EntryState.HELD
    )
    if form == "geojson":
        return _json(views.geojson(held))
    base, settings = runtime.settings.base_url, runtime.settings
    catalogue = views.dcat(
        held,
        catalog_uri=f"{base}/catalog",
        title=settings.name or base,
        description=SENTENCES.messages("catalogue", {"node": settings.name or base}),
        publisher_uri=settings.organisation_uri or base,
        publisher_name=settings.name or base,
    )
    return views.dcat_bytes(catalogue, "turtle")


def _entries(runtime: Runtime, *, current_only: bool) -> Iterator[Entry]:
    position = 0
    while True:
        page = runtime.journal.changes(position, _PAGE, current_only=current_only)
        yield from page.entries
        if page.position == position:
            return
        position = page.position


def _document(entry: Entry) -> JsonObject:
    document: JsonObject = orjson.loads(entry.body)
    return document


def _csv_lines(rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    # Every cell in quotes: programs that split at semicolons would cut an open one into formulas.
    writer = csv.writer(text, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerows([map(inert, row) for row in rows])
    return text.getvalue().encode()


def inert(cell: str) -> str:
    """Return a cell that spreadsheet programs do not run as a formula; a number stays a number."""
    if not cell.startswith(_FORMULA) or _NUMBER.fullmatch(cell):
        return cell
    return "'" + cell
