"""From the parser's tree to ours: every leaf is analysed, every value looked up."""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, Final

from search.analysis.fold import fold
from search.analysis.stopwords import all_stopwords
from search.analysis.tokens import MAX_WORD, words
from search.api import Diagnostic
from search.query.dates import day_span
from search.query.fields import Field, Kind, codes_named, field_named
from search.query.limits import MAX_WORDS, MIN_PREFIX
from search.query.messages import diagnostic
from search.query.tree import (
    And,
    Between,
    Code,
    Everything,
    Link,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Word,
)
from search.whoosh_library import whoosh

_OPERATORS: Final = frozenset({"AND", "OR", "NOT"})
_WILD: Final = re.compile("[*?\u055e\u061f\u1367]")
_SCRIPT_WITHOUT_SPACES: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_MAX_SLOP: Final = 10
_PREFIX_COUNTS: Final = 4


class Converter:
    """Turns one parsed query into one tree and notes what had to be bent.

    Methods that convert return None for what leaves no trace, such as a lone dash.
    """

    def __init__(self) -> None:
        self.diagnostics: list[Diagnostic] = []
        self._words = 0

    def convert(self, query: Any) -> Node | None:
        """Return the node of a whoosh query."""
        for kind, method in _methods():
            if isinstance(query, kind):
                return method(self, query)
        return None

    def note(self, code: str, **values: object) -> None:
        """Remember what was bent, once."""
        found = diagnostic(code, **values)
        if found not in self.diagnostics:
            self.diagnostics.append(found)

    # groups

    def all_of(self, query: Any) -> Node | None:
        """Convert "a b" and "a AND b"."""
        return both(self._parts(query.subqueries))

    def any_of(self, query: Any) -> Node | None:
        """Convert "a OR b"."""
        parts = self._parts(query.subqueries)
        return Or(tuple(parts)) if len(parts) > 1 else next(iter(parts), None)

    def none_of(self, query: Any) -> Node | None:
        """Convert "NOT a" and "-a"."""
        part = self.convert(query.query)
        return None if part is None else Not(part)

    def _parts(self, queries: Iterable[Any]) -> list[Node]:
        return [node for query in queries if (node := self.convert(query)) is not None]

    # leaves

    def term(self, query: Any) -> Node | None:
        """Convert a word or field:word."""
        text = str(query.text)
        if not query.fieldname:
            if text in _OPERATORS:
                self.note("dangling-operator", text=text)
                return None
            return self._plain(text)
        field = self._field(query.fieldname, text)
        if field is None:
            return self._plain(f"{query.fieldname} {text}")
        return self._value(field, text)

    def phrase(self, query: Any) -> Node | None:
        """Convert "some words" and field:"some words"."""
        text = " ".join(query.words)
        field = self._field(query.fieldname, text) if query.fieldname else None
        if field is not None and field.kind is not Kind.TEXT:
            return self._value(field, text)
        folded = tuple(self._counted(fold(word) for word in words(text)))
        slop = min(max(int(query.slop) - 1, 0), _MAX_SLOP)
        return Phrase(folded, field.name if field else "", slop) if folded else None

    def prefix(self, query: Any) -> Node | None:
        """Convert word*."""
        return self._prefix(query.fieldname, str(query.text))

    def wildcard(self, query: Any) -> Node | None:
        """Convert wor?d, *word and others of which only the beginning can be kept."""
        text = str(query.text)
        head = _WILD.split(text, maxsplit=1)[0]
        if head:
            self.note("inner-wildcard", text=text, used=f"{head}*")
            return self._prefix(query.fieldname, head)
        rest = " ".join(part for part in _WILD.split(text) if part)
        if rest:
            self.note("leading-wildcard", text=text, used=rest)
        return self._plain(rest) if rest else Everything()

    def every(self, _query: Any) -> Node:
        """Convert * and *:*."""
        return Everything()

    def range(self, query: Any) -> Node | None:
        """Convert field:[a TO b], field:>a and others."""
        field = self._field(query.fieldname, "") if query.fieldname else None
        if field is not None and field.name == "population":
            return self._people(query)
        if field is None or field.kind is not Kind.DATE:
            self.note("bad-range")
            return self._plain(f"{query.start or ''} {query.end or ''}")
        low = self._day(query.start)
        high = self._day(query.end)
        return Between(
            field.name,
            None if low is None else low[1] + 1 if query.startexcl else low[0],
            None if high is None else high[0] - 1 if query.endexcl else high[1],
        )

    def _people(self, query: Any) -> Node | None:
        """Convert population:[1000 TO 5000], population:>5000 and others."""
        low, high = _whole(query.start), _whole(query.end)
        for said, read in ((query.start, low), (query.end, high)):
            if said and read is None:
                self.note("bad-number", text=said)
        if low is not None and query.startexcl:
            low += 1
        if high is not None and query.endexcl:
            high -= 1
        return Everything() if low is None and high is None else Between("population", low, high)

    # pieces

    def _field(self, name: str, text: str) -> Field | None:
        field = field_named(name)
        if field is None and not text.startswith("//") and not name.isdigit():
            self.note("unknown-field", field=name)
        return field

    def _plain(self, text: str, field: str = "") -> Node | None:
        """Return all words of a text; of a script without spaces the run of them."""
        found = list(self._counted(words(text)))
        if len(found) > 1 and _SCRIPT_WITHOUT_SPACES.search(text):
            return Phrase(tuple(fold(word) for word in found), field)
        return both([Word(word, field) for word in found])

    def _counted(self, found: Iterable[str], each: int = 1) -> Iterable[str]:
        for word in found:
            if self._words + each > MAX_WORDS:
                self.note("too-many-words", limit=MAX_WORDS)
                return
            self._words += each
            yield word

    def _value(self, field: Field, text: str) -> Node | None:
        match field.kind:
            case Kind.TEXT:
                return self._plain(text, field.name)
            case Kind.RELATION:
                return Link(field.name, (text,))
            case Kind.DATE:
                span = self._day(text)
                return Everything() if span is None else Between(field.name, *span)
            case Kind.FACET:
                people = _whole(text) if field.name == "population" else None
                if people is not None:
                    return Between("population", people, people)
                codes = codes_named(field.name, text)
                if codes:
                    return Code(field.name, codes)
                self.note("unknown-value", field=field.name, text=text)
                return self._plain(text)

    def _prefix(self, fieldname: str, text: str) -> Node | None:
        field = self._field(fieldname, text) if fieldname else None
        name = field.name if field is not None and field.kind is Kind.TEXT else ""
        found = words(text)
        if not found:
            return None
        *before, last = found
        last = fold(last)[:MAX_WORD]
        nodes: list[Node] = []
        nodes += (Word(word, name) for word in self._counted(before))
        if len(last) < MIN_PREFIX:
            self.note("short-prefix", text=f"{last}*", limit=MIN_PREFIX)
            nodes += (Word(word, name) for word in self._counted([last]))
        else:
            # a prefix stands for many words: it counts as several
            nodes += (Prefix(word, name) for word in self._counted([last], _PREFIX_COUNTS))
        return both(nodes)

    def _day(self, text: str | None) -> tuple[int, int] | None:
        if not text:
            return None
        span = day_span(text)
        if span is None:
            self.note("bad-date", text=text)
        return span


def _whole(text: str | None) -> int | None:
    """Return a whole number as people write it ("5000", "5.000", "5,000"), None for others."""
    digits = re.sub(r"[.,\s'_]", "", text or "")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 12 else None


def both(nodes: list[Node]) -> Node | None:
    """Join nodes by AND; words without a meaning are wanted but not insisted on."""
    weak: list[Node] = [
        node
        for node in nodes
        if isinstance(node, Word) and not node.field and node.text in all_stopwords()
    ]
    strong = [node for node in nodes if node not in weak]
    if all(isinstance(node, Not) for node in strong):
        strong, weak = nodes, []
    if len(strong) == 1 and not weak:
        return strong[0]
    return And(tuple(strong), tuple(weak)) if strong else None


@lru_cache(maxsize=1)
def _methods() -> tuple[tuple[type, Callable[[Converter, Any], Node | None]], ...]:
    q = whoosh("query")
    return (
        (q.Term, Converter.term),
        (q.And, Converter.all_of),
        (q.Or, Converter.any_of),
        (q.Not, Converter.none_of),
        (q.Phrase, Converter.phrase),
        (q.Prefix, Converter.prefix),
        (q.Wildcard, Converter.wildcard),
        (q.TermRange, Converter.range),
        (q.Every, Converter.every),
    )
