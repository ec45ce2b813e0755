"""Receipt codes: what whoever sent an observation keeps, and what the node knows of it.

The node keeps the digest only. In an address the code is the fragment, which no browser sends.
"""

import hmac
import secrets
from typing import Final

from node.accounts.keys import digest_of
from node.services.operator import secret
from node.settings import Settings

_ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that is misread on paper
_LETTERS: Final = 16
_GROUP: Final = 4


def new_code() -> str:
    """Return a fresh code in groups, as it is written on paper."""
    return _in_groups("".join(secrets.choice(_ALPHABET) for _ in range(_LETTERS)))


def code_of_form(settings: Settings, form: str) -> str:
    """Return the code of one form, by the random word that it carries: always the same.

    So a form that is sent twice, as when the page of the answer is loaded again, has one receipt.
    """
    made = hmac.digest(
        secret(settings), b"observation " + form.encode("utf-8", "replace"), "sha256"
    )
    return _in_groups("".join(_ALPHABET[byte % len(_ALPHABET)] for byte in made[:_LETTERS]))


def as_written(typed: str) -> str:
    """Return a code that somebody typed as `new_code` writes it, "" for what is none."""
    plain = "".join(letter for letter in typed.upper() if letter.isalnum())
    return _in_groups(plain) if len(plain) == _LETTERS and plain.isascii() else ""


def digest_of_code(code: str) -> str:
    """Return what the node keeps of a code, "" for what is none."""
    written = as_written(code)
    return digest_of(written.replace("-", "")) if written else ""


def receipt_link(settings: Settings, code: str) -> str:
    """Return the address that shows what became of an observation."""
    return f"{settings.base_url}/observe/receipt#{code}"


def _in_groups(plain: str) -> str:
    return "-".join(plain[start : start + _GROUP] for start in range(0, _LETTERS, _GROUP))
