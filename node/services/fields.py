"""Any record, field by field, in the words of the vocabulary: the page of types without their own.

Names of fields and of values come from the ontology and the concept schemes; what this node does
not know is left out here and stays in the signed document.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, TypeAlias

from node.services import labels
from node.services.coded import shown
from node.services.reading import Prose, Reader
from node.services.text import one_line
from vocab import concepts, glossary
from vocab.context import Kind, Term, terms
from vocab.headline import headline
from vocab.terms import ENVELOPE_KEYS

_ELSEWHERE: Final = frozenset(
    (
        *ENVELOPE_KEYS,
        *("modified", "publisher", "license", "conformsTo", "visibility"),
        *("credit", "source", "identifier", "importNote", "title", "name"),
    )
)
"""Keys that the head of the page and the panel about its origin show."""

_FIRST: Final = ("summary", "description", "text")
_LAST: Final = ("landingPage", "language", "seeAlso")
_PLACE: Final = ("settlement", "population")
"""What is said of a place beside its name; where it is on a map is for programs."""
_MANY: Final = 60


class Month(date):
    """A month: its first day stands for it."""


Plain: TypeAlias = str | float | bool | date


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record.

    Attributes:
        key: as it stands in the record.
        label: what it is called in the reader's language.
        explanation: what it means, one sentence; may be "".
        prose: its text, when it holds text.
        values: its plain values: words, numbers, truth values, days and months.
        uris: addresses that it holds, of records or of anything else.
        parts: its embedded objects, each as fields of their own.
    """

    key: str
    label: str
    explanation: str
    prose: Prose | None = None
    values: tuple[Plain, ...] = ()
    uris: tuple[str, ...] = ()
    parts: tuple[tuple["Field", ...], ...] = ()


def fields(record: Reader, language: str, *, whole: bool = True) -> tuple[Field, ...]:
    """Return the fields of a record: what it is about, the vocabulary's order, where to read on.

    Args:
        record: reader of the record, or of one of its parts.
        language: of labels and values.
        whole: whether it is a record, whose envelope is shown elsewhere.
    """
    if whole:
        record = replace(record, document=shown(record.document, language))
    hidden = _ELSEWHERE if whole else frozenset[str]()
    if whole and record.text("text").text in headline(record.document).values():
        hidden |= {"text"}  # an observation that is short enough is the heading of its page
    keys = [key for key in terms() if key in record.document and key not in hidden]
    return tuple(_fields(record, sorted(keys, key=_rank), language))


def _rank(key: str) -> int:
    """Return where a field stands; all others keep the order of the vocabulary."""
    if key in _FIRST:
        return _FIRST.index(key) - len(_FIRST)
    return _LAST.index(key) + 1 if key in _LAST else 0


def _fields(record: Reader, keys: Sequence[str], language: str) -> Iterator[Field]:
    for key in keys:
        found = _field(record, terms()[key], language)
        if found is not None and key == "place" and found.parts:
            yield from _place(record.one(key), found, language)
        elif found is not None:
            yield found


def _place(record: Reader, field: Field, language: str) -> Iterator[Field]:
    """Yield a place in one line, and what kind of place it is."""
    country = record.string("country")
    names = (record.text("name").text, labels.country_name(country, language) if country else "")
    words = tuple(name for name in dict.fromkeys(names) if name)
    if words:
        yield replace(field, values=words, parts=())
    yield from _fields(record, [key for key in _PLACE if key in record.document], language)


def _field(record: Reader, term: Term, language: str) -> Field | None:
    key = term.key
    prose: Prose | None = None
    values: tuple[Plain, ...] = ()
    uris: tuple[str, ...] = ()
    parts: tuple[tuple[Field, ...], ...] = ()
    if term.kind is Kind.TEXTS:
        if term.many:
            values = tuple(word.text for word in record.words(key)[:_MANY])
        else:
            prose = record.prose(key)
    elif term.kind is Kind.LINK:
        inner = [fields(part, language, whole=False) for part in record.many(key)[:_MANY]]
        parts = tuple(part for part in inner if part)
        uris = tuple(item for item in record.strings(key)[:_MANY])
    else:
        values = tuple(_words(record, term, language))[:_MANY]
    if not (prose or values or uris or parts):
        return None
    entry = glossary.entries()[key]
    return Field(key, entry.label(language), entry.comment(language), prose, values, uris, parts)


def _words(record: Reader, term: Term, language: str) -> Iterator[Plain]:
    """Yield plain values, codes in words."""
    found = map(one_line, record.strings(term.key))
    if term.kind is Kind.CODE:
        yield from (_code(term.key, code, language) for code in found)
        return
    for value in (record.flag(term.key), record.number(term.key)):
        if value is not None:
            yield value
    for text in found:
        if term.key == "country":
            yield labels.country_name(text, language)
        else:
            yield _dated(text, term.datatype.rsplit("#", 1)[-1])


def _code(key: str, code: str, language: str) -> str:
    scheme = concepts.key_scheme(key)
    if scheme:
        return concepts.label(scheme, code, language)
    return labels.language_name(code, language) if key != "mediaType" else code


def _dated(text: str, datatype: str) -> Plain:
    """Return a text as the day or month that its datatype says it is, where it is one."""
    try:
        if datatype in ("date", "dateTime"):
            return date.fromisoformat(text[:10])
        if datatype == "gYearMonth":
            return Month.fromisoformat(f"{text}-01")
    except ValueError:
        pass
    return text
