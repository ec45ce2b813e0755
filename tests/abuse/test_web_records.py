"""Records written to harm the pages that show them, or who reads them."""

import re

import pytest

from tests.unit.web.conftest import build, town
from tests.unit.web.towns import Town, practice

pytestmark = pytest.mark.abuse
__all__ = ["build", "town"]


def test_the_command_to_replicate_can_be_pasted_into_a_shell(town: Town) -> None:
    uri = f"{town.base}/practices/x;$(reboot)&y"
    town.publish(practice("Street meetings"), uri=uri)
    shown = town.page("/practices/x;$(reboot)&y")
    assert f"lonja replicate &#39;{town.base}/practices/x;$(reboot)&amp;y&#39;" in shown


def test_signs_that_turn_the_text_are_not_shown_in_addresses(town: Town) -> None:
    town.publish(practice("Street meetings"), uri=f"{town.base}/practices/x\u202ey")
    page = town.page("/practices/x%E2%80%AEy")
    assert "\u202e" not in "".join(re.findall(r">([^<]*)<", page))


def test_a_record_that_names_thousands_of_others_has_a_page_of_normal_size(town: Town) -> None:
    others = [f"https://lugo.example/organisations/{number}" for number in range(3000)]
    (entry,) = town.publish(practice("Street meetings", partner=others))
    page = town.page(entry.uri.removeprefix(town.base))
    assert page.split("<body>")[1].count("lugo.example/organisations/") < 200


def test_a_record_with_many_versions_lists_the_newest(town: Town) -> None:
    (entry,) = town.publish(practice("Street meetings 0"))
    for number in range(1, 30):
        town.publish(practice(f"Street meetings {number}"), uri=entry.uri)
    path = entry.uri.removeprefix(town.base)
    page = town.page(path)
    assert f'href="{path}/v/30"' in page
    assert f'href="{path}/v/1"' not in page
