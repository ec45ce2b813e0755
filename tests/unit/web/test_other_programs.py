"""What scripts of other sites, crawlers and spreadsheets get."""

from collections.abc import Callable

import pytest

from node.services.export import inert
from tests.unit.web.towns import Town, practice

pytestmark = pytest.mark.unit


def test_scripts_of_other_sites_may_ask_whether_something_changed(town: Town) -> None:
    (entry,) = town.publish(practice("Street meetings"))
    path = entry.uri.removeprefix(town.base)
    asked = town.client.options(
        path,
        headers={
            "Origin": "https://other.example",
            "Access-Control-Request-Method": "GET",
            "Access-Control-Request-Headers": "if-none-match",
        },
    )
    assert asked.status_code == 200
    assert asked.headers["Access-Control-Allow-Origin"] == "*"
    assert "If-None-Match" in asked.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in asked.headers
    answer = town.client.get(path, headers={"Accept": "application/ld+json"})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "ETag" in answer.headers["Access-Control-Expose-Headers"]


def test_the_sitemap_is_not_made_anew_for_who_has_it(town: Town) -> None:
    town.publish(practice("Street meetings"))
    first = town.client.get("/sitemap.xml")
    assert first.text.count("<loc>") == 5
    again = {"If-None-Match": first.headers["ETag"]}
    assert town.client.get("/sitemap.xml", headers=again).status_code == 304
    town.publish(practice("Night buses"))
    newer = town.client.get("/sitemap.xml", headers=again)
    assert newer.status_code == 200
    assert newer.text.count("<loc>") == 6


def test_the_search_box_of_a_browser_speaks_the_readers_language(town: Town) -> None:
    answer = town.client.get("/opensearch.xml", headers={"Accept-Language": "es"})
    assert "Prácticas urbanas: Vallalta" in answer.text
    assert "Accept-Language" in answer.headers["Vary"]


def test_a_withdrawn_record_stays_withdrawn_for_who_has_the_tombstone(town: Town) -> None:
    (entry,) = town.publish(practice("Street meetings"))
    town.retract(entry)
    path = entry.uri.removeprefix(town.base)
    asked = {"Accept": "application/ld+json"}
    gone = town.client.get(path, headers=asked)
    assert gone.status_code == 410
    again = {**asked, "If-None-Match": gone.headers["ETag"]}
    assert town.client.get(path, headers=again).status_code == 410


def test_the_page_about_the_api_names_the_feed(town: Town) -> None:
    assert 'href="/feed"' in town.page("/developers")


def test_an_address_with_a_question_mark_is_found_in_every_language(
    build: Callable[..., Town],
) -> None:
    town, village = build(), build("https://lugo.example")
    (entry,) = village.publish(practice("Bus on call"))
    town.copy_from(village)
    path = "/at/lugo.example" + entry.uri.removeprefix(village.base)
    assert "Bus on call" in town.page(f"{path}?lang=es")
    assert town.client.get(f"{path}%3Fx?y=%ff").status_code == 404


@pytest.mark.parametrize("cell", ["=1+1", "+34 600", "-cmd", "@x", "\t=1", "\n=1", "-1-1", "＝1"])
def test_no_cell_runs_as_a_formula(cell: str) -> None:
    assert inert(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["", "-3.7038", "-0.5", "-1e-07", "12", "Lugo", "a=b"])
def test_numbers_and_plain_words_stay_as_they_are(cell: str) -> None:
    assert inert(cell) == cell
