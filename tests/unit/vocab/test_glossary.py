"""Names and explanations of every type and key, in every language of the project."""

import pytest

from vocab import concepts, glossary, published
from vocab.context import classes, terms
from vocab.language import LANGUAGES

pytestmark = pytest.mark.unit

EVERYDAY = ("theme", "target-group", "method", "topic")


def test_every_type_and_key_is_named_in_every_language_and_explained() -> None:
    assert glossary.entries().keys() == classes().keys() | terms().keys()
    for key, entry in glossary.entries().items():
        assert set(entry.labels) >= set(LANGUAGES), key
        assert entry.comment("en"), key
        for text in (*entry.labels.values(), *entry.comments.values()):
            assert text.strip() == text != "", key


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_fields_and_no_two_types_have_one_name(language: str) -> None:
    for is_class in (True, False):
        named: dict[str, list[str]] = {}
        for entry in glossary.entries().values():
            if entry.is_class == is_class:
                named.setdefault(entry.label(language).casefold(), []).append(entry.key)
        assert {name: keys for name, keys in named.items() if len(keys) > 1} == {}


def test_names_fall_back_to_english_then_to_the_key() -> None:
    assert glossary.label("title", "xx") == glossary.label("title", "en")
    assert glossary.label("nothing", "en") == "nothing"


def test_the_version_is_part_of_an_address() -> None:
    assert glossary.conforms_to() == f"https://w3id.org/lonja/ns/{glossary.version()}"


def test_a_term_can_be_taken_out_of_use_without_going_away() -> None:
    ontology = b"""
        @prefix dct: <http://purl.org/dc/terms/> .
        @prefix lonja: <https://w3id.org/lonja/ns#> .
        @prefix owl: <http://www.w3.org/2002/07/owl#> .
        lonja:legalBasis owl:deprecated true ; dct:isReplacedBy lonja:condition .
    """
    entry = glossary.read(ontology)["legalBasis"]
    assert entry.deprecated
    assert entry.replaced_by == glossary.entries()["condition"].iri
    assert not glossary.entries()["legalBasis"].deprecated


def test_unknown_terms_and_lists_say_nothing() -> None:
    assert published.term("nothing", "ntriples") == b""
    assert published.scheme("nothing", "ntriples") == b""


@pytest.mark.parametrize("scheme", EVERYDAY)
@pytest.mark.parametrize("language", LANGUAGES)
def test_people_find_concepts_by_everyday_words(scheme: str, language: str) -> None:
    owner: dict[str, str] = {}
    for code in concepts.codes(scheme):
        preferred, *others = concepts.labels(scheme, code)[language]
        assert len(others) >= 3, code
        for word in (preferred, *others):
            assert owner.setdefault(concepts.fold(word), code) == code, word


@pytest.mark.parametrize(
    ("word", "code"),
    [("bus", "mobility"), ("autobús", "mobility"), ("Fahrrad", "mobility"), ("eau", "water")],
)
def test_a_bus_is_mobility(word: str, code: str) -> None:
    assert ("theme", code) in concepts.find(word)
