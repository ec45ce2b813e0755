"""A record: its page, its formats, its versions, its withdrawal."""

import json
from collections.abc import Callable

import pytest

from tests.unit.web.towns import CC_BY, Town, practice

pytestmark = pytest.mark.unit

FULL = {
    "type": "BestPractice",
    "title": {"en": "On-demand rural bus", "es": "Autobús rural a demanda"},
    "summary": {"en": "A bookable bus replaced empty lines."},
    "problem": {"en": "Fixed lines ran empty."},
    "solution": {"en": "Stops are served when booked."},
    "theme": ["mobility"],
    "place": {
        "type": "Place",
        "name": {"es": "Vallalta"},
        "country": "ES",
        "population": 4120,
        "settlement": "village",
        "lat": 43.01,
        "long": -7.55,
    },
    "result": [
        {
            "type": "Result",
            "indicator": {"en": "Trips a month"},
            "unit": "trips",
            "baseline": 92.0,
            "value": 1870.5,
            "measureMethod": {"en": "Booking log"},
        }
    ],
    "cost": [{"type": "Cost", "costKind": "setup", "amount": 38000, "currency": "EUR"}],
    "step": [
        {"type": "Step", "order": 2, "title": {"en": "Agree the hours"}},
        {"type": "Step", "order": 1, "title": {"en": "Map missed trips"}},
    ],
    "coCreation": {
        "type": "CoCreationProcess",
        "initiatedBy": "civil-society",
        "participation": [
            {"type": "ParticipationPhase", "phase": "design", "level": "consult",
             "participants": 3, "womenPercent": 66},
            {"type": "ParticipationPhase", "phase": "framing", "level": "involve",
             "participants": 64},
        ],
    },
    "difficulty": {"en": "Drivers feared longer shifts."},
    "lesson": {"en": "Start with the journeys people gave up on."},
    "language": ["es", "en"],
}  # fmt: skip


def path(town: Town, uri: str) -> str:
    return uri.removeprefix(town.base)


def test_the_page_says_what_the_record_says(town: Town) -> None:
    (entry,) = town.publish(practice("x") | FULL)
    page = town.page(path(town, entry.uri))
    for text in (
        "On-demand rural bus",
        "Mobility and transport",
        "Village",
        "4,120 inhabitants",
        "€38,000",
        "1,870.5",
        "Framing the problem",
        "fewer than 5 people",
        "Drivers feared longer shifts.",
        "CC BY 4.0",
        f"lonja replicate {entry.uri}",
        "Published and signed by this node",
    ):
        assert text in page, text
    assert page.index("Map missed trips") < page.index("Agree the hours")
    assert page.index("Framing the problem") < page.index("Design of the solution")
    assert "66" not in page.split("fewer than 5 people")[1][:80]


def test_money_numbers_and_labels_follow_the_language(town: Town) -> None:
    (entry,) = town.publish(practice("x") | FULL)
    page = town.page(path(town, entry.uri), **{"Accept-Language": "es"})
    assert '<html lang="es"' in page
    for text in ("Autobús rural a demanda", "Movilidad y transporte", "38.000\xa0€", "Pueblo"):
        assert text in page, text
    assert 'lang="en" dir="auto"' in page  # the summary has no Spanish


def test_gaps_are_said_plainly(town: Town) -> None:
    (entry,) = town.publish(practice("A title is all there is"))
    page = town.page(path(town, entry.uri))
    assert page.count("not stated") >= 10


def test_an_imported_record_shows_source_credit_and_licence(town: Town) -> None:
    (entry,) = town.publish(
        practice("Stages")
        | {
            "title": {"fr": "1 élève, 1 stage"},
            "description": {"fr": "# Besoin\n- un\n- deux\n\n[plan](https://a.example/)"},
            "source": "https://beta.gouv.fr/startups/stage.html",
            "credit": "beta.gouv.fr",
            "license": "https://spdx.org/licenses/etalab-2.0.html",
            "identifier": "beta.gouv.fr:stage",
        }
    )
    page = town.page(path(town, entry.uri))
    assert "Original: French" in page
    assert 'href="https://beta.gouv.fr/startups/stage.html" rel="nofollow noopener ugc"' in page
    assert "Licence Ouverte 2.0" in page
    assert "<h3>Besoin</h3>" in page
    assert "<li>un</li>" in page


@pytest.mark.parametrize("accept", ["application/ld+json", "application/json", "*/*", ""])
def test_programs_get_the_signed_bytes(town: Town, accept: str) -> None:
    (entry,) = town.publish(practice("Repair café"))
    answer = town.client.get(path(town, entry.uri), headers={"Accept": accept} if accept else {})
    assert answer.status_code == 200
    assert answer.data == entry.body
    assert answer.mimetype in ("application/ld+json", "application/json")
    assert answer.get_etag()[0] == entry.digest
    assert {"Accept", "Accept-Language"} <= set(answer.vary)


@pytest.mark.parametrize(
    ("suffix", "media_type", "piece"),
    [
        (".jsonld", "application/ld+json", b"Repair"),
        (".ttl", "text/turtle", b"Repair"),
        (".rdf", "application/rdf+xml", b"<rdf:RDF"),
        (".nt", "application/n-triples", b'"Repair caf\xc3\xa9"@en'),
        (".csv", "text/csv", b"Repair"),
    ],
)
def test_formats_have_their_own_endings(
    town: Town, suffix: str, media_type: str, piece: bytes
) -> None:
    (entry,) = town.publish(practice("Repair café"))
    answer = town.client.get(path(town, entry.uri) + suffix, headers={"Accept": "text/html"})
    assert (answer.status_code, answer.mimetype) == (200, media_type)
    assert piece in answer.data
    negotiated = town.client.get(path(town, entry.uri), headers={"Accept": media_type})
    assert negotiated.data == answer.data


def test_a_format_that_is_not_offered_lists_the_choices(town: Town) -> None:
    (entry,) = town.publish(practice("Repair café"))
    answer = town.client.get(path(town, entry.uri), headers={"Accept": "image/png"})
    assert answer.status_code == 406
    assert answer.mimetype == "application/problem+json"
    assert {choice["media_type"] for choice in answer.get_json()["errors"]} >= {"text/turtle"}


def test_an_unchanged_record_is_not_sent_again(town: Town) -> None:
    (entry,) = town.publish(practice("Repair café"))
    for accept in ("text/html", "application/ld+json", "text/turtle"):
        first = town.client.get(path(town, entry.uri), headers={"Accept": accept})
        again = town.client.get(
            path(town, entry.uri),
            headers={"Accept": accept, "If-None-Match": first.headers["ETag"]},
        )
        assert again.status_code == 304, accept
        assert again.data == b""
    other = town.client.get(
        path(town, entry.uri),
        headers={
            "Accept": "text/html",
            "Accept-Language": "es",
            "If-None-Match": town.client.get(
                path(town, entry.uri), headers={"Accept": "text/html"}
            ).headers["ETag"],
        },
    )
    assert other.status_code == 200


def test_the_page_is_sent_again_when_an_adaptation_appears(town: Town) -> None:
    (entry,) = town.publish(practice("Original"))
    url = path(town, entry.uri)
    first = town.client.get(url, headers={"Accept": "text/html"})
    town.publish(
        practice("Copy in the valley", type="Adaptation", adaptedFrom=[entry.uri], stage="adopted")
    )
    again = town.client.get(
        url, headers={"Accept": "text/html", "If-None-Match": first.headers["ETag"]}
    )
    assert again.status_code == 200
    assert "Copy in the valley" in again.text


def test_versions_are_signed_bytes_for_ever(town: Town) -> None:
    (first,) = town.publish(practice("Repair café"))
    (second,) = town.publish(practice("Repair café, twice a week"), uri=first.uri)
    for entry in (first, second):
        answer = town.client.get(path(town, entry.version_uri))
        assert answer.data == entry.body
        assert answer.get_etag() == (entry.digest, False)
        assert "immutable" in answer.headers["Cache-Control"]
    assert town.client.get(path(town, first.uri) + "/v/3").status_code == 404
    page = town.page(path(town, first.uri))
    assert "twice a week" in page
    assert f'href="{path(town, first.uri)}/v/1"' in page


def test_links_tell_programs_the_way(town: Town) -> None:
    (entry,) = town.publish(practice("Repair café"))
    answer = town.client.get(path(town, entry.uri), headers={"Accept": "text/html"})
    links = answer.headers["Link"]
    assert f'<{entry.uri}>; rel="canonical"' in links
    assert f'<{entry.uri}.ttl>; rel="alternate"; type="text/turtle"' in links
    assert f'<link rel="canonical" href="{entry.uri}">' in answer.text
    assert f'hreflang="es" href="{entry.uri}?lang=es"' in answer.text


def test_the_page_carries_its_data_for_search_engines(town: Town) -> None:
    (entry,) = town.publish(practice("</script><script>alert(1)</script>"))
    page = town.page(path(town, entry.uri))
    block = page.split('<script type="application/ld+json">')[1].split("</script>")[0]
    assert "alert(1)" in json.loads(block)["name"]
    assert "<script>alert" not in page


def test_a_withdrawn_record_leaves_a_stub(town: Town) -> None:
    (source,) = town.publish(practice("Source"))
    (entry,) = town.publish(
        practice(
            "A practice to withdraw", type="Adaptation", adaptedFrom=[source.uri], stage="adopted"
        )
    )
    town.retract(entry)
    answer = town.client.get(path(town, entry.uri), headers={"Accept": "text/html"})
    assert answer.status_code == 410
    for text in ("A practice to withdraw", "published by mistake", "Source", "noindex"):
        assert text in answer.text, text
    machine = town.client.get(path(town, entry.uri), headers={"Accept": "application/ld+json"})
    assert machine.status_code == 410
    assert machine.get_json()["type"] == "Tombstone"
    assert town.client.get(path(town, entry.uri) + ".ttl").status_code == 410
    assert "A practice to withdraw" not in town.page("/practices")


def test_an_erased_record_shows_nothing_of_its_text(town: Town) -> None:
    (entry,) = town.publish(practice("A name that must go"))
    town.retract(entry, erases=[entry.seq])
    answer = town.client.get(path(town, entry.uri), headers={"Accept": "text/html"})
    assert answer.status_code == 410
    assert "A name that must go" not in answer.text
    assert town.client.get(path(town, entry.version_uri)).status_code == 410


def test_an_adaptation_and_its_source_show_each_other(build: Callable[..., Town]) -> None:
    city, village = build("https://lugo.example", name="Lugo"), build()
    (source,) = city.publish(practice("Superblocks"))
    village.copy_from(city)
    (copy,) = village.publish(
        practice("Small blocks", type="Adaptation", adaptedFrom=[source.uri], stage="piloting")
    )
    at = f"/at/lugo.example{path(city, source.uri)}"
    page = village.page(at)
    assert "Small blocks" in page
    assert "Piloting" in page
    assert "Published by lugo.example" in page
    assert "Its signature was verified when it was received." in page
    assert f'href="{at}"' in village.page(path(village, copy.uri))


def test_a_copy_is_the_same_bytes_and_names_its_publisher(build: Callable[..., Town]) -> None:
    city, village = build("https://lugo.example", name="Lugo"), build()
    (entry,) = city.publish(practice("Superblocks"))
    village.copy_from(city)
    at = f"/at/lugo.example{path(city, entry.uri)}"
    answer = village.client.get(at)
    assert answer.data == entry.body
    assert f'<{entry.uri}>; rel="canonical"' in answer.headers["Link"]
    assert village.client.get(f"{at}/v/1").data == entry.body
    assert village.client.get(f"{at}.ttl").mimetype == "text/turtle"
    assert village.client.get(path(city, entry.uri)).status_code == 404
    assert village.client.get(f"/at/vallalta.example{path(city, entry.uri)}").status_code == 308


def test_organisations_and_clusters_have_pages(town: Town) -> None:
    (council,) = town.publish(
        {
            "@context": "https://w3id.org/lonja/context/v1",
            "type": "Organisation",
            "name": {"en": "Vallalta Town Council"},
            "helix": "government",
            "homepage": "https://vallalta.example/",
            "contact": {"contactName": "Desk", "email": "mailto:desk@vallalta.example"},
        }
    )
    town.publish(practice("Night bus", lead=council.uri))
    (cluster,) = town.publish(
        {
            "@context": "https://w3id.org/lonja/context/v1",
            "type": "Cluster",
            "name": {"en": "Miño cluster"},
            "member": [council.uri],
            "license": CC_BY,
        }
    )
    page = town.page(path(town, council.uri))
    for text in ("Vallalta Town Council", "Public authority", "Night bus", "desk@vallalta.example"):
        assert text in page, text
    page = town.page(path(town, cluster.uri))
    assert "Vallalta Town Council" in page
    assert "Night bus" in page
    assert "Vallalta Town Council" in town.page("/organisations")
    assert "Miño cluster" in town.page("/clusters")
    assert "Vallalta Town Council" not in town.page("/practices").split("<main")[1]


def test_unknown_records_are_not_there(town: Town) -> None:
    for url in (
        "/practices/nothing",
        "/at/lugo.example/practices/1",
        "/people/1",
        "/practices/x/v/1",
    ):
        answer = town.client.get(url, headers={"Accept": "text/html"})
        assert answer.status_code == 404
        assert "This page does not exist" in answer.text


def test_headers_of_programs_only_hold_letters_they_may(build: Callable[..., Town]) -> None:
    city, village = build("https://lugo.example", name="Lugo"), build()
    (entry,) = city.publish(practice("Bus"), uri="https://lugo.example/practices/niño")
    village.copy_from(city)
    answer = village.client.get("/at/lugo.example/practices/ni%C3%B1o")
    assert answer.status_code == 200
    assert answer.data == entry.body
