"""Stemming: one stemmer for every engine, so that all of them find the same.

Snowball's algorithms take words in lower case with their accents. People leave accents out, so a
word that has some is stemmed both ways, and the stems are folded: "vehículos" and "vehiculos" meet.
"""

import threading
from functools import lru_cache
from typing import Any, Final, Protocol

import snowballstemmer

from search.analysis.fold import fold

ALGORITHMS: Final[dict[str, str]] = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek",
    "en": "english", "es": "spanish", "et": "estonian", "eu": "basque", "fi": "finnish",
    "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian", "hy": "armenian",
    "id": "indonesian", "it": "italian", "lt": "lithuanian", "nb": "norwegian", "ne": "nepali",
    "nl": "dutch", "nn": "norwegian", "no": "norwegian", "pl": "polish", "pt": "portuguese",
    "ro": "romanian", "ru": "russian", "sr": "serbian", "sv": "swedish", "ta": "tamil",
    "tr": "turkish", "yi": "yiddish",
}  # fmt: skip
"""Snowball algorithm per language code; Galician and others without one are only folded."""

_ROUNDS: Final = 3

_lock = threading.Lock()  # the stemmers keep state between two calls


class _Stemmer(Protocol):
    def stemWord(self, word: str) -> str: ...  # noqa: N802 - Snowball's own name


def has_stemmer(language: str) -> bool:
    """Say whether words of a language are stemmed and not only folded."""
    return _stemmer(language) is not None


@lru_cache(maxsize=8_192)
def stems(word: str, language: str) -> tuple[str, ...]:
    """Return the folded stems of a word in lower case: one, or two when it has accents."""
    stemmer = _stemmer(language)
    plain = fold(word)
    if stemmer is None:
        return (plain,)
    with _lock:
        stem = fold(_stemmed(stemmer, _regular(word, language)))
        other = stem if plain == word else fold(_stemmed(stemmer, _regular(plain, language)))
    return (stem,) if stem == other else (stem, other)


def _stemmed(stemmer: _Stemmer, word: str) -> str:
    """Stem again and again until nothing more comes off.

    Snowball makes "ciud" of "ciudad" but "ciudad" of "ciudades", "muj" of "mujer" but "mujer" of
    "mujeres": once more, and they meet.
    """
    for _ in range(_ROUNDS):
        shorter = stemmer.stemWord(word)
        if shorter == word:
            break
        word = shorter
    return word


def _regular(word: str, language: str) -> str:
    """Take off the plurals in common use that Snowball's rules leave on."""
    if language == "fr" and len(word) > 4 and word.endswith("os"):
        return word[:-1]  # vélos, photos, autos
    if language == "pt" and word.endswith("ns"):
        return word[:-2] + "m"  # jovens, jardins, homens
    if language == "en" and word.endswith("buses"):
        return word[:-2]  # buses, minibuses
    return word


@lru_cache(maxsize=64)
def _stemmer(language: str) -> _Stemmer | None:
    name = ALGORITHMS.get(language)
    if name is None or name not in snowballstemmer.algorithms():
        return None
    found: Any = snowballstemmer.stemmer(name)
    stemmer: _Stemmer = found
    return stemmer
