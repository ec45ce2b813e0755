"""Choice of a text among its languages."""

from collections.abc import Mapping, Sequence
from typing import Final

LANGUAGES: Final = ("en", "es", "fr", "de", "it", "pt")
"""Languages in which the vocabulary and the findings speak, English first."""


def pick(texts: Mapping[str, str] | None, preferred: Sequence[str]) -> tuple[str, str]:
    """Return the text to show and its language code; ("", "") when there is none.

    Order of choice: the preferred languages as given, each first exactly ("pt-BR"), then as the
    same language of another region ("pt"); then English; then the first language there is.

    Args:
        texts: text per language code, as in a record's language maps.
        preferred: language codes, the most wanted first.
    """
    if not texts:
        return "", ""
    for wanted in (*preferred, "en"):
        for code in (wanted, _near(texts, wanted)):
            if texts.get(code):
                return texts[code], code
    return next(((text, code) for code, text in texts.items() if text), ("", ""))


def _near(texts: Mapping[str, str], wanted: str) -> str:
    """Return the first code of the same language, whatever its region; "" if there is none."""
    base = wanted.split("-", 1)[0].lower()
    return next((code for code in texts if code.split("-", 1)[0].lower() == base), "")
