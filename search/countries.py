"""Names of countries, so that "España" and "Spain" find the records of ES."""

from functools import lru_cache
from typing import Final

from search.analysis.fold import fold

LANGUAGES: Final = ("en", "es", "fr", "de", "it", "pt")
"""Languages of the interface and of the vocabulary's labels."""


@lru_cache(maxsize=300)
def country_names(code: str) -> tuple[str, ...]:
    """Return the names of a country (ISO 3166-1 alpha-2) in our languages, without repeats."""
    from babel import Locale  # its tables are only read where records are indexed

    names = [Locale.parse(language).territories.get(code, "") for language in LANGUAGES]
    return tuple(dict.fromkeys(name for name in names if name))


@lru_cache(maxsize=1)
def _codes() -> dict[str, str]:
    from babel import Locale

    return {
        fold(name): code
        for language in LANGUAGES
        for code, name in Locale.parse(language).territories.items()
        if len(code) == 2 and code.isalpha()
    }


def country_code(text: str) -> str:
    """Return the code of a country named by its code or in one of our languages, "" if none."""
    upper = text.strip().upper()
    if len(upper) == 2 and upper.isalpha() and upper.isascii():
        return upper
    return _codes().get(fold(text.strip()), "")
