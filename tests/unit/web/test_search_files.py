"""A search as a file: every record of it, in formats that maps and spreadsheets read."""

import csv
import io
import re

import orjson
import pytest
from werkzeug.test import TestResponse

from node.services import files
from node.services.question import Question
from search.api import SearchEntry, Sort
from tests.unit.web.towns import Town, practice

pytestmark = pytest.mark.unit


def at(lat: float, long: float, **more: object) -> dict[str, object]:
    return {"type": "Place", "lat": lat, "long": long, **more}


@pytest.fixture
def full(town: Town) -> Town:
    town.publish(
        {
            **practice("", theme=["mobility"]),
            "title": {"en": "Night bus", "es": "Autobús nocturno"},
            "place": at(43.5, -7.25, name={"es": "Vallalta"}, country="ES"),
        },
        practice("Village bus", theme=["mobility"], place=at(41.0, 2.0)),
        practice("Roof solar", theme=["energy"], place=at(40.0, 1.0)),
        practice("Bus without a place", theme=["mobility"]),
    )
    return town


def rows(answer: TestResponse) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))


def test_geojson_holds_the_records_with_a_place_longitude_first(full: Town) -> None:
    answer = full.client.get("/api/v1/search?theme=mobility&format=geojson&sort=title")
    assert answer.mimetype == "application/geo+json"
    assert "attachment" in answer.headers["Content-Disposition"]
    body = answer.get_json(force=True)
    assert (body["type"], body["total"], body["truncated"]) == ("FeatureCollection", 2, False)
    first, second = body["features"]
    assert first["type"] == "Feature"
    assert first["geometry"] == {"type": "Point", "coordinates": [-7.25, 43.5]}
    assert first["properties"]["title"] == "Night bus"
    assert first["id"] == first["properties"]["uri"]
    assert first["properties"]["url"].startswith(full.base + "/practices/")
    assert second["properties"]["title"] == "Village bus"
    _none, hit, _last = full.client.get("/api/v1/search?theme=mobility&sort=title").get_json()[
        "hits"
    ]
    del hit["url"], hit["latitude"], hit["longitude"]
    assert {**first["properties"], **hit} == first["properties"]


def test_an_empty_file_is_a_file(full: Town) -> None:
    empty = full.client.get("/api/v1/search?q=zeppelin&format=geojson").get_json(force=True)
    assert empty["features"] == []
    assert rows(full.client.get("/api/v1/search?q=zeppelin&format=csv")) == []
    nobody = "/api/v1/search?scope=mine&origin=did:web:nobody.example&format=csv"
    assert rows(full.client.get(nobody)) == []


def test_csv_opens_in_a_spreadsheet_with_its_accents(full: Town) -> None:
    answer = full.client.get("/api/v1/search?q=bus&lang=es&sort=title&format=csv")
    assert answer.mimetype == "text/csv"
    assert answer.data.startswith(b"\xef\xbb\xbfuri,")
    assert answer.data.endswith(b"\r\n")
    titles = {row["title"] for row in rows(answer)}
    assert titles == {"Autobús nocturno", "Village bus", "Bus without a place"}
    (row,) = [row for row in rows(answer) if row["country"] == "ES"]
    assert (row["latitude"], row["longitude"], row["place"]) == ("43.5", "-7.25", "Vallalta")
    assert (row["theme"], row["publisher"][:8]) == ("mobility", "https://")
    assert row["uri"] == row["page"]
    assert tuple(row) == files.COLUMNS


@pytest.mark.parametrize(
    "title", ["=1+1", "+1", "-1+1", "@SUM(A1)", "＝1+1", '=HYPERLINK("http://x","y")']
)
def test_no_cell_is_a_formula(town: Town, title: str) -> None:
    town.publish(practice(title, summary={"en": '"quoted",\nand "more'}, place=at(-33.5, -70.0)))
    (row,) = rows(town.client.get("/api/v1/search?format=csv"))
    assert row["title"] == "'" + title
    assert row["summary"].replace("\n", " ") == '"quoted", and "more'
    assert row["latitude"] == "-33.5"  # a number stays one


def test_the_accept_header_chooses_too_and_format_wins(full: Town) -> None:
    for accept, kind in (
        ("application/geo+json", "application/geo+json"),
        ("text/csv;q=0.9, application/json;q=0.1", "text/csv"),
        ("*/*", "application/json"),
    ):
        answer = full.client.get("/api/v1/search?q=bus", headers={"Accept": accept})
        assert answer.mimetype == kind
        assert "Accept" in answer.headers["Vary"]
    chosen = full.client.get("/api/v1/search?format=csv", headers={"Accept": "text/html"})
    assert chosen.mimetype == "text/csv"
    assert full.client.get("/api/v1/search", headers={"Accept": "text/html"}).status_code == 406


def test_bad_parameters_are_named_for_files_too(full: Town) -> None:
    for query in ("format=xlsx", "format=csv&theme=x&limit=many", "format=geojson&bbox=1"):
        answer = full.client.get(f"/api/v1/search?{query}")
        assert answer.status_code == 400
        assert answer.mimetype == "application/problem+json"
    assert "csv" in full.client.get("/api/v1/search?format=xlsx").get_json(force=True)["detail"]


def test_a_file_goes_over_many_pages_and_says_when_more_follow(town: Town) -> None:
    town.publish(*[practice(f"Practice {n:03d}", place=at(40, n / 10)) for n in range(450)])
    answer = town.client.get("/api/v1/search?format=csv&sort=title")
    found = [row["title"] for row in rows(answer)]
    assert found == [f"Practice {n:03d}" for n in range(450)]
    assert (answer.headers["Lonja-Total"], answer.headers["Lonja-Truncated"]) == ("450", "false")
    assert "Link" not in answer.headers

    short = town.client.get("/api/v1/search?format=geojson&sort=title&limit=200")
    body = short.get_json(force=True)
    assert (len(body["features"]), body["total"], body["truncated"]) == (200, 450, True)
    assert short.headers["Lonja-Truncated"] == "true"
    link = short.headers["Link"]
    assert 'rel="next"' in link
    rest = town.client.get(link[1 : link.index(">")].removeprefix(town.base))
    again = [one["properties"]["title"] for one in rest.get_json(force=True)["features"]]
    assert again[0] == "Practice 200"


def test_a_file_of_a_mistyped_search_holds_what_the_page_shows(town: Town) -> None:
    town.publish(*[practice(f"Greenhouse {n:03d}") for n in range(230)])
    for path in ("/api/v1/search?q=greenhuose&format=csv", _csv_link(town, "greenhuose")):
        assert len(rows(town.client.get(path))) == 230


def _csv_link(town: Town, words: str) -> str:
    page = town.page(f"/practices?q={words}")
    (link,) = re.findall(r'href="(/api/v1/search\?[^"]*format=csv[^"]*)"', page)
    return str(link).replace("&amp;", "&")


def test_adaptations_stand_in_a_file_on_their_own(town: Town) -> None:
    (first,) = town.publish(practice("Night bus"))
    town.publish(practice("Night bus too", type="Adaptation", adaptedFrom=[first.uri]))
    assert len(rows(town.client.get("/api/v1/search?q=night&collapse=1&format=csv"))) == 2


@pytest.mark.parametrize("words", ["common", "common bus", "housing"])
def test_records_in_many_languages_come_once(town: Town, words: str) -> None:
    town.publish(
        *[
            {
                **practice("", theme=["housing"]),
                "title": {("en", "es", "fr", "de")[n % 4]: f"Common bus number {n}"},
            }
            for n in range(420)
        ]
    )
    found = rows(town.client.get("/api/v1/search", query_string={"q": words, "format": "csv"}))
    assert len(found) == len({row["uri"] for row in found}) == 420


@pytest.mark.parametrize("order", [None, *Sort])
def test_what_a_file_leaves_out_is_counted_in_every_order(town: Town, order: Sort | None) -> None:
    town.publish(*[practice(f"Common {n:03d}", place=at(40, n / 10)) for n in range(230)])
    question = Question(text="common", sort=order)
    for write in (files.table, files.geojson):
        made = write(town.runtime, question, "en", 210)
        assert (made.total, made.records, made.truncated) == (230, 210, True)
        assert len(orjson.dumps(made.next)) > 2
    assert files.table(town.runtime, question, "en").records == 230


def test_ten_thousand_records_are_the_most(town: Town) -> None:
    writer = town.runtime.engine.writer()
    writer.upsert(
        SearchEntry(
            uri=f"{town.base}/practices/{number:05d}",
            digest=f"z{number}",
            title={"en": "Common"},
            facets={"type": ["Practice"]},
            modified=number,
            latitude=40.0,
            longitude=number / 100,
            card={"type": "Practice", "title": {"en": "Common"}, "lat": 40, "lon": number / 100},
        )
        for number in range(10_100)
    )
    writer.commit(1)
    writer.close()
    follow = "/api/v1/search?format=csv&sort=newest"
    answer = town.client.get(follow)
    found = rows(answer)
    assert (len(found), len({row["uri"] for row in found})) == (10_000, 10_000)
    assert (answer.headers["Lonja-Total"], answer.headers["Lonja-Truncated"]) == ("10100", "true")
    link = answer.headers["Link"]
    rest = town.client.get(link[1 : link.index(">")].removeprefix(town.base))
    assert len(rows(rest)) == 100
    assert rest.headers["Lonja-Truncated"] == "false"
    # By relevance nothing can be reached beyond: it is said all the same.
    best = town.client.get("/api/v1/search?format=geojson&q=common")
    body = best.get_json(force=True)
    assert (len(body["features"]), body["total"], body["truncated"]) == (10_000, 10_100, True)
    assert "Link" not in best.headers


def test_somebody_who_asks_for_file_after_file_is_asked_to_wait(full: Town) -> None:
    answers = [full.client.get("/api/v1/search?format=csv").status_code for _ in range(61)]
    assert set(answers[:60]) == {200}
    last = full.client.get("/api/v1/search?format=csv")
    assert (last.status_code, last.headers["Retry-After"]) == (429, "60")
    assert full.client.get("/api/v1/search").status_code == 200


def test_the_results_page_links_to_both_files(full: Town) -> None:
    page = full.page("/practices?theme=mobility&lang=es&page=1")
    for form in ("csv", "geojson"):
        path = f"/api/v1/search?theme=mobility&amp;format={form}&amp;lang=es"
        assert f'href="{path}"' in page
        assert full.client.get(path.replace("&amp;", "&")).status_code == 200
