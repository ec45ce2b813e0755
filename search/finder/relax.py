"""What to find when no record has all the words of a query: those that have most of them."""

from itertools import combinations
from typing import Final

from search.query.tree import And, Node, Or, Word

_ALL_BUT_ONE: Final = 4
"""Words up to which one may be missing; of more words any will do, those with most come first."""


def relaxed(tree: Node) -> Node | None:
    """Return the tree that asks for most words, None for a query that is more than plain words."""
    if not isinstance(tree, And) or len(tree.parts) < 2:
        return None
    if not all(isinstance(part, Word) and not part.field for part in tree.parts):
        return None
    if 2 < len(tree.parts) <= _ALL_BUT_ONE:
        fewer = combinations(tree.parts, len(tree.parts) - 1)
        return Or(tuple(And(parts) for parts in fewer))
    return Or(tree.parts)
