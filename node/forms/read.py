"""From what a form sent to a record: names of inputs are JSON Pointers (RFC 6901).

Nothing that was typed is lost: what is no number or no date is kept as it was typed, so that the
check can say so; keys that a form does not show stay as they were.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from node.forms.fields import Control, FormField
from node.forms.numbers import read_number
from vocab.terms import JsonObject, JsonValue

MOST_PARTS: Final = 100
_INDEX: Final = re.compile(r"[0-9]{1,3}")
_BLANKS: Final = re.compile(r"[^\S\n]+")

Sent = Mapping[str, Sequence[str]]
"""Values by the names of the inputs."""


def read_fields(
    fields: Sequence[FormField],
    sent: Sent,
    before: JsonObject,
    language: str,
    pointer: str = "",
) -> JsonObject:
    """Return an object with what a form said of some of its fields.

    Args:
        fields: that the form showed.
        sent: what came back.
        before: the object so far; keys of no field are kept.
        language: of the form, in which numbers are written.
        pointer: JSON Pointer of the object.
    """
    shown = {field.key for field in fields}
    found: JsonObject = {key: value for key, value in before.items() if key not in shown}
    for field in fields:
        value = _value(field, sent, before.get(field.key), language, f"{pointer}/{field.key}")
        if value not in (None, "", [], {}):
            found[field.key] = value
    return found


def _value(
    field: FormField, sent: Sent, before: JsonValue, language: str, pointer: str
) -> JsonValue:
    match field.control:
        case Control.PART:
            return _part(field, sent, before, language, pointer)
        case Control.PARTS:
            return _parts(field, sent, before, language, pointer)
        case Control.NUMBER | Control.WHOLE:
            return _number_of(field.control, _one(sent, pointer), language)
        case Control.TEXTS | Control.TEXT_LISTS:
            return _texts(field, sent, before, pointer)
        case Control.CHOICES | Control.LANGUAGES | Control.ADDRESSES | Control.LINES:
            said = (line for text in sent.get(pointer, ()) for line in _lines(text))
            return list(dict.fromkeys(said))
        case _:
            return _READERS.get(field.control, _same)(_one(sent, pointer))


def _texts(field: FormField, sent: Sent, before: JsonValue, pointer: str) -> JsonValue:
    found: JsonObject = {}
    for tag, text in _by_language(sent, pointer, before):
        if text:
            lists = field.control is Control.TEXT_LISTS
            found[tag] = [*_lines(text)] if lists else text
    return found


def _part(
    field: FormField, sent: Sent, before: JsonValue, language: str, pointer: str
) -> JsonValue:
    held = before if isinstance(before, dict) else {}
    if isinstance(before, str) and not _is_sent(sent, pointer):
        return before  # a link to a record of its own, which the form does not take apart
    found = read_fields(field.parts, sent, held, language, pointer)
    return found if set(found) - {"type"} else None


def _parts(
    field: FormField, sent: Sent, before: JsonValue, language: str, pointer: str
) -> JsonValue:
    held = before if isinstance(before, list) else []
    kept: list[JsonValue] = []
    for index in _indices(sent, pointer):
        old = held[index] if index < len(held) else {}
        base = old if isinstance(old, dict) else {}
        found = read_fields(field.parts, sent, base, language, f"{pointer}/{index}")
        if set(found) - {"type", "order"}:
            kept.append(found)
    if any(part.key == "order" for part in field.parts):
        _number(kept)
    return kept


def _number(parts: list[JsonValue]) -> None:
    """Order parts as they were numbered, and number them from 1 without a gap."""
    parts.sort(key=_order)
    for number, part in enumerate(parts, 1):
        if isinstance(part, dict):
            part["order"] = number


def _order(part: JsonValue) -> float:
    order = part.get("order") if isinstance(part, dict) else None
    return order if isinstance(order, int | float) else float("inf")


def _indices(sent: Sent, pointer: str) -> list[int]:
    start = pointer + "/"
    numbers = {name[len(start) :].partition("/")[0] for name in sent if name.startswith(start)}
    return sorted(int(n) for n in numbers if n.isascii() and n.isdigit() and len(n) < 4)[
        :MOST_PARTS
    ]


def _is_sent(sent: Sent, pointer: str) -> bool:
    return any(name.startswith(pointer + "/") and any(values) for name, values in sent.items())


def _by_language(sent: Sent, pointer: str, before: JsonValue) -> list[tuple[str, str]]:
    """Return (language, text); languages that the form did not show stay as they were."""
    start = pointer + "/"
    shown = {
        name[len(start) :]: _tidy(values[0])
        for name, values in sent.items()
        if name.startswith(start) and "/" not in name[len(start) :] and values
    }
    held = before if isinstance(before, dict) else {}
    kept = {
        tag: "\n".join(map(str, text)) if isinstance(text, list) else str(text)
        for tag, text in held.items()
        if tag not in shown
    }
    return sorted({**kept, **shown}.items())


def _tidy(text: str) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(_BLANKS.sub(" ", line).strip() for line in lines).strip()


def _lines(text: str) -> list[str]:
    return [line for line in _tidy(text).split("\n") if line]


def _one(sent: Sent, pointer: str) -> str:
    return _tidy(next(iter(sent.get(pointer, ())), ""))


def _same(text: str) -> JsonValue:
    return text


def _number_of(control: Control, text: str, language: str) -> JsonValue:
    found = read_number(text, language)
    whole = control is Control.WHOLE and isinstance(found, float) and found.is_integer()
    return int(found) if whole else found


def _yes_no(text: str) -> JsonValue:
    return {"yes": True, "no": False}.get(text, text)


def _mail(text: str) -> JsonValue:
    return f"mailto:{text}" if text and ":" not in text else text


_READERS: Final[Mapping[Control, Callable[[str], JsonValue]]] = {
    Control.YES_NO: _yes_no,
    Control.MAIL: _mail,
}
