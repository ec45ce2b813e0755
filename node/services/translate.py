"""Sentences of the program in the reader's language, from the catalogues beside the code."""

import io
import re
from functools import lru_cache
from pathlib import Path
from typing import Final

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from typing_extensions import override

from node.settings import PSEUDO

_FOLDER = Path(__file__).parent.parent / "translations"

N_ = str
"""Marks a sentence for the catalogues where it is not yet to be translated."""


_LETTERS: Final = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "ابثدةفغهيجكلمنوبقرستعطشخيز" * 2,
)
_KEPT: Final = re.compile(r"(%\(\w+\)s|%%|<[^>]*>)")


class _Mirrored(NullTranslations):
    """English sentences in Arabic letters: what is left in Latin ones was never given to it."""

    @override
    def gettext(self, message: str) -> str:
        """Return a sentence with its letters exchanged, placeholders excepted."""
        parts = _KEPT.split(message)
        return "".join(
            part if index % 2 else part.translate(_LETTERS) for index, part in enumerate(parts)
        )

    @override
    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Return the sentence for a number."""
        return self.gettext(msgid1 if n == 1 else msgid2)

    ugettext = gettext
    ungettext = ngettext


@lru_cache(maxsize=32)
def catalogue(language: str) -> NullTranslations:
    """Return the translations into `language`; those of an unknown one say everything in English.

    The .po file is compiled in memory (about 10 ms, once a process): a fresh checkout needs no
    build step and a stale compiled file cannot exist.
    """
    if language == PSEUDO:
        return _Mirrored()
    file = _FOLDER / language / "LC_MESSAGES" / "messages.po"
    if not language.isalpha() or not file.exists():
        return NullTranslations()
    compiled = io.BytesIO()
    with file.open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return Translations(compiled)
