"""People with an account follow searches by mail: at their own address, once they confirmed it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from email import message_from_string, policy

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from node.accounts.roles import Role
from node.app import create_app
from node.local.alerts import AlertState, Every, Wanted
from node.services import accounts, following
from node.services.accounts import COMMAND, Invitation
from node.services.alerts import follow, followed, send_due
from tests.sinks import Sink, mail_sink
from tests.unit.web.towns import Town, practice

pytestmark = pytest.mark.integration

PASSWORD = "four quiet herons landing"


@pytest.fixture
def mail() -> Iterator[Sink]:
    with mail_sink() as sink:
        yield sink


@pytest.fixture
def town(build: Callable[..., Town], mail: Sink) -> Town:
    return build(smtp=mail.address)


def sign_in(town: Town, login: str = "ana@x.example") -> FlaskClient:
    made = accounts.add_account(town.runtime, COMMAND, Invitation(login, "Ana", Role.READER))
    accounts.choose_password(town.runtime, made, PASSWORD)
    client = create_app(town.runtime).test_client()
    client.post("/account/enter", data={"login": login, "password": PASSWORD})
    return client


def send(client: FlaskClient, path: str, **form: str) -> TestResponse:
    token = re.search(r'name="form_token" value="([^"]+)"', client.get("/account").text)
    assert token is not None
    return client.post(path, data={"form_token": token[1], **form})


def follow_bus(client: FlaskClient, query: str = "q=bus", lang: str = "en") -> TestResponse:
    path = f"/account/searches?lang={lang}"
    return send(client, path, query=query, every="daily")


def link_in(text: str) -> str:
    said = str(message_from_string(text, policy=policy.default).get_content())  # type: ignore[attr-defined]
    found = re.search(r"https://vallalta\.example(/alerts/\S+/confirm)", said)
    assert found is not None
    return found[1]


def states(town: Town) -> list[AlertState]:
    return [one.state for one in followed(town.runtime).list()]


def test_nothing_is_sent_before_the_address_is_confirmed(town: Town, mail: Sink) -> None:
    client = sign_in(town)
    assert "Tell me by mail" in client.get("/practices?q=bus&lang=en").text
    assert follow_bus(client).status_code == 303
    assert follow_bus(client, "theme=energy").status_code == 303
    assert states(town) == [AlertState.WAITING] * 2
    (asked,) = mail.mails  # one mail for both
    town.publish(practice("Night bus", theme=["energy"]))
    later = replace(town.runtime, clock=lambda: town.runtime.clock() + timedelta(hours=25))
    assert send_due(later) == 0
    path = link_in(asked)
    page = town.client.get(f"{path}?lang=en")
    assert (page.headers["Cache-Control"], page.headers["Referrer-Policy"]) == (
        "no-store",
        "no-referrer",
    )
    assert "Yes, send them to me" in page.text
    assert states(town) == [AlertState.WAITING] * 2  # looking at it confirms nothing
    town.client.post(path)
    assert states(town) == [AlertState.ACTIVE] * 2
    assert "This is confirmed" in town.client.get(f"{path}?lang=en").text
    town.publish(practice("Later bus"))
    assert send_due(later) == 1
    assert "Later bus" in mail.mails[-1]
    assert "Night bus" not in mail.mails[-1]  # it came before the confirmation
    assert follow_bus(client, "q=garden").status_code == 303
    assert states(town) == [AlertState.ACTIVE] * 3  # a known address is not asked again
    assert len(mail.mails) == 2


def test_the_account_lists_its_own_searches_and_stops_them(town: Town) -> None:
    ana, ben = sign_in(town), sign_in(town, "ben@x.example")
    follow_bus(ana)
    (own,) = followed(town.runtime).list()
    assert "Waits for its confirmation" in ana.get("/account?lang=en").text
    assert "/practices?q=bus" in ana.get("/account?lang=en").text
    assert "/practices?q=bus" not in ben.get("/account?lang=en").text
    assert send(ben, f"/account/searches/{own.id}/stop").status_code == 404
    assert send(ana, f"/account/searches/{own.id}/stop").status_code == 303
    assert states(town) == []


def test_mistakes_are_told_and_leave_nothing(town: Town, mail: Sink) -> None:
    client = sign_in(town)
    mail.refuses = True
    follow_bus(client, lang="es")
    assert "No se pudo enviar el correo" in client.get("/account?lang=es").text
    assert states(town) == []
    mail.refuses = False
    follow_bus(client)
    follow_bus(client)
    assert "You follow this search already" in client.get("/account?lang=en").text
    assert len(states(town)) == 1
    for number in range(2 * following.MOST):
        follow_bus(client, f"q=bus{number}")
    assert len(states(town)) == following.MOST
    assert send(client, "/account/searches", query="q=x", every="never").status_code == 400


def test_only_accounts_are_offered_it(build: Callable[..., Town], town: Town) -> None:
    assert "Tell me by mail" not in town.client.get("/practices?lang=en").text
    assert town.client.post("/account/searches", data={"query": "q=a"}).status_code == 403
    without = build("https://lugo.example")
    assert "Tell me by mail" not in sign_in(without).get("/practices?lang=en").text


def test_a_removed_account_and_an_unconfirmed_address_are_forgotten(town: Town) -> None:
    client = sign_in(town)
    follow_bus(client)
    sooner = replace(town.runtime, clock=lambda: town.runtime.clock() + timedelta(days=6))
    following.forget_unconfirmed(sooner)
    assert len(states(town)) == 1
    later = replace(town.runtime, clock=lambda: town.runtime.clock() + timedelta(days=8))
    following.forget_unconfirmed(later)
    assert states(town) == []
    follow_bus(client)
    found = accounts.accounts(town.runtime).by_login("ana@x.example")
    assert found is not None
    accounts.add_account(town.runtime, COMMAND, Invitation("o@x.example", "", Role.OWNER))
    accounts.remove(town.runtime, COMMAND, found)
    assert states(town) == []


def test_a_link_confirms_one_address_only(town: Town) -> None:
    for target in ("a@x.example", "b@x.example"):
        wanted = Wanted("q=bus", "en", "mail", target, Every.DAILY)
        follow(town.runtime, wanted, confirmed=False)
    first, _second = followed(town.runtime).list()
    assert following.confirm(town.runtime, first.token)
    assert states(town) == [AlertState.ACTIVE, AlertState.WAITING]
    assert not following.confirm(town.runtime, "unknown")
    assert town.client.get("/alerts/unknown/confirm").status_code == 404
