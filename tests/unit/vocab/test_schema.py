"""The checked-in schema is what the shapes say."""

import pytest

from vocab.schema import SCHEMA_FILE, as_text, generate

pytestmark = pytest.mark.unit


def test_generating_it_again_changes_nothing() -> None:
    assert SCHEMA_FILE.read_text(encoding="utf-8") == as_text(generate()), (
        "the shapes have changed; run: python -m vocab.schema"
    )
