"""The engine interface: what every search engine is given and gives back.

An engine is disposable: it is filled from the journal and can be filled again at any time.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol

FACETS: Final[tuple[str, ...]] = (
    "theme",
    "target_group",
    "settlement",
    "population",
    "country",
    "region",
    "cost",
    "phase",
    "level",
    "evidence",
    "maturity",
    "sector",
    "adapted",
    "method",
    "language",
    "sdg",
    "commitment",
    "offers_help",
    "open_material",
    "type",
    "licence",
    "origin",
)
"""Facet names, in the order in which pages show them. They are also the names of the GET
parameters, of the CLI options (with a hyphen) and of the keys in the API."""

POPULATION_BANDS: Final[tuple[tuple[str, int], ...]] = (
    ("under-5k", 0),
    ("5k-20k", 5_000),
    ("20k-50k", 20_000),
    ("50k-250k", 50_000),
    ("250k-1m", 250_000),
    ("over-1m", 1_000_000),
)
"""Code and lower bound (inhabitants) of each value of the facet "population"."""

SAID: Final = "yes"
"""The one value of the facets "offers_help" and "open_material": a record says so, or nothing."""

FRESH: Final[tuple[tuple[str, int], ...]] = (("30d", 30), ("1y", 365), ("3y", 3 * 365))
"""Code and days of each value of the facet "fresh": changed in the last so many days."""

CHOICES: Final[tuple[str, ...]] = (*FACETS, "fresh")
"""All facets: those whose codes a record carries, and "fresh", which depends on the day."""

ADAPTED_BANDS: Final[tuple[tuple[str, int], ...]] = (("1", 1), ("2-4", 2), ("5+", 5))
"""Code and least number of adaptations elsewhere of each value of the facet "adapted"."""

RELATIONS: Final[tuple[str, ...]] = ("adapted_from", "publisher", "lead", "partner", "about")
"""Relations of a record to others by which it can be found."""

MAX_OFFSET: Final = 10_000
"""Hits that can be skipped when nothing better than counting is possible (numbered pages, and
paging by relevance)."""


MAX_URIS: Final = 1_000
"""URIs by which records can be asked for at once."""


class IndexBusyError(Exception):
    """Another process holds the writer of this index."""


class SearchUnavailableError(Exception):
    """The search server is away, overloaded, or refuses this node; the message says which."""


class Sort(StrEnum):
    """Order of hits; equal dates and titles are ordered by the URI, so that paging is stable.

    Equal scores keep the order in which the index holds them. Relevance without any word to
    weigh is the same as "newest". Titles are compared in English where there is an English one,
    otherwise in the record's first language.
    """

    RELEVANCE = "relevance"
    NEWEST = "newest"
    OLDEST = "oldest"
    TITLE = "title"


@dataclass(frozen=True, slots=True)
class SearchEntry:
    """One record as the engines see it.

    Attributes:
        uri: record URI; the key: a later entry with the same URI replaces the earlier one.
        digest: digest of the version, kept with it, so that index and journal can be compared.
        title: text per language code, as are `summary` and `body` (body: all other prose).
        keywords: the publisher's own keywords per language code; under "" what is not stemmed:
            names of places and organisations. Labels of concepts do not belong here: they are
            found through the codes in `facets`, in every language.
        facets: codes per facet name of `FACETS`; a name that is absent has no value.
        links: URIs per relation of `RELATIONS`, to be filtered by exactly.
        modified: seconds since 1970, UTC: the sort key of "newest".
        started: first day of the practice in seconds since 1970 (negative before), None when
            unknown.
        population: inhabitants of the place, None when unknown.
        latitude: WGS 84 degrees, None when unknown; with `longitude`.
        family: URI of the practice that this one and others were adapted from in the end, its own
            URI if others were adapted from it; "" for a record that stands alone.
        card: what a result list shows (title, summary, place, …), returned as it was given.
    """

    uri: str
    digest: str
    title: Mapping[str, str]
    summary: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, str] = field(default_factory=dict)
    keywords: Mapping[str, Sequence[str]] = field(default_factory=dict)
    facets: Mapping[str, Sequence[str]] = field(default_factory=dict)
    links: Mapping[str, Sequence[str]] = field(default_factory=dict)
    modified: int = 0
    started: int | None = None
    population: int | None = None
    latitude: float | None = None
    longitude: float | None = None
    family: str = ""
    card: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BoundingBox:
    """A box in WGS 84 degrees; west > east crosses the antimeridian (RFC 7946, section 5)."""

    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True, slots=True)
class Circle:
    """All points within `radius_km` of a point, great-circle distance."""

    latitude: float
    longitude: float
    radius_km: float


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """One question.

    Attributes:
        text: query in the query language; "" matches everything.
        filters: chosen codes per facet of `CHOICES`: any of a facet's codes, all of the facets.
        links: URIs per relation that must be present (any of them).
        uris: only records with one of these URIs (at most 1,000); () for all.
        like: URI of a record: only others that resemble it, the most alike first.
        languages: languages whose stemming applies to the words; empty = all indexed ones.
        reader: language of the reader, whose records come a little earlier; "" for none.
        area: only records inside it.
        sort: order of hits.
        limit: hits wanted, 1 to 200.
        cursor: opaque place to go on from, "" for the first page.
        offset: hits to skip, for numbered pages (at most 10,000); ignored with a cursor.
        facets: facet names to count; () for none.
        facet_size: most values counted per facet.
        highlight: whether snippets are wanted, and what a record was found through.
        collapse: whether adaptations are listed under the first of their family, by relevance.
        explain: whether each hit says what its score is made of.
        literal: whether words are taken as they were typed: no mistake is forgiven.
        names: whether synonyms and names in other languages count too.
        now: seconds since 1970 that count as today for what is new; None for the clock.
    """

    text: str = ""
    filters: Mapping[str, Sequence[str]] = field(default_factory=dict)
    links: Mapping[str, Sequence[str]] = field(default_factory=dict)
    uris: Sequence[str] = ()
    like: str = ""
    languages: Sequence[str] = ()
    reader: str = ""
    area: BoundingBox | Circle | None = None
    sort: Sort = Sort.RELEVANCE
    limit: int = 20
    cursor: str = ""
    offset: int = 0
    facets: Sequence[str] = CHOICES
    facet_size: int = 100
    highlight: bool = False
    collapse: bool = False
    explain: bool = False
    literal: bool = False
    names: bool = True
    now: int | None = None


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of text and where in it the matches are.

    Attributes:
        field: "title", "summary" or "body".
        language: language code of the text.
        text: plain text, never HTML.
        marks: (start, end) offsets in characters, ascending, not overlapping.
    """

    field: str
    language: str
    text: str
    marks: Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Through:
    """Another name of what was asked for, by which a record was found.

    Attributes:
        typed: the words of the query.
        label: the name that the record is found by, or the label of its facet's value.
        language: language code of the label.
        facet: facet in which the record has the concept, "" when its text says the label.
        code: the value of that facet.
    """

    typed: str
    label: str
    language: str
    facet: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """One part of a score.

    Attributes:
        kind: "words" (a part of the query), "evidence", "adapted" or "fresh".
        text: the words, or the code of the facet's value.
        score: what it adds.
    """

    kind: str
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class Relative:
    """A record of the same family, listed under another one."""

    uri: str
    card: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Hit:
    """One found record.

    Attributes:
        uri: record URI.
        score: how well its words fit; the order of hits also mixes languages.
        card: as it was indexed.
        snippets: pieces of text with the matches.
        through: other names by which it was found, when none of the words was.
        reasons: what the score is made of, when that was asked for.
        relatives: records of its family that fit too and are listed here only.
    """

    uri: str
    score: float
    card: Mapping[str, object]
    snippets: Sequence[Snippet] = ()
    through: Sequence[Through] = ()
    reasons: Sequence[Reason] = ()
    relatives: Sequence[Relative] = ()


@dataclass(frozen=True, slots=True)
class Completion:
    """One way to go on typing.

    Attributes:
        text: what to search for.
        kind: "concept", "word" or "title".
        uri: the record of a title, otherwise "".
    """

    text: str
    kind: str
    uri: str = ""


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """What the query language could not take literally, as a sentence for people.

    Attributes:
        code: stable name, for example "leading-wildcard" or "unbalanced-quote".
        messages: one sentence per language code; always "en" and "es".
    """

    code: str
    messages: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The answer.

    Attributes:
        total: number of all matching records.
        listed: number of hits on all pages: less than `total` where some are listed under others.
        hits: this page of them.
        facets: for each wanted facet, (code, count) by falling count; disjunctive: a facet is
            counted as if nothing were chosen in it. A facet without values is an empty list.
            The periods of "fresh" contain each other.
        next: cursor of the next page, "" on the last one.
        diagnostics: what was bent in the query.
        suggestion: a better spelling of the query, "" when there is none.
        corrected: whether the hits are those of the suggestion, because nothing has the words as
            they were typed.
    """

    total: int
    hits: Sequence[Hit]
    facets: Mapping[str, Sequence[tuple[str, int]]]
    listed: int = 0
    next: str = ""
    diagnostics: Sequence[Diagnostic] = ()
    suggestion: str = ""
    corrected: bool = False


class IndexWriter(Protocol):
    """The one writer of an index. Calls between two commits become visible together."""

    def upsert(self, entries: Iterable[SearchEntry]) -> None:
        """Add entries, each replacing an earlier one with the same URI."""
        ...

    def delete(self, uris: Iterable[str]) -> None:
        """Remove records; URIs that are not there are no error."""
        ...

    def commit(self, position: int) -> None:
        """Make everything so far durable and visible; `position` is the journal position."""
        ...

    def close(self) -> None:
        """Give up the writer; what was not committed is lost."""
        ...


class SearchEngine(Protocol):
    """An index on disk: many readers, one writer. Safe to share between threads."""

    name: str

    def search(self, request: SearchRequest) -> SearchResult:
        """Answer a question. Never raises for any text a user can type."""
        ...

    def complete(self, text: str, language: str, limit: int = 8) -> list[Completion]:
        """Return ways to go on typing, for a reader of a language; the likeliest first."""
        ...

    def position(self) -> int:
        """Return the journal position of the last commit, 0 for an empty index."""
        ...

    def writer(self) -> IndexWriter:
        """Return the writer. The caller must own the index (`index.lock` of the data folder).

        An index that cannot be read, or was made with another schema, is made anew first.

        Raises:
            IndexBusyError: there is a writer already, here or in another process.
        """
        ...

    def clear(self) -> None:
        """Empty the index and set its position to 0. The caller must own the index."""
        ...

    def close(self) -> None:
        """Release files and threads."""
        ...
