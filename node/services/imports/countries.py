"""Country names in many languages to ISO 3166-1 codes, where that is certain."""

import unicodedata
from functools import lru_cache
from typing import Final

from babel import Locale

LOCALES: Final = (
    *("en", "es", "fr", "de", "it", "pt", "nl", "ca", "gl", "eu", "pl", "ro", "el", "sv", "da"),
    *("fi", "cs", "sk", "sl", "hr", "hu", "bg", "et", "lv", "lt", "mt", "ga", "nb", "is", "tr"),
    *("uk", "ru", "ar", "zh", "ja", "ko"),
)

OTHER_NAMES: Final = {
    "uk": "GB",
    "u k": "GB",
    "great britain": "GB",
    "usa": "US",
    "u s": "US",
    "u s a": "US",
    "united states of america": "US",
    "estados unidos de america": "US",
    "republic of north macedonia": "MK",
    "macedonia": "MK",
    "democratic republic of the congo": "CD",
    "palestinian territory": "PS",
    "palestine": "PS",
    "republic of ireland": "IE",
    "the netherlands": "NL",
    "holland": "NL",
    "republic of korea": "KR",
    "russian federation": "RU",
    "viet nam": "VN",
    "hong kong": "HK",
    "macau": "MO",
    "macao": "MO",
    "czech republic": "CZ",
    "ivory coast": "CI",
    "cape verde": "CV",
    "turkey": "TR",
    "bosnia and herzegovina": "BA",
    "burma": "MM",
    "swaziland": "SZ",
}
"""Names in common use that CLDR does not list; each names one country only."""


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = (c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    return " ".join("".join(letters).split())


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    """Return folded name -> code; a name that two countries share in some language is left out."""
    found: dict[str, str] = {}
    doubtful: set[str] = set()
    for language in LOCALES:
        for code, name in Locale.parse(language).territories.items():
            if len(code) != 2 or not code.isalpha() or code in ("EU", "EZ", "UN", "XA", "XB", "ZZ"):
                continue
            key = _folded(name)
            if found.setdefault(key, code) != code:
                doubtful.add(key)
    for key in doubtful:
        del found[key]
    return {**found, **OTHER_NAMES}


def country_code(text: str) -> str | None:
    """Return the ISO 3166-1 alpha-2 code of a country as somebody wrote it, None if not certain.

    Takes codes ("FR") and names in any of 36 languages ("Italia", "Deutschland", "中国").
    """
    written = text.strip()
    if len(written) == 2 and written.isascii() and written.isupper():
        alias = OTHER_NAMES.get(written.casefold())
        known = written in Locale.parse("en").territories and written not in ("EU", "UN", "ZZ")
        return alias or (written if known else None)
    return _names().get(_folded(written))
