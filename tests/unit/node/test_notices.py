"""The operator is told once when a peer fails, when it recovers, and of every alert."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from federation.journal.notices import Notices
from federation.records import RunState
from node.runtime import Runtime, running
from node.services.create import create_node
from node.services.errors import ServiceError
from node.services.notify import send_test, tell
from node.settings import Settings, SettingsError, load
from tests.sinks import Sink, mail_sink, webhook_sink

pytestmark = pytest.mark.integration

FAILED, DONE = RunState.FAILED, RunState.DONE


@pytest.fixture
def mail() -> Iterator[Sink]:
    with mail_sink() as sink:
        yield sink


@pytest.fixture
def webhook() -> Iterator[Sink]:
    with webhook_sink() as sink:
        yield sink


@pytest.fixture
def runtime(tmp_path: Path, mail: Sink, webhook: Sink) -> Iterator[Runtime]:
    made = create_node(Settings(data=tmp_path / "town", name="Town"))
    settings = replace(
        made,
        notify_mail=("it@town.example",),
        smtp=mail.address,
        notify_webhook=f"http://{webhook.address}/hook",
        allow_hosts=frozenset({webhook.address}),
    )
    with running(settings) as parts:
        yield parts


def harvested(runtime: Runtime, *states: RunState) -> None:
    """Write ledgers of a peer that ended so, without anybody being told in between."""
    peer = runtime.peers.add("https://lugo.example", did="did:web:lugo.example", key="z6Mk")
    for state in states:
        number = runtime.runs.start(peer.id)
        said = {"en": "The node does not answer."} if state is FAILED else {}
        runtime.runs.finish(number, state, seconds=0.1, messages=said)


def test_one_mail_for_a_failure_that_lasts_and_one_for_the_recovery(
    runtime: Runtime, mail: Sink, webhook: Sink
) -> None:
    harvested(runtime, DONE, FAILED, FAILED, RunState.INTERRUPTED, FAILED)
    assert tell(runtime) == 2
    assert tell(runtime) == 0
    (first,) = mail.mails
    assert "Subject: Town: https://lugo.example cannot be harvested" in first
    assert "The node does not answer." in first
    assert "/network/runs/2" in first
    assert [post["event"] for post in webhook.posts] == ["peer-failed"]
    assert webhook.posts[0]["ledger"].endswith("/network/runs/2")

    harvested(runtime, DONE, RunState.UNCHANGED)
    tell(runtime)
    assert [post["event"] for post in webhook.posts] == ["peer-failed", "peer-recovered"]
    assert len(mail.mails) == 2


def test_every_alert_is_told_once(runtime: Runtime, webhook: Sink) -> None:
    runtime.journal.alert("equivocation", "did:web:lugo.example", "number 3 twice")
    runtime.journal.alert("equivocation", "did:web:lugo.example", "number 3 twice")
    tell(runtime)
    tell(runtime)
    assert [(p["event"], "number 3 twice" in p["message"]) for p in webhook.posts] == [
        ("alert", True)
    ]


def test_a_dead_mail_server_loses_nothing_and_holds_nothing_up(
    runtime: Runtime, mail: Sink, webhook: Sink
) -> None:
    mail.refuses = True
    harvested(runtime, FAILED)
    assert tell(runtime) == 1  # the webhook
    notices = Notices(runtime.store, runtime.clock)
    assert notices.stuck() == 1
    assert notices.take() == []  # not at once again
    mail.refuses = False
    later = replace(runtime, clock=lambda: runtime.clock() + timedelta(minutes=5))
    assert tell(later) == 1
    assert len(mail.mails) == 1
    assert len(webhook.posts) == 1
    assert notices.stuck() == 0


def test_what_happened_before_anybody_wanted_to_know_is_passed_over(
    runtime: Runtime, webhook: Sink
) -> None:
    silent = replace(runtime, settings=replace(runtime.settings, notify_mail=(), notify_webhook=""))
    harvested(runtime, FAILED)
    tell(silent)
    tell(runtime)
    assert webhook.posts == []


def test_the_settings_can_be_tried(runtime: Runtime, mail: Sink, webhook: Sink) -> None:
    assert send_test(runtime) == ("mail", "webhook")
    assert "a test" in mail.mails[0]
    assert webhook.posts[0]["event"] == "test"
    webhook.refuses = True
    with pytest.raises(ServiceError, match="webhook does not work"):
        send_test(runtime)


def test_a_webhook_at_a_private_address_is_refused(runtime: Runtime, webhook: Sink) -> None:
    settings = replace(runtime.settings, notify_webhook="https://127.0.0.1:9/hook", notify_mail=())
    with pytest.raises(ServiceError, match="webhook does not work"):
        send_test(replace(runtime, settings=settings))


def test_settings_without_a_mail_server_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="smtp"):
        load(tmp_path, environment={"LONJA_NOTIFY_MAIL": "it@town.example"})
    with pytest.raises(SettingsError, match=r"mail\.example\.org"):
        load(tmp_path, environment={"LONJA_SMTP": "localhost"})


def test_a_long_harvest_holds_up_no_news_of_others(runtime: Runtime, webhook: Sink) -> None:
    other = runtime.peers.add("https://slow.example", did="did:web:slow.example", key="z6Mk")
    runtime.runs.start(other.id)  # still running, or left behind by a crash
    harvested(runtime, FAILED)
    tell(runtime)
    assert [post["about"] for post in webhook.posts] == ["https://lugo.example"]


def test_two_workers_never_send_the_same_notice(runtime: Runtime) -> None:
    harvested(runtime, FAILED)
    notices = Notices(runtime.store, runtime.clock)
    notices.gather(["mail"])
    assert len(notices.take()) == 1
    assert notices.take() == []


def test_what_cannot_be_sent_is_given_up_in_the_end(runtime: Runtime) -> None:
    harvested(runtime, FAILED)
    Notices(runtime.store, runtime.clock).gather(["mail"])
    start = runtime.clock()
    for day in range(1, 40):
        moment = start + timedelta(days=day)
        Notices(runtime.store, lambda at=moment: at).take()
    assert Notices(runtime.store, runtime.clock).stuck() == 0
