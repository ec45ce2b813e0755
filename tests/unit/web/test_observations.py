"""Observations: sent without an account, looked at, answered, federated, and taken back."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from node.accounts.roles import EVERY_ORIGIN, Holder, Role
from node.app import create_app
from node.local.observations import Observation, ObservationState
from node.services import accounts, observations
from node.services.accounts import COMMAND, Invitation
from node.services.drafts import document_of
from node.services.indexer import follow_once
from node.services.observations import Reply
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


def page_of(town: Town, uri: str) -> str:
    follow_once(town.runtime)
    return town.page(uri.removeprefix(town.base) + "?lang=en")


def moderator(town: Town) -> FlaskClient:
    made = accounts.add_account(
        town.runtime, COMMAND, Invitation("m@lugo.example", "M", Role.REVIEWER)
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
    client.post(path + "/answer", data={"form_token": token[1], "language": "en", **answer})
    shown = page_of(town, uri)
    assert "From April on they do." in shown
    assert "The version that came of it" in shown
    looked_up = town.client.post("/observe/receipt?lang=en", data={"code": code.lower()}).text
    assert "Answered" in looked_up
    body = document_of(town.runtime.journal.current(held(town).published))
    assert body["observed"] == "2026-03"
    assert body["targetGroup"] == ["older-people"]
    assert not {"creator", "author", "contact", "lead"} & set(body)


def test_what_looks_personal_is_pointed_out_before_it_is_sent(town: Town, uri: str) -> None:
    text = "Frau Müller (anna@mail.example, +34 600 123 456) never comes."
    answer = town.client.post("/observe?lang=en", data={**SENT, "uri": uri, "text": text})
    assert answer.status_code == 422
    for said in ("an e-mail address", "a phone number", "the name of a person", "never comes."):
        assert said in answer.text
    assert observations.observations(town.runtime).list([town.runtime.identity.did]) == []
    send(town, uri, text=text, anyway="1")


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
    observations.refuse(town.runtime, EVA, held(town), "It names a neighbour.")
    looked_up = town.client.post("/observe/receipt?lang=en", data={"code": code}).text
    assert "It names a neighbour." in looked_up
    assert held(town).said.text == ""


def test_taken_back_everywhere(town: Town, uri: str, build: Callable[..., Town]) -> None:
    code = send(town, uri)
    published = observations.publish(town.runtime, EVA, held(town), "Nobody answers.")
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
        observations.publish(town.runtime, EVA, found, "Good")
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


def test_staff_write_down_what_somebody_said(town: Town, uri: str) -> None:
    client = moderator(town)
    page = client.get("/desk/observations").text
    token = re.search(r'name="form_token" value="([^"]+)"', page)
    assert token is not None
    form = {"form_token": token[1], "uri": uri, "kind": "praise", "text": "It helps me."}
    path = "/desk/observations/by-hand"
    assert client.post(path, data={**form, "entered": "paper"}).status_code == 303
    assert observations.observations(town.runtime).list([town.runtime.identity.did]) == []
    client.post(path, data={**form, "entered": "paper", "consent": "1"})
    assert held(town).said.entered == "paper"
    assert "receipt code" in client.get("/desk/observations?lang=en").text


def test_only_moderators_of_the_origin_see_it(town: Town, uri: str) -> None:
    send(town, uri)
    assert town.client.get("/desk/observations").status_code == 403
    assert town.client.get(f"/desk/observations/{held(town).id}").status_code == 403
    answer = Reply("acted-on", "x", "en")
    with pytest.raises(observations.ServiceError, match="published"):
        observations.answer(town.runtime, EVA, held(town), answer)
