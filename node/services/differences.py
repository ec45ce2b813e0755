"""What differs between two versions of a record, in the words of the vocabulary."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from node.services.coded import shown
from node.services.labels import country_name, language_name, option_name
from vocab import concepts, glossary
from vocab.context import Kind, terms
from vocab.terms import ENVELOPE_KEYS, JsonObject, JsonValue

_OUTSIDE: Final = frozenset((*ENVELOPE_KEYS, "id", "modified", "conformsTo", "type"))
_MOST: Final = 500


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that is not the same.

    Attributes:
        label: what the field is called, parts and language included.
        before: the value in the first version, "" where it has none.
        after: the value in the second.
        language: of both texts, "" for values that are no text.
    """

    label: str
    before: str
    after: str
    language: str


def differences(before: JsonObject, after: JsonObject, language: str) -> tuple[Difference, ...]:
    """Return what differs, in the order in which the second version says it, at most 500 values."""
    old, new = (dict(_leaves(shown(one, language), (), language)) for one in (before, after))
    found = []
    for path in dict.fromkeys((*new, *old)):
        was, now = old.get(path, ("", "")), new.get(path, ("", ""))
        if was[0] != now[0]:
            found.append(Difference(_label(path, language), was[0], now[0], now[1] or was[1]))
    return tuple(found[:_MOST])


Path = tuple[str | int, ...]


def _leaves(value: JsonValue, path: Path, language: str) -> Iterator[tuple[Path, tuple[str, str]]]:
    """Yield (path, (value as people read it, its language))."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if path or key not in _OUTSIDE:
                yield from _leaves(inner, (*path, key), language)
    elif isinstance(value, list) and any(isinstance(one, dict) for one in value):
        for index, inner in enumerate(value):
            yield from _leaves(inner, (*path, index), language)
    elif value is not None and path[-1] != "type":
        listed = value if isinstance(value, list) else [value]
        shown = ", ".join(_shown(str(_key(path)), one, language) for one in listed)
        yield path, (shown, _tag(path))


def _key(path: Path) -> str | int:
    return next((step for step in reversed(path) if step in terms()), path[-1])


def _tag(path: Path) -> str:
    """Return the language of a text: the last step below a key that holds texts."""
    if len(path) > 1 and isinstance(path[-1], str) and path[-1] not in terms():
        term = terms().get(str(_key(path)))
        return path[-1] if term is not None and term.kind is Kind.TEXTS else ""
    return ""


def _shown(key: str, value: JsonValue, language: str) -> str:
    if isinstance(value, bool):
        return "✓" if value else "✗"
    text = str(value)
    scheme = concepts.key_scheme(key)
    if scheme:
        return concepts.label(scheme, text, language)
    if key == "costKind":
        return option_name(text, language)
    if key == "country":
        return country_name(text, language)
    return language_name(text, language) if key == "language" else text


def _label(path: Path, language: str) -> str:
    parts: list[str] = []
    for step in path:
        if isinstance(step, int):
            parts[-1:] = [f"{parts[-1]} {step + 1}"]
        elif step in terms():
            parts.append(glossary.label(step, language))
        else:
            parts.append(language_name(step, language))
    return " / ".join(parts)
