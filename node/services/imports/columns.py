"""What people call the columns of their tables, in the words of the import."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from vocab.concepts import fold
from vocab.terms import JsonObject, JsonValue

TEXTS: Final[Mapping[str, str]] = {
    "title": "title",
    "summary": "summary",
    "body": "description",
    "problem": "problem",
    "solution": "solution",
    "lesson": "lesson",
    "difficulty": "difficulty",
    "core_element": "coreElement",
    "adaptable": "adaptable",
    "legal_basis": "legalBasis",
    "continuity": "continuity",
}
"""Columns of text per language, with the key of the record."""

CODES: Final[Mapping[str, tuple[str, str]]] = {
    "themes": ("theme", "theme"),
    "target_groups": ("targetGroup", "target-group"),
    "methods": ("method", "method"),
    "funding": ("funding", "funding"),
    "sdg": ("sdg", "sdg"),
    "commitment": ("commitment", "commitment"),
}
"""Columns of several concepts, with the key of the record and the scheme; others are keywords."""

CODE: Final[Mapping[str, tuple[str, str]]] = {
    "maturity": ("maturity", "maturity"),
    "evidence_level": ("evidenceLevel", "evidence-level"),
    "cost_band": ("costBand", "cost-band"),
    "competence": ("competence", "competence"),
}
"""Columns of one concept."""

KEYWORDS: Final = ("tags", "keywords", "sector")
LISTS: Final = (*CODES, *KEYWORDS, "organisations", "partners", "links", "steps")
NOTES: Final = ("raw_kind", "lang_source", "location_of", "note")
DERIVED: Final = frozenset(("licence_class",))
"""Keys that only repeat what another key says."""

_PLAIN: Final = (
    *("source", "source_id", "url", "credit", "licence", "language", "original_language"),
    *("country", "region", "lat", "lon", "population", "settlement"),
    *("start", "end", "status", "lead", "contact", "contact_email", "contact_page"),
    *("result_before", "result_after", "result_unit", "result_measured"),
    *("cost_setup", "cost_yearly", "currency", "staff", "setup_months"),
)
_PARTS: Final = ("city", "result", "result_method", "mentoring")
"""Texts per language inside of a part of the record."""

_KNOWN: Final = frozenset((*TEXTS, *CODES, *CODE, *LISTS, *NOTES, *DERIVED, *_PLAIN, *_PARTS))
_ALIASES: Final[Mapping[str, str]] = {
    "theme": "themes",
    "target_group": "target_groups",
    "method": "methods",
    "tag": "tags",
    "keyword": "keywords",
    "description": "body",
    "lessons": "lesson",
    "difficulties": "difficulty",
    "place": "city",
    "town": "city",
    "municipality": "city",
    "inhabitants": "population",
    "latitude": "lat",
    "longitude": "lon",
    "long": "lon",
    "start_date": "start",
    "end_date": "end",
    "license": "licence",
    "organisation": "organisations",
    "organization": "organisations",
    "organizations": "organisations",
    "organisation_name": "organisations",
    "link": "links",
    "see_also": "links",
    "step": "steps",
    "partner": "partners",
    "commitments": "commitment",
    "results": "result",
    "contact_name": "contact",
    "email": "contact_email",
    "languages": "language",
}
_LANGUAGE: Final = re.compile(r"(.+)_([a-z]{2})")
_AGAIN: Final = re.compile(r" \(\d+\)$")


def known(column: str) -> str:
    """Return the column that a heading means ("Target group" is "target_groups"), "" if none does.

    Capitals, accents, and whether words are joined by spaces, hyphens or underscores make no
    difference, and neither does the number that a repeated list carries.
    """
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", column)
    plain = re.sub(r"[\s_-]+", "_", fold(_AGAIN.sub("", words)))
    name = _ALIASES.get(plain, plain)
    again = bool(_AGAIN.search(column))
    if name in _KNOWN:
        return "" if again and name not in LISTS else name
    match = _LANGUAGE.fullmatch(plain)
    about = _ALIASES.get(match[1], match[1]) if match else ""
    text = about in TEXTS or about in _PARTS
    return f"{about}_{match[2]}" if match and text and not again else ""


class Row:
    """The cells of a row, taken one by one; what nobody takes is left over."""

    def __init__(self, values: Mapping[str, JsonValue]) -> None:
        self._left: JsonObject = {}
        self.called: dict[str, str] = {}  # the heading of each column as its author wrote it
        for heading, value in values.items():
            if value in (None, "", [], {}) or (isinstance(value, str) and not value.strip()):
                continue
            name = known(heading) or heading
            if name not in self._left:
                self._left[name], self.called[name] = value, heading
            elif name in LISTS:
                self._left[name] = [*_items(self._left[name]), *_items(value)]
            else:
                other = heading if heading not in self._left else f"{heading} (2)"
                self._left[other], self.called[other] = value, heading

    def text(self, name: str) -> str:
        """Take a text or number in one piece; "" where there is none, or something else."""
        value = self._left.get(name)
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            return ""
        del self._left[name]
        return str(value).strip()

    def number(self, name: str) -> float | str | None:
        """Take a number, or the text that stands for one."""
        value = self._left.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            del self._left[name]
            return value
        return self.text(name) or None

    def items(self, name: str) -> list[str]:
        """Take a list, or the parts of a text between ";" or "|", each once."""
        if name not in self._left:
            return []
        found = _items(self._left.pop(name))
        good = [str(one).strip() for one in found if isinstance(one, str | int | float)]
        if len(good) < len(found):
            self._left[name] = [one for one in found if not isinstance(one, str | int | float)]
        return [*dict.fromkeys(filter(None, good))]

    def texts(self, name: str, language: str) -> JsonObject:
        """Take the texts of a column per language: an object, or title, title_en and so on."""
        found: JsonObject = {}
        value = self._left.get(name)
        if isinstance(value, dict):
            found = {code: text for code, text in value.items() if _said(text)}
            rest: JsonObject = {k: v for k, v in value.items() if v and k not in found}
            del self._left[name]
            if rest:
                self._left[name] = rest
        elif isinstance(value, str):
            found[language] = value
            del self._left[name]
        for column in self.columns():
            match = _LANGUAGE.fullmatch(column)
            if match and match[1] == name and (match[2] not in found) and _said(self._left[column]):
                found[match[2]] = self._left.pop(column)
        return found

    def columns(self) -> list[str]:
        """Return the columns that are left."""
        return list(self._left)

    def peek(self, name: str) -> JsonValue:
        """Return a value without taking it."""
        return self._left.get(name)

    def rest(self) -> Iterator[tuple[str, JsonValue]]:
        """Yield what nobody took, with its heading."""
        for name, value in self._left.items():
            if name not in DERIVED:
                yield self.called[name], value


def _said(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _items(value: JsonValue) -> list[JsonValue]:
    if isinstance(value, str):
        return [*re.split("[;|]", value)]
    return value if isinstance(value, list) else [value]
