"""Numbers as people write them in their language ("1.240" is 1240 in Spanish), and back.

Only what can be meant in one way is read; anything else stays as it was typed, so that the check
can say so.
"""

import re
from functools import lru_cache
from typing import Final

from babel import Locale
from babel.numbers import format_decimal

_MOST_DIGITS: Final = 15  # of a whole number: more than that no double holds
_LONGEST: Final = 40


def read_number(text: str, language: str) -> int | float | str:
    """Return the number that a text stands for, the text itself where that is not certain.

    Args:
        text: as somebody typed it.
        language: of the form; it decides what a point and a comma mean.
    """
    plain = re.sub(r"[\s'’]", "", text)
    grouped, decimal, other = _patterns(language)
    mark, group = _marks(language)
    if grouped.fullmatch(plain) or decimal.fullmatch(plain):
        plain = plain.replace(group, "").replace(mark, ".")
    elif other.fullmatch(plain):  # "412.5" in Spanish: three digits would be thousands
        plain = plain.replace(group, ".")
    else:
        return text
    if len(plain.partition(".")[0].lstrip("-")) > _MOST_DIGITS or len(plain) > _LONGEST:
        return text
    return float(plain) if "." in plain else int(plain)


def shown_number(value: float, language: str) -> str:
    """Return a number as `read_number` reads it back in the same language."""
    if isinstance(value, int):
        return str(value)
    return str(
        format_decimal(
            value, locale=Locale.parse(language), group_separator=False, decimal_quantization=False
        )
    )


def _marks(language: str) -> tuple[str, str]:
    mark = str(Locale.parse(language).number_symbols["latn"]["decimal"])
    return mark, "." if mark == "," else ","


@lru_cache(maxsize=16)
def _patterns(language: str) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    mark, group = map(re.escape, _marks(language))
    return (
        re.compile(rf"-?[1-9][0-9]{{0,2}}(?:{group}[0-9]{{3}})+(?:{mark}[0-9]+)?", re.ASCII),
        re.compile(rf"-?[0-9]+(?:{mark}[0-9]+)?", re.ASCII),
        re.compile(rf"-?[0-9]+{group}(?:[0-9]{{1,2}}|[0-9]{{4,}})", re.ASCII),
    )
