"""Reading a stored record piece by piece: whatever has an unexpected shape is left out.

A harvested record passed its check, but it may carry keys of a newer vocabulary; a page must
never fail because of one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from node.services.text import Block, blocks, one_line
from vocab.language import pick
from vocab.terms import JsonObject, JsonValue


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text in the language it was found in; "" when there is none."""

    text: str
    language: str

    def __bool__(self) -> bool:
        """Say whether there is any text."""
        return bool(self.text)


@dataclass(frozen=True, slots=True)
class Prose:
    """Longer text, in blocks."""

    blocks: tuple[Block, ...]
    language: str

    def __bool__(self) -> bool:
        """Say whether there is any text."""
        return bool(self.blocks)


@dataclass(frozen=True, slots=True)
class Reader:
    """One JSON object of a record, read for readers of certain languages.

    Attributes:
        document: the object.
        preferred: language codes, best first (asked for, then the record's own).
    """

    document: JsonObject
    preferred: tuple[str, ...]

    def languages(self, key: str) -> Mapping[str, str]:
        """Return the texts of a field per language."""
        value = self.document.get(key)
        if isinstance(value, str):
            return {self.preferred[-1]: value}
        if not isinstance(value, dict):
            return {}
        return {code: text for code, text in value.items() if isinstance(text, str)}

    def text(self, key: str) -> Text:
        """Return a field as one line in the best language."""
        found, language = pick(self.languages(key), self.preferred)
        return Text(one_line(found), language)

    def prose(self, key: str) -> Prose:
        """Return a field as blocks in the best language."""
        found, language = pick(self.languages(key), self.preferred)
        return Prose(blocks(found), language)

    def string(self, key: str) -> str:
        """Return a plain string as one line, "" when it is absent."""
        value = self.document.get(key)
        return one_line(value) if isinstance(value, str) else ""

    def strings(self, key: str) -> tuple[str, ...]:
        """Return a field that holds one string or several."""
        return tuple(item for item in _listed(self.document.get(key)) if isinstance(item, str))

    def addresses(self, key: str) -> tuple[str, ...]:
        """Return the URIs of a link: strings, or the `id` of embedded objects."""
        found = _listed(self.document.get(key))
        plain = (item.get("id") if isinstance(item, dict) else item for item in found)
        return tuple(item for item in plain if isinstance(item, str))

    def whole(self, key: str) -> int | None:
        """Return a whole number."""
        value = self.document.get(key)
        if isinstance(value, float) and value.is_integer():
            return int(value)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def number(self, key: str) -> float | None:
        """Return a number."""
        value = self.document.get(key)
        good = isinstance(value, int | float) and not isinstance(value, bool)
        return float(value) if good else None  # type: ignore[arg-type]  # `good` says it is one

    def flag(self, key: str) -> bool | None:
        """Return a truth value, None when it is not stated."""
        value = self.document.get(key)
        return value if isinstance(value, bool) else None

    def day(self, key: str) -> date | None:
        """Return an xsd:date."""
        try:
            return date.fromisoformat(self.string(key)[:10])
        except ValueError:
            return None

    def moment(self, key: str) -> datetime | None:
        """Return an xsd:dateTime."""
        try:
            return datetime.fromisoformat(self.string(key))
        except ValueError:
            return None

    def one(self, key: str) -> "Reader":
        """Return an embedded object, an empty one when it is absent."""
        found = self.many(key)
        return found[0] if found else Reader({}, self.preferred)

    def many(self, key: str) -> "tuple[Reader, ...]":
        """Return embedded objects."""
        found = _listed(self.document.get(key))
        return tuple(Reader(item, self.preferred) for item in found if isinstance(item, dict))

    def words(self, key: str) -> tuple[Text, ...]:
        """Return keywords, those of the best language only."""
        value = self.document.get(key)
        if not isinstance(value, dict):
            return ()
        chosen = next((code for code in (*self.preferred, "en", *value) if code in value), "")
        found = (item for item in _listed(value.get(chosen)) if isinstance(item, str))
        return tuple(Text(one_line(item), chosen) for item in found)


def _listed(value: JsonValue) -> Sequence[JsonValue]:
    if value is None:
        return ()
    return value if isinstance(value, list) else (value,)


def read(document: JsonObject, asked: str) -> Reader:
    """Return a record's reader: the asked language first, then the record's original one."""
    plain = Reader(document, (asked,))
    original = plain.string("originalLanguage") or next(iter(plain.strings("language")), "")
    return Reader(document, tuple(dict.fromkeys(code for code in (asked, original) if code)))
