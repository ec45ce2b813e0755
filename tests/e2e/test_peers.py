"""The terms with a peer: fingerprints, what is shown, schedules, suggestions, health."""

import json
from collections.abc import Callable

import pytest

from tests.nodes import Node, practice

pytestmark = pytest.mark.e2e

Make = Callable[..., list[Node]]


def in_village(title: str, language: str, settlement: str) -> dict[str, object]:
    return {
        **practice(title),
        "title": {language: title},
        "place": {"name": {language: "Somewhere"}, "country": "ES", "settlement": settlement},
    }


def titles(node: Node) -> set[str]:
    hits = node.ok("search", "", "--json", "--limit", "50").json["hits"]
    return {str(hit["title"]) for hit in hits}


def test_only_practices_of_villages_in_spanish_are_shown(nodes: Make) -> None:
    city, reader = nodes("city", "reader")
    city.publish(
        in_village("Autobús del pueblo", "es", "village"),
        in_village("Metro de la ciudad", "es", "city"),
        in_village("Village bus", "en", "village"),
    )
    city.start()
    reader.ok("peer", "add", city.url, "--accept")
    reader.ok("harvest")
    assert len(titles(reader)) == 3
    done = reader.ok(
        "peer", "filter", city.url, "--lang", "es", "--settlement", "village", "--json"
    )
    assert done.json["filter"] == {"language": ["es"], "settlement": ["village"]}
    assert (done.json["shown"], done.json["held"]) == (2, 4)  # the organisation is shown too
    assert titles(reader) == {"Autobús del pueblo"}

    reader.start()
    city.publish(in_village("Panadería móvil", "es", "village"), in_village("Bakery", "en", "city"))
    reader.ok("harvest")
    assert titles(reader) == {"Autobús del pueblo", "Panadería móvil"}
    (hidden,) = [
        u for u in reader.ok("export", "--format", "ndjson").out.splitlines() if "Bakery" in u
    ]
    assert reader.ok("show", json.loads(hidden)["isVersionOf"]).code == 0  # held and relayed
    reader.ok("peer", "filter", city.url, "--clear")
    assert len(titles(reader)) == 5
    reader.ok("peer", "suspend", city.url, "--hide")
    assert titles(reader) == set()
    reader.ok("peer", "accept", city.url)
    assert len(titles(reader)) == 5
    reader.ok("peer", "filter", city.url, "--lang", "es")
    changed = reader.ok("peer", "filter", city.url, "--quota", "100", "--json").json
    assert changed["filter"] == {"language": ["es"], "quota": 100}
    assert reader.ok("peer", "filter", city.url, "--quota", "0", "--json").json["filter"] == {
        "language": ["es"]
    }
    assert reader.run("peer", "filter", city.url, "--theme", "nonsense").code == 2
    reader.ok("peer", "remove", city.url)
    assert len(titles(reader)) == 5


def test_a_flood_is_cut_off_by_the_quota(nodes: Make) -> None:
    city, reader = nodes("city", "reader")
    uris = city.publish(*(practice(f"Number {n}") for n in range(30)))
    city.start()
    reader.ok("peer", "add", city.url, "--accept")
    reader.ok("peer", "filter", city.url, "--quota", "11")
    (run,) = reader.ok("harvest", "--json").json["runs"]
    assert (run["new"], run["refused"]) == (31, 0)  # everything is taken in
    assert titles(reader) == {f"Number {n}" for n in range(10)}  # and the organisation
    assert "over-quota" in [one["kind"] for one in reader.ok("alerts", "--json").json["alerts"]]
    edited = {**practice("Number 3, second edition"), "id": uris[3]}
    city.publish(edited)
    reader.ok("harvest")
    assert "Number 3, second edition" in titles(reader)
    assert reader.ok("peer", "show", city.url, "--json").json["shown_records"] == 11


def test_a_fingerprint_is_compared_in_words(nodes: Make) -> None:
    city, reader = nodes("city", "reader")
    city.start()
    added = reader.ok("peer", "add", city.url, "--json").json
    shown = city.ok("key", "show", "--json").json["keys"][0]
    assert added["words"] == shown["words"]
    wrong = reader.run("peer", "accept", city.url, "--fingerprint", "babab " * 8)
    assert (wrong.code, "misheard" in wrong.err) == (2, True)
    reader.ok("peer", "accept", city.url, "--fingerprint", shown["words"].upper())
    scheduled = reader.ok("peer", "schedule", city.url, "--cron", "0 3 * * *", "--json").json
    assert scheduled["cron"] == "0 3 * * *"
    bad = reader.run("peer", "schedule", city.url, "--cron", "at night")
    assert (bad.code, "five fields" in bad.err) == (2, True)


def test_a_daily_allowance_ends_a_run_and_loses_nothing(nodes: Make) -> None:
    city, reader = nodes("city", "reader")
    city.publish(*(practice(f"Number {n}") for n in range(450)))
    city.start()
    reader.ok("peer", "add", city.url, "--accept")
    reader.ok("peer", "schedule", city.url, "--daily-mb", "0.02")
    (run,) = reader.run("harvest", "--json").json["runs"]
    assert (run["state"], run["error"]) == ("interrupted", "allowance-used")
    assert 0 < run["new"] < 451
    (again,) = reader.run("harvest", "--json").json["runs"]
    assert (again["state"], again["requests"]) == ("interrupted", 0)
    reader.ok("peer", "schedule", city.url, "--daily-mb", "0")
    (rest,) = reader.ok("harvest", "--json").json["runs"]
    assert rest["new"] + run["new"] == 451


def test_a_hub_s_members_are_suggested_and_never_asked(nodes: Make) -> None:
    hub, village, reader = nodes("hub", "village", "reader")
    hub.start()
    village.start()
    hub.ok("peer", "add", village.url, "--accept", "--as", "member")
    village.stop()  # whoever asks it anything now fails
    reader.ok("peer", "add", hub.url, "--accept")
    (run,) = reader.ok("harvest", "--json").json["runs"]
    assert run["state"] == "done"
    (one,) = reader.ok("peer", "suggestions", "--json").json["suggestions"]
    assert (one["url"], one["introduced_by"]) == (village.url, "hub")
    reader.start()
    page = reader.get("/network", Accept="text/html")[2].decode()
    assert "Suggested by hubs" in page
    number = 1
    health = json.loads(reader.get(f"/network/peers/{number}.json")[2])
    assert (health["health"], health["records"]) == ("healthy", 1)
    assert reader.get(f"/network/peers/{number}", Accept="text/html")[0] == 200


def test_an_origin_is_pinned_without_a_network(nodes: Make) -> None:
    city, farm = nodes("city", "farm")
    (uri,) = city.publish(practice("By stick alone"))
    shown = city.ok("key", "show", "--json").json
    stick = city.data.parent / "stick.ndjson"
    city.ok("bundle", "export", str(stick))
    farm.ok("peer", "pin", shown["did"], "--key", shown["keys"][0]["key"], "--name", "City")
    assert farm.ok("bundle", "import", str(stick), "--json").json["refused"] == 0
    assert farm.run("show", uri).code == 0
    assert farm.run("peer", "pin", "did:key:nonsense", "--key", "z6Mk").code == 2
    (one,) = farm.ok("peer", "list", "--json").json["pinned"]
    assert one["did"] == shown["did"]
    farm.ok("peer", "unpin", shown["did"])
    assert farm.ok("peer", "list", "--json").json["pinned"] == []
    city.publish(practice("Too late"))
    city.ok("bundle", "export", str(stick))
    again = farm.ok("bundle", "import", str(stick), "--json").json
    assert {refused["rule"] for refused in again["refusals"]} == {"introduction-ended"}
    assert farm.run("show", uri).code == 0
