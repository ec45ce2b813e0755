"""The gate in front of everything: bytes to a JSON object, or a finding that helps."""

import contextlib
import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocab.canonical import canonical_bytes
from vocab.document import MAX_BYTES, DocumentError, parse
from vocab.terms import JsonValue

pytestmark = pytest.mark.unit

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


def refusal(data: bytes) -> str:
    with pytest.raises(DocumentError) as error:
        parse(data, record="file.json")
    assert error.value.findings[0].record == "file.json"
    return error.value.findings[0].rule


@given(st.dictionaries(TEXT, JSON, max_size=5))
def test_canonical_and_other_spellings_give_the_same_object(value: dict[str, JsonValue]) -> None:
    assert parse(canonical_bytes(value)) == value
    assert parse(json.dumps(value, indent=2, ensure_ascii=True).encode()) == value


@given(st.binary(max_size=200))
def test_any_bytes_are_parsed_or_refused(data: bytes) -> None:
    with contextlib.suppress(DocumentError):  # anything else would be a fault
        assert isinstance(parse(data), dict)


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"[]", "not-object"),
        (b'"text"', "not-object"),
        (b"", "not-json"),
        (b'{"a": 1,}', "not-json"),
        (b"\xef\xbb\xbf{}", "not-json"),
        (b'{"a": "\xff"}', "not-utf8"),
        (b'{"a": 1, "b": {"c": 1, "c": 2}}', "duplicate-key"),
        (b'{"a": NaN}', "bad-number"),
        (b'{"a": -Infinity}', "bad-number"),
        (b'{"a": 1e400}', "bad-number"),
        (b'{"a": 9007199254740992}', "bad-number"),
        (b'{"a": -90071992547409910000000000000}', "bad-number"),
        (b'{"a": "\\ud83d"}', "bad-text"),
        (b'{"a": ' + b"[" * 33 + b"]" * 33 + b"}", "too-deep"),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, "too-deep"),
        (b"[" * 200_000, "too-deep"),
        (b'{"a": "' + b"x" * MAX_BYTES + b'"}', "too-large"),
    ],
)
def test_what_readers_could_understand_differently_is_refused(data: bytes, rule: str) -> None:
    assert refusal(data) == rule


def test_largest_integers_and_depth_pass() -> None:
    data = b'{"a":9007199254740991,"b":-9007199254740991,"c":' + b"[" * 31 + b"]" * 31 + b"}"
    assert parse(data) == orjson.loads(data)


def test_syntax_errors_say_where() -> None:
    with pytest.raises(DocumentError, match="line 3, column 3"):
        parse(b'{\n  "a": 1\n  "b": 2\n}')
