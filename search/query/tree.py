"""The tree that a query becomes: small, frozen, and the same for every engine."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Word:
    """A record in which a word occurs, in any of its forms.

    Attributes:
        text: lower case, accents kept.
        field: one of `TEXT_FIELDS`, "" for all of them.
    """

    text: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A record in which these words stand in this order, just as they are written here.

    Attributes:
        words: folded, at least one.
        field: one of `TEXT_FIELDS`, "" for all of them.
        slop: how many other words may stand between them.
    """

    words: tuple[str, ...]
    field: str = ""
    slop: int = 0


@dataclass(frozen=True, slots=True)
class Prefix:
    """A record with a word that begins like this (folded)."""

    text: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class Code:
    """A record with one of these codes in a facet."""

    facet: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """A record that is linked to one of these URIs."""

    relation: str
    uris: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Between:
    """A record whose date or number lies in a span, both ends included.

    Attributes:
        field: "modified" or "started" (seconds since 1970, UTC), or "population" (inhabitants).
        low: None leaves the end open.
        high: the same.
    """

    field: str
    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class And:
    """A record that fits all of `parts`; those that fit `optional` ones too rank higher."""

    parts: "tuple[Node, ...]"
    optional: "tuple[Node, ...]" = ()


@dataclass(frozen=True, slots=True)
class Or:
    """A record that fits one of the parts."""

    parts: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Not:
    """A record that does not fit."""

    part: "Node"


@dataclass(frozen=True, slots=True)
class Everything:
    """Every record."""


Leaf: TypeAlias = Word | Phrase | Prefix
Node: TypeAlias = Leaf | Code | Link | Between | And | Or | Not | Everything


def leaves(node: Node) -> list[Leaf]:
    """Return the words, phrases and prefixes that a record is found by.

    Negated ones and optional ones are not among them.
    """
    match node:
        case Word() | Phrase() | Prefix():
            return [node]
        case And(parts) | Or(parts):
            return [leaf for part in parts for leaf in leaves(part)]
        case _:
            return []


def scores(node: Node) -> bool:
    """Say whether some records fit the query better than others."""
    return bool(leaves(node))
