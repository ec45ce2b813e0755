"""The page of a cluster, as memberships make it, and what organisations are recognised for."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import quote

import pytest

from node.services import recognitions as service
from node.services.indexer import follow_once
from node.services.recognitions import Merit
from tests.samples import DOCUMENTS
from tests.unit.web.towns import CC_BY, Town, practice
from vocab.terms import CONTEXT_URL

pytestmark = pytest.mark.integration

Build = Callable[..., Town]


def organisation(name: str, **more: Any) -> dict[str, Any]:
    return {
        "@context": CONTEXT_URL,
        "type": "Organisation",
        "name": {"en": name},
        "helix": "government",
        **more,
    }


def vouch(hub: Town, member: Town, role: str = "member", **more: Any) -> None:
    identity = member.runtime.identity
    hub.publish(
        {
            "@context": CONTEXT_URL,
            "type": "Membership",
            "memberDid": identity.did,
            "memberKey": identity.key.public_multikey,
            "memberRole": role,
            **more,
        }
    )


def place(name: str, **more: Any) -> dict[str, Any]:
    return {"type": "Place", "name": {"en": name}, "country": "ES", **more}


@pytest.fixture
def hub(build: Build) -> Town:
    """A hub with a member that has published a practice, an open challenge and an observation."""
    hub = build("https://hub.example", name="Valley Hub")
    town = build("https://vallalta.example", name="Vallalta")
    ally = build("https://coast.example", name="Coast Hub")
    hub.publish(organisation("Another body"), organisation("Valley Hub", place=place("Lugo")))
    town.publish(organisation("Vallalta", place=place("Vallalta", lat=43.1, long=-7.5)))
    (bus,) = town.publish(practice("Night bus", theme=["mobility"]))
    town.publish(
        DOCUMENTS["Challenge"] | {"title": {"en": "Getting home"}, "closes": "2099-01-01"},
        observation(bus.uri),
        observation(bus.uri, answered="2026-01-01T00:00:00Z"),
    )
    hub.copy_from(town)
    hub.copy_from(ally)
    vouch(hub, town)
    vouch(hub, ally, "allied-hub")
    return hub


def observation(about: str, answered: str = "", **more: Any) -> dict[str, Any]:
    body = DOCUMENTS["CitizenObservation"] | {"about": about, **more}
    response: dict[str, Any] = {"type": "Response", "responseStatus": "received"}
    if answered:
        response |= {"description": {"en": "Now we do."}, "issued": answered}
    return body | {"response": response}


def address(town: Town) -> str:
    return f"/clusters/of/{town.runtime.identity.did}"


def test_a_hub_has_a_page_before_anybody_writes_a_record_of_its_cluster(hub: Town) -> None:
    assert f'href="{address(hub)}"' in hub.page("/clusters")
    assert f'href="{address(hub)}"' in hub.page("/network")
    page = unescape(hub.page(f"{address(hub)}?lang=en"))
    for said in (
        *("Cluster of Valley Hub", "2 members", "1 practice", "Vallalta, Spain", "Night bus"),
        *("Getting home", "Mobility and transport", "Coast Hub", "How to join this cluster"),
        *("2 observations of residents are published.", "Answered: 1 of 2."),
    ):
        assert said in page, said
    members = page.split('id="members"')[1].split("</table>")[0]
    assert members.index("Valley Hub") < members.index("Vallalta")  # the hub first
    assert "Another body" not in page  # the hub publishes its record, but is somebody else
    assert f"/practices?cluster={quote(hub.runtime.identity.did, safe='')}" in page


def test_its_narrowed_results_and_its_map_hold_the_same(hub: Town) -> None:
    did = hub.runtime.identity.did
    assert "1 practice" in hub.page(f"/practices?cluster={quote(did)}&theme=mobility&lang=en")
    body = hub.client.get(f"/api/v1/cluster?hub={did}&lang=en").get_json()
    assert [(one["title"], one["hub"], one["practices"]) for one in body["hits"]] == [
        ("Valley Hub", True, 0),
        ("Vallalta", False, 1),
    ]
    assert (body["hits"][1]["latitude"], body["hits"][1]["sector"]) == (43.1, "government")
    assert body["observations"] == {"published": 2, "looked_at": 2, "answered": 1}
    assert [one["name"] for one in body["allied"]] == ["Coast Hub"]
    assert body["themes"] == [{"value": "mobility", "label": "Mobility and transport", "count": 1}]


def test_where_no_member_has_a_point_the_map_shows_their_practices(build: Build) -> None:
    hub, member = build("https://hub.example"), build()
    vouch(hub, member)
    assert 'id="map"' not in hub.page(address(hub))
    hub.publish(practice("Night bus"))
    shown = unescape(hub.page(address(hub)))
    assert 'data-points="/api/v1/search?cluster=' in shown


def test_its_own_record_and_the_cluster_are_one_page(hub: Town) -> None:
    own = f"{hub.base}/organisations/own"
    said = {"@context": CONTEXT_URL, "type": "Cluster", "license": CC_BY, "hub": own}
    (record,) = hub.publish({**said, "name": {"en": "Upper Valley"}})
    answer = hub.client.get(address(hub), headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["Location"]) == (
        303,
        record.uri.removeprefix(hub.base),
    )
    page = hub.page(record.uri.removeprefix(hub.base))
    assert "Upper Valley" in page
    assert "Night bus" in page
    assert "Coast Hub" in page
    listed = hub.page("/clusters")
    assert listed.count("Upper Valley") == 1
    assert "Cluster of" not in listed


def test_what_others_say_of_a_cluster_is_no_page_of_it(hub: Town, build: Build) -> None:
    stranger = build("https://stranger.example", name="Stranger")
    said = {"@context": CONTEXT_URL, "type": "Cluster", "license": CC_BY}
    stranger.publish({**said, "name": {"en": "Mine"}, "hub": f"{hub.base}/organisations/own"})
    hub.copy_from(stranger)
    assert "Cluster of Valley Hub" in hub.page(f"{address(hub)}?lang=en")
    listed = hub.page("/clusters?lang=en")
    assert "Mine" in listed
    assert "Cluster of Valley Hub" in listed


def test_an_organisation_says_in_which_cluster_it_is(hub: Town) -> None:
    hits = hub.client.get("/api/v1/search?type=Organisation&limit=9").get_json()["hits"]
    pages = {hit["title"]: hub.page(path_of(hub, hit["uri"])) for hit in hits}
    assert f'href="{address(hub)}"' in pages["Vallalta"]
    assert f'href="{address(hub)}"' in pages["Valley Hub"]
    assert "/clusters/of/" not in pages["Another body"]


def path_of(town: Town, uri: str) -> str:
    return uri.removeprefix(town.base) if uri.startswith(town.base) else f"/at/{uri[8:]}"


def test_who_only_asks_to_join_or_has_left_is_no_member(hub: Town, build: Build) -> None:
    asking = build("https://asking.example", name="Asking")
    vouch(asking, asking, hubDid=hub.runtime.identity.did)
    left = build("https://left.example", name="Left")
    hub.copy_from(asking)
    hub.copy_from(left)
    vouch(hub, left, until="2020-01-01T00:00:00Z")
    page = hub.page(f"{address(hub)}?lang=en")
    assert "2 members" in page
    assert "Asking" not in page
    assert f"/clusters/of/{asking.runtime.identity.did}" not in hub.page("/clusters")
    for unknown in (asking.runtime.identity.did, "did:web:none.example", "x"):
        assert hub.client.get(f"/clusters/of/{unknown}").status_code == 404
        assert hub.client.get(f"/api/v1/cluster?hub={unknown}").status_code == 404
    assert hub.client.get("/api/v1/cluster").status_code == 404


@pytest.fixture
def pair(build: Build) -> tuple[Town, Town]:
    """A city with a practice, and a village that has copied it; both hold all of it."""
    city, village = build("https://city.example", name="City"), build()
    (council,) = city.publish(organisation("City"))
    (parish,) = village.publish(organisation("Village"))
    (source,) = city.publish(practice("Bus", publisher=council.uri, place=place("City")))
    village.copy_from(city)
    adapted = {"type": "Adaptation", "adaptedFrom": [source.uri], "lead": parish.uri}
    adapted["publisher"] = parish.uri
    village.publish(
        practice("Thinking", stage="planning", place=rural("Vallalta"), **adapted),
        practice("Village bus", stage="adopted", place=rural("Vallalta"), **adapted),
        practice("Village bus again", stage="adopted", place=rural("Vallalta"), **adapted),
    )
    city.copy_from(village)
    return city, village


def rural(name: str) -> dict[str, Any]:
    return place(name, settlement="village")


def merits(town: Town, name: str, publisher: Town) -> dict[str, int]:
    uri = organisation_of(town, name)
    origins = {uri: publisher.runtime.identity.did}
    found = service.recognitions(town.runtime, origins, "en").get(uri, ())
    return {str(one.merit): one.number for one in found}


def organisation_of(town: Town, name: str) -> str:
    hits = town.client.get("/api/v1/search?type=Organisation").get_json()["hits"]
    return next(str(hit["uri"]) for hit in hits if hit["title"] == name)


def test_who_repeats_and_who_is_repeated_is_recognised(pair: tuple[Town, Town]) -> None:
    city, village = pair
    for town in pair:
        assert merits(town, "City", city) == {Merit.ADAPTED: 1}  # one place, however often
        assert merits(town, "Village", village) == {Merit.ADAPTS: 1, Merit.ADAPTS_RURAL: 1}
    page = city.page(f"{path_of(city, organisation_of(city, 'City'))}?lang=en")
    assert "Repeated in 1 other place" in page
    assert "each place counts once" in page
    proof = page.split('id="recognised"')[1].split("</section>")[0]
    assert "Village bus" in proof
    assert "/recognition-criteria" in proof
    page = village.page(f"{path_of(village, organisation_of(village, 'Village'))}?lang=en")
    proof = page.split('id="recognised"')[1].split("</section>")[0]
    assert "Thinking" not in proof


def test_nobody_is_recognised_for_what_others_write_in_their_name(build: Build) -> None:
    city, stranger = build("https://city.example", name="City"), build()
    (council,) = city.publish(organisation("City"))
    stranger.copy_from(city)
    (source,) = stranger.publish(practice("Own"))
    named = {"publisher": council.uri, "lead": council.uri, "type": "Adaptation"}
    forged = {"stage": "adopted", "adaptedFrom": [source.uri], "place": place("City")}
    stranger.publish(practice("Copy", **named, **forged))
    city.copy_from(stranger)
    assert "Copy" in city.page("/practices")
    assert merits(city, "City", city) == {}


def test_adaptations_of_ones_own_practices_prove_nothing(town: Town) -> None:
    (council,) = town.publish(organisation("Vallalta"))
    (bus,) = town.publish(practice("Bus", publisher=council.uri, place=place("Vallalta")))
    again = {"type": "Adaptation", "stage": "adopted", "adaptedFrom": [bus.uri]}
    town.publish(practice("Again", publisher=council.uri, place=rural("Next"), **again))
    assert merits(town, "Vallalta", town) == {}
    assert 'id="recognised"' not in town.page(path_of(town, council.uri))


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ([1, 20, 30], {Merit.ANSWERS: 3}),
        ([1, 20], {}),
        ([1, 2, 3, 31], {}),
        ([1, 2, 3, None], {Merit.ANSWERS: 3}),  # it may still be answered in time
    ],
)
def test_who_answers_all_observations_in_time_is_recognised(
    town: Town, days: list[int | None], expected: dict[str, int]
) -> None:
    (council,) = town.publish(organisation("Vallalta"))
    (bus,) = town.publish(practice("Bus"))
    now = datetime.now(UTC).replace(microsecond=0)
    for waited in days:
        answered = "" if waited is None else f"{now + timedelta(days=waited):%Y-%m-%dT%H:%M:%SZ}"
        town.publish(observation(bus.uri, answered, publisher=council.uri))
    follow_once(town.runtime)
    assert merits(town, "Vallalta", town) == expected


def test_the_criteria_are_public(town: Town) -> None:
    page = town.page("/recognition-criteria?lang=en")
    assert "within 30 days" in page
    assert "/recognition-criteria" in town.page("/about")
