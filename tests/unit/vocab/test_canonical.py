"""Canonical bytes are those of RFC 8785, whichever library writes them."""

import hashlib
import math

import base58
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from vocab.canonical import canonical_bytes, digest

pytestmark = pytest.mark.unit

TEXT = st.text(st.characters(exclude_categories=("Cs",)))
NUMBERS = (
    st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.decimals(-1000, 1000, places=3).map(float)
    | st.integers(-400, 400).map(lambda power: math.ldexp(1.0, power))
)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXT, inner, max_size=5),
    max_leaves=30,
)


@given(JSON)
def test_bytes_are_those_of_the_reference_implementation(value: object) -> None:
    assert canonical_bytes(value) == rfc8785.dumps(value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (
            [1.0, -0.0, 1e16, 1e21, 1e-6, 1e-7, 0.1],
            b"[1,0,10000000000000000,1e+21,0.000001,1e-7,0.1]",
        ),
        ({"\U0001f600": 1, "\ufb33": 2}, '{"\U0001f600":1,"\ufb33":2}'.encode()),
        (
            {"b": "\u20ac\u2028\x7f\x0f\n", "a": None},
            b'{"a":null,"b":"\xe2\x82\xac\xe2\x80\xa8\x7f\\u000f\\n"}',
        ),
    ],
)
def test_numbers_and_order_of_keys_follow_the_standard(value: object, expected: bytes) -> None:
    assert canonical_bytes(value) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "value",
    [
        math.nan,
        math.inf,
        2**53,
        {"a": [-(2**53)]},
        "\ud800",
        {1: "a key that is no string"},
        {"a": object()},
        b"bytes",
    ],
)
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        canonical_bytes(value)  # type: ignore[arg-type]


def test_endless_nesting_is_refused() -> None:
    value: list[object] = []
    value.append(value)
    with pytest.raises(ValueError, match="RFC 8785"):
        canonical_bytes(value)  # type: ignore[arg-type]


def test_digest_is_a_multihash_that_leaves_out_the_proof() -> None:
    hashed = base58.b58decode(digest({"proof": {"proofValue": "z1"}}).removeprefix("z"))
    assert hashed == bytes((0x12, 0x20)) + hashlib.sha256(b"{}").digest()
    assert digest({}) == digest({"proof": {}})
    assert digest({"a": 1}) != digest({"a": 2})
