"""Fits my town: what is known decides, what is not known counts as nothing and says so."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.fit import WEIGHTS, Town, fit

pytestmark = pytest.mark.unit

VILLAGE = Town(
    population=1_900,
    settlement="village",
    country="PT",
    budget=20_000,
    languages=("pt",),
    themes=("mobility",),
    groups=("older-people",),
)


def card(**more: Any) -> dict[str, Any]:
    place = {
        "population": more.pop("population", None),
        "settlement": more.pop("settlement", ""),
        "country": more.pop("country", ""),
    }
    return {"place": {key: value for key, value in place.items() if value}, **more}


FULL = card(
    population=1_900,
    settlement="village",
    country="PT",
    themes=["mobility"],
    targetGroups=["older-people"],
    setup=[{"amount": 15_000, "currency": "EUR"}],
    conditions=[{"type": "technical", "essential": False, "description": {}}],
    language=["pt"],
    evidence="replicated",
)


def test_a_full_match_fits_wholly() -> None:
    found = fit(VILLAGE, FULL)
    assert (found.fit, found.known, found.rank) == pytest.approx((1.0, 1.0, 1.0))
    assert [factor.name for factor in found.factors] == list(WEIGHTS)


def test_a_record_of_which_little_is_known_ranks_below_a_good_one() -> None:
    little = fit(VILLAGE, card(themes=["mobility"], targetGroups=["older-people"]))
    good = fit(VILLAGE, {**FULL, "evidence": "described", "language": ["fi"]})
    assert little.fit > good.fit
    assert little.known < 0.5
    assert little.rank < good.rank
    assert {factor.name for factor in little.factors if factor.value is None} >= {"size", "budget"}


def test_what_the_town_does_not_say_is_not_compared() -> None:
    found = fit(Town(country="PT"), FULL)
    assert {factor.name for factor in found.factors} == {"country", "conditions", "evidence"}
    assert fit(Town(), {}).rank == 0


def test_a_condition_that_is_lacking_blocks_with_the_records_own_words() -> None:
    law = {"type": "legal", "essential": True, "description": {"en": "Power over transport."}}
    bus = {**FULL, "conditions": [law]}
    town = Town(population=1_900, conditions={"legal": False})
    found = fit(town, bus)
    assert found.blocked == (law,)
    assert found.factor("conditions") == 0
    assert fit(Town(population=1_900, conditions={"legal": True}), bus).blocked == ()
    assert fit(Town(population=1_900), bus).factor("conditions") == 0.5
    helpful = {**FULL, "conditions": [{**law, "essential": False}]}
    assert fit(town, helpful).blocked == ()


def test_a_small_towns_adaptation_lifts_a_big_citys_practice() -> None:
    city = {**FULL, "place": {"population": 1_900_000, "settlement": "city", "country": "AT"}}
    small = card(population=2_000, settlement="village", country="PT", stage="adopted")
    alone, together = fit(VILLAGE, city), fit(VILLAGE, city, [small])
    assert together.rank > alone.rank
    lifted = {factor.name: factor.member for factor in together.factors}
    assert (lifted["size"], lifted["settlement"], lifted["country"]) == (1, 1, 1)
    assert lifted["need"] == lifted["evidence"] == 0
    assert fit(VILLAGE, city, [{**small, "stage": "planning"}]).rank == alone.rank


@pytest.mark.parametrize(
    ("cost", "value"),
    [
        ({"setup": [{"amount": 40_000, "currency": "EUR"}]}, 0.5),
        ({"setup": [{"amount": 0, "currency": "EUR"}]}, 1.0),
        ({"setup": [{"amount": 40_000, "currency": "SEK"}]}, None),
        ({"costBand": "c1"}, 1.0),
        ({"costBand": "c2"}, 0.5),
        ({"costBand": "c3"}, 0.4),
        ({}, None),
    ],
)
def test_budget(cost: dict[str, Any], value: float | None) -> None:
    assert fit(VILLAGE, card(**cost)).factor("budget") == value


def test_far_more_money_than_there_is_stands_in_the_way() -> None:
    dear = {**FULL, "setup": [{"amount": 74_000_000, "currency": "EUR"}]}
    assert fit(VILLAGE, dear).beyond_budget
    assert not fit(
        VILLAGE, {**FULL, "setup": [{"amount": 200_000, "currency": "EUR"}]}
    ).beyond_budget
    assert not fit(VILLAGE, {**dear, "setup": []}).beyond_budget
    assert not fit(Town(population=1_900), dear).beyond_budget
    small = card(setup=[{"amount": 30_000, "currency": "EUR"}], stage="adopted")
    assert not fit(VILLAGE, dear, [small]).beyond_budget


def test_kinds_of_place() -> None:
    def settlement(there: str) -> float | None:
        return fit(VILLAGE, card(settlement=there)).factor("settlement")

    assert settlement("village") == 1
    assert settlement("dispersed-rural") == 0.8
    assert settlement("suburb") == 0.4
    assert settlement("city") == 0
    assert settlement("") is settlement("moon-base") is None


def test_weights_can_be_moved() -> None:
    only = dict.fromkeys(WEIGHTS, 0.0) | {"size": 1.0}
    found = fit(VILLAGE, {**FULL, "themes": ["energy"]}, weights=only)
    assert [factor.name for factor in found.factors] == ["size"]
    assert found.rank == pytest.approx(1.0)


values = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
anything = st.recursive(
    values,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
cards = st.dictionaries(st.sampled_from([*FULL, "stage", "costBand"]), anything)


@given(cards, st.lists(cards, max_size=3))
def test_any_card_gives_numbers_between_none_and_one(
    record: dict[str, Any], family: list[dict[str, Any]]
) -> None:
    found = fit(VILLAGE, record, family)
    assert 0 <= found.fit <= 1.000001
    assert 0 <= found.known <= 1.000001
    for factor in found.factors:
        assert factor.value is None or 0 <= factor.value <= 1


@given(st.sampled_from(list(FULL)))
def test_to_know_more_of_a_full_match_never_lowers_its_rank(key: str) -> None:
    less = {name: value for name, value in FULL.items() if name != key}
    assert fit(VILLAGE, less).rank <= fit(VILLAGE, FULL).rank
