"""What the node itself says, it says in all languages."""

import re

import pytest

from node.services.sentences import SENTENCES
from vocab.language import LANGUAGES

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("rule", sorted(SENTENCES.rules()))
def test_every_rule_speaks_all_languages(rule: str) -> None:
    for texts in (SENTENCES.messages(rule), SENTENCES.fixes(rule)):
        assert tuple(texts) in ((), LANGUAGES)
        names = sorted(re.findall(r"{\w+}", texts.get("en", "")))
        assert all(sorted(re.findall(r"{\w+}", text)) == names for text in texts.values())
    assert SENTENCES.messages(rule)
