"""Several practices at once: side by side, counted, and one in plain words."""

import csv
import io

import pytest

from tests.unit.web.towns import Town, practice

pytestmark = pytest.mark.integration


def test_practices_stand_side_by_side_and_unknown_is_said(town: Town) -> None:
    bus, bench, third, fourth = town.publish(
        practice("Bus", problem={"en": "No lines"}, setupMonths=7),
        practice("Bench", place={"type": "Place", "name": {"en": "Lugo"}, "population": 98000}),
        practice("Third"),
        practice("Fourth"),
    )
    page = town.page(f"/compare?uri={bus.uri}&uri={bench.uri}&lang=en")
    for said in ("No lines", "7 months", "98,000", "not stated"):
        assert said in page
    assert (
        f"uri={bench.uri}".replace(":", "%3A").replace("/", "%2F") in page.replace("%2f", "%2F")
        or "Take it out" in page
    )
    many = town.page("/compare?" + "&".join(f"uri={e.uri}" for e in (bus, bench, third, fourth)))
    assert many.count('scope="col"') == 3
    assert "Fourth" not in many


@pytest.mark.parametrize("query", ["", "?uri=", "?uri=javascript:alert(1)", "?uri=x%00", "?q=%22"])
def test_nothing_to_compare_is_no_mistake(town: Town, query: str) -> None:
    answer = town.client.get(f"/compare{query}")
    assert answer.status_code == 200
    assert 'href="javascript' not in answer.text


def test_statistics_count_and_show_the_gaps(town: Town) -> None:
    town.publish(
        practice("A", theme=["mobility"], commitment=["participation"]),
        practice("B", theme=["mobility", "energy"]),
    )
    page = town.page("/statistics?lang=en")
    assert "2 practices are known" in page
    assert "Mobility and transport" in page
    assert "none yet" in page
    table = town.client.get("/statistics/theme.csv?lang=en")
    rows = list(csv.reader(io.StringIO(table.text.removeprefix("\ufeff"))))
    assert rows[1] == ["mobility", "Mobility and transport", "2"]
    gaps = town.client.get("/statistics/commitment.csv").text
    assert gaps.count("\n") == 35  # all of them, also those without a practice
    assert town.client.get("/statistics/nothing.csv").status_code == 404


def test_a_practice_in_plain_words(town: Town) -> None:
    (entry,) = town.publish(practice("Bus", problem={"en": "Nobody reached the doctor."}))
    page = town.page(entry.uri.removeprefix(town.base) + "?view=plain&lang=en")
    assert "Why was it done?" in page
    assert "Nobody reached the doctor." in page
    assert "That is not said." in page
    assert "You need no account and no name." in page
