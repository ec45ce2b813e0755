"""Signing in with an OpenID provider: who is let in, and every way to be lied to."""

from collections.abc import Callable, Iterator
from http.server import ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

pytest.importorskip("authlib", reason="the extra 'oidc' is not installed")

from node.accounts.roles import Role
from node.app import create_app
from node.services import accounts
from node.services.accounts import COMMAND, Invitation
from node.settings import SettingsError, load
from tests.unit.web.providers import CLIENT, SECRET, Handler, Provider
from tests.unit.web.towns import Town

pytestmark = pytest.mark.integration

ANA = {"email": "ana@lugo.example", "email_verified": True}


@pytest.fixture
def provider() -> Iterator[Provider]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Provider(f"http://127.0.0.1:{server.server_port}", claims=dict(ANA))
    server.provider = found  # type: ignore[attr-defined]
    Thread(target=server.serve_forever, daemon=True).start()
    yield found
    server.shutdown()
    server.server_close()


@pytest.fixture
def town(build: Callable[..., Town], provider: Provider) -> Town:
    made = build(
        oidc_issuer=provider.address,
        oidc_client_id=CLIENT,
        oidc_client_secret=SECRET,
        oidc_name="City login",
        allow_hosts=frozenset({urlsplit(provider.address).netloc}),
    )
    accounts.add_account(made.runtime, COMMAND, Invitation(ANA["email"], "Ana", Role.EDITOR))  # type: ignore[arg-type]
    return made


def browser(town: Town) -> FlaskClient:
    return create_app(town.runtime).test_client()


def sign_in(client: FlaskClient, provider: Provider, tail: str = "") -> TestResponse:
    """Go to the provider, sign in there, and come back."""
    there = client.get(f"/account/provider{tail}").headers["Location"]
    assert there.startswith(f"{provider.address}/authorize?")
    back = provider.authorize(dict(parse_qsl(urlsplit(there).query)))
    return client.get(back.removeprefix("https://vallalta.example"))


def test_who_was_invited_signs_in_with_the_provider(town: Town, provider: Provider) -> None:
    client = browser(town)
    assert "Sign in with City login" in client.get("/account/enter").text
    answer = sign_in(client, provider, "?next=/desk")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/desk"
    assert client.get("/desk").status_code == 200
    (asked,) = provider.questions
    assert asked["code_challenge_method"] == "S256"
    assert asked["scope"] == "openid email"
    acts = [act.act for act in accounts.audit(town.runtime).list()]
    assert "provider-bound" in acts


def test_the_person_stays_the_same_when_the_address_changes(town: Town, provider: Provider) -> None:
    sign_in(browser(town), provider)
    provider.claims = {"email": "new@lugo.example", "email_verified": True}
    client = browser(town)
    assert sign_in(client, provider).status_code == 303
    assert "ana@lugo.example" in client.get("/account").text
    provider.claims = {**ANA, "sub": "another person with the same address"}
    assert sign_in(browser(town), provider).status_code == 403


def test_an_address_may_come_from_the_userinfo_endpoint(town: Town, provider: Provider) -> None:
    provider.claims, provider.more = {}, {"sub": "248289", **ANA}
    assert sign_in(browser(town), provider).status_code == 303


def test_a_suspended_account_is_not_let_in(town: Town, provider: Provider) -> None:
    accounts.add_account(town.runtime, COMMAND, Invitation("o@lugo.example", "O", Role.OWNER))
    found = accounts.accounts(town.runtime).by_login("ana@lugo.example")
    assert found is not None
    accounts.suspend(town.runtime, COMMAND, found, suspended=True)
    answer = sign_in(browser(town), provider)
    assert answer.status_code == 403
    assert "suspended" in answer.text


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "eva@lugo.example"},  # nobody has invited her
        {"email_verified": False},
        {"email_verified": None},
        {"email": None},
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"aud": "another node"},
        {"aud": [CLIENT, "another node"], "azp": "another node"},
        {"iss": "https://evil.example"},
        {"exp": 1},
        {"exp": None},
        {"iat": None},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
    ],
)
def test_a_token_that_does_not_say_what_it_must_is_refused(
    town: Town, provider: Provider, claims: dict[str, Any]
) -> None:
    provider.claims |= claims
    client = browser(town)
    answer = sign_in(client, provider)
    assert answer.status_code == 403
    assert client.get("/desk").status_code == 403


@pytest.mark.parametrize("forge", ["none", "secret", "stranger"])
def test_a_forged_token_is_refused(town: Town, provider: Provider, forge: str) -> None:
    provider.forge = forge
    answer = sign_in(browser(town), provider)
    assert answer.status_code == 403
    assert "did not work" in answer.text


@pytest.mark.parametrize(
    "back",
    [
        {"state": "of somebody else"},
        {"state": ""},
        {"iss": "https://evil.example"},
        {"code": "guessed"},
        {"error": "access_denied"},
    ],
)
def test_an_answer_to_another_question_is_refused(
    town: Town, provider: Provider, back: dict[str, str]
) -> None:
    provider.back = back
    assert sign_in(browser(town), provider).status_code == 403


def test_an_answer_is_taken_once_and_by_the_browser_that_asked(
    town: Town, provider: Provider
) -> None:
    client = browser(town)
    there = client.get("/account/provider").headers["Location"]
    back = provider.authorize(dict(parse_qsl(urlsplit(there).query)))
    path = back.removeprefix("https://vallalta.example")
    assert browser(town).get(path).status_code == 403  # a link that was sent to a victim
    assert client.get(path).status_code == 303
    assert client.get(path).status_code == 403


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": None},
        {"jwks_uri": "http://192.0.2.1/keys"},
        {"jwks_uri": ["x"]},
        {"userinfo_endpoint": "file:///etc/passwd"},
    ],
)
def test_a_provider_that_is_none_is_told_and_nothing_breaks(
    town: Town, provider: Provider, metadata: dict[str, Any]
) -> None:
    client = browser(town)
    there = client.get("/account/provider").headers["Location"]
    back = provider.authorize(dict(parse_qsl(urlsplit(there).query)))
    provider.metadata = metadata
    provider.claims = {}
    answer = client.get(back.removeprefix("https://vallalta.example"))
    assert answer.status_code == 403
    assert "did not work" in answer.text or "invited" in answer.text


def test_userinfo_of_somebody_else_is_refused(town: Town, provider: Provider) -> None:
    provider.claims, provider.more = {}, {**ANA, "sub": "another"}
    assert sign_in(browser(town), provider).status_code == 403


def test_a_provider_that_is_away_is_told(build: Callable[..., Town]) -> None:
    town = build(oidc_issuer="https://127.0.0.1:1", oidc_client_id="x", oidc_name="City login")
    answer = browser(town).get("/account/provider")
    assert answer.status_code == 403
    assert "Signing in with City login did not work" in answer.text


def test_without_a_provider_there_is_no_way_to_one(build: Callable[..., Town]) -> None:
    client = browser(build())
    assert client.get("/account/provider").status_code == 404
    assert client.get("/account/provider/back?code=x").status_code == 404
    assert "/account/provider" not in client.get("/account/enter").text


@pytest.mark.parametrize(
    "flags",
    [
        {"oidc_issuer": "https://login.example.org"},
        {"oidc_issuer": "http://login.example.org", "oidc_client_id": "x"},
    ],
)
def test_a_provider_is_named_whole_and_by_https(flags: dict[str, str], tmp_path: Any) -> None:
    with pytest.raises(SettingsError, match="oidc"):
        load(tmp_path, {}, **flags)
