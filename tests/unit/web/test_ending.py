"""Versions side by side, and records that end: withdrawn or erased at the desk."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from node.accounts.roles import Role
from node.app import create_app
from node.services import accounts
from node.services.accounts import COMMAND, Invitation
from tests.unit.web.towns import Town, practice

pytestmark = pytest.mark.integration

PASSWORD = "four quiet herons landing"


def sign_in(town: Town, role: Role) -> FlaskClient:
    made = accounts.add_account(town.runtime, COMMAND, Invitation(f"{role}@x.example", "", role))
    accounts.choose_password(town.runtime, made, PASSWORD)
    client = create_app(town.runtime).test_client()
    client.post("/account/enter", data={"login": made.login, "password": PASSWORD})
    return client


def end(client: FlaskClient, uri: str, **form: str) -> int:
    token = re.search(r'name="form_token" value="([^"]+)"', client.get("/account").text)
    assert token is not None
    return client.post("/desk/end", data={"form_token": token[1], "uri": uri, **form}).status_code


def test_what_changed_from_version_to_version(town: Town) -> None:
    (entry,) = town.publish(practice("A bench", theme=["mobility"]))
    assert "only one version" in town.page(f"/history?uri={entry.uri}&lang=en")
    town.publish(practice("A better bench", theme=["energy"]), uri=entry.uri)
    town.publish(practice("The best bench", theme=["energy"]), uri=entry.uri)
    page = town.page(f"/history?uri={entry.uri}&from=1&to=2&lang=en")
    for said in ("A bench</del>", "A better bench</ins>", "Mobility and transport", "Energy"):
        assert said in page
    assert "The best bench</ins>" in town.page(f"/history?uri={entry.uri}&lang=en")
    assert "/history?uri=" in town.page(entry.uri.removeprefix(town.base))
    for odd in ("from=9", "to=-1", "to=x", "from=999999999999999"):
        assert town.client.get(f"/history?uri={entry.uri}&{odd}").status_code == 200
    assert town.client.get("/history?uri=nothing").status_code == 404


@pytest.mark.parametrize("act", ["retract", "erase"])
def test_a_reviewer_ends_a_record(town: Town, act: str) -> None:
    (entry,) = town.publish(practice("A secret bench"))
    client = sign_in(town, Role.REVIEWER)
    assert "Withdraw or erase" in client.get(f"/desk/end?uri={entry.uri}&lang=en").text
    assert end(client, entry.uri, act="erase", reason="It broke") == 303  # and is not sure yet
    assert end(client, entry.uri, reason="Return was pressed") == 303
    assert town.runtime.journal.version(entry.uri, 2) is None
    assert end(client, entry.uri, act=act, reason="It broke", sure="1") == 303
    held = town.runtime.journal.current(entry.uri)
    assert held is not None
    assert held.type == "Tombstone"
    assert (b'"erases"' in held.body) is (act == "erase")
    first = town.runtime.journal.version(entry.uri, 1)
    assert first is not None
    assert (b"secret" in first.body) is (act == "retract")
    stub = town.client.get(entry.uri.removeprefix(town.base), headers={"Accept": "text/html"})
    assert stub.status_code == 410
    assert "It broke" in stub.text
    assert end(client, entry.uri, act=act) == 404
    assert accounts.audit(town.runtime).list()[0].act in ("retracted", "erased")


def test_nobody_else_ends_it(town: Town, build: Callable[..., Town]) -> None:
    (entry,) = town.publish(practice("A bench"))
    editor = sign_in(town, Role.EDITOR)
    assert editor.get(f"/desk/end?uri={entry.uri}").status_code == 403
    assert end(editor, entry.uri, act="erase") == 403
    other = build("https://other.example")
    other.copy_from(town)
    owner = sign_in(other, Role.OWNER)
    assert end(owner, entry.uri, act="erase") == 404
    held = other.runtime.journal.current(entry.uri)
    assert held is not None
    assert held.type == "Practice"
