"""Records as points on a map."""

from typing import Any

import orjson
import pytest

from tests.unit.vocab.view_cases import FULL_PRACTICE, PLACE, RECORDS
from vocab.views import geojson

pytestmark = pytest.mark.unit

Record = dict[str, Any]


def features(*documents: Record, language: str = "en") -> list[Record]:
    collection: Any = geojson(documents, language)
    assert collection["type"] == "FeatureCollection"
    found: list[Record] = orjson.loads(orjson.dumps(collection))["features"]
    return found


def test_a_feature_says_where_and_what() -> None:
    assert features(FULL_PRACTICE, language="es") == [
        {
            "type": "Feature",
            "id": FULL_PRACTICE["isVersionOf"],
            "geometry": {"type": "Point", "coordinates": [-7.55, 43.01]},
            "properties": {
                "uri": FULL_PRACTICE["isVersionOf"],
                "type": "BestPractice",
                "title": "Autobús a demanda",
                "summary": "Bookable buses for five villages.",
                "place": "Vallalta",
                "country": "ES",
                "theme": ["mobility", "health-care"],
                "settlement": "village",
                "publisher": FULL_PRACTICE["publisher"],
                "license": FULL_PRACTICE["license"],
            },
        }
    ]


def test_records_without_a_point_are_left_out() -> None:
    types = [feature["properties"]["type"] for feature in features(*RECORDS)]
    assert types == ["BestPractice", "Organisation", "Challenge"]


@pytest.mark.parametrize("document", RECORDS, ids=lambda record: record["type"])
def test_every_type_can_be_on_the_map(document: Record) -> None:
    (feature,) = features({**document, "place": PLACE})
    assert feature["properties"]["type"] == document["type"]
    assert feature["geometry"]["coordinates"] == [-7.55, 43.01]


def test_a_card_of_the_search_index_serves_as_well() -> None:
    card = {
        "uri": "https://lugo.example/practices/1",
        "type": "Practice",
        "title": {"en": "Bus"},
        "place": {"name": {"en": "Valley"}, "country": "ES"},
        "lat": 43.01,
        "lon": -7.55,
        "themes": ["mobility"],
    }
    (feature,) = features(card)
    assert feature["id"] == card["uri"]
    assert feature["properties"]["theme"] == ["mobility"]
    assert feature["geometry"]["coordinates"] == [-7.55, 43.01]


@pytest.mark.parametrize(
    "place",
    [
        {"lat": "43", "long": "-7"},
        {"lat": True, "long": 1},
        {"lat": 91, "long": 0},
        {"lat": 0, "long": 180.5},
        {"lat": float("nan"), "long": 0},
        {"lat": 43},
        [43, -7],
        "here",
    ],
)
def test_what_is_no_point_is_no_point(place: Any) -> None:
    assert features({**FULL_PRACTICE, "place": place}) == []


def test_the_corners_of_the_world_are_points() -> None:
    (feature,) = features({**FULL_PRACTICE, "place": {"lat": -90, "long": 180}})
    assert feature["geometry"]["coordinates"] == [180, -90]
