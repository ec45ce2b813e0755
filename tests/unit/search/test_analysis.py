"""Words, folding and stems: the same for every engine, in every script."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.analysis.fold import fold
from search.analysis.stems import has_stemmer, stems
from search.analysis.stopwords import all_stopwords, stopwords
from search.analysis.tokens import MAX_WORD, composed, spans, words

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Ángel", "angel"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("Łódź", "lodz"),
        ("Ærø", "aero"),
        ("cœur", "coeur"),
        ("Πόλη", "πολη"),
        ("ñandú", "nandu"),
        ("e\u0301cole", "ecole"),
        ("ﬁn", "fin"),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text(max_size=60))
def test_folding_again_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("El autobús, a demanda.", ["el", "autobús", "a", "demanda"]),
        ("L'eau d’Europe", ["eau", "europe"]),
        ("dell'acqua un'idea", ["acqua", "idea"]),
        ("the city's residents'", ["the", "city", "residents"]),
        ("aujourd'hui O'Brien", ["aujourdhui", "brien"]),
        ("co-creation 15M under_score", ["co", "creation", "15m", "under", "score"]),
        ("城市 bus交通", ["城", "市", "bus", "交", "通"]),
        ("नमस्ते दुनिया", ["नमस्ते", "दुनिया"]),
        ("e\u0301cole", ["école"]),
        ("\u0300\u0301", []),
        ("", []),
        ("… — !", []),
        ("x" * 100, ["x" * MAX_WORD]),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@given(st.text(max_size=80) | st.text(alphabet="aé'’_-城ß 1\u0301", max_size=40))
def test_spans_are_the_same_words_with_their_places(text: str) -> None:
    text = composed(text)
    found = spans(text)
    assert [word.text for word in found] == words(text)
    places = [(word.start, word.end) for word in found]
    assert places == sorted(places)
    assert all(0 <= start < end <= len(text) for start, end in places)


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("es", "autobuses", "autobús"),
        ("es", "ciudades", "ciudad"),
        ("es", "vehiculos", "vehículo"),
        ("fr", "vélos", "vélo"),
        ("de", "häuser", "haus"),
        ("en", "minibuses", "minibus"),
        ("pt", "jovens", "jovem"),
        ("ca", "escoles", "escola"),
        ("fi", "koulut", "koulu"),
        ("hu", "iskolák", "iskola"),
    ],
)
def test_forms_of_a_word_share_a_stem(language: str, one: str, other: str) -> None:
    assert set(stems(one, language)) & set(stems(other, language))


def test_language_without_a_stemmer_is_folded() -> None:
    assert not has_stemmer("gl")
    assert stems("á", "gl") == ("a",)


def test_stop_words_mean_nothing_in_any_language() -> None:
    assert "de" in stopwords("es")
    assert stopwords("xx") == frozenset()
    content = {"sol", "care", "door", "men", "war", "casa", "ville", "stadt", "bus", "rural"}
    assert not content & all_stopwords()
