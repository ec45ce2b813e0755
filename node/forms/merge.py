"""Two people write on one draft: what only one of them changed is kept, the rest is for people.

A form carries a short digest of each field as it was shown. Whoever saves after somebody else is
compared with that: a field that they did not touch stays as the other wrote it.
"""

import hashlib
from collections.abc import Sequence
from typing import Final

import orjson

from node.forms.fields import FormField
from vocab.terms import JsonObject, JsonValue

_LENGTH: Final = 12
_MOST: Final = 20_000  # characters of a form's digests that are read


def seen(fields: Sequence[FormField], body: JsonObject) -> str:
    """Return the digests of some fields of a record, as a form carries them (JSON)."""
    return orjson.dumps({one.key: _digest(body.get(one.key)) for one in fields}).decode()


def merge(
    fields: Sequence[FormField], shown: str, mine: JsonObject, theirs: JsonObject
) -> tuple[JsonObject, tuple[str, ...]]:
    """Return what two people made of a record, and the keys that both changed differently.

    Args:
        fields: that the form showed.
        shown: their digests when it was shown, as `seen` returned them; what cannot be read
            counts as shown otherwise, so that nothing is taken for untouched.
        mine: as it was sent.
        theirs: as it was saved meanwhile.
    """
    before = _read(shown)
    body, both = dict(theirs), []
    for key in (one.key for one in fields):
        ours, held, was = _digest(mine.get(key)), _digest(theirs.get(key)), before.get(key)
        if ours in (was, held):
            continue
        if held != was:
            both.append(key)
        if key in mine:
            body[key] = mine[key]
        else:
            body.pop(key, None)
    return body, tuple(both)


def _read(shown: str) -> dict[str, str]:
    try:
        held = orjson.loads(shown[:_MOST])
    except ValueError:
        return {}
    return {str(k): str(v) for k, v in held.items()} if isinstance(held, dict) else {}


def _digest(value: JsonValue) -> str:
    if value in (None, "", [], {}):
        return ""
    encoded = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(encoded).hexdigest()[:_LENGTH]
