"""Canonical bytes of a JSON value (RFC 8785) and the digest made of them."""

import hashlib
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
    try:
        if _orjson_agrees(value):
            return orjson.dumps(value, option=_OPTIONS)
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
        return all(
            type(key) is str and (key.isascii() or max(key) <= _LAST_OF_PLANE_0) for key in value
        ) and all(map(_orjson_agrees, value.values()))
    if isinstance(value, list) and kind is list:
        return all(map(_orjson_agrees, value))
    if isinstance(value, float) and kind is float:
        return 1e-5 < abs(value) < 1e16 and not value.is_integer()
    return False


def digest(document: JsonObject) -> str:
    """Return the digest of a signed version: "zQm…", of its canonical bytes without `proof`.

    Multibase (base58btc) of the SHA-256 multihash, as `digestMultibase` of Data Integrity.

    Raises:
        ValueError: the document has no canonical form.
    """
    unsigned = {key: value for key, value in document.items() if key != "proof"}
    hashed = hashlib.sha256(canonical_bytes(unsigned)).digest()
    return "z" + base58.b58encode(_SHA2_256 + hashed).decode("ascii")
