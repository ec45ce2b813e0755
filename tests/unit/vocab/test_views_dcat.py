"""Records as a DCAT catalogue; the official shapes judge in tests/conformance/test_dcat_ap.py."""

from typing import Any, Final

import pytest

from tests.unit.vocab.view_cases import FULL_PRACTICE, ORGANISATION, RECORDS, SILENT, record
from vocab.views import DCAT_FORMS, dcat, dcat_bytes, record_as_dcat

pytestmark = pytest.mark.unit

Record = dict[str, Any]

URI: Final = FULL_PRACTICE["isVersionOf"]
CATALOG: Final[Record] = {
    "catalog_uri": "https://node.example/catalog",
    "title": {"en": "Practices", "es": "Prácticas"},
    "description": "All of it",
    "publisher_uri": "https://node.example/organisations/1",
    "publisher_name": "Node",
}


def nodes(view: Any) -> dict[str, Record]:
    return {node["id"]: node for node in view["@graph"]}


def catalogue(*documents: Record) -> dict[str, Record]:
    return nodes(dcat(documents, **CATALOG))


def test_the_context_stands_inline_and_needs_nothing_from_elsewhere() -> None:
    context: Any = dcat([], **CATALOG)["@context"]
    assert context["dcat"] == "http://www.w3.org/ns/dcat#"
    assert "@import" not in context
    assert all("lonja" not in str(value) for value in context.values())


def test_the_catalogue_lists_every_record_with_its_entry() -> None:
    found = catalogue(*RECORDS)[CATALOG["catalog_uri"]]
    assert found["type"] == "Catalog"
    assert found["title"] == CATALOG["title"]
    assert found["publisher"]["name"] == "Node"
    assert found["resource"] == [held["isVersionOf"] for held in RECORDS]
    assert [entry["id"] for entry in found["record"]] == [held["id"] for held in RECORDS]
    assert [entry["primaryTopic"] for entry in found["record"]] == found["resource"]
    assert found["modified"] == FULL_PRACTICE["modified"]  # an hour ahead of UTC, and newest


@pytest.mark.parametrize("document", RECORDS, ids=lambda held: held["type"])
def test_every_type_is_a_resource(document: Record) -> None:
    shown = nodes(record_as_dcat(document))
    assert "Resource" in shown[document["isVersionOf"]]["type"]
    assert shown[document["id"]]["type"] == "CatalogRecord"
    assert catalogue(document)[document["isVersionOf"]] == shown[document["isVersionOf"]]


def test_organisations_are_agents_with_their_names() -> None:
    organisation = record("Organisation", name={"es": "Ayuntamiento"}, helix="government")
    shown = catalogue(organisation)[organisation["isVersionOf"]]
    assert {"Agent", "Organization"} <= set(shown["type"])
    assert shown["name"] == {"es": "Ayuntamiento"}


def test_a_practice_says_what_the_mapping_says() -> None:
    shown = nodes(record_as_dcat(FULL_PRACTICE))[URI]
    assert shown["type"] == ["Resource", "https://w3id.org/lonja/ns#BestPractice"]
    assert shown["title"] == FULL_PRACTICE["title"]
    assert shown["description"]["en"] == ["Bookable buses for five villages.", "The long story."]
    assert shown["keyword"] == FULL_PRACTICE["keyword"]
    assert shown["theme"][0] == "https://w3id.org/lonja/cs/theme/mobility"
    assert shown["subject"] == [
        "https://metadata.un.org/sdg/11",
        "https://w3id.org/lonja/cs/commitment/B1",
    ]
    assert (shown["publisher"], shown["creator"]) == (ORGANISATION, FULL_PRACTICE["lead"])
    assert shown["contributor"][1] == {"type": "Agent", "name": "Asociación de vecinos"}
    assert shown["contactPoint"] == [
        {
            "type": "Kind",
            "fn": "Mobility desk",
            "hasEmail": "mailto:mobility@lugo.example",
            "hasURL": "https://lugo.example/contact",
        }
    ]
    assert shown["temporal"] == [
        {"type": "PeriodOfTime", "startDate": "2023-09-01", "endDate": "2024-09-01"}
    ]
    assert shown["spatial"][0]["centroid"] == "POINT(-7.55 43.01)"
    assert shown["spatial"][1]["id"] == "http://data.europa.eu/nuts/code/ES112"
    assert shown["language"][0] == {
        "id": "http://publications.europa.eu/resource/authority/language/SPA",
        "type": "LinguisticSystem",
    }
    assert shown["license"]["id"] == FULL_PRACTICE["license"]
    assert shown["identifier"] == [URI, "catalogue:7"]
    assert shown["wasDerivedFrom"] == FULL_PRACTICE["adaptedFrom"]
    assert shown["landingPage"] == [{"id": FULL_PRACTICE["landingPage"], "type": "Document"}]


def test_files_are_related_and_do_not_make_a_dataset_of_a_practice() -> None:
    shown = nodes(record_as_dcat(FULL_PRACTICE))[URI]
    assert "distribution" not in shown
    assert shown["relation"][0]["type"] == "Distribution"
    assert shown["relation"][0]["accessURL"] == "https://lugo.example/files/pliego.pdf"
    media = "https://www.iana.org/assignments/media-types/application/pdf"
    assert shown["relation"][0]["mediaType"]["id"] == media


def test_open_data_are_a_dataset_only_where_they_are_given() -> None:
    data = FULL_PRACTICE["openData"]
    found = catalogue(FULL_PRACTICE)
    assert found[CATALOG["catalog_uri"]]["dataset"] == [data]
    assert found[data]["type"] == "Dataset"
    assert found[data]["title"] == FULL_PRACTICE["title"]
    assert found[data]["isReferencedBy"] == URI
    without = {key: value for key, value in FULL_PRACTICE.items() if key != "openData"}
    assert "dataset" not in catalogue(without)[CATALOG["catalog_uri"]]


def test_open_data_may_have_a_title_of_their_own() -> None:
    part = {"id": "https://lugo.example/d", "title": {"en": "Bookings"}, "summary": {"en": "Csv"}}
    found = catalogue({**FULL_PRACTICE, "openData": part})["https://lugo.example/d"]
    assert (found["title"], found["description"]) == ({"en": "Bookings"}, {"en": ["Csv"]})


def test_concepts_carry_their_labels_once() -> None:
    view: Any = dcat([FULL_PRACTICE, record("Practice", theme=["mobility"])], **CATALOG)
    concepts = [node["id"] for node in view["@graph"] if node["type"] == "Concept"]
    assert len(concepts) == len(set(concepts)) == 4
    mobility = nodes(view)["https://w3id.org/lonja/cs/theme/mobility"]
    assert mobility["prefLabel"]["es"] == "Movilidad y transporte"
    assert mobility["inScheme"] == "https://w3id.org/lonja/cs/theme"


def test_of_two_documents_of_one_record_the_first_counts() -> None:
    second = {**FULL_PRACTICE, "title": {"en": "Other"}, "id": f"{URI}/v/3"}
    found = catalogue(FULL_PRACTICE, second)
    assert found[URI]["title"] == FULL_PRACTICE["title"]
    assert len(found[CATALOG["catalog_uri"]]["record"]) == 1


def test_nobody_speaks_of_the_catalogue_or_of_another_record() -> None:
    taken = {**FULL_PRACTICE, "isVersionOf": CATALOG["catalog_uri"], "id": "https://a.example/v"}
    assert catalogue(taken)[CATALOG["catalog_uri"]]["type"] == "Catalog"
    assert "resource" not in catalogue(taken)[CATALOG["catalog_uri"]]
    others = [CATALOG["catalog_uri"], CATALOG["publisher_uri"], URI]
    found = catalogue({**FULL_PRACTICE, "openData": others})
    assert "dataset" not in found[CATALOG["catalog_uri"]]
    (entry,) = catalogue({**FULL_PRACTICE, "id": "https://else.example/v/1"})[
        CATALOG["catalog_uri"]
    ]["record"]
    assert "id" not in entry


def test_a_draft_without_a_date_is_listed_without_an_entry() -> None:
    draft = {"id": "https://a.example/p", "type": "Practice", "title": {"en": "x"}}
    found = catalogue(draft)[CATALOG["catalog_uri"]]
    assert found["resource"] == ["https://a.example/p"]
    assert "record" not in found


def test_what_has_no_view_is_not_listed() -> None:
    found = catalogue(*SILENT)
    assert "resource" not in found[CATALOG["catalog_uri"]]
    assert set(found) == {CATALOG["catalog_uri"]}


@pytest.mark.parametrize("form", DCAT_FORMS)
def test_the_bytes_are_the_same_each_time(form: str) -> None:
    view = dcat(RECORDS, **CATALOG)
    assert dcat_bytes(view, form) == dcat_bytes(dcat(RECORDS, **CATALOG), form)
    assert b"Vallalta" in dcat_bytes(view, form)
    assert dcat_bytes({}, form) == b""


def test_another_format_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="turtle"):
        dcat_bytes({}, "csv")
