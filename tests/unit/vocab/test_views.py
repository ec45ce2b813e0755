"""Records for search engines and spreadsheets."""

from typing import Any

import pytest

from tests.unit.vocab.view_cases import RECORDS
from vocab.views import CSV_COLUMNS, csv_row, schema_org

pytestmark = pytest.mark.unit

Record = dict[str, Any]


def cells(document: Record) -> dict[str, str]:
    row = csv_row(document)
    assert len(row) == len(CSV_COLUMNS)
    return dict(zip(CSV_COLUMNS, row, strict=True))


def test_a_practice_is_a_creative_work_in_the_readers_language(best: Record) -> None:
    view = schema_org(best, "es")
    assert view["@context"] == "https://schema.org"
    assert view["@type"] == "CreativeWork"
    assert view["@id"] == best["isVersionOf"]
    assert view["name"] == "Autobús a demanda"
    assert view["abstract"] == "Bookable buses for five villages."
    assert view["about"] == ["Movilidad y transporte"]
    assert view["temporalCoverage"] == "2023-09-01/2024-09-01"
    assert view["creativeWorkStatus"] == "En funcionamiento habitual"
    place = view["spatialCoverage"]
    assert isinstance(place, dict)
    assert place["geo"] == {"@type": "GeoCoordinates", "latitude": 43.01, "longitude": -7.55}


def test_an_import_names_its_source_and_leaves_nothing_empty(imported: Record) -> None:
    view = schema_org(imported, "en")
    assert view["creditText"] == "Catalogue of cases, CC BY 4.0"
    assert view["isBasedOn"] == ["https://catalogue.example/case/7"]
    assert view["contributor"] == [{"@type": "Organization", "name": "Asociación de vecinos"}]
    assert view["temporalCoverage"] == "2021-05-01/.."
    assert all(value not in (None, "", [], {}) for value in view.values())


def test_organisations_and_clusters_are_organisations(organisation: Record) -> None:
    assert schema_org(organisation, "es")["@type"] == "Organization"
    organisation["helix"] = "government"
    assert schema_org(organisation, "es")["@type"] == "GovernmentOrganization"
    cluster = {"type": "Cluster", "id": "https://a.example/c", "member": ["https://a.example/o"]}
    member = {"@type": "Organization", "@id": "https://a.example/o"}
    assert schema_org(cluster, "en")["member"] == [member]


def test_what_is_no_content_has_no_view(tombstone: Record, membership: Record) -> None:
    assert schema_org(tombstone, "en") == schema_org(membership, "en") == {}


def test_every_type_has_a_row(
    practice: Record, best: Record, organisation: Record, membership: Record, tombstone: Record
) -> None:
    for document in (practice, best, organisation, membership, tombstone):
        assert cells(document)["uri"] == document["isVersionOf"]


def test_cells_hold_codes_and_numbers_as_they_are(best: Record) -> None:
    row = cells({**best, "sdg": ["11", "3"]})
    assert row["country"] == "ES"
    assert row["longitude"] == "-7.55"
    assert row["sdg"] == "11; 3"
    assert row["title_language"] == "es"


@pytest.mark.parametrize("title", ["=1+1", "+34 900", "-x", "@SUM(A1)", "\tx"])
def test_a_spreadsheet_runs_no_text_as_a_formula(practice: Record, title: str) -> None:
    assert cells({**practice, "title": {"en": title}})["title"] == "'" + title


def test_broken_records_do_not_break_the_views() -> None:
    wrong: Record = {"type": "Practice", "title": "x", "place": 7, "keyword": [], "theme": 3}
    assert cells(wrong)["title"] == ""
    assert schema_org(wrong, "en")["@type"] == "CreativeWork"


def shown(record_type: str, language: str = "en") -> Record:
    document = next(held for held in RECORDS if held["type"] == record_type)
    return schema_org(document, language)


@pytest.mark.parametrize("document", RECORDS, ids=lambda held: held["type"])
def test_every_public_type_has_a_view_without_empty_parts(document: Record) -> None:
    view = schema_org(document, "de")
    assert view["@id"] == document["isVersionOf"]
    assert view["@type"]
    assert all(value not in (None, "", [], {}) for value in view.values())


def test_an_observation_is_a_review_without_an_author() -> None:
    view = shown("CitizenObservation", "es")
    assert view["@type"] == "Review"
    assert view["reviewBody"] == "Los sábados nadie coge el teléfono."
    assert view["itemReviewed"]["@id"] == "https://lugo.example/records/bestpractice"
    assert "reviewRating" not in view  # a single rating could point to somebody
    assert view["comment"][0]["text"] == "Ya atiende."
    assert view["dateCreated"] == "2026-03"
    assert not {"author", "creator"} & set(view)


def test_a_challenge_is_a_demand_with_an_end() -> None:
    view = shown("Challenge")
    assert (view["@type"], view["additionalType"]) == ("CreativeWork", "https://schema.org/Demand")
    assert view["expires"] == "2026-07-31"
    assert view["temporalCoverage"] == "2026-05-01/2026-07-31"


def test_training_is_a_learning_resource() -> None:
    view = shown("TrainingResource")
    assert view["@type"] == "LearningResource"
    assert view["teaches"] == ["Meaningful and ethical engagement"]
    assert view["timeRequired"] == "PT90M"
    assert view["encoding"][0]["contentUrl"] == "https://lugo.example/files/ethics.html"


def test_the_other_types_say_what_they_are_about() -> None:
    assert shown("Proposal")["isBasedOn"] == ["https://lugo.example/records/challenge"]
    assert shown("Proposal")["creativeWorkStatus"] == "Selected"
    recipient = {"@type": "Thing", "@id": "https://lugo.example/records/bestpractice"}
    assert shown("Recognition")["about"] == [recipient]
    assert shown("Recognition")["description"] == "One adaptation."
    assert shown("SelfAssessment")["about"][1] == "Citizens involved from the start"
    assert shown("ProcurementModel")["about"] == ["Competitive dialogue"]
    assert shown("CoCreationProcess")["description"] == "Three evenings."


def test_a_cell_for_an_address_holds_only_one_of_the_web(practice: Record) -> None:
    row = cells({**practice, "lead": "javascript:alert(1)", "adaptedFrom": ["x", "https://a.b/"]})
    assert (row["lead"], row["adapted_from"]) == ("", "https://a.b/")
    assert cells({**practice, "place": {"population": "=1+1", "lat": True}})["population"] == ""
