"""Making a query harmless before it is parsed: its length, its depth, its loose ends."""

import re
from typing import Final

from search.api import Diagnostic
from search.query.messages import diagnostic

MAX_CHARACTERS: Final = 400
MAX_DEPTH: Final = 6
MAX_WORDS: Final = 32
MIN_PREFIX: Final = 3

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]+")
_CURLY: Final = re.compile("[“”„«»‟]")
# Boosts and fuzziness of Lucene's language are not part of ours; the slop of a phrase is.
_TRIMMINGS: Final = re.compile(r"\^[0-9.]*(?=[\s)]|$)|(?<=\w)~[0-9]?(?=[\s)]|$)")
# Comparisons mean something only before a date: Whoosh's parser stumbles over all others.
_COMPARISON: Final = re.compile(r"(?<!:)(?<!:=)[<>]|[<>](?!=?\d)")
_AFTER_COLON: Final = re.compile(r"(?<=\w):[ \t]+(?=[^\s:])")


def tamed(text: str) -> tuple[str, list[Diagnostic]]:
    """Return a query that is short, flat and balanced, and what had to be changed for that."""
    found: list[Diagnostic] = []
    text = _CONTROL.sub(" ", text).encode("utf-8", "ignore").decode()  # drops lone surrogates
    text = _CURLY.sub('"', text).replace(" ANDNOT ", " AND NOT ").strip()
    if len(text) > MAX_CHARACTERS:
        text = text[:MAX_CHARACTERS]
        found.append(diagnostic("too-long", limit=MAX_CHARACTERS))
    if text.count('"') % 2:
        last = text.rindex('"')
        text = text[:last] + " " + text[last + 1 :]
        found.append(diagnostic("unbalanced-quote"))
    text, more = _balanced(_TRIMMINGS.sub("", text))
    return _COMPARISON.sub(" ", _AFTER_COLON.sub(":", text)), found + more


def _balanced(text: str) -> tuple[str, list[Diagnostic]]:
    """Take out parentheses that have no partner or lie too deep."""
    kept = list(text)
    opened: list[int] = []
    deep = loose = quoted = False
    for place, char in enumerate(text):
        if char == '"':
            quoted = not quoted
        elif char == "(" and not quoted:
            opened.append(place)
        elif char == ")" and not quoted:
            if not opened:
                kept[place], loose = " ", True
                continue
            if len(opened) > MAX_DEPTH:
                kept[opened[-1]], kept[place], deep = " ", " ", True
            opened.pop()
    for place in opened:
        kept[place], loose = " ", True
    found = [diagnostic("too-deep", limit=MAX_DEPTH)] if deep else []
    return "".join(kept), found + ([diagnostic("unbalanced-parenthesis")] if loose else [])
