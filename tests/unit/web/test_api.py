import pytest

from search.api import FACETS
from tests.unit.web.towns import Town, practice

pytestmark = pytest.mark.unit


@pytest.fixture
def full(town: Town) -> Town:
    town.publish(
        practice(
            "Night bus",
            theme=["mobility"],
            place={"type": "Place", "name": {"es": "Vallalta"}, "lat": 43.0, "long": -7.5},
        ),
        practice("Village bus", theme=["mobility"]),
        practice("Roof solar", theme=["energy"]),
    )
    return town


def test_the_answer_has_the_fixed_shape(full: Town) -> None:
    answer = full.client.get("/api/v1/search?q=bus")
    body = answer.get_json()
    assert answer.status_code == 200
    keys = {"total", "hits", "facets", "suggestion", "corrected", "diagnostics", "next"}
    assert set(body) == keys
    assert body["total"] == 2
    for hit in body["hits"]:
        assert {"uri", "type", "title", "origin", "score"} <= set(hit)
        assert hit["origin"] == full.runtime.identity.did
    assert set(body["facets"]) == set(FACETS)
    assert body["facets"]["theme"] == [
        {"value": "mobility", "label": "Mobility and transport", "count": 2}
    ]
    assert body["facets"]["evidence"] == []
    assert body["suggestion"] is None or isinstance(body["suggestion"], str)


def test_labels_come_in_the_language_asked_for(full: Town) -> None:
    body = full.client.get("/api/v1/search?lang=es").get_json()
    labels = {value["value"]: value["label"] for value in body["facets"]["theme"]}
    assert labels["mobility"] == "Movilidad y transporte"


def test_a_bent_query_is_no_error(full: Town) -> None:
    answer = full.client.get('/api/v1/search?q="bus')
    assert answer.status_code == 200
    assert answer.get_json()["diagnostics"][0]["messages"]["es"]


def test_bad_parameters_are_named(full: Town) -> None:
    answer = full.client.get("/api/v1/search?limit=many&bbox=1&them=mobility")
    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"
    body = answer.get_json()
    assert body["status"] == 400
    assert {error["parameter"] for error in body["errors"]} == {"limit", "bbox", "them"}
    spanish = full.client.get("/api/v1/search?limit=many&lang=es").get_json()
    assert "número entero" in spanish["detail"]


def test_a_cursor_reaches_every_record_once(town: Town) -> None:
    town.publish(*[practice(f"Practice {number}") for number in range(25)])
    found: list[str] = []
    url = "/api/v1/search?limit=10&sort=title&facets="
    cursor = ""
    for _page in range(10):
        body = town.client.get(f"{url}&cursor={cursor}").get_json()
        assert body["total"] == 25
        assert body["facets"] == {}
        found += [hit["uri"] for hit in body["hits"]]
        cursor = body["next"]
        if not cursor:
            break
    assert len(found) == len(set(found)) == 25


def test_areas_narrow_the_search(full: Town) -> None:
    assert full.client.get("/api/v1/search?near=43,-7.5,5").get_json()["total"] == 1
    assert full.client.get("/api/v1/search?bbox=-8,42,-7,44").get_json()["total"] == 1
    assert full.client.get("/api/v1/search?bbox=0,42,1,44").get_json()["total"] == 0


def test_records_of_other_kinds_are_found_when_asked_for(full: Town) -> None:
    full.publish(
        {
            "@context": "https://w3id.org/lonja/context/v1",
            "type": "Organisation",
            "name": {"en": "Bus company"},
        }
    )
    assert full.client.get("/api/v1/search?q=bus").get_json()["total"] == 2
    assert full.client.get("/api/v1/search?q=bus&type=Organisation").get_json()["total"] == 1
    assert full.client.get("/api/v1/search?q=bus&type=any").get_json()["total"] == 3


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/nothing", 404),
        ("POST", "/api/v1/search", 405),
        ("GET", "/api/v2/search", 404),
    ],
)
def test_errors_of_the_api_have_one_shape(full: Town, method: str, path: str, status: int) -> None:
    answer = full.client.open(path, method=method, headers={"Accept": "text/html"})
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert {"type", "title", "status"} <= set(answer.get_json())
    if status == 405:
        assert "GET" in answer.headers["Allow"]


def test_a_failure_inside_is_a_500_without_details(
    full: Town, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_self: object, _request: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(type(full.runtime.engine), "search", fail)
    answer = full.client.get("/api/v1/search")
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    page = full.client.get("/practices", headers={"Accept": "text/html"})
    assert page.status_code == 500
    assert "Something went wrong" in page.text
    assert "secret detail" in caplog.text
