"""Observations: sent without an account, looked at, answered, federated, and taken back."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from node.accounts.roles import EVERY_ORIGIN, Holder, Role
from node.app import create_app
from node.local.observations import Observation, ObservationState
from node.services import accounts, moderation, observations
from node.services.accounts import COMMAND, Invitation
from node.services.drafts import document_of
from node.services.indexer import follow_once
from node.services.moderation import Reply, SettledError
from node.services.personal import hints
from node.services.publish import Submission, publish_one
from tests.unit.web.towns import Town, practice

pytestmark = pytest.mark.integration

EVA = Holder(None, "eva@lugo.example", "Eva", {EVERY_ORIGIN: Role.REVIEWER})
SENT = {
    "kind": "malfunction",
    "text": "Nobody answers on Saturdays.",
    "language": "en",
    "month": "2026-03",
    "group": ["older-people", "<script>"],
    "rating": "2",
    "consent": "1",
}
PASSWORD = "four quiet herons landing"


@pytest.fixture
def town(build: Callable[..., Town]) -> Town:
    """A node with an organisation."""
    return build("https://lugo.example", organisation_uri="https://lugo.example/organisations/own")


@pytest.fixture
def uri(town: Town) -> str:
    """A practice of the town."""
    (entry,) = town.publish(practice("Bus on demand"))
    return entry.uri


def send(town: Town, uri: str, **more: object) -> str:
    """Send an observation and return its receipt code."""
    answer = town.client.post("/observe", data={**SENT, "uri": uri, **more})
    assert answer.status_code == 200, answer.text
    found = re.search(r"[2-9A-Z]{4}(-[2-9A-Z]{4}){3}", answer.text)
    assert found is not None
    return found[0]


def held(town: Town) -> Observation:
    (found,) = observations.observations(town.runtime).list([town.runtime.identity.did])
    return found


def held_by(town: Town, code: str) -> Observation:
    found = observations.by_code(town.runtime, code)
    assert found is not None
    return found


def page_of(town: Town, uri: str) -> str:
    follow_once(town.runtime)
    return town.page(uri.removeprefix(town.base) + "?lang=en")


def seen(page: str) -> str:
    """Return which version of an observation the form of its answer was made from."""
    found = re.search(r'name="seen" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def token_of(page: str) -> dict[str, str]:
    found = re.search(r'name="form_token" value="([^"]+)"', page)
    assert found is not None
    return {"form_token": found[1]}


def moderator(town: Town, name: str = "m") -> FlaskClient:
    made = accounts.add_account(
        town.runtime, COMMAND, Invitation(f"{name}@lugo.example", name, Role.REVIEWER)
    )
    accounts.choose_password(town.runtime, made, PASSWORD)
    client = create_app(town.runtime).test_client()
    client.post("/account/enter", data={"login": made.login, "password": PASSWORD})
    return client


def test_from_a_citizen_to_an_answer_that_everybody_sees(town: Town, uri: str) -> None:
    code = send(town, uri)
    assert "Nobody answers" not in page_of(town, uri)  # nobody has looked at it yet
    client = moderator(town)
    listed = client.get("/desk/observations?lang=en").text
    assert "Something does not work" in listed
    path = f"/desk/observations/{held(town).id}"
    token = re.search(r'name="form_token" value="([^"]+)"', client.get(path).text)
    assert token is not None
    form = {"form_token": token[1], "text": "Nobody answers the phone on Saturdays."}
    assert client.post(path + "/publish", data=form).status_code == 303
    shown = page_of(town, uri)
    assert "Nobody answers the phone on Saturdays." in shown
    assert "Not answered yet" in shown
    answer = {"text": "From April on they do.", "status": "acted-on", "improved": "1"}
    answer |= {"language": "en", "seen": seen(client.get(path).text)}
    assert client.post(path + "/answer", data={"form_token": token[1], **answer}).status_code == 303
    shown = page_of(town, uri)
    assert "From April on they do." in shown
    assert "The version that came of it" in shown
    looked_up = town.client.post("/observe/receipt?lang=es", data={"code": code.lower()}).text
    assert "Respondida" in looked_up
    assert '<div class="prose" lang="en" dir="auto">' in looked_up  # as they were written
    assert "Nobody answers the phone on Saturdays." in looked_up
    assert "From April on they do." in looked_up
    body = document_of(town.runtime.journal.current(held(town).published))
    assert body["observed"] == "2026-03"
    assert body["targetGroup"] == ["older-people"]
    assert not {"creator", "author", "contact", "lead", "rating"} & set(body)


def test_what_looks_personal_is_pointed_out_before_it_is_sent(town: Town, uri: str) -> None:
    text = "Frau Müller (anna@mail.example, +34 600 123 456) never comes."
    answer = town.client.post("/observe?lang=en", data={**SENT, "uri": uri, "text": text})
    assert answer.status_code == 422
    for said in ("an e-mail address", "a phone number", "the name of a person", "never comes."):
        assert said in answer.text
    assert observations.observations(town.runtime).list([town.runtime.identity.did]) == []
    assert 'value="mail phone name">Send it as it is' in answer.text
    fewer = {**SENT, "uri": uri, "text": text, "anyway": "mail phone"}  # what scripts look for
    assert town.client.post("/observe", data=fewer).status_code == 422
    send(town, uri, text=text, anyway="mail phone name")


def test_two_who_answer_at_once_see_each_other(town: Town, uri: str) -> None:
    send(town, uri)
    moderation.publish(town.runtime, EVA, held(town), "Nobody answers.")
    path = f"/desk/observations/{held(town).id}"
    first, second = moderator(town, "a"), moderator(town, "b")
    pages = [first.get(path + "?lang=en").text, second.get(path + "?lang=en").text]
    answers = ("From April on.", "We shall see.")
    forms = [
        {
            "text": text,
            "status": "under-review",
            "language": "en",
            "seen": seen(page),
            **token_of(page),
        }
        for text, page in zip(answers, pages, strict=True)
    ]
    assert first.post(path + "/answer", data=forms[0]).status_code == 303
    clash = second.post(path + "/answer?lang=en", data=forms[1])
    assert clash.status_code == 409
    assert "Somebody else has settled this meanwhile" in clash.text
    assert "From April on." in clash.text  # the answer of the other
    assert "We shall see.</textarea>" in clash.text
    assert "We shall see." not in page_of(town, uri)
    again = {**forms[1], "seen": seen(clash.text)}
    assert second.post(path + "/answer", data=again).status_code == 303
    assert "We shall see." in page_of(town, uri)
    assert second.post(path + "/answer", data={**again, "seen": ""}).status_code == 409


@pytest.mark.parametrize("act", ["publish", "refuse"])
def test_what_somebody_else_has_settled_is_not_settled_again(
    town: Town, uri: str, act: str
) -> None:
    send(town, uri)
    before = held(town)
    path = f"/desk/observations/{before.id}"
    client = moderator(town)
    token = token_of(client.get(path).text)
    moderation.refuse(town.runtime, EVA, before, "It names a neighbour.")
    form = {**token, "text": "Hours of work.", "reason": "Hours of work."}
    clash = client.post(f"{path}/{act}?lang=en", data=form)
    assert clash.status_code == 409
    assert "It names a neighbour." in clash.text
    assert '<blockquote dir="auto">Hours of work.</blockquote>' in clash.text
    assert held(town).reason == "It names a neighbour."
    for late in (moderation.publish, moderation.refuse):  # who had it before them a moment ago
        with pytest.raises(SettledError):
            late(town.runtime, EVA, before, "x")
    assert not list(town.runtime.journal.records(record_type="CitizenObservation"))


def test_nothing_is_published_that_was_taken_back_meanwhile(
    town: Town, uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = send(town, uri)
    publish_one_ = moderation.publish_one

    def slowly(*args: Any, **more: Any) -> Any:
        observations.withdraw(town.runtime, held(town))
        return publish_one_(*args, **more)

    monkeypatch.setattr(moderation, "publish_one", slowly)
    with pytest.raises(SettledError):
        moderation.publish(town.runtime, EVA, held(town), "Nobody answers.")
    assert held(town).state is ObservationState.WITHDRAWN
    assert "Nobody answers." not in page_of(town, uri)
    assert "gone" in town.client.post("/observe/receipt?lang=en", data={"code": code}).text


def test_the_code_stands_in_no_address_but_behind_the_fragment(town: Town, uri: str) -> None:
    answer = town.client.post("/observe?lang=en", data={**SENT, "uri": uri})
    found = re.search(r'href="https://lugo.example/observe/receipt#([-0-9A-Z]{19})"', answer.text)
    assert found is not None
    code = found[1]
    assert answer.headers["Cache-Control"] == "no-store"
    links = re.findall(r'(?:href|action)="([^"]*)"', answer.text)
    assert all(code not in link.partition("#")[0] for link in links)
    file = town.client.post("/observe/receipt/file?lang=en", data={"code": code})
    assert file.mimetype == "text/plain"
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert f"https://lugo.example/observe/receipt#{code}\r\n" in file.text
    assert "Whoever has this code" in file.text
    assert town.client.post("/observe/receipt/file", data={"code": "A" * 16}).status_code == 404
    assert "receipt.js" in town.page("/observe/receipt")


def test_the_mail_has_a_link_that_leads_to_the_answer(
    build: Callable[..., Town], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    monkeypatch.setattr(
        moderation, "send_mail", lambda _settings, mail: sent.append(mail.get_content())
    )
    own = "https://teruel.example/organisations/own"
    town = build("https://teruel.example", smtp="mail.example.org:25", organisation_uri=own)
    (entry,) = town.publish(practice("Bus on demand"))
    code = send(town, entry.uri, mail="ana@mail.example")
    moderation.publish(town.runtime, EVA, held(town), "Nobody answers.")
    current = town.runtime.journal.current(held(town).published)
    assert current is not None
    reply = Reply("under-review", "We look at it.", "en", current.digest)
    moderation.answer(town.runtime, EVA, held(town), reply)
    (text,) = sent
    found = re.search(r"https://teruel\.example/observe/receipt#(\S+)\n", text)
    assert found is not None
    assert held(town).said.mail == ""
    for one in (code, found[1]):  # the mail has a code of its own: the first one is not known here
        page = town.client.post("/observe/receipt?lang=en", data={"code": one}).text
        assert "We look at it." in page
    assert found[1] != code


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("On 2024-03-31 410 trips, 1,900 people, 20.000 €, line 12/14", []),
        ("call 982 123 456 or +34-600-123-456", ["phone", "phone"]),
        ("DNI 12345678Z, X1234567L", ["identity", "identity"]),
        ("IBAN ES91 2100 0418 4502 0005 1332", ["account"]),
        ("la Sra. Pérez y el Dr House", ["name", "name"]),
        ("M. Dupont, signora Rossi, Madame Curie", ["name", "name"]),
        ("write to a.b+c@town.example.org", ["mail"]),
        ("", []),
        ("@" * 5000, []),
        ("1" * 5000, []),
    ],
)
def test_hints(text: str, kinds: list[str]) -> None:
    assert sorted(hint.kind for hint in hints(text)) == sorted(kinds)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"kind": "praise<"}, "what kind"),
        ({"text": " "}, "Say what you have seen"),
        ({"month": "2999-01"}, "still to come"),
        ({"month": "March"}, "as in 2026-03"),
        ({"language": "xx"}, "language of your text"),
        ({"consent": ""}, "consent"),
        ({"text": "x" * 6000}, "are the most"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_lost(
    town: Town, uri: str, wrong: dict[str, str], said: str
) -> None:
    answer = town.client.post("/observe?lang=en", data={**SENT, "uri": uri, **wrong})
    assert answer.status_code == 422
    assert said in answer.text
    assert wrong.get("text", "Nobody answers on Saturdays.").strip()[:50] in answer.text


def test_programs_that_fill_in_everything_are_thanked_and_forgotten(town: Town, uri: str) -> None:
    answer = town.client.post("/observe", data={**SENT, "uri": uri, "website": "https://spam"})
    assert answer.status_code == 200
    assert observations.observations(town.runtime).list([town.runtime.identity.did]) == []
    codes = [town.client.post("/observe", data={**SENT, "uri": uri}).status_code for _ in range(8)]
    assert codes[-1] == 429


def test_refused_with_a_reason_that_its_author_reads(town: Town, uri: str) -> None:
    code = send(town, uri)
    moderation.refuse(town.runtime, EVA, held(town), "It names a neighbour.")
    looked_up = town.client.post("/observe/receipt?lang=en", data={"code": code}).text
    assert "It names a neighbour." in looked_up
    assert held(town).said.text == ""


def test_taken_back_everywhere(town: Town, uri: str, build: Callable[..., Town]) -> None:
    code = send(town, uri)
    published = moderation.publish(town.runtime, EVA, held(town), "Nobody answers.")
    form = {"code": code, "act": "withdraw"}
    assert "gone from this node" in town.client.post("/observe/receipt?lang=en", data=form).text
    assert held(town).state is ObservationState.WITHDRAWN
    assert held(town).consent["consentStatus"] == "dpv:ConsentWithdrawn"
    entry = town.runtime.journal.current(published)
    assert entry is not None
    assert b'"erases"' in entry.body  # so that every copy goes too
    assert "Nobody answers." not in page_of(town, uri)
    again = town.client.post("/observe/receipt", data=form)
    assert again.status_code == 200


def test_a_wrong_code_says_nothing(town: Town, uri: str) -> None:
    send(town, uri)
    for code in ("", "AAAA-AAAA-AAAA-AAAA", "' OR 1=1 --", "é" * 16):
        assert town.client.post("/observe/receipt", data={"code": code}).status_code == 404


def test_a_copy_leads_home_and_a_listing_offers_nothing(
    town: Town, uri: str, build: Callable[..., Town]
) -> None:
    reader = build("https://teruel.example")
    reader.copy_from(town)
    page = reader.page(f"/observe?uri={uri}&lang=en")
    assert f'href="https://lugo.example/observe?uri={uri}"' in page
    assert "<textarea" not in page
    assert reader.client.post("/observe", data={**SENT, "uri": uri}).status_code == 403
    more = {"source": "https://elsewhere.example/1", "credit": "Elsewhere"}
    listing = {**practice("Listed"), **more, "publisher": town.runtime.settings.organisation_uri}
    listed = publish_one(town.runtime, Submission("x", listing)).uri
    assert "only listed here" in town.page(f"/observe?uri={listed}&lang=en")
    assert town.client.post("/observe", data={**SENT, "uri": listed}).status_code == 403
    assert town.client.get("/observe?uri=https://nowhere.example/x").status_code == 404


def test_ratings_of_older_records_count_and_move_to_the_case_with_an_answer(
    town: Town, uri: str
) -> None:
    code = send(town, uri, rating="")
    published = moderation.publish(town.runtime, EVA, held(town), "Good")
    (entry,) = town.publish(
        {**document_of(town.runtime.journal.current(published)), "rating": 1}, uri=published
    )
    for number in range(4):
        said = replace(held_by(town, code).said, text=f"Fine {number}", rating=5)
        found = observations.by_code(town.runtime, observations.receive(town.runtime, said))
        assert found is not None
        moderation.publish(town.runtime, EVA, found, said.text)
    assert "4.2 of 5, by 5 people" in page_of(town, uri)
    reply = Reply("under-review", "Thank you.", "en", entry.digest)
    moderation.answer(town.runtime, EVA, held_by(town, code), reply)
    assert "rating" not in document_of(town.runtime.journal.current(published))
    assert "4.2 of 5, by 5 people" in page_of(town, uri)
    form = {"code": code, "act": "withdraw"}
    town.client.post("/observe/receipt", data=form)
    assert "of 5, by" not in page_of(town, uri)  # four are left


def test_ratings_are_only_shown_from_five_on(town: Town, uri: str) -> None:
    for number in range(5):
        assert "of 5, by" not in page_of(town, uri)
        code = observations.receive(
            town.runtime,
            observations.Said(
                uri, town.runtime.identity.did, "praise", f"Good {number}", "en", "2026-01",
                rating=4,
            ),
        )  # fmt: skip
        found = observations.by_code(town.runtime, code)
        assert found is not None
        single = moderation.publish(town.runtime, EVA, found, "Good")
        assert "rating" not in document_of(town.runtime.journal.current(single))
    assert "4 of 5, by 5 people" in page_of(town, uri)


def test_what_waits_for_thirty_days_is_listed_first(
    town: Town, uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(town, uri)
    client = moderator(town)
    assert "Unanswered for 30 days" not in client.get("/desk/observations?lang=en").text
    monkeypatch.setattr(observations, "LATE", timedelta(0))
    page = client.get("/desk/observations?lang=en").text
    assert "Unanswered for 30 days" in page
    assert "1 unanswered for longer" in page
    assert "1 day late" in page
    assert "1 day late" in client.get(f"/desk/observations/{held(town).id}?lang=en").text


def test_staff_write_down_what_somebody_said(town: Town, uri: str) -> None:
    client = moderator(town)
    path = "/desk/observations/by-hand"
    assert path in client.get("/desk/observations").text
    form = {**token_of(client.get(path).text), **SENT, "uri": uri, "entered": "counter"}
    form |= {"text": "Mrs Miller says: call 982 123 456."}
    without = client.post(path + "?lang=en", data={**form, "consent": ""})
    assert without.status_code == 422
    pointed_out = client.post(path + "?lang=en", data=form)
    assert pointed_out.status_code == 422
    assert "the name of a person" in pointed_out.text
    assert "Mrs Miller says" in pointed_out.text
    assert observations.observations(town.runtime).list([town.runtime.identity.did]) == []
    kept = client.post(path + "?lang=en", data={**form, "anyway": "name phone"})
    assert kept.status_code == 200
    assert "Give it to the person" in kept.text
    assert re.search(r"[2-9A-Z]{4}(-[2-9A-Z]{4}){3}", kept.text)
    said = held(town).said
    assert (said.entered, said.month, said.rating) == ("counter", "2026-03", 2)
    assert said.groups == ("older-people",)
    case = client.get(f"/desk/observations/{held(town).id}?lang=en").text
    for text in ("at the counter", "March 2026", "Older people", "2 of 5; it is not published"):
        assert text in case, text
    assert client.post(path, data={**form, "entered": "pigeon"}).status_code == 400


def test_only_moderators_of_the_origin_see_it(town: Town, uri: str) -> None:
    send(town, uri)
    assert town.client.get("/desk/observations").status_code == 403
    assert town.client.get(f"/desk/observations/{held(town).id}").status_code == 403
    answer = Reply("acted-on", "x", "en", "")
    with pytest.raises(observations.ServiceError, match="published"):
        moderation.answer(town.runtime, EVA, held(town), answer)


def test_a_form_that_is_sent_twice_is_one_observation(town: Town, uri: str) -> None:
    first = send(town, uri, form="a-random-word")
    assert send(town, uri, form="a-random-word") == first  # the page of the answer, loaded again
    assert held(town).said.text
    other = send(town, uri, form="a-random-word", text="The lift is broken now.")
    assert other != first
    assert held_by(town, other).said.text == "The lift is broken now."
    assert len({send(town, uri), send(town, uri)}) == 2


def test_what_still_looks_personal_is_not_published_in_one_click(town: Town, uri: str) -> None:
    send(town, uri, text="Call Mrs Pérez, 600 123 456.", anyway="phone name mail")
    reviewer, case = moderator(town), held(town)
    page = reviewer.get(f"/desk/observations/{case.id}").text
    token = re.search(r'name="form_token" value="([^"]+)"', page)
    assert token is not None
    path, form = f"/desk/observations/{case.id}/publish", {"form_token": token[1]}
    form["text"] = "Call 600 123 456, she knows."
    refused = reviewer.post(path, data=form)
    assert refused.status_code == 422
    assert "she knows" in refused.text  # what was typed is kept
    assert held(town).state is ObservationState.RECEIVED
    assert reviewer.post(path, data={**form, "sure": "1"}).status_code == 303
    assert held(town).state is ObservationState.PUBLISHED
