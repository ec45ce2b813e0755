"""From what was asked for to what is asked of an index: languages, concepts and synonyms put in."""

from collections.abc import Sequence
from typing import Final

from search.analysis.fold import fold
from search.expand import MAX_STRETCHES, Expansion, Name, expansions
from search.index_query import (
    All,
    Anything,
    Best,
    Constant,
    Exact,
    IndexQuery,
    Some,
    Span,
    Term,
    TermPhrase,
    TermPrefix,
    Without,
)
from search.paging import time_bounds
from search.query.concepts import meanings
from search.query.terms import WEIGHTS, fields_of, twin, word_terms
from search.query.tree import (
    And,
    Between,
    Code,
    Everything,
    Leaf,
    Link,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Word,
)

LINKS: Final = "links"
URI: Final = "uri"

TRANSLATED: Final = 0.8
"""What a word of another name counts beside one of the query as it was typed."""

TAGGED: Final = 3.0
"""What a record scores whose facet has the concept that a stretch of the query names."""

NEARNESS: Final = 0.5
"""What words that stand together as they were typed add, beside what each of them counts."""

_DAY: Final = 86_400
_CLOSE: Final = 4  # words of a query that are looked for side by side


def facet_field(name: str) -> str:
    """Return the raw field of a facet."""
    return f"f_{name}"


def tagged(facet: str, codes: Sequence[str]) -> Exact:
    """Return the records that have one of these codes in a facet."""
    return Exact(facet_field(facet), tuple(codes))


class Lowering:
    """Brings one query into the language of the indexes.

    Attributes:
        expansions: what stretches of the query stand for, filled while it is lowered.
    """

    def __init__(
        self, languages: Sequence[str], *, names: bool = True, only: str | None = None
    ) -> None:
        """Begin.

        Args:
            languages: languages by whose rules words may be bent, and whose names are used.
            names: whether other names of what was typed count too.
            only: the one language of which other names count, None for all.
        """
        self._languages = languages
        self._names = names
        self._only = only
        self.expansions: list[Expansion] = []

    def query(self, node: Node) -> IndexQuery:
        """Return what to ask an index for a tree."""
        match node:
            case And(parts, optional):
                return self._all(parts, optional)
            case Or(parts):
                return Some(tuple(self.query(part) for part in parts))
            case Not(part):
                # What is not wanted is meant as it was typed.
                return Without(Lowering(self._languages, names=False).query(part))
            case Word():
                return self._run([node])[0]
            case Phrase() | Prefix():
                return self._leaf(node)
            case _:
                return _filter(node)

    def _all(self, parts: Sequence[Node], optional: Sequence[Node]) -> IndexQuery:
        wanted: list[IndexQuery] = []
        near: list[IndexQuery] = []
        run: list[Word] = []
        for part in (*parts, None):
            if isinstance(part, Word) and not part.field:
                run.append(part)
                continue
            if run:
                wanted += self._run(run)
                near += _side_by_side(run)
                run = []
            if part is not None:
                wanted.append(self.query(part))
        weak = [self._leaf(part) for part in optional if isinstance(part, Word)]
        return All(tuple(wanted), tuple(near + weak))

    def _run(self, run: Sequence[Word]) -> list[IndexQuery]:
        """Return what to ask for consecutive words, some of which are names of something."""
        full = len(self.expansions) >= MAX_STRETCHES
        if full or not self._names or run[0].field not in ("", "keywords"):
            return [self._leaf(word) for word in run]
        found: list[IndexQuery] = []
        at = 0
        for one in expansions([word.text for word in run], self._languages):
            found += [self._leaf(word) for word in run[at : one.start]]
            at = one.start + one.length
            found.append(self._expanded(one, run[one.start : at]))
            self.expansions.append(one)
        return found + [self._leaf(word) for word in run[at:]]

    def _expanded(self, one: Expansion, run: Sequence[Word]) -> IndexQuery:
        literal = [self._leaf(word) for word in run]
        parts: list[IndexQuery] = [literal[0] if len(literal) == 1 else All(tuple(literal))]
        fields = fields_of(run[0].field)
        parts += [_named(name, fields) for name in one.names if self._only in (None, name.language)]
        if len(run) > 1:  # of single words the leaf has looked up the facets already
            parts += [
                Constant(tagged(concept.facet, (concept.code,)), TAGGED)
                for concept in one.concepts
                if concept.facet
            ]
        return Best(tuple(parts)) if len(parts) > 1 else parts[0]

    def _leaf(self, leaf: Leaf) -> IndexQuery:
        """Return what to ask for one leaf: it scores by its best part, a little by the others."""
        parts: list[IndexQuery] = []
        match leaf:
            case Word():
                parts += word_terms(leaf, self._languages)
            case Phrase((word,), field):
                parts += [Term(name, word, WEIGHTS[name]) for name in fields_of(field)]
            case Phrase(words, field, slop):
                parts += [TermPhrase(name, words, slop, WEIGHTS[name]) for name in fields_of(field)]
            case Prefix(text, field):
                parts += [TermPrefix(name, text, WEIGHTS[name]) for name in fields_of(field)]
        for named in meanings(leaf, self._languages):
            parts.append(Constant(tagged(named.facet, named.codes), named.weight))
        return Best(tuple(parts))


def _named(name: Name, fields: Sequence[str]) -> IndexQuery:
    """Return the records whose text in a name's language has all of its words, in any form."""
    words = [
        Best(
            tuple(
                Term(twin(field), stem, WEIGHTS[field] * TRANSLATED)
                for field in fields
                for stem in stems
            )
        )
        for stems in name.stems
    ]
    return words[0] if len(words) == 1 else All(tuple(words))


def _side_by_side(run: Sequence[Word]) -> list[IndexQuery]:
    if not 1 < len(run) <= _CLOSE:
        return []
    words = tuple(fold(word.text) for word in run)
    fields = ("title", "summary", "body")
    return [Best(tuple(TermPhrase(name, words, 2, WEIGHTS[name] * NEARNESS) for name in fields))]


def _filter(node: Code | Link | Between | Everything) -> IndexQuery:
    match node:
        case Code(facet, codes):
            return tagged(facet, codes)
        case Link(relation, uris):
            return linked(relation, uris)
        case Between(field, low, high):
            if low is None and high is None:
                return Anything()
            if field == "modified":
                return Span("when", *time_bounds(low, high))
            return Span(field, low, high)
        case Everything():
            return Anything()


def linked(relation: str, uris: Sequence[str]) -> Exact:
    """Return the records with a relation to one of these URIs."""
    return Exact(LINKS, tuple(f"{relation} {uri}" for uri in uris))


def since(now: int, days: int) -> Span:
    """Return the records changed since the beginning of the day some days before `now`.

    It is the same question all day long.
    """
    return Span("when", *time_bounds((now // _DAY - days) * _DAY, None))
