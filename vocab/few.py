"""Few people: numbers that could point to one of them, and what is shown in their place.

The signed document is given away as it is; these rules are for whoever writes one, and for
everything that is made from one.
"""

from collections.abc import Iterator
from typing import Final

from vocab.findings import Finding
from vocab.messages import INFO, finding
from vocab.terms import JsonObject, JsonValue

FEWEST: Final = 5
"""Groups below this number are not counted, and ratings below it have no mean."""

_COUNT: Final = "participants"
_SHARE: Final = "womenPercent"
_ONE_RATING: Final = "rating"


def is_few(part: JsonObject) -> bool:
    """Say whether a part of a record counts a group so small that its size is not shown."""
    count = part.get(_COUNT)
    return isinstance(count, int | float) and not isinstance(count, bool) and count < FEWEST


def without_few(document: JsonObject, words: str) -> JsonObject:
    """Return a document as it may be shown: no single rating, no number of a few people.

    Args:
        document: a record, or a part of one.
        words: what stands for the size of a small group, in the reader's language.
    """
    shown: JsonObject = {
        key: _shown(value, words) for key, value in document.items() if key != _ONE_RATING
    }
    if is_few(document):
        shown[_COUNT] = words
        shown.pop(_SHARE, None)
    return shown


def _shown(value: JsonValue, words: str) -> JsonValue:
    if isinstance(value, dict):
        return without_few(value, words)
    return [_shown(one, words) for one in value] if isinstance(value, list) else value


def few_people(value: JsonValue, pointer: str = "") -> Iterator[Finding]:
    """Yield what the author of a record may want to leave out, since it speaks of few people."""
    if isinstance(value, list):
        for index, one in enumerate(value):
            yield from few_people(one, f"{pointer}/{index}")
    if not isinstance(value, dict):
        return
    if is_few(value):
        yield finding("few-people", f"{pointer}/{_COUNT}")
        if _SHARE in value:
            yield finding("few-women", f"{pointer}/{_SHARE}")
    if value.get(_ONE_RATING) in range(1, 6):  # another is no rating at all, which is told
        yield finding("one-rating", f"{pointer}/{_ONE_RATING}", INFO)
    for key, inner in value.items():
        if isinstance(inner, dict | list):
            yield from few_people(inner, f"{pointer}/{key}")
