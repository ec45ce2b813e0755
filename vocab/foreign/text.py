"""Texts, language tags, addresses and days as others write them, in the one form of ours."""

import html
import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

from vocab.addresses import is_iri
from vocab.context import definitions
from vocab.keys import LANGUAGE_PATTERN

UNKNOWN: Final = "und"
"""The language of a text whose language nobody says (RFC 5646, section 4.1)."""

_TAG: Final = re.compile(
    r"<!--|-->|<(/?)([a-zA-Z][a-zA-Z0-9]*+)(?:[^<>\"']++|\"[^\"<]*+\"|'[^'<]*+'|[\"'])*+>"
)
"""Never looks beyond the next "<", so that its time grows with the text and not faster."""
_BLOCK: Final = re.compile(
    "address|article|aside|blockquote|br|dd|details|div|dl|dt|figcaption|figure|footer|form|h[1-6]"
    "|header|hr|li|main|nav|ol|p|pre|section|summary|table|td|th|tr|ul"
)
_INLINE: Final = re.compile(
    "abbr|acronym|a|b|bdi|bdo|big|body|button|caption|center|cite|code|col|colgroup|data|datalist"
    "|del|dfn|em|embed|fieldset|font|head|html|i|iframe|img|input|ins|kbd|label|legend|link|mark"
    "|meta|noscript|object|optgroup|option|output|param|picture|q|s|samp|script|select|small"
    "|source|span|strike|strong|style|sub|sup|svg|tbody|template|textarea|tfoot|thead|time|title"
    "|tt|u|var|video|audio|wbr"
)
_HIDDEN: Final = frozenset(("script", "style", "template", "noscript"))
_ENTITY: Final = re.compile(r"&#?[A-Za-z0-9]{1,32};")
"""With its semicolon only: "&copy=1" is a part of an address."""
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_WEB: Final = re.compile(
    r"https?://(?:\[[0-9A-Fa-f:.]+\]|[^\s/?#@:\[\]]+)(?::[0-9]{1,5})?(?:[/?#]\S*)?", re.ASCII
)
_LANGUAGE: Final = re.compile(LANGUAGE_PATTERN)
_EU_LANGUAGES: Final = "http://publications.europa.eu/resource/authority/language/"
_LANGUAGE_IRI: Final = re.compile(
    r"https?://(?:id\.loc\.gov/vocabulary/iso639-[12]/|(?:www\.)?lexvo\.org/(?:id|page)/iso639-[13]/"
    r"|publications\.europa\.eu/resource/authority/language/)([A-Za-z]{2,3})"
)


def plain(text: str) -> str:
    """Return a text without HTML, control characters and surplus blank space.

    Only names of HTML elements count as tags: "<b>" goes, "<info@example.org>" stays.
    """
    if _has_tags(text):
        text = _without_tags(text)
    text = _ENTITY.sub(lambda match: html.unescape(match[0]), text)
    text = _CONTROL.sub(" ", text).replace("\r\n", "\n").replace("\r", "\n")
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def one_line(text: str) -> str:
    """Return a plain text without line breaks, for titles and names."""
    return " ".join(plain(text).split())


def clean(text: str) -> str:
    """Return a text in one line without control characters, and otherwise as it is."""
    return " ".join(_CONTROL.sub(" ", text).split())


def tag(written: str) -> str:
    """Return a language tag in its canonical spelling, "und" where it is none.

    What our records cannot say about a language (a variant, an extension) is left off.
    """
    parts = written.strip().replace("_", "-").split("-")
    language = parts[0].lower()
    result = [_three_letters().get(language, language)]
    for part in parts[1:]:
        if len(part) == 4 and part.isalpha() and len(result) == 1:
            result.append(part.title())
        elif re.fullmatch(r"[A-Za-z]{2}|[0-9]{3}", part):
            result.append(part.upper())
            break
        else:
            break
    found = "-".join(result)
    return found if _LANGUAGE.fullmatch(found) else UNKNOWN


def language_code(written: str) -> str:
    """Return the code of a language given as a tag or as an address; "" where it is neither."""
    match = _LANGUAGE_IRI.fullmatch(written)
    code = tag(match[1] if match else written).split("-")[0]
    known = match or re.fullmatch(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*", written)
    return code if known and code != UNKNOWN else ""


def web(written: str) -> str:
    """Return a text that is a complete web address, "" where it is none."""
    address = written.strip()
    try:
        urlsplit(address)  # what Python cannot take apart, such as "http://[::::]", is none either
    except ValueError:
        return ""
    return address if _WEB.fullmatch(address) and is_iri(address) else ""


def day(written: str) -> str:
    """Return the day of a whole date or time, "" where it is incomplete or impossible."""
    match = re.match(r"([12]\d{3}-\d\d-\d\d)(?:$|T)", written.strip(), re.ASCII)
    try:
        return date.fromisoformat(match[1]).isoformat() if match else ""
    except ValueError:
        return ""


@lru_cache(maxsize=1)
def _three_letters() -> Mapping[str, str]:
    """Return the two-letter code for each three-letter one that the context knows."""
    codes = definitions()["language"]["@context"]
    return MappingProxyType(
        {
            address.removeprefix(_EU_LANGUAGES).lower(): code
            for code, address in codes.items()
            if address.startswith(_EU_LANGUAGES)
        }
    )


def _has_tags(text: str) -> bool:
    return "<" in text and any(_means_something(match) for match in _TAG.finditer(text))


def _means_something(match: re.Match[str]) -> bool:
    name = (match[2] or "").lower()
    return match[0] == "<!--" or bool(_BLOCK.fullmatch(name) or _INLINE.fullmatch(name))


def _without_tags(text: str) -> str:
    pieces: list[str] = []
    hidden, start = "", 0
    for match in _TAG.finditer(text):
        name = (match[2] or "").lower()
        if hidden:
            ends = match[0] == hidden or (match[1] == "/" and name == hidden)
            hidden, start = ("", match.end()) if ends else (hidden, start)
            continue
        if not _means_something(match):
            continue
        _append(pieces, text[start : match.start()])
        if _BLOCK.fullmatch(name) and not (pieces and pieces[-1].endswith("\n")):
            pieces.append("\n\n" if name == "p" and match[1] else "\n")
        start = match.end()
        if match[0] == "<!--":
            hidden = "-->"
        elif name in _HIDDEN and not match[1]:
            hidden = name
    if not hidden:
        _append(pieces, text[start:])
    return "".join(pieces)


def _append(pieces: list[str], text: str) -> None:
    """Add what stands between two tags; blank space at the start of a line is none."""
    words = re.sub(r"\s+", " ", text)
    if words.strip() or (words and pieces and not pieces[-1].endswith("\n")):
        pieces.append(words)
