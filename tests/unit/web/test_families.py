"""Families: a source is found as adapted elsewhere, whenever its adaptations come and go."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.web.towns import Town, practice

pytestmark = pytest.mark.unit


def at(name: str, **more: Any) -> dict[str, Any]:
    return {"place": {"type": "Place", "name": {"en": name}, "country": "ES"}, **more}


def adaptation(title: str, source: str, place: str, **more: Any) -> dict[str, Any]:
    return practice(
        title, type="Adaptation", adaptedFrom=[source], **{"stage": "adopted", **at(place), **more}
    )


def adapted(town: Town) -> dict[str, list[str]]:
    body = town.client.get("/api/v1/search?facets=adapted").get_json()
    found = {}
    for value in body["facets"]["adapted"]:
        hits = town.client.get(f"/api/v1/search?adapted={value['value']}").get_json()["hits"]
        found[value["value"]] = sorted(hit["title"] for hit in hits)
    return found


def test_adaptations_count_by_place_and_only_once_they_are_tried(town: Town) -> None:
    (source,) = town.publish(practice("Village bus", **at("Lugo")))
    assert adapted(town) == {}
    town.publish(adaptation("Bus one", source.uri, "Viveiro"))
    assert adapted(town) == {"1": ["Village bus"]}
    town.publish(
        adaptation("Again there", source.uri, "Viveiro"),
        adaptation("At home", source.uri, "Lugo"),
        adaptation("Only planned", source.uri, "Ourense", stage="planning"),
    )
    assert adapted(town) == {"1": ["Village bus"]}
    (last,) = town.publish(adaptation("Bus two", source.uri, "Foz", stage="abandoned"))
    assert adapted(town) == {"2-4": ["Village bus"]}
    town.retract(last)
    assert adapted(town) == {"1": ["Village bus"]}


def test_a_source_that_comes_later_knows_its_adaptations(build: Callable[..., Town]) -> None:
    here, there = build("https://here.example"), build("https://there.example")
    (source,) = there.publish(practice("Village bus", **at("Lugo")))
    here.publish(adaptation("Bus one", source.uri, "Viveiro"))
    assert adapted(here) == {}
    here.copy_from(there)
    assert adapted(here) == {"1": ["Village bus"]}


def test_a_family_is_listed_once_and_still_counted_whole(town: Town) -> None:
    (source,) = town.publish(practice("Village bus", **at("Lugo")))
    (child,) = town.publish(adaptation("Village bus again", source.uri, "Foz"))
    town.publish(adaptation("Village bus once more", child.uri, "Sarria"))
    town.publish(practice("Village bus of strangers", **at("Tui")))
    body = town.client.get("/api/v1/search?q=village+bus&collapse=1").get_json()
    assert body["total"] == 4
    assert len(body["hits"]) == 2
    (head,) = [hit for hit in body["hits"] if "family" in hit]
    titles = {head["title"], *(one["title"] for one in head["family"])}
    assert titles == {"Village bus", "Village bus again", "Village bus once more"}
    assert len(town.client.get("/api/v1/search?q=village+bus").get_json()["hits"]) == 4
    page = town.page("/practices?q=village+bus")
    assert "2 related practices" in page


def test_records_that_name_each_other_in_a_ring_are_survived(town: Town) -> None:
    (one,) = town.publish(practice("One", **at("Lugo")))
    (two,) = town.publish(adaptation("Two", one.uri, "Foz"))
    town.publish(adaptation("One", two.uri, "Lugo"), uri=one.uri)
    assert town.client.get("/api/v1/search?q=one+OR+two&collapse=1").get_json()["total"] == 2
