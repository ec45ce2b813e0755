"""Following a search: what is new is told once, to nobody who does not want it any more."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_string, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from node.local.alerts import LEASE, MAX_FAILURES, Alert, Alerts, AlertState, Every, Wanted
from node.runtime import Runtime
from node.services import doctor
from node.services.alerts import (
    follow,
    followed,
    parameters_of,
    preview,
    send_due,
    send_now,
    stopped_by,
)
from node.services.among import among
from node.services.digest import MOST, question_of
from node.services.errors import ServiceError
from node.services.notify import tell
from search.api import SearchEntry
from tests.sinks import Sink, mail_sink, webhook_sink
from tests.unit.web.towns import Town, make_town, practice

pytestmark = pytest.mark.integration


@pytest.fixture
def mail() -> Iterator[Sink]:
    with mail_sink() as sink:
        yield sink


@pytest.fixture
def webhook() -> Iterator[Sink]:
    with webhook_sink() as sink:
        yield sink


@pytest.fixture
def town(tmp_path: Path, mail: Sink, webhook: Sink) -> Iterator[Town]:
    made = make_town(
        tmp_path / "town",
        "https://vallalta.example",
        smtp=mail.address,
        allow_hosts=frozenset({webhook.address}),
    )
    yield made
    made.runtime.close()


def by_mail(query: str = "", **more: Any) -> Wanted:
    return Wanted(query, "en", "mail", "ana@lugo.example", **more)


def later(runtime: Runtime, **span: int) -> Runtime:
    """Return the same node at a later hour."""
    now = runtime.clock
    return replace(runtime, clock=lambda: now() + timedelta(**span))


def read(text: str) -> EmailMessage:
    found = message_from_string(text, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def body(text: str) -> str:
    return str(read(text).get_content())


def the_only(runtime: Runtime) -> Alert:
    (alert,) = followed(runtime).list()
    return alert


def test_what_is_new_comes_once_and_only_what_matches(town: Town, mail: Sink) -> None:
    town.publish(practice("Old bus", theme=["mobility"]))
    follow(town.runtime, by_mail("q=bus&theme=mobility"))
    assert send_due(later(town.runtime, hours=25)) == 0  # nothing new, nothing sent
    place = {"type": "Place", "name": {"en": "Vallalta"}, "country": "ES"}
    night, _roof = town.publish(
        practice(
            "Night bus", theme=["mobility"], place=place, summary={"en": "A bus at two o'clock."}
        ),
        practice("Roof solar", theme=["energy"]),
    )
    assert send_due(town.runtime) == 0  # its hour has not come
    assert send_due(later(town.runtime, hours=49)) == 1
    (text,) = mail.mails
    for said in ("Night bus", "A bus at two o'clock.", "Vallalta, Spain", night.uri):
        assert said in body(text), said
    assert "Old bus" not in body(text)
    assert "Roof solar" not in body(text)
    assert "q=bus&theme=mobility&sort=newest" in body(text)
    assert read(text)["To"] == "ana@lugo.example"
    assert read(text)["Subject"] == "Vallalta: new or changed (1) – bus, Mobility and transport"
    assert send_due(later(town.runtime, hours=100)) == 0


def test_what_only_comes_near_is_no_news(town: Town, mail: Sink) -> None:
    town.publish(practice("Greenhouses of a school"))
    follow(town.runtime, by_mail("q=greenhouses+school"))
    town.publish(practice("Greenhouse"), practice("School"), practice("Greenhuoses school"))
    assert send_due(later(town.runtime, days=2)) == 0


def test_many_thousand_new_records_are_looked_through(town: Town) -> None:
    uris = [f"{town.base}/practices/{number:05d}" for number in range(2_500)]
    writer = town.runtime.engine.writer()
    writer.upsert(
        SearchEntry(
            uri=uri,
            digest="z",
            title={"en": "Common" if number % 2 else "Other"},
            facets={"type": ["Practice"]},
            modified=number,
            card={"type": "Practice", "title": {"en": "Common"}},
        )
        for number, uri in enumerate(uris)
    )
    writer.commit(1)
    writer.close()
    found = among(town.runtime, question_of("q=common"), uris[::-1], "en", MOST)
    assert found.total == 1_250
    assert [hit.uri for hit in found.hits] == uris[:-100:-2][:MOST]
    assert among(town.runtime, question_of("q=common"), (), "en", MOST).total == 0


def test_a_new_version_is_news_and_a_digest_speaks_its_language(town: Town, mail: Sink) -> None:
    (entry,) = town.publish(practice("Bus"))
    follow(town.runtime, replace(by_mail("q=autobús"), language="es", every=Every.HOURLY))
    changed = {**practice(""), "title": {"en": "Night bus", "es": "Autobús nocturno"}}
    town.publish(changed, uri=entry.uri)
    assert send_due(later(town.runtime, hours=1, minutes=1)) == 1
    assert "Autobús nocturno" in body(mail.mails[0])
    assert "en la búsqueda: autobús" in body(mail.mails[0])
    assert "lang=es" in body(mail.mails[0])


def test_a_mail_program_can_stop_it_with_one_click(town: Town, mail: Sink) -> None:
    follow(town.runtime, by_mail())
    town.publish(practice("Night bus"))
    send_due(later(town.runtime, days=2))
    message = read(mail.mails[0])
    link = str(message["List-Unsubscribe"]).strip("<>")
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Auto-Submitted"] == "auto-generated"
    assert link in message.get_content()
    assert link.startswith(town.base + "/alerts/")
    path = link.removeprefix(town.base)
    for _look in range(2):  # programs that look at links stop nothing
        seen = town.client.get(path)
        assert (seen.status_code, seen.headers["Cache-Control"]) == (200, "no-store")
        assert "all practices" in seen.text
        assert "<button" in seen.text
    assert followed(town.runtime).list() != []
    files = list(town.runtime.settings.data.glob("journal.sqlite3*"))
    assert any(b"ana@lugo" in file.read_bytes() for file in files)
    done = town.client.post(path, data={"List-Unsubscribe": "One-Click"})
    assert done.status_code == 200
    assert "forgotten your address" in done.text
    assert followed(town.runtime).list() == []
    assert town.client.post(path).status_code == 200
    assert town.client.get(path).status_code == 404
    assert town.client.get("/alerts/x/stop").status_code == 404
    for file in town.runtime.settings.data.glob("journal.sqlite3*"):
        assert b"ana@lugo" not in file.read_bytes()


def test_a_webhook_gets_the_records_as_the_search_gives_them(town: Town, webhook: Sink) -> None:
    target = f"http://{webhook.address}/hook"
    follow(town.runtime, Wanted("theme=mobility", "en", "webhook", target))
    (entry,) = town.publish(practice("Night bus", theme=["mobility"]))
    assert send_due(later(town.runtime, days=2)) == 1
    (post,) = webhook.posts
    assert (post["event"], post["total"], post["more"]) == ("search-alert", 1, 0)
    assert post["query"] == "theme=mobility"
    (record,) = post["records"]
    assert (record["uri"], record["title"], record["url"]) == (entry.uri, "Night bus", entry.uri)
    assert stopped_by(town.runtime, post["stop"].split("/")[-2])


def test_what_was_withdrawn_or_erased_in_between_is_not_told(town: Town, mail: Sink) -> None:
    follow(town.runtime, by_mail("q=bus"))
    _kept, withdrawn, erased = town.publish(
        practice("Kept bus"), practice("Withdrawn bus"), practice("Secret bus")
    )
    town.retract(withdrawn)
    town.retract(erased, erases=[erased.seq])
    assert preview(town.runtime, the_only(town.runtime)).total == 1
    send_due(later(town.runtime, days=2))
    assert "Kept bus" in body(mail.mails[0])
    assert "Withdrawn" not in body(mail.mails[0])
    assert "Secret" not in body(mail.mails[0])


def test_only_fifty_are_listed_and_the_rest_is_counted(town: Town, mail: Sink) -> None:
    follow(town.runtime, by_mail("q=bus"))
    town.publish(*[practice(f"Bus {number}") for number in range(MOST + 7)])
    send_due(later(town.runtime, days=2))
    text = body(mail.mails[0])
    assert text.count("/practices/") == MOST
    assert "and 7 more" in text
    assert "(57)" in read(mail.mails[0])["Subject"]


HOSTILE = "Bus\r\nBcc: all@example.org\r\n\r\n.\r\n\x00\u202e<script>"


def test_a_hostile_title_stays_one_line_of_text(town: Town, mail: Sink) -> None:
    follow(town.runtime, by_mail("q=bus\r\nBcc: all@example.org"))
    town.publish(practice(HOSTILE + " bcc all example.org"))
    assert send_due(later(town.runtime, days=2)) == 1
    message = read(mail.mails[0])
    assert message["Bcc"] is None
    assert "1. Bus Bcc: all@example.org . <script>" in message.get_content()
    assert "\n" not in str(message["Subject"])


def test_a_server_that_is_down_is_tried_again_with_the_same_digest(town: Town, mail: Sink) -> None:
    follow(town.runtime, by_mail("q=bus"))
    town.publish(practice("First bus"))
    mail.refuses = True
    assert send_due(later(town.runtime, days=2)) == 0
    failed = the_only(town.runtime)
    assert (failed.failures, failed.state) == (1, AlertState.ACTIVE)
    assert failed.next_at is not None
    assert failed.next_at - later(town.runtime, days=2).clock() < timedelta(minutes=6)
    expected = preview(town.runtime, failed).number
    town.publish(practice("Second bus"))
    mail.refuses = False
    assert send_due(later(town.runtime, days=2, minutes=1)) == 0  # not at once again
    assert send_due(later(town.runtime, days=2, minutes=6)) == 1
    assert expected in read(mail.mails[0])["Message-ID"]
    assert "Second bus" not in body(mail.mails[0])  # it may have arrived the first time
    assert send_due(later(town.runtime, days=4)) == 1
    assert "Second bus" in body(mail.mails[1])
    assert "First bus" not in body(mail.mails[1])


def test_after_many_failures_it_is_paused_and_the_operator_is_told(
    town: Town, mail: Sink, webhook: Sink
) -> None:
    told = replace(
        town.runtime,
        settings=replace(town.runtime.settings, notify_webhook=f"http://{webhook.address}/it"),
    )
    follow(told, by_mail("q=bus"))
    town.publish(practice("Night bus"))
    mail.refuses = True
    for day in range(2, MAX_FAILURES + 3):
        send_due(later(told, days=day))
    paused = the_only(told)
    assert (paused.state, paused.next_at) == (AlertState.PAUSED, None)
    assert paused.failures == MAX_FAILURES
    tell(later(told, days=MAX_FAILURES + 3))
    (post,) = webhook.posts
    assert post["event"] == "search-paused"
    assert f"lonja alert send {paused.id}" in post["message"]
    assert "lugo.example" not in str(post)  # whose address it is stays here
    assert any(one.name == "searches" and one.level == "warning" for one in doctor.examine(told))
    mail.refuses = False
    assert send_now(told, paused) is not None
    assert the_only(told).state is AlertState.ACTIVE
    assert len(mail.mails) == 1


def test_the_address_is_in_no_log(town: Town, mail: Sink, caplog: pytest.LogCaptureFixture) -> None:
    follow(town.runtime, by_mail("q=bus"))
    town.publish(practice("Night bus"))
    mail.refuses = True
    send_due(later(town.runtime, days=2))
    assert "could not be delivered" in caplog.text
    assert "lugo.example" not in caplog.text
    assert "bus" not in caplog.text


def test_many_workers_send_one_digest(town: Town, mail: Sink) -> None:
    for number in range(5):
        follow(town.runtime, replace(by_mail("q=bus"), target=f"ana{number}@lugo.example"))
    town.publish(practice("Night bus"))
    future = later(town.runtime, days=2)
    ready = threading.Barrier(4)

    def work() -> None:
        ready.wait()
        send_due(future)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(str(read(text)["To"]) for text in mail.mails) == [
        f"ana{number}@lugo.example" for number in range(5)
    ]


def test_a_lease_keeps_others_away_and_dies_with_its_holder(town: Town) -> None:
    alert = follow(town.runtime, by_mail())
    now = town.runtime.clock() + timedelta(days=2)
    book = at(town, now)
    claimed = book.claim_due()
    assert claimed is not None
    assert book.claim_due() is None
    assert book.claim(alert.id) is None
    assert at(town, now - timedelta(seconds=9)).claim_due() is None  # it read the clock before
    with pytest.raises(ServiceError, match="right now"):
        send_now(replace(town.runtime, clock=lambda: now), alert)
    assert book.begin(*claimed, until=7)
    after = at(town, now + LEASE + timedelta(seconds=1))
    second = after.claim_due()
    assert second is not None
    assert second[0].until == 7  # the same digest
    assert not book.begin(*claimed, until=7)  # who stood still must not go on
    book.done(*claimed, 7, sent=True)
    assert the_only(town.runtime).position == alert.position
    # A clock that was years ahead for a moment leaves no lease and no date that lasts.
    ahead = at(town, now + timedelta(days=4000))
    taken = ahead.claim_due()
    assert taken is not None
    ahead.done(*taken, 7, sent=True)
    assert at(town, now + timedelta(minutes=1)).claim_due() is not None


def at(town: Town, moment: datetime) -> Alerts:
    return Alerts(town.runtime.store, lambda: moment)


def test_digests_keep_their_time_of_day(town: Town) -> None:
    alert = follow(town.runtime, by_mail())
    assert alert.next_at is not None
    late = alert.next_at + timedelta(days=3, hours=5)
    send_due(replace(town.runtime, clock=lambda: late))
    assert the_only(town.runtime).next_at == alert.next_at + timedelta(days=4)
    early = alert.next_at + timedelta(days=3, hours=6)
    assert send_now(replace(town.runtime, clock=lambda: early), alert) is None
    assert the_only(town.runtime).next_at == alert.next_at + timedelta(days=4)


def test_nothing_is_lost_while_the_index_is_behind(town: Town, mail: Sink) -> None:
    follow(town.runtime, by_mail("q=bus"))
    town.publish(practice("Night bus"))
    town.runtime.engine.clear()
    assert send_due(later(town.runtime, days=2)) == 0
    waiting = the_only(town.runtime)
    assert waiting.position < town.runtime.journal.position()
    assert waiting.failures == 0
    town.publish(practice("Village bus"))  # the index catches up
    assert send_due(later(town.runtime, days=2, minutes=2)) == 1
    assert "Night bus" in body(mail.mails[0])
    assert "Village bus" in body(mail.mails[0])


def test_an_address_can_be_confirmed_before_anything_is_sent(town: Town, mail: Sink) -> None:
    alert = follow(town.runtime, by_mail("q=bus", owner="ana@lugo.example"), confirmed=False)
    town.publish(practice("Before"), practice("Bus before"))
    assert alert.state is AlertState.WAITING
    assert send_due(later(town.runtime, days=2)) == 0
    with pytest.raises(ServiceError, match="confirmed"):
        send_now(town.runtime, alert)
    assert not followed(town.runtime).make_due(alert.id)
    assert not followed(town.runtime).confirm("x" * 43, 0)
    assert followed(town.runtime).confirm(alert.token, town.runtime.journal.position())
    assert not followed(town.runtime).confirm(alert.token, 0)
    town.publish(practice("Bus after"))
    assert send_due(later(town.runtime, days=2)) == 1
    assert "Bus after" in body(mail.mails[0])
    assert "Bus before" not in body(mail.mails[0])


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (by_mail("theme=mobilty"), "is no theme; choose from"),
        (by_mail("them=mobility"), "theme"),
        (by_mail("bbox=1"), "west,south,east,north"),
        (replace(by_mail(), target="ana"), "no e-mail address"),
        (replace(by_mail(), target="a@x.example, b@x.example"), "no e-mail address"),
        (replace(by_mail(), target="a@x.example\nBcc: b@x.example"), "no e-mail address"),
        (replace(by_mail(), language="tlh"), "choose en, es"),
        (Wanted("", "en", "webhook", "ftp://x.example"), "no web address"),
        (Wanted("", "en", "webhook", "https://me:secret@x.example"), "no web address"),
        (Wanted("", "en", "webhook", "http://x.example/hook"), "must be https"),
    ],
)
def test_what_cannot_work_is_refused_with_the_way_out(
    town: Town, wanted: Wanted, said: str
) -> None:
    with pytest.raises(ServiceError, match=said):
        follow(town.runtime, wanted)
    assert followed(town.runtime).list() == []


def test_a_mail_needs_a_mail_server(tmp_path: Path) -> None:
    town = make_town(tmp_path / "bare", "https://bare.example")
    with pytest.raises(ServiceError, match="smtp"):
        follow(town.runtime, by_mail())
    town.runtime.close()


def test_a_webhook_at_a_private_address_is_never_reached(town: Town) -> None:
    follow(town.runtime, Wanted("", "en", "webhook", "https://127.0.0.1:9/hook"))
    town.publish(practice("Night bus"))
    with pytest.raises(ServiceError, match="could not be delivered"):
        send_now(town.runtime, the_only(town.runtime))


@pytest.mark.parametrize(
    ("typed", "understood"),
    [
        ("night bus", {"q": ["night bus"]}),
        ("why? because", {"q": ["why? because"]}),
        ("a=b", {"q": ["a=b"]}),
        ("q=bus&theme=mobility", {"q": ["bus"], "theme": ["mobility"]}),
        ("?theme=energy&theme=water", {"theme": ["energy", "water"]}),
        ("https://x.example/practices?q=bus#results", {"q": ["bus"]}),
        ("/practices?country=ES", {"country": ["ES"]}),
        ("  ", {}),
    ],
)
def test_a_search_may_be_typed_or_pasted(typed: str, understood: dict[str, list[str]]) -> None:
    assert parameters_of(typed) == understood
