"""The first run: from a link in the log to a node with an owner who is signed in."""

from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from node.app import create_app
from node.runtime import running
from node.services import accounts
from node.services.drafts import document_of
from node.services.first_run import FirstRun
from node.settings import Settings, load
from node.web.setup import setup_app

pytestmark = pytest.mark.integration

TOKEN = "a-token-from-the-log"
FORM = {
    "token": TOKEN,
    "name": "Concello de Lugo",
    "sector": "government",
    "town": "Lugo",
    "country": "ES",
    "language": ["es", "en"],
    "person": "Ana",
    "login": "Ana@lugo.example",
    "password": "four quiet herons landing",
}


@pytest.fixture
def made() -> list[FirstRun]:
    """What the first run made."""
    return []


@pytest.fixture
def client(tmp_path: Path, made: list[FirstRun]) -> FlaskClient:
    """A browser at the first-run page."""
    settings = Settings(data=tmp_path / "node", port=9999)
    settings.data.mkdir()
    return setup_app(settings, TOKEN, made.append).test_client()


def test_nobody_gets_in_without_the_token(client: FlaskClient, made: list[FirstRun]) -> None:
    for token in ("", "another", "é\x00"):
        assert client.get("/setup", query_string={"token": token}).status_code == 403
        assert client.post("/setup", data={**FORM, "token": token}).status_code == 403
    assert "password" not in client.get("/").text
    assert not made


def test_an_organisation_a_place_and_an_owner(client: FlaskClient, made: list[FirstRun]) -> None:
    assert "Name of the organisation" in client.get(f"/setup?token={TOKEN}&lang=en").text
    answer = client.post("/setup?lang=es", data=FORM)
    assert answer.status_code == 200
    assert "recovery-key.json" in answer.text
    (done,) = made
    settings = load(done.settings.data, environment={})
    assert settings.name == "Concello de Lugo"
    assert settings.languages == ("es", "en")
    assert settings.base_url == "http://127.0.0.1:9999"  # a trial is where it listens
    with running(settings) as runtime:
        owner = accounts.accounts(runtime).by_login("ana@lugo.example")
        assert owner is not None
        assert dict(owner.roles) == {"": "owner"}
        body = document_of(runtime.journal.current(settings.organisation_uri))
        place = body["place"]
        assert isinstance(place, dict)
        assert place["settlement"] == "city"
        cookie = client.get_cookie("lonja-session")
        assert cookie is not None
        browser = create_app(runtime).test_client()
        browser.set_cookie("lonja-session", cookie.value)
        assert "Mi mesa" in browser.get("/desk?lang=es").text  # signed in already


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": " "}, "Name the organisation"),
        ({"login": "ana"}, "no e-mail address"),
        ({"password": "short"}, "at least 12"),
        ({"base_url": "http://lugo.example"}, "https"),
    ],
)
def test_what_cannot_be_used_makes_nothing(
    client: FlaskClient, made: list[FirstRun], tmp_path: Path, wrong: dict[str, str], said: str
) -> None:
    answer = client.post("/setup", data={**FORM, **wrong})
    assert answer.status_code == 422
    assert said in answer.text
    assert wrong.get("name", "Concello de Lugo") in answer.text  # what was typed is still there
    assert not made
    assert not replace(Settings(), data=tmp_path / "node").journal_path.exists()


def test_a_hub_that_is_away_does_not_stop_it(client: FlaskClient, made: list[FirstRun]) -> None:
    answer = client.post("/setup?lang=en", data={**FORM, "hub": "https://127.0.0.1:1"})
    assert "could not be asked" in answer.text
    assert made[0].hub_problem
