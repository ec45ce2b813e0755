"""Fits my town: the page, the same for programs, and the command."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from node.cli.main import cli
from tests.unit.web.towns import Town, practice

pytestmark = pytest.mark.unit

LAW = {
    "type": "ReplicationCondition",
    "conditionType": "legal",
    "essential": True,
    "description": {"en": "Power over <b>transport</b>.", "es": "Competencia en transporte."},
}


@pytest.fixture
def full(town: Town) -> Town:
    village = {"type": "Place", "name": {"es": "Vallalta"}, "country": "PT", "population": 2000,
               "settlement": "village"}  # fmt: skip
    town.publish(
        practice("Village bus", theme=["mobility"], place=village, costBand="c1"),
        practice("Licensed bus", theme=["mobility"], place=village, condition=[LAW]),
        practice("Solar roof", theme=["energy"], place=village),
        practice("Only a title", theme=["mobility"]),
    )
    return town


ASKED = "population=1900&country=PT&settlement=village&budget=20+000&theme=mobility&lacks=legal"


def test_the_answer_has_three_groups_and_says_why(full: Town) -> None:
    body = full.client.get(f"/api/v1/fit?{ASKED}").get_json()
    assert [hit["title"] for hit in body["fitting"]] == ["Village bus"]
    (blocked,) = body["blocked"]
    assert blocked["title"] == "Licensed bus"
    assert blocked["blocked"][0]["condition"] == "legal"
    assert blocked["blocked"][0]["description"] == "Power over <b>transport</b>."
    assert [hit["title"] for hit in body["little_known"]] == ["Only a title"]
    reasons = {one["factor"]: one["reason"] for one in body["fitting"][0]["factors"]}
    assert reasons["size"] == "2,000 inhabitants there, 1,900 in your town."
    assert "€20,000" in reasons["budget"]
    assert reasons["evidence"] == "The record does not say."


def test_reasons_come_in_six_languages(full: Town) -> None:
    for language, word in (("es", "habitantes"), ("en", "inhabitants")):
        body = full.client.get(f"/api/v1/fit?{ASKED}&lang={language}").get_json()
        factors = {one["factor"]: one["reason"] for one in body["fitting"][0]["factors"]}
        assert word in factors["size"]


def test_the_page_shows_the_same_without_markup_of_strangers(full: Town) -> None:
    page = full.client.get(f"/fits?{ASKED}").get_data(as_text=True)
    assert "Village bus" in page
    assert "Licensed bus" in page
    assert "Power over &lt;b&gt;transport&lt;/b&gt;." in page
    assert "Solar roof" not in page
    empty = full.client.get("/fits")
    assert empty.status_code == 200
    assert "Village bus" not in empty.get_data(as_text=True)


def test_a_place_name_fills_the_profile(full: Town) -> None:
    page = full.client.get("/fits?place=chaves&country=PT").get_data(as_text=True)
    assert "Filled in for Chaves, Portugal" in page
    assert 'value="17535"' in page or "inhabitants" in page
    other = full.client.get("/fits?place=chaves").get_data(as_text=True)
    assert "Another place?" in other
    unknown = full.client.get("/fits?place=Xyzzyqq").get_data(as_text=True)
    assert "no place of this name" in unknown


@pytest.mark.parametrize(
    "query",
    ["population=many", "country=Portugal", "theme=nonsense", "lacks=wings", "settlement=moon",
     "budget=-5", "w_size=heavy", "colour=blue", "population=9999999999999999"],
)  # fmt: skip
def test_what_cannot_be_understood_is_said(full: Town, query: str) -> None:
    answer = full.client.get(f"/api/v1/fit?{query}")
    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"
    assert full.client.get(f"/fits?{query}").status_code == 200


def test_nothing_is_kept_of_a_profile(full: Town) -> None:
    answer = full.client.get(f"/api/v1/fit?{ASKED}")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers


def test_weights_can_be_moved(full: Town) -> None:
    zero = "&".join(f"w_{name}=0" for name in ("need", "budget", "conditions", "settlement",
                                               "evidence", "language", "country"))  # fmt: skip
    body = full.client.get(f"/api/v1/fit?population=1900&{zero}").get_json()
    assert {one["factor"] for one in body["fitting"][0]["factors"]} == {"size"}


def test_places_by_name(full: Town) -> None:
    body = full.client.get("/api/v1/places?q=lisb&country=pt").get_json()
    assert body["places"][0]["name"] == "Lisbon"
    assert body["places"][0]["population"] > 400_000
    for text in ("", "x", "%", "'", "a" * 5_000, "\x00", "《"):
        assert full.client.get("/api/v1/places", query_string={"q": text}).status_code == 200


def test_the_command(tmp_path: Path) -> None:
    def run(*arguments: str) -> Result:
        return CliRunner().invoke(cli, [*arguments, "--data", str(tmp_path / "town")])

    assert run("init", "--name", "Vallalta").exit_code == 0
    record = tmp_path / "bus.jsonld"
    record.write_text(json.dumps(practice("Licensed bus", theme=["mobility"], condition=[LAW])))
    assert run("publish", str(record)).exit_code == 0
    asked = ("fit", "--place", "chaves", "--country", "PT", "--theme", "mobility")
    shown = run(*asked, "--lacks", "legal")
    assert shown.exit_code == 0, shown.output
    assert "you lack" in shown.output
    assert "Legal or regulatory: Power over" in shown.output
    body = json.loads(run(*asked, "--has", "legal", "--json").stdout)
    assert body["blocked"] == []
    assert body["compared"] == 1
    assert run("fit", "--population", "x").exit_code == 2


def test_what_is_only_meant_to_be_done_fits_nobody_yet(town: Town) -> None:
    place = {"type": "Place", "name": {"es": "Vallalta"}, "country": "PT", "population": 2000}
    (bus,) = town.publish(practice("Village bus", theme=["mobility"], place=place))
    plan = {"type": "Adaptation", "adaptedFrom": [bus.uri], "theme": ["mobility"], "place": place}
    plan |= {"lead": "https://vallalta.example/organisations/own"}
    town.publish(*(practice(stage, stage=stage, **plan) for stage in ("interested", "adopted")))
    body = town.client.get("/api/v1/fit?population=1900&country=PT&theme=mobility").get_json()
    listed = {hit["title"] for group in ("fitting", "little_known") for hit in body[group]}
    assert listed == {"Village bus", "adopted"}


def test_far_more_money_than_there_is_blocks(town: Town) -> None:
    cost = [{"type": "Cost", "costKind": "setup", "amount": 74_000_000, "currency": "EUR"}]
    town.publish(practice("A new square", theme=["mobility"], cost=cost))
    body = town.client.get("/api/v1/fit?budget=20000&theme=mobility").get_json()
    assert [hit["beyond_budget"] for hit in body["blocked"]] == [True]
    page = town.page("/fits?budget=20000&theme=mobility&lang=en")
    assert "more than ten times what you can spend" in page
