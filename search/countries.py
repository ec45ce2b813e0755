"""Names of countries, so that "España" and "Spain" find the records of ES."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from search.analysis.fold import fold

LANGUAGES: Final = ("en", "es", "fr", "de", "it", "pt")
"""Languages of the interface and of the vocabulary's labels."""


def all_country_names() -> Iterator[tuple[str, str, str]]:
    """Yield language, ISO 3166-1 alpha-2 code and name of all countries in our languages."""
    from babel import Locale  # its tables are only read where somebody searches

    for language in LANGUAGES:
        for code, name in Locale.parse(language).territories.items():
            if len(code) == 2 and code.isalpha():
                yield language, code, name


@lru_cache(maxsize=1)
def _codes() -> dict[str, str]:
    return {fold(name): code for _, code, name in all_country_names()}


def country_code(text: str) -> str:
    """Return the code of a country named by its code or in one of our languages, "" if none."""
    upper = text.strip().upper()
    if len(upper) == 2 and upper.isalpha() and upper.isascii():
        return upper
    return _codes().get(fold(text.strip()), "")
