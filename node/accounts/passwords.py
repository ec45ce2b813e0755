"""Passwords: what is asked of them, and how they are kept (Argon2id, RFC 9106)."""

from itertools import pairwise
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

SHORTEST: Final = 12
LONGEST: Final = 200
_SAME: Final = 4  # fewer different characters than that are no password

_hasher: Final = PasswordHasher()
# Whoever tries an unknown login must wait as long as with a known one.
_OF_NOBODY: Final = (
    "$argon2id$v=19$m=65536,t=3,p=4$bG9uamEtb2Ytbm9ib2R5$"
    "TVrVjjTHcKTyEkCCY3BKvhzFcfZBzU0Ko6MGXhbuYrs"
)


def problem_of(password: str, *names: str) -> str:
    """Return what is wrong with a new password ("short", "long", "simple", "name"), "" if nothing.

    Length and being nobody's name is all that is asked (NIST SP 800-63B, section 5.1.1.2).

    Args:
        password: as it was typed.
        names: words that it must not consist of: the login, the name of the node.
    """
    if len(password) < SHORTEST:
        return "short"
    if len(password) > LONGEST:
        return "long"
    plain = password.casefold()
    if len(set(plain)) < _SAME or _is_a_row(plain):
        return "simple"
    rest = plain
    for name in names:
        for word in name.casefold().replace("@", " ").replace(".", " ").split():
            if len(word) > 2:  # shorter words stand in any password
                rest = rest.replace(word, "")
    return "name" if len(rest) < SHORTEST // 2 else ""


def _is_a_row(text: str) -> bool:
    """Say whether every character follows the one before: 123456789012, abcdefghijkl."""
    steps = {ord(b) - ord(a) for a, b in pairwise(text)}
    return steps <= {0, 1, -9} or steps <= {0, -1, 9}


def hashed(password: str) -> str:
    """Return what is kept of a password."""
    return _hasher.hash(password)


def fits(password: str, kept: str) -> bool:
    """Say whether a password is the one that was kept; takes as long when none was."""
    try:
        _hasher.verify(kept or _OF_NOBODY, password[: LONGEST + 1])
    except (Argon2Error, InvalidHashError):
        return False
    return bool(kept)


def is_outdated(kept: str) -> bool:
    """Say whether a password should be hashed again, as is usual now."""
    return _hasher.check_needs_rehash(kept)
