"""Whatever can stand in a ledger says in both languages what is wrong and what to do."""

import pytest

from federation import errors
from federation.fetch_error import SENTENCES, FetchError
from federation.harvest import pages, plan, task
from federation.refusals import RULES, refusal

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("rule", sorted(RULES))
def test_every_rule_of_a_member_speaks_both_languages(rule: str) -> None:
    said = refusal(rule, "https://city.example/practices/1/v/1")
    for texts in (said.messages, said.fixes):
        assert texts["en"]
        assert texts["es"]
        assert texts["en"] != texts["es"]


@pytest.mark.parametrize("rule", sorted(SENTENCES))
def test_every_rule_of_a_request_speaks_both_languages(rule: str) -> None:
    error = FetchError(rule, "https://city.example/feed")
    assert len({*error.messages.values(), *error.fixes.values()}) == 4


def test_rules_that_the_program_names_have_sentences() -> None:
    assert plan.RETRIED <= RULES
    raised = (
        errors.HeadError,
        errors.JournalError,
        errors.LeaseLostError,
        errors.PeerGoneError,
        pages.PageError,
        task.RunTooLongError,
    )
    assert {one.code for one in raised} <= RULES
