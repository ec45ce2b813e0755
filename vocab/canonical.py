"""Canonical bytes of a JSON value (RFC 8785) and the digest made of them."""

import hashlib
from collections.abc import Callable
from typing import Final

import base58
import orjson
import rfc8785

from vocab.terms import JsonObject, JsonValue

_OPTIONS: Final = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER
_SHA2_256: Final = bytes((0x12, 0x20))  # multihash code and length of a SHA-256 digest
_LAST_OF_PLANE_0: Final = "\uffff"


def canonical_bytes(value: JsonValue) -> bytes:
    """Return the RFC 8785 form of a JSON value.

    Raises:
        ValueError: the value has no such form: NaN, infinity, an integer beyond 2^53 - 1, a lone
            surrogate, a key that is no string, something that is not JSON, or endless nesting.
    """
    return writer_for(value)(value)


def writer_for(value: JsonValue) -> Callable[[JsonValue], bytes]:
    """Return the function that writes a value, and every part of it, in its RFC 8785 form.

    Signing and verifying need the forms of a document, of its proof and of the document without
    the proof: one look at the document decides for all of them.

    Raises:
        ValueError: the value is nested without end.
    """
    try:
        return _by_orjson if _orjson_agrees(value) else _by_rfc8785
    except RecursionError as error:
        raise ValueError(f"not representable in RFC 8785: {error}") from error


def _by_orjson(value: JsonValue) -> bytes:
    try:
        return orjson.dumps(value, option=_OPTIONS)
    except TypeError as error:
        raise ValueError(f"not representable in RFC 8785: {error}") from error


def _by_rfc8785(value: JsonValue) -> bytes:
    try:
        return rfc8785.dumps(value)
    except (TypeError, RecursionError) as error:
        raise ValueError(f"not representable in RFC 8785: {error}") from error


def _orjson_agrees(value: object) -> bool:
    """Say whether orjson with sorted keys is known to write the same bytes as RFC 8785.

    The two differ in numbers (1.0, 1e16, 1e-6, -0.0, NaN) and in the order of keys beyond the
    basic plane, which RFC 8785, 3.2.3 sorts by UTF-16 code units and orjson by code points.
    Subclasses of the JSON types are left to the reference implementation.
    """
    kind = type(value)
    if kind is str or kind is int or value is None or kind is bool:
        return True
    if isinstance(value, dict) and kind is dict:
        return _members_agree(value)
    if isinstance(value, list) and kind is list:
        return all(map(_orjson_agrees, value))
    if isinstance(value, float) and kind is float:
        return 1e-5 < abs(value) < 1e16 and not value.is_integer()
    return False


def _members_agree(value: dict[object, object]) -> bool:
    for key, inner in value.items():  # a loop: generators cost twice as much here
        if type(key) is not str or not (key.isascii() or max(key) <= _LAST_OF_PLANE_0):
            return False
        if type(inner) is not str and not _orjson_agrees(inner):
            return False
    return True


def digest(document: JsonObject) -> str:
    """Return the digest of a signed version: "zQm…", of its canonical bytes without `proof`.

    Raises:
        ValueError: the document has no canonical form.
    """
    unsigned = {key: value for key, value in document.items() if key != "proof"}
    return multihash(hashlib.sha256(canonical_bytes(unsigned)).digest())


def multihash(sha256: bytes) -> str:
    """Return 32 bytes of SHA-256 as a digest is written: multibase (base58btc) of the multihash.

    The same form as `digestMultibase` of Data Integrity.
    """
    return "z" + base58.b58encode(_SHA2_256 + sha256).decode("ascii")
