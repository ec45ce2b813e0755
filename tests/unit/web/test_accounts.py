"""Accounts in the browser: getting in, being kept out, roles, tokens, and what is written down."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from node.accounts.roles import EVERY_ORIGIN, Role, Scope
from node.accounts.store import Account
from node.app import create_app
from node.services import accounts
from node.services.accounts import COMMAND, Invitation, NewToken, Refused
from node.services.errors import ServiceError
from tests.unit.web.towns import Town

pytestmark = pytest.mark.integration

PASSWORD = "four quiet herons landing"
HTML = {"Accept": "text/html"}

Person = Callable[..., Account]


@pytest.fixture
def person(town: Town) -> Person:
    """Make somebody who has a password."""

    def make(login: str = "ana@lugo.example", role: Role = Role.OWNER, origin: str = "") -> Account:
        made = accounts.add_account(town.runtime, COMMAND, Invitation(login, "", role, origin))
        assert accounts.choose_password(town.runtime, made, PASSWORD) == ""
        return made

    return make


def browser(town: Town) -> FlaskClient:
    return create_app(town.runtime).test_client()


def enter(client: FlaskClient, login: str, password: str = PASSWORD, **form: str) -> TestResponse:
    return client.post("/account/enter", data={"login": login, "password": password, **form})


def form_token(client: FlaskClient, path: str = "/account") -> str:
    found = re.search(r'name="form_token" value="([^"]+)"', client.get(path).text)
    assert found is not None
    return found[1]


def test_a_password_lets_in_and_leaving_ends_the_session(town: Town, person: Person) -> None:
    person()
    client = browser(town)
    assert client.get("/admin").status_code == 403
    answer = enter(client, " ANA@lugo.example ", next="/admin")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/admin")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert client.get("/admin").status_code == 200
    copied = client.get_cookie("lonja-session")
    assert copied is not None
    client.post("/account/leave", data={"form_token": form_token(client)})
    thief = browser(town)
    thief.set_cookie("lonja-session", copied.value)
    assert thief.get("/admin").status_code == 403  # a copied cookie ends with the session


def test_a_session_that_was_there_before_is_not_taken_over(town: Town, person: Person) -> None:
    person()
    client = browser(town)
    client.get("/account/enter")
    with client.session_transaction() as fixed:
        fixed["key"] = fixed["form"] = "chosen-by-an-attacker"
    enter(client, "ana@lugo.example")
    with client.session_transaction() as held:
        assert "chosen-by-an-attacker" not in (held["key"], held["form"])


@pytest.mark.parametrize("path", ["//evil.example", "/\\evil.example", "https://evil.example", "x"])
def test_signing_in_never_leads_elsewhere(town: Town, person: Person, path: str) -> None:
    person()
    assert enter(browser(town), "ana@lugo.example", next=path).headers["Location"] == "/"


def test_wrong_passwords_lock_an_account_and_say_nothing_of_who_exists(
    town: Town, person: Person
) -> None:
    found = person()
    for _ in range(4):
        assert accounts.sign_in(town.runtime, found.login, "wrong") is Refused.WRONG
    assert accounts.sign_in(town.runtime, "nobody@lugo.example", "wrong") is Refused.WRONG
    assert accounts.sign_in(town.runtime, found.login, "wrong") is Refused.WRONG
    assert accounts.sign_in(town.runtime, found.login, PASSWORD) is Refused.LOCKED
    accounts.choose_password(town.runtime, found, PASSWORD + "s")  # by a link: unlocks
    done = accounts.sign_in(town.runtime, found.login, PASSWORD + "s")
    assert not isinstance(done, Refused)


def test_attempts_from_one_address_are_paced(town: Town, person: Person) -> None:
    person()
    client = browser(town)
    answers = [enter(client, f"guess{n}@lugo.example", "x").status_code for n in range(12)]
    assert answers == [403] * 10 + [429] * 2


def test_an_invitation_is_good_once(town: Town) -> None:
    wanted = Invitation("eva@lugo.example", "Eva", Role.EDITOR)
    link = accounts.invite(town.runtime, COMMAND, wanted).removeprefix(town.base)
    client = browser(town)
    assert "eva@lugo.example" in client.get(link).text
    secret = link.partition("link=")[2]
    for password, said in (("short", "too short"), ("eva@lugo.example", "mostly your name")):
        answer = client.post("/account/password", data={"link": secret, "password": password})
        assert answer.status_code == 422
        assert said in answer.text
    answer = client.post("/account/password", data={"link": secret, "password": PASSWORD})
    assert answer.status_code == 303
    assert client.get("/account").status_code == 200
    again = browser(town).post("/account/password", data={"link": secret, "password": PASSWORD})
    assert again.status_code == 403
    assert "has been used" in again.text


def test_forged_forms_are_refused(town: Town, person: Person) -> None:
    person()
    client = browser(town)
    enter(client, "ana@lugo.example")
    form = {"login": "mallory@evil.example", "role": "owner"}
    assert client.post("/admin/accounts", data=form).status_code == 400
    assert client.post("/admin/accounts", data={**form, "form_token": "x"}).status_code == 400
    good = {**form, "form_token": form_token(client)}
    foreign = {"Origin": "https://evil.example"}
    assert client.post("/admin/accounts", data=good, headers=foreign).status_code == 403
    assert client.post("/admin/accounts", data=good, headers={"Origin": "null"}).status_code == 403
    assert len(accounts.accounts(town.runtime).list()) == 1
    own = {"Origin": town.base}
    assert client.post("/admin/accounts", data=good, headers=own).status_code == 200


@pytest.mark.parametrize("role", [Role.READER, Role.EDITOR, Role.REVIEWER])
def test_only_owners_administer(town: Town, person: Person, role: Role) -> None:
    person("x@lugo.example", role)
    client = browser(town)
    enter(client, "x@lugo.example")
    for path in ("/admin", "/admin/accounts", "/admin/audit"):
        answer = client.get(path)
        assert answer.status_code == 403
        assert "no role that allows this" in answer.text
    assert "Administration" not in client.get("/", headers=HTML).text
    token = form_token(client)
    assert client.post("/admin/accounts", data={"form_token": token}).status_code == 403


def test_a_role_is_for_its_origin_only(town: Town, person: Person) -> None:
    own = town.runtime.identity.did
    found = person("x@lugo.example", Role.EDITOR, own)
    done = accounts.sign_in(town.runtime, found.login, PASSWORD)
    assert not isinstance(done, Refused)
    holder = accounts.session_holder(town.runtime, done.secret)
    assert holder is not None
    assert holder.may(Scope.WRITE, own)
    assert not holder.may(Scope.WRITE, "did:web:other.example")
    assert not holder.may(Scope.WRITE, EVERY_ORIGIN)
    assert not holder.may(Scope.PUBLISH, own)
    with pytest.raises(ServiceError, match="no origin of this node"):
        accounts.give_role(town.runtime, COMMAND, found, Role.EDITOR, "did:web:other.example")


def test_the_last_owner_stays(town: Town, person: Person) -> None:
    owner = person()
    person("eva@lugo.example", Role.EDITOR)
    for act in (
        lambda: accounts.suspend(town.runtime, COMMAND, owner, suspended=True),
        lambda: accounts.remove(town.runtime, COMMAND, owner),
        lambda: accounts.give_role(town.runtime, COMMAND, owner, Role.READER),
    ):
        with pytest.raises(ServiceError, match="last owner"):
            act()


def test_who_is_suspended_is_out_at_once(town: Town, person: Person) -> None:
    person()
    eva = person("eva@lugo.example", Role.EDITOR)
    client = browser(town)
    enter(client, eva.login)
    token = accounts.new_token(town.runtime, COMMAND, eva, NewToken("x", ["write"], 1))
    assert client.get("/account").status_code == 200
    assert accounts.token_holder(town.runtime, token) is not None
    accounts.suspend(town.runtime, COMMAND, eva, suspended=True)
    assert client.get("/account").status_code == 403
    assert accounts.token_holder(town.runtime, token) is None
    assert accounts.sign_in(town.runtime, eva.login, PASSWORD) is Refused.SUSPENDED


def test_a_token_has_no_more_than_its_scopes_and_ends(
    town: Town, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    eva = person("eva@lugo.example", Role.REVIEWER)
    with pytest.raises(ServiceError, match="cannot have these scopes: administer"):
        accounts.new_token(town.runtime, COMMAND, eva, NewToken("x", ["administer"], 1))
    with pytest.raises(ServiceError, match="1 to 366"):
        accounts.new_token(town.runtime, COMMAND, eva, NewToken("x", ["read"], 1000))
    secret = accounts.new_token(town.runtime, COMMAND, eva, NewToken("x", ["publish"], 30))
    holder = accounts.token_holder(town.runtime, secret)
    assert holder is not None
    own = town.runtime.identity.did
    assert holder.may("publish", own)
    assert not holder.may("read", own)
    accounts.give_role(town.runtime, COMMAND, eva, Role.EDITOR)  # the account lost the right
    holder = accounts.token_holder(town.runtime, secret)
    assert holder is not None
    assert not holder.may("publish", own)
    later = town.runtime.clock() + timedelta(days=31)
    held = accounts.Keys(town.runtime.store, lambda: later)
    assert held.token(secret) is None
    assert accounts.token_holder(town.runtime, "lonja_" + "x" * 43) is None


def test_no_secret_is_kept_and_every_act_is_written_down(town: Town, person: Person) -> None:
    ana = person()
    client = browser(town)
    enter(client, ana.login)
    page = client.post(
        "/account/tokens",
        data={"form_token": form_token(client), "name": "sync", "scope": "publish", "days": "9"},
    ).text
    found = re.search(r"lonja_[\w-]{43}", page)
    assert found is not None
    files = b"".join(f.read_bytes() for f in town.runtime.settings.data.glob("journal.sqlite3*"))
    assert found[0].encode() not in files
    assert PASSWORD.encode() not in files
    acts = [act.act for act in accounts.audit(town.runtime).list()]
    assert acts == ["token-made", "signed-in", "password-chosen", "account-added"]
    listed = client.get("/admin/audit").text
    assert "made a token" in listed
    assert found[0] not in listed
