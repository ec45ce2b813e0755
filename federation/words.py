"""Fingerprints as words, to be read out on the phone.

Each word stands for 16 bits: five letters, consonants and vowels in turn (proquints, Wilkerson
2009). They can be pronounced in any language and need no list of words.
"""

import hashlib
import re
from typing import Final

from federation.identity import fingerprint

_CONSONANTS: Final = "bdfghjklmnprstvz"
_VOWELS: Final = "aiou"


def in_words(multikey: str) -> str:
    """Return the fingerprint of a key as eight words: the same 128 bits as in hexadecimal."""
    digest = hashlib.sha256(multikey.encode()).digest()[:16]
    pairs = (int.from_bytes(digest[at : at + 2]) for at in range(0, 16, 2))
    return " ".join(_word(pair) for pair in pairs)


def _word(bits: int) -> str:
    return (
        _CONSONANTS[bits >> 12]
        + _VOWELS[bits >> 10 & 3]
        + _CONSONANTS[bits >> 6 & 15]
        + _VOWELS[bits >> 4 & 3]
        + _CONSONANTS[bits & 15]
    )


def is_fingerprint_of(said: str, multikey: str) -> bool:
    """Say whether somebody has read out the fingerprint of a key, in words or in hexadecimal.

    Case and whatever stands between words or groups do not matter.
    """
    spoken = re.sub(r"[^0-9a-z]", "", said.casefold())
    known = (in_words(multikey), fingerprint(multikey))
    return spoken in {text.replace(" ", "") for text in known}
