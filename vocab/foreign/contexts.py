"""Contexts of foreign JSON-LD: which are known, and which are too much to be followed."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

import orjson

from vocab.context import ONTOLOGY_FOLDER, loader
from vocab.document import too_deep
from vocab.findings import Finding
from vocab.foreign.rules import notice
from vocab.keys import MAX_DEPTH
from vocab.messages import finding
from vocab.terms import CONTEXT_URL

SCHEMA_ORG: Final = frozenset(
    f"{scheme}://schema.org{path}"
    for scheme in ("http", "https")
    for path in ("", "/", "/docs/jsonldcontext.jsonld", "/docs/jsonldcontext.json")
)
"""Addresses of the context of schema.org; they all mean the bundled one."""

MAX_NAMES: Final = 2000
_MAX_CONTEXTS: Final = 20
_WRAPPING: Final = 8  # levels that a list, a catalogue and the like put around a record
_KEYWORDS: Final = frozenset(
    (
        *("@context", "@id", "@type", "@value", "@language", "@direction", "@list", "@set"),
        *("@graph", "@reverse", "@index", "@included", "@nest"),
    )
)
OF_CONTEXTS: Final = ("foreign-context", "foreign-context-keyword", "foreign-context-large")
_CONTEXT_KEYWORDS: Final = frozenset(
    ("@vocab", "@language", "@direction", "@version", "@protected", "@propagate")
)


def load_context(url: str, options: Mapping[str, object] | None = None) -> dict[str, object]:
    """Return a bundled context as pyld's document loader wants it; never opens a connection."""
    if url not in SCHEMA_ORG:
        return loader(url, options)
    return {
        "contentType": "application/ld+json",
        "contextUrl": None,
        "documentUrl": url,
        "document": orjson.loads(_schema_org()),
        "tag": "static",  # so that pyld keeps what it made of it
    }


@lru_cache(maxsize=1)
def _schema_org() -> bytes:
    return (ONTOLOGY_FOLDER / "foreign-schema-org.jsonld").read_bytes()


def refused(context: Any, member: Any) -> Finding | None:
    """Return why a member is not even given to pyld, None when it is."""
    if too_deep(member, MAX_DEPTH + _WRAPPING) or too_deep(context, MAX_DEPTH):
        return finding("too-deep", "", limit=MAX_DEPTH)
    names = 0
    for each in (context, *_contexts(member)):
        rule, what = _context_problem(each)
        if rule:
            return notice(rule, "/@context", key=what, url=what, limit=MAX_NAMES)
        names += _size(each)
    if names > MAX_NAMES:
        return notice("foreign-context-large", "/@context", limit=MAX_NAMES)
    return None


def without_meaning(context: Any, member: Any) -> list[str]:
    """Return the keys of a member that JSON-LD drops: declared null, or like a keyword of its own.

    pyld says only that it dropped some, not which.
    """
    nothing: set[str] = set()
    waiting = [context, *_contexts(member)]
    while waiting:
        each = waiting.pop()
        if isinstance(each, list):
            waiting += each
        elif isinstance(each, dict):
            nothing |= {key for key, value in each.items() if value in (None, {"@id": None})}
    return sorted(
        key for key in set(_keys(member)) if key in nothing or re.fullmatch("@[A-Za-z]+", key)
    )


def _keys(value: Any) -> Iterator[str]:
    """Yield the keys of a value at every depth, but for contexts and what JSON-LD knows."""
    if isinstance(value, dict):
        yield from value.keys() - _KEYWORDS
        for key, item in value.items():
            if key != "@context":
                yield from _keys(item)
    elif isinstance(value, list):
        for item in value:
            yield from _keys(item)


def _contexts(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "@context":
                yield item
            else:
                yield from _contexts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _contexts(item)


def _context_problem(context: Any) -> tuple[str, str]:
    """Return the rule that a context breaks, and with what; ("", "") when it breaks none.

    Only what takes pyld a time in proportion to the file is let through: no context inside of a
    definition, which would count anew at each use, and nothing that has to be fetched. `@base`
    would make addresses of texts that are none.
    """
    if isinstance(context, str):
        known = context in SCHEMA_ORG or context == CONTEXT_URL
        return ("", "") if known else ("foreign-context", context)
    if isinstance(context, list):
        if len(context) > _MAX_CONTEXTS:
            return "foreign-context-large", ""
        return next((wrong for wrong in map(_context_problem, context) if wrong[0]), ("", ""))
    if isinstance(context, dict):
        for key, value in context.items():
            if key.startswith("@") and key not in _CONTEXT_KEYWORDS and value is not None:
                return "foreign-context-keyword", key
            if isinstance(value, dict) and "@context" in value:
                return "foreign-context-keyword", f"@context in {key}"
    return "", ""


def _size(context: Any) -> int:
    if isinstance(context, list):
        return sum(map(_size, context))
    return 1 + len(context) if isinstance(context, dict) else 1
