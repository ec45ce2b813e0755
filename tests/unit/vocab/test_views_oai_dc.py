"""Records as Dublin Core for OAI-PMH."""

from collections.abc import Sequence
from typing import Any, Final
from xml.etree import ElementTree as ET

import pytest

from tests.unit.vocab.view_cases import FULL_PRACTICE, RECORDS
from vocab.language import LANGUAGES
from vocab.views import oai_dc

pytestmark = pytest.mark.unit

Record = dict[str, Any]

DC: Final = "{http://purl.org/dc/elements/1.1/}"
LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
ELEMENTS: Final = (
    *("title", "creator", "subject", "description", "publisher", "contributor", "date", "type"),
    *("format", "identifier", "source", "language", "relation", "coverage", "rights"),
)
"""All that oai_dc.xsd allows."""


def said(document: Record, name: str) -> Sequence[tuple[str, str]]:
    """Return text and language of each element of a name."""
    root = ET.fromstring(oai_dc(document))
    return [(item.text or "", item.get(LANG, "")) for item in root.iter(DC + name)]


def test_the_element_carries_its_namespaces_and_its_schema() -> None:
    written = oai_dc(FULL_PRACTICE)
    assert written.startswith(b"<oai_dc:dc ")
    assert b"<dc:title xml:lang=" in written
    root = ET.fromstring(written)
    assert root.tag == "{http://www.openarchives.org/OAI/2.0/oai_dc/}dc"
    assert root.attrib == {
        "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation": (
            "http://www.openarchives.org/OAI/2.0/oai_dc/ "
            "http://www.openarchives.org/OAI/2.0/oai_dc.xsd"
        )
    }


@pytest.mark.parametrize("document", RECORDS, ids=lambda record: record["type"])
def test_every_type_gives_only_what_the_schema_allows(document: Record) -> None:
    root = ET.fromstring(oai_dc(document))
    assert {item.tag for item in root} <= {DC + name for name in ELEMENTS}
    assert all(set(item.attrib) <= {LANG} and item.text and not len(item) for item in root)
    assert said(document, "type") == [(document["type"], "")]
    assert (document["isVersionOf"], "") in said(document, "identifier")
    assert said(document, "rights")[0] == (document["license"], "")


def test_texts_come_in_every_language_they_have() -> None:
    assert said(FULL_PRACTICE, "title") == [("Autobús a demanda", "es"), ("On-demand bus", "en")]
    descriptions = [text for text, _ in said(FULL_PRACTICE, "description")]
    assert descriptions == ["Bookable buses for five villages.", "The long story."]


def test_concepts_are_named_in_all_languages_of_the_vocabulary() -> None:
    subjects = said({**FULL_PRACTICE, "keyword": {}, "sdg": [], "commitment": []}, "subject")
    assert {language for _, language in subjects} == set(LANGUAGES)
    assert len(subjects) == 2 * len(LANGUAGES)
    assert ("Movilidad y transporte", "es") in subjects
    newer = said({**FULL_PRACTICE, "theme": ["fusion-power"]}, "subject")
    assert ("fusion-power", "") in newer


def test_keywords_sustainability_goals_and_commitments_are_subjects() -> None:
    subjects = said(FULL_PRACTICE, "subject")
    assert ("transporte rural", "es") in subjects
    assert ("Sustainable cities and communities", "en") in subjects
    assert ("Exchange effective, replicable practices", "en") in subjects


def test_the_other_elements_follow_the_mapping() -> None:
    assert said(FULL_PRACTICE, "creator") == [(FULL_PRACTICE["lead"], "")]
    assert said(FULL_PRACTICE, "publisher") == [(FULL_PRACTICE["publisher"], "")]
    contributors = [text for text, _ in said(FULL_PRACTICE, "contributor")]
    assert contributors == [*FULL_PRACTICE["partner"], "Asociación de vecinos"]
    assert said(FULL_PRACTICE, "coverage") == [
        ("Vallalta", "es"),
        ("High Valley", "en"),
        ("Galicia", ""),
        ("ES", ""),
        ("2023-09-01/2024-09-01", ""),
    ]
    assert [text for text, _ in said(FULL_PRACTICE, "date")] == [
        FULL_PRACTICE["issued"],
        FULL_PRACTICE["modified"],
    ]
    assert said(FULL_PRACTICE, "format") == [("application/pdf", "")]
    assert [text for text, _ in said(FULL_PRACTICE, "source")] == [
        *FULL_PRACTICE["adaptedFrom"],
        FULL_PRACTICE["source"],
    ]
    assert said(FULL_PRACTICE, "language") == [("es", ""), ("en", "")]
    assert said(FULL_PRACTICE, "rights")[1] == (FULL_PRACTICE["credit"], "")


def test_an_observation_is_described_by_its_text_and_has_no_author() -> None:
    observation = next(held for held in RECORDS if held["type"] == "CitizenObservation")
    assert said(observation, "description") == [("Los sábados nadie coge el teléfono.", "es")]
    assert said(observation, "title") == [("Los sábados nadie coge el teléfono.", "es")]
    assert said(observation, "coverage") == [("2026-03", "")]
    assert said(observation, "creator") == []


def test_characters_that_xml_cannot_hold_are_removed() -> None:
    hostile = "a\x00b\x0bc\ud800d\uffffe]]>&<f>\t\U0001f68c"
    written = oai_dc({**FULL_PRACTICE, "title": {"en": hostile}, "credit": hostile})
    assert b"\x00" not in written
    ET.fromstring(written.decode())
    document = {**FULL_PRACTICE, "title": {"en": hostile}}
    assert said(document, "title") == [("abcde]]>&<f>\t\U0001f68c", "en")]


@pytest.mark.parametrize("texts", [{"en": "\x00"}, {"en": "  "}, {"x y": "a"}, {"": "a"}, "a", 3])
def test_an_empty_or_nameless_text_is_left_out(texts: Any) -> None:
    assert said({**FULL_PRACTICE, "title": texts, "description": texts}, "title") == []
