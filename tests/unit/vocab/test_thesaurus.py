"""The thesaurus of search: every term named in six languages, and nothing doubtful in it."""

import re
import unicodedata

import pytest

from search.expand import expansions
from vocab.concepts import fold, is_code
from vocab.context import ONTOLOGY_FOLDER
from vocab.language import LANGUAGES
from vocab.thesaurus import entries

pytestmark = pytest.mark.unit


def test_every_term_has_names_in_six_languages() -> None:
    assert len(entries()) >= 280
    for entry in entries():
        assert set(entry.labels) == set(LANGUAGES), entry.code
        for language, labels in entry.labels.items():
            assert len({fold(label) for label in labels}) == len(labels), (entry.code, language)
            for label in labels:
                assert len(label) >= 2, (entry.code, language)
                assert label == unicodedata.normalize("NFC", " ".join(label.split()))


def test_codes_are_unique_and_what_they_belong_to_exists() -> None:
    codes = [entry.code for entry in entries()]
    assert codes == sorted(set(codes))
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", code) for code in codes)
    text = (ONTOLOGY_FOLDER / "thesaurus.ttl").read_text("utf-8")
    named = re.findall(r"skos:broader <https://w3id.org/lonja/cs/([a-z-]+)/([a-z-]+)>", text)
    assert named
    assert all(is_code(scheme, code) for scheme, code in named)


@pytest.mark.parametrize(
    ("typed", "language", "wanted"),
    [
        ("carril bici", "es", {"bike lane", "Radweg", "piste cyclable", "pista ciclabile"}),
        ("Bürgerrat", "de", {"citizens' assembly", "asamblea ciudadana"}),
        ("orçamento participativo", "pt", {"participatory budgeting", "Bürgerhaushalt"}),
        ("spreco alimentare", "it", {"food waste", "gaspillage alimentaire"}),
        ("transport à la demande", "fr", {"Rufbus", "trasporto a chiamata"}),
        ("bike lanes", "en", {"carril bici", "cycle track"}),
        ("ciclovias", "pt", {"Radweg"}),
    ],
)
def test_a_name_stands_for_the_others(typed: str, language: str, wanted: set[str]) -> None:
    words = [word for word in typed.lower().split() if word not in ("à", "la")]
    (found,) = expansions(words, LANGUAGES)
    assert language in found.languages
    assert wanted <= {name.label for name in found.names}
