"""Cutting text into words, with their places, in any script.

A word is a run of letters, digits and combining marks. Elided articles are cut off ("l'eau" is
"eau", "dell'acqua" is "acqua"), and so is a possessive ("city's" is "city"). Han and Kana are
written without spaces: each of their characters is a word of its own.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final, NamedTuple

MAX_WORD: Final = 64
"""Characters of a word that count; longer ones are cut, so that no term is without bound."""

# Letters and digits, and the vowel signs of scripts where they are marks of their own.
_LETTERS: Final = r"\w\u0300-\u036f\u0591-\u05c7\u064b-\u0652\u0900-\u0963\u0966-\u0dff"
_CHARACTERS: Final = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_SPACED: Final = re.compile(rf"\w[{_LETTERS}]*(?:['’]\w[{_LETTERS}]*)*")
_UNSPACED: Final = re.compile(rf"[{_CHARACTERS}]|\w(?:(?![{_CHARACTERS}])[{_LETTERS}])*")
_HAS_CHARACTERS: Final = re.compile(rf"[{_CHARACTERS}]")
_ELIDED: Final = re.compile(
    r"^(?:[a-z]|qu|gl|un|jusqu|lorsqu|puisqu|quoiqu|(?:d|n|c|a|da|de|su|ne|co)[ae]?ll|quest|sant)['’]"
)
_POSSESSIVE: Final = re.compile(r"['’](?:s|t|d|m|re|ve|ll)$")


class Word(NamedTuple):
    """A word of a text.

    Attributes:
        text: lower case, accents kept, for the stemmers.
        start: offset of its first character in the text.
        end: offset after its last character.
    """

    text: str
    start: int
    end: int


def composed(text: str) -> str:
    """Return the text in Unicode form NFC, without which an accent would split a word."""
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def words(text: str) -> list[str]:
    """Return the words of a text in lower case: the same ones as `spans`, but quicker."""
    lowered = composed(text).replace("_", " ").lower()
    if "'" in lowered or "’" in lowered or _has_characters(lowered):
        return [word.text for word in _cut(lowered)]
    found: list[str] = _SPACED.findall(lowered)
    if found and max(map(len, found)) > MAX_WORD:
        return [word[:MAX_WORD] for word in found]
    return found


def spans(text: str) -> list[Word]:
    """Return the words of a text with their offsets in it; the text must be `composed`."""
    return list(_cut(text.replace("_", " ")))


def _cut(text: str) -> Iterator[Word]:
    for match in (_UNSPACED if _has_characters(text) else _SPACED).finditer(text):
        found, start = match.group().lower(), match.start()
        end = match.end()
        if "'" in found or "’" in found:
            head = _ELIDED.match(found)
            if head:
                found, start = found[head.end() :], start + head.end()
            tail = _POSSESSIVE.search(found)
            if tail:
                end -= len(found) - tail.start()
                found = found[: tail.start()]
            found = found.replace("'", "").replace("’", "")
        if found:
            yield Word(found[:MAX_WORD], start, end)


def _has_characters(text: str) -> bool:
    return not text.isascii() and _HAS_CHARACTERS.search(text) is not None
