"""Whatever can stand in a ledger says in six languages what is wrong and what to do."""

import pytest

from federation import errors, fetch_error
from federation.harvest import pages, plan, task
from federation.refusals import RULES, SENTENCES, refusal
from vocab.language import LANGUAGES

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("rule", sorted(RULES))
def test_every_rule_of_a_member_speaks_all_languages(rule: str) -> None:
    said = refusal(rule, "https://city.example/practices/1/v/1")
    for texts in (said.messages, said.fixes):
        assert tuple(texts) == LANGUAGES
        assert len(set(texts.values())) == len(LANGUAGES)


@pytest.mark.parametrize("rule", sorted(fetch_error.RULES))
def test_every_rule_of_a_request_speaks_all_languages(rule: str) -> None:
    error = fetch_error.FetchError(rule, "https://city.example/feed")
    for texts in (error.messages, error.fixes):
        assert tuple(texts) == LANGUAGES
        assert len(set(texts.values())) == len(LANGUAGES)


def test_there_are_no_sentences_that_nobody_says() -> None:
    assert SENTENCES.rules() == RULES | fetch_error.RULES


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
