"""Which of a record's languages is shown."""

import pytest

from vocab.language import pick

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("texts", "preferred", "expected"),
    [
        ({"en": "a", "es": "b"}, ["es"], ("b", "es")),
        ({"en": "a", "es": "b"}, ["fr", "es"], ("b", "es")),
        ({"fr": "c", "en": "a"}, ["es"], ("a", "en")),
        ({"fr": "c", "de": "d"}, ["es"], ("c", "fr")),
        ({"pt": "e", "en": "a"}, ["pt-BR"], ("e", "pt")),
        ({"pt-BR": "e", "en": "a"}, ["pt"], ("e", "pt-BR")),
        ({"es": "", "fr": "c"}, ["es"], ("c", "fr")),
        ({}, ["es"], ("", "")),
        (None, [], ("", "")),
    ],
)
def test_order_of_choice(
    texts: dict[str, str] | None, preferred: list[str], expected: tuple[str, str]
) -> None:
    assert pick(texts, preferred) == expected
