"""The operator's way in: a link that the command prints, good once and for a quarter of an hour.

Whoever can run commands in the data folder is the operator already; the link carries that right
into a browser, without a password that could be guessed or lost.
"""

import os
import secrets
from pathlib import Path
from typing import Final

from itsdangerous import BadSignature, URLSafeTimedSerializer

from node.settings import Settings

LINK_SECONDS: Final = 900
_SECRET: Final = "web.secret"  # noqa: S105  # the name of a file
_USED: Final = "used-links"


def secret(settings: Settings) -> bytes:
    """Return what links and sessions are signed with; made when it is first needed."""
    file = settings.data / _SECRET
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_bytes()
    with os.fdopen(handle, "wb") as out:
        fresh = secrets.token_bytes(32)
        out.write(fresh)
    return fresh


def new_link(settings: Settings) -> str:
    """Return an address by which one browser may administer this node."""
    token = _serializer(settings).dumps(secrets.token_hex(16))
    return f"{settings.base_url}/admin/enter?token={token}"


def is_good(settings: Settings, token: str) -> bool:
    """Say whether a link may still be used."""
    nonce = _nonce(settings, token)
    return nonce is not None and not (_used(settings) / nonce).exists()


def use(settings: Settings, token: str) -> bool:
    """Use a link up and say whether it was good."""
    nonce = _nonce(settings, token)
    if nonce is None:
        return False
    folder = _used(settings)
    folder.mkdir(mode=0o700, exist_ok=True)
    try:
        (folder / nonce).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def _used(settings: Settings) -> Path:
    return settings.data / _USED


def _nonce(settings: Settings, token: str) -> str | None:
    try:
        nonce = _serializer(settings).loads(token, max_age=LINK_SECONDS)
    except BadSignature:
        return None
    return nonce if isinstance(nonce, str) and nonce.isalnum() else None


def _serializer(settings: Settings) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret(settings), salt="enter")
