"""What is asked of an index: the small language into which every question is brought.

Everything that is Lonja's own (languages, concepts, spelling, ranking) has been worked out before;
an engine only has to look up terms, count and sort. So a new engine is a small thing to write.
"""

from dataclasses import dataclass
from typing import Final, TypeAlias

from search.api import BoundingBox, Circle

TIE: Final = 0.2
"""What the other parts of a `Best` add to its best one."""


@dataclass(frozen=True, slots=True)
class Term:
    """Records with one index term in one text field, scored by BM25 times `weight`."""

    field: str
    text: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class TermPhrase:
    """Records with these terms in this order in one text field, at most `slop` others between."""

    field: str
    words: tuple[str, ...]
    slop: int = 0
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class TermPrefix:
    """Records with a term that begins like this in one text field; each scores `weight`."""

    field: str
    text: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Exact:
    """Records with one of these values in a raw field: "uri", "links", or a facet's `f_NAME`.

    Scores nothing.
    """

    field: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """Records whose number in a column lies in a span, both ends included; scores nothing.

    Attributes:
        column: "when" (a `search.paging.time_key`), "started" (seconds since 1970, UTC) or
            "population" (inhabitants); records without the number do not fit.
        low: None leaves the end open.
        high: the same.
    """

    column: str
    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class Inside:
    """Records in an area; scores nothing."""

    area: BoundingBox | Circle


@dataclass(frozen=True, slots=True)
class All:
    """Records that fit all of `parts`; those that fit `optional` ones too score more.

    The score is the sum. With no parts at all every record fits.
    """

    parts: "tuple[IndexQuery, ...]"
    optional: "tuple[IndexQuery, ...]" = ()


@dataclass(frozen=True, slots=True)
class Some:
    """Records that fit one of the parts or more; the score is the sum. No parts: no record."""

    parts: "tuple[IndexQuery, ...]"


@dataclass(frozen=True, slots=True)
class Best:
    """Records that fit one of the parts or more; the best score counts, the others by `TIE`."""

    parts: "tuple[IndexQuery, ...]"


@dataclass(frozen=True, slots=True)
class Without:
    """Records that do not fit the part; scores nothing."""

    part: "IndexQuery"


@dataclass(frozen=True, slots=True)
class Constant:
    """Records that fit the part, each scored by the same number."""

    part: "IndexQuery"
    weight: float


@dataclass(frozen=True, slots=True)
class Anything:
    """Every record; scores nothing."""


IndexQuery: TypeAlias = (
    Term
    | TermPhrase
    | TermPrefix
    | Exact
    | Span
    | Inside
    | All
    | Some
    | Best
    | Without
    | Constant
    | Anything
)
