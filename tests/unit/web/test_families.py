"""Families: a source is found as adapted elsewhere, whenever its adaptations come and go."""

from collections.abc import Callable
from itertools import chain
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


def test_a_family_is_drawn_from_its_first_practice_down(build: Callable[..., Town]) -> None:
    here, there = build("https://here.example"), build("https://there.example")
    point = {"lat": 43.0, "long": -7.5}
    first = practice("Village bus", **at("Lugo"))
    first["place"] |= point
    (source,) = there.publish(first)
    here.copy_from(there)
    (child,) = here.publish(adaptation("Bus of Foz", source.uri, "Foz"))
    (gone,) = here.publish(adaptation("Bus of Sarria", source.uri, "Sarria", stage="abandoned"))
    both = adaptation("Bus of Viveiro", child.uri, "Viveiro", stage="piloting")
    both["adaptedFrom"].append(gone.uri)
    (last,) = here.publish(both)
    for uri in (source.uri, last.uri):
        page = here.page(f"/family?uri={uri}&lang=en")
        assert "Family of" in page
        assert "4 practices" in page
        assert page.index("Village bus") < page.index("Bus of Foz")
        assert page.index("Village bus") < page.index("Bus of Viveiro")
        assert "also adapted from" in page
        assert "From Vallalta" in page
        assert 'id="map"' in page
    body = here.client.get(f"/api/v1/family?uri={last.uri}").get_json()
    assert body["family"]["uri"] == source.uri
    under = {one["uri"]: one["adaptations"] for one in body["family"]["adaptations"]}
    assert under.keys() == {child.uri, gone.uri}
    assert [*chain(*under.values())] == [{"uri": last.uri, "adaptations": []}]  # under one only
    assert body["stages"] == {"piloting": 1, "adopted": 1, "abandoned": 1}
    assert body["hits"][0]["latitude"] == 43.0
    page = here.page(f"/practices/{last.uri.rpartition('/')[2]}?lang=en")
    assert "/family?uri=" in page


def test_a_family_whose_first_practice_is_not_here_begins_with_its_address(town: Town) -> None:
    (child,) = town.publish(adaptation("Bus", "https://away.example/practices/1", "Foz"))
    page = town.page(f"/family?uri={child.uri}&lang=en")
    assert "away.example/practices/1" in page
    assert "not held by this node" in page


def test_records_that_name_each_other_in_a_ring_are_drawn_once(town: Town) -> None:
    one, two = f"{town.base}/practices/one", f"{town.base}/practices/two"
    town.publish(adaptation("One", two, "Foz"), uri=one)
    town.publish(adaptation("Two", one, "Lugo"), uri=two)
    body = town.client.get(f"/api/v1/family?uri={one}").get_json()
    assert body["total"] == 2


@pytest.mark.parametrize("query", ["", "?uri=", "?uri=https://nowhere.example/practices/1"])
def test_what_is_no_practice_has_no_family(town: Town, query: str) -> None:
    assert town.client.get(f"/family{query}").status_code == 404
    assert town.client.get(f"/api/v1/family{query}").status_code == 404
