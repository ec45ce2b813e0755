"""Hints of personal data in a text: what its author may want to leave out before sending it.

They are hints: a text without any may name somebody, and one with some may be harmless. Nothing is
refused because of them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_MOST: Final = 20
_READ: Final = 20_000  # characters: more than any form takes
_LONGEST: Final = 60
_PATTERNS: Final[Mapping[str, re.Pattern[str]]] = {
    "mail": re.compile(r"[^\s@<>()]{1,64}@[^\s@<>()]{1,200}\.[a-zA-Z]{2,20}"),
    "account": re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}\b"),
    "identity": re.compile(
        r"\b(?:[XYZxyz]-?\d{7}|\d{8})-?[A-Za-z]\b|\b\d{3}[ .]\d{3}[ .]\d{3}-?\d{2}\b"
    ),
    "phone": re.compile(r"(?<![\w.,/-])\+?\(?\d(?:[\d ().-]{7,16})\d(?![\w/-])"),
    "name": re.compile(
        r"\b(?:Mr|Mrs|Ms|Dr|Sr|Sra|Srta|Dra|Don|Doña|Frau|Herr|Monsieur|Madame|Mme|M\.|Signor"
        r"|Signora|Sig|Senhor|Senhora|Dona)\.? +[A-ZÀ-ÖØ-ÞŠŽ][\w'’-]{1,40}"
    ),
}  # in the order in which they are told
_FEWEST_DIGITS: Final = 9  # of a phone number: years, prices and counts are shorter
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./]\d{2,4}")


@dataclass(frozen=True, slots=True)
class Hint:
    """Something that looks like personal data: "mail", "phone", "identity", "account" or "name"."""

    kind: str
    excerpt: str


def hints(text: str) -> list[Hint]:
    """Return what in a text looks like personal data, at most twenty places of its beginning."""
    text = text[:_READ]
    found: dict[str, Hint] = {}
    dateless = _DATE.sub(" ; ", text)
    for kind, pattern in _PATTERNS.items():
        for match in pattern.finditer(dateless if kind == "phone" else text):
            excerpt = match[0].strip()[:_LONGEST]
            if kind == "phone" and sum(map(str.isdigit, excerpt)) < _FEWEST_DIGITS:
                continue
            if not any(excerpt in known for known in found):
                found.setdefault(excerpt, Hint(kind, excerpt))
            if len(found) == _MOST:
                return list(found.values())
    return list(found.values())
