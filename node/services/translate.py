"""Sentences of the program in the reader's language, from the catalogues beside the code."""

import io
from functools import lru_cache
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

_FOLDER = Path(__file__).parent.parent / "translations"

N_ = str
"""Marks a sentence for the catalogues where it is not yet to be translated."""


@lru_cache(maxsize=32)
def catalogue(language: str) -> NullTranslations:
    """Return the translations into `language`; those of an unknown one say everything in English.

    The .po file is compiled in memory (about 10 ms, once a process): a fresh checkout needs no
    build step and a stale compiled file cannot exist.
    """
    file = _FOLDER / language / "LC_MESSAGES" / "messages.po"
    if not language.isalpha() or not file.exists():
        return NullTranslations()
    compiled = io.BytesIO()
    with file.open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return Translations(compiled)
