"""Repeating a practice: the plan that anybody may read, and the adaptation that it becomes."""

from collections.abc import Callable

import pytest

from node.accounts.roles import EVERY_ORIGIN, Holder, Role
from node.services import drafts
from node.services.errors import ServiceError
from node.services.repeat import begin, repeated_elsewhere, rounded
from tests.unit.web.towns import Town, practice

pytestmark = pytest.mark.integration

SOURCE = practice(
    "Bus on demand",
    theme=["mobility"],
    coreElement={"en": "A phone number that people answer"},
    condition=[
        {"conditionType": "legal", "description": {"en": "Power over transport"}, "essential": True}
    ],
    place={"type": "Place", "name": {"en": "Lugo"}, "country": "ES", "population": 100_000},
    cost=[{"type": "Cost", "costKind": "setup", "amount": 250_000, "currency": "EUR"}],
    step=[{"type": "Step", "order": 1, "title": {"en": "Count the journeys"}}],
)
ANA = Holder(None, "ana@x.example", "Ana", {EVERY_ORIGIN: Role.EDITOR})


def test_the_plan_scales_costs_and_lists_what_it_takes(town: Town) -> None:
    (entry,) = town.publish(SOURCE)
    page = town.page(f"/repeat?uri={entry.uri}&population=1900&lang=en")
    for said in ("people answer", "Power over transport", "essential", "Count the journeys"):
        assert said in page
    assert "€4,800" in page  # 2.5 euros for each of 1,900, to two digits
    assert "A rough guide" in page
    assert "/repeat?uri=" in town.page(f"/practices/{entry.uri.rpartition('/')[2]}?lang=en")


@pytest.mark.parametrize(("amount", "shown"), [(4750, 4800), (0.4, 0), (7, 7), (123_456, 120_000)])
def test_scaled_costs_claim_two_digits(amount: float, shown: int) -> None:
    assert rounded(amount) == shown


@pytest.mark.parametrize("query", ["", "?uri=https://nowhere.example/practices/1", "?uri=x%00"])
def test_what_is_no_practice_cannot_be_repeated(town: Town, query: str) -> None:
    assert town.client.get(f"/repeat{query}").status_code == 404


@pytest.mark.parametrize("population", ["-1", "0", "many", "9" * 30])
def test_a_strange_population_is_left_out(town: Town, population: str) -> None:
    (entry,) = town.publish(SOURCE)
    answer = town.client.get(f"/repeat?uri={entry.uri}&population={population}")
    assert answer.status_code == 200


def test_an_adaptation_of_a_harvested_practice_comes_back_to_its_source(
    build: Callable[..., Town],
) -> None:
    source = build("https://lugo.example")
    reader = build(
        "https://teruel.example", organisation_uri="https://teruel.example/organisations/own"
    )
    (entry,) = source.publish(SOURCE)
    reader.copy_from(source)
    draft = begin(reader.runtime, ANA, entry.uri, reader.runtime.identity.did)
    assert draft.body["adaptedFrom"] == [entry.uri]
    assert draft.body["stage"] == "interested"
    assert "kept" not in draft.body  # blanks are left to the form
    missing = {one.pointer for one in drafts.check(reader.runtime, draft).findings}
    assert "/place" in missing
    town_place = {"name": {"en": "Teruel"}, "country": "ES"}
    saved = drafts.drafts(reader.runtime).save(
        draft.key, 1, body={**draft.body, "place": town_place}
    )
    uri, _findings = drafts.publish(reader.runtime, ANA, saved)
    assert uri.startswith("https://teruel.example/practices/")
    source.copy_from(reader)
    own = [source.runtime.identity.did]
    assert [card.uri for card in repeated_elsewhere(source.runtime, own, "en")] == [uri]
    assert "1 adaptation" in source.page(f"/practices/{entry.uri.rpartition('/')[2]}?lang=en")


def test_only_practices_are_repeated(town: Town) -> None:
    with pytest.raises(ServiceError, match="find a practice"):
        begin(town.runtime, ANA, f"{town.base}/practices/unknown", town.runtime.identity.did)
