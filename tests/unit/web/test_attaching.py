"""Files beside records: what is taken, who gets them, and when they go."""

import io
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from node.accounts.roles import Role
from node.app import create_app
from node.services import accounts, attachments, drafts
from node.services.accounts import COMMAND, Invitation
from tests.unit.web.towns import Town, practice

pytestmark = pytest.mark.integration

PASSWORD = "four quiet herons landing"
PDF = b"%PDF-1.7\n%a plan\n"


@pytest.fixture
def town(build: Callable[..., Town]) -> Town:
    """A node with an organisation."""
    return build("https://lugo.example", organisation_uri="https://lugo.example/organisations/own")


@pytest.fixture
def client(town: Town) -> FlaskClient:
    """An owner's browser."""
    made = accounts.add_account(town.runtime, COMMAND, Invitation("x@x.example", "X", Role.OWNER))
    accounts.choose_password(town.runtime, made, PASSWORD)
    browser = create_app(town.runtime).test_client()
    browser.post("/account/enter", data={"login": made.login, "password": PASSWORD})
    return browser


@pytest.fixture
def key(town: Town) -> str:
    """A draft of a practice that could be published."""
    body = {**practice("Bus"), "publisher": town.runtime.settings.organisation_uri}
    return drafts.keep(town.runtime, COMMAND, body, town.runtime.identity.did).key


def send(client: FlaskClient, path: str, **form: object) -> TestResponse:
    token = re.search(r'name="form_token" value="([^"]+)"', client.get("/account").text)
    assert token is not None
    return client.post(
        path, data={"form_token": token[1], **form}, content_type="multipart/form-data"
    )


def fetch(client: FlaskClient, path: str, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    """Return status, bytes and headers of an answer, and close its file."""
    with client.get(path, headers=headers) as answer:
        return answer.status_code, answer.data, dict(answer.headers)


def kept(town: Town) -> list[str]:
    """Return the names of the files that the node keeps."""
    folder = town.runtime.settings.data / "files"
    return [file.name for file in folder.rglob("*") if file.is_file()]


def attach(client: FlaskClient, key: str, data: bytes, name: str) -> str:
    """Send a file and return what the draft's page says."""
    answer = send(client, f"/desk/drafts/{key}/files", file=(io.BytesIO(data), name))
    assert answer.status_code == 303
    return client.get(answer.headers["Location"]).text


def address(town: Town, key: str) -> str:
    draft = drafts.drafts(town.runtime).find(key)
    assert draft is not None
    (asset,) = draft.body["asset"]  # type: ignore[misc]
    return str(asset["url"]).removeprefix(town.base)  # type: ignore[index,call-overload]


def test_a_file_is_public_once_its_record_is(town: Town, client: FlaskClient, key: str) -> None:
    attach(client, key, PDF, "Plan da liña.PDF")
    path = address(town, key)
    assert fetch(client, path)[1] == PDF
    assert fetch(town.client, path)[0] == 404
    draft = drafts.drafts(town.runtime).find(key)
    assert draft is not None
    uri, _findings = drafts.publish(town.runtime, COMMAND, draft)
    _status, data, headers = fetch(town.client, path)
    assert data == PDF
    assert headers["Content-Type"] == "application/pdf"
    assert "sandbox" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert fetch(town.client, path, **{"If-None-Match": headers["ETag"]})[0] == 304
    entry = town.runtime.journal.current(uri)
    assert entry is not None
    town.retract(entry)
    assert fetch(town.client, path)[0] == 404


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (b"<html><script>", "x.html", "not taken"),
        (b"<svg onload=alert(1)>", "x.svg", "not taken"),
        (b"MZ", "x.pdf", "not what its ending says"),
        (b"<html>", "x.png", "not what its ending says"),
        (b"", "x.pdf", "empty"),
        (b"\xff\xfe", "x.txt", "UTF-8"),
        (b"%PDF-", "x", "not taken"),
    ],
)
def test_what_is_not_taken(
    town: Town, client: FlaskClient, key: str, data: bytes, name: str, said: str
) -> None:
    assert said in attach(client, key, data, name)
    draft = drafts.drafts(town.runtime).find(key)
    assert draft is not None
    assert "asset" not in draft.body


@pytest.mark.parametrize(
    "name", ["../../keys/identity.pdf", "..\\..\\x.pdf", "/etc/x.pdf", "a\u202efdp.pdf"]
)
def test_a_name_leads_nowhere_else(town: Town, client: FlaskClient, key: str, name: str) -> None:
    attach(client, key, PDF, name)
    path = address(town, key)
    assert re.fullmatch(r"/files/[0-9a-f]{64}/[\w.%-]+\.pdf", path)
    assert [len(one) for one in kept(town)] == [64]
    assert fetch(client, path)[1] == PDF


@pytest.mark.parametrize(
    "path", ["/files/../../lonja.toml/x", "/files/%2e%2e/x.pdf", "/files/" + "0" * 64 + "/x.pdf"]
)
def test_nothing_else_is_given_out(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_files_go_with_their_draft(town: Town, client: FlaskClient, key: str) -> None:
    attach(client, key, PDF, "plan.pdf")
    path = address(town, key)
    draft = drafts.drafts(town.runtime).find(key)
    assert draft is not None
    drafts.discard(town.runtime, COMMAND, draft)
    assert attachments.sweep(town.runtime) == 1
    assert client.get(path).status_code == 404
    assert not [
        file for file in (town.runtime.settings.data / "files").rglob("*") if file.is_file()
    ]
