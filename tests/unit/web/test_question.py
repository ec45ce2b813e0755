from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.services.question import read
from search.api import CHOICES, BoundingBox, Circle, Sort

pytestmark = pytest.mark.unit


def test_every_filter_is_a_parameter_and_comes_back_as_one() -> None:
    question, problems = read(
        parse_qs("q=bus&theme=mobility&theme=energy&target-group=youth&scope=mine&page=3")
    )
    assert problems == []
    assert question.text == "bus"
    assert question.filters == {"theme": ("mobility", "energy"), "target_group": ("youth",)}
    assert question.query() == (
        "q=bus&theme=mobility&theme=energy&target_group=youth&scope=mine&page=3"
    )
    again, _none = read(parse_qs(question.query()))
    assert again == question


def test_taking_back_a_choice_starts_at_the_first_page() -> None:
    question, _problems = read(parse_qs("theme=mobility&theme=energy&page=4"))
    assert question.without("theme", "mobility").query() == "theme=energy"


def test_the_newest_come_first_until_there_are_words() -> None:
    assert read({})[0].order is Sort.NEWEST
    assert read({"q": ["bus"]})[0].order is Sort.RELEVANCE


def test_areas_are_read() -> None:
    assert read({"bbox": ["-9,36,3,44"]})[0].area == BoundingBox(-9, 36, 3, 44)
    assert read({"near": ["43.0,-7.5,20"]})[0].area == Circle(43, -7.5, 20)
    assert read({"near": ["43.0,-7.5"]})[0].area == Circle(43, -7.5, 50)


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("sort=best", "sort"),
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=1e2", "limit"),
        ("limit=²", "limit"),
        ("page=-1", "page"),
        ("page=9999999999999999999999", "page"),
        ("page=10000&limit=200", "page"),
        ("bbox=1,2,3", "bbox"),
        ("bbox=1,50,3,40", "bbox"),
        ("bbox=nan,nan,nan,nan", "bbox"),
        ("near=91,0,5", "near"),
        ("near=0,0,-5", "near"),
        ("near=a,b", "near"),
        ("scope=everything", "scope"),
        ("facets=theme,colour", "facets"),
        ("them=mobility", "them"),
    ],
)
def test_what_cannot_be_understood_is_named_and_left_out(query: str, parameter: str) -> None:
    question, problems = read(parse_qs(query))
    assert [problem.parameter for problem in problems] == [parameter]
    assert set(problems[0].messages) >= {"en", "es"}
    assert question.page == 1
    assert question.size == 200 if "limit=200" in query else 20


def test_a_misspelt_parameter_is_answered_with_the_nearest_one() -> None:
    _question, problems = read({"them": ["mobility"]})
    assert "“theme”" in problems[0].messages["en"]


def test_facets_to_count_can_be_chosen() -> None:
    assert read({})[0].facets == CHOICES
    assert read({"facets": ["theme,target-group"]})[0].facets == ("theme", "target_group")
    assert read({"facets": [""]})[0].facets == ()


names = st.sampled_from([*CHOICES, "q", "page", "limit", "bbox", "near", "sort", "scope", "x"])


@given(st.dictionaries(names, st.lists(st.text(max_size=30), min_size=1, max_size=3)))
def test_any_parameters_become_a_question_that_can_be_repeated(
    parameters: dict[str, list[str]],
) -> None:
    question, _problems = read(parameters)
    again, problems = read(parse_qs(question.query(), keep_blank_values=True))
    assert problems == []
    assert again.query() == question.query()
