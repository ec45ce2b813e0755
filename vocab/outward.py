"""What may leave a node: public records of known types and keys, never a person.

The check of a record keeps the same rules when it is written. This is the second lock, on the way
out: it looks at what is about to be given away, whoever wrote it and however it came to be there.
"""

from collections.abc import Iterator
from typing import Any, Final

from vocab.context import Kind, terms
from vocab.keys import MAX_DEPTH, PERSONS
from vocab.terms import LOCAL_TYPES, RECORD_TYPES, TRUST_TYPES, JsonObject

PUBLIC_TYPES: Final = frozenset({*RECORD_TYPES, *TRUST_TYPES}) - {*LOCAL_TYPES}
"""Types of records that may leave a node."""

_PRIVATE: Final = PERSONS | {*LOCAL_TYPES}
_ENVELOPE: Final = frozenset({"@context", "id", "type"})


def withheld(document: JsonObject, *, own: bool) -> str:
    """Return the rule by which a document must stay on the node, "" when it may leave.

    Args:
        document: a parsed document.
        own: whether this node has written it. A peer's record may hold keys that a later version
            of the vocabulary knows; an own one may not.
    """
    if document.get("visibility", "public") != "public":
        return "private"
    declared = document.get("type")
    names = declared if isinstance(declared, list) else [declared]
    if not names or not all(isinstance(name, str) and name in PUBLIC_TYPES for name in names):
        return "local-only"
    return _inside(document, own=own, depth=0)


def _inside(value: dict[str, Any], *, own: bool, depth: int) -> str:
    """Return the rule that an object or one of its parts breaks, "" when none."""
    if depth > MAX_DEPTH:
        return "too-deep"
    known = terms()
    for key, item in value.items():
        term = known.get(key)
        if key == "type" and depth:
            names = item if isinstance(item, list) else [item]
            if any(not isinstance(name, str) or name in _PRIVATE for name in names):
                return "no-person"
        elif term is None and own and key not in _ENVELOPE:
            return "unknown-key"
        elif term is not None and term.kind is Kind.TEXTS:
            # By language: the keys are none of the vocabulary's, and objects have no business here.
            if isinstance(item, dict) and any(map(_is_object, item.values())):
                return "no-person"
            continue
        for part in _flat(item):
            if isinstance(part, dict) and (rule := _inside(part, own=own, depth=depth + 1)):
                return rule
    return ""


def _is_object(value: object) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(map(_is_object, value)))


def _flat(value: object) -> Iterator[object]:
    """Yield what stands in lists, however they are nested."""
    if isinstance(value, list):
        for one in value:
            yield from _flat(one)
    else:
        yield value
