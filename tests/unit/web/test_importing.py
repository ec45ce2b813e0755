"""The import wizard: looking first, deciding then, nothing lost and nothing left behind."""

import io
import os
import re
import time
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from node.accounts.roles import Role
from node.app import create_app
from node.services import accounts
from node.services.accounts import COMMAND, Invitation
from tests.unit.web.towns import Town

pytestmark = pytest.mark.integration

PASSWORD = "four quiet herons landing"


@pytest.fixture
def town(build: Callable[..., Town]) -> Town:
    """A node with an organisation."""
    return build("https://lugo.example", organisation_uri="https://lugo.example/organisations/own")


@pytest.fixture
def client(town: Town) -> FlaskClient:
    """A reviewer's browser."""
    wanted = Invitation("x@lugo.example", "X", Role.REVIEWER)
    made = accounts.add_account(town.runtime, COMMAND, wanted)
    accounts.choose_password(town.runtime, made, PASSWORD)
    browser = create_app(town.runtime).test_client()
    browser.post("/account/enter", data={"login": made.login, "password": PASSWORD})
    return browser


def send(client: FlaskClient, town: Town, path: str, **form: object) -> TestResponse:
    page = client.get("/desk/import?lang=en").text
    token = re.search(r'name="form_token" value="([^"]+)"', page)
    assert token is not None
    data = {"form_token": token[1], "origin": town.runtime.identity.did, **form}
    return client.post(path, data=data, content_type="multipart/form-data", follow_redirects=True)


def file(text: str | bytes, name: str = "practices.csv") -> tuple[io.BytesIO, str]:
    return io.BytesIO(text.encode() if isinstance(text, str) else text), name


def published(town: Town) -> int:
    return sum(entry.type == "Practice" for entry in town.runtime.journal.records())


def test_the_first_practice_from_the_table_to_begin_from(town: Town, client: FlaskClient) -> None:
    table = client.get("/desk/import/template.csv")
    assert table.mimetype == "text/csv"
    looked = send(client, town, "/desk/import", file=file(table.data))
    assert "Bus on demand between villages" in looked.text
    assert "Publish 1 record" in looked.text
    assert published(town) == 0
    name = re.search(r'name="name" value="([^"]+)"', looked.text)
    assert name is not None
    done = send(client, town, "/desk/import/publish", name=name[1])
    assert "1 records were published." in done.text
    assert published(town) == 1
    again = send(client, town, "/desk/import/publish", name=name[1])
    assert "not kept any more" in again.text
    assert published(town) == 1


def test_every_finding_names_its_row_and_the_good_ones_are_kept(
    town: Town, client: FlaskClient
) -> None:
    rows = "title_en,licence,start\nGood,CC-BY-4.0,2024-01-01\nNo licence,,\n"
    looked = send(client, town, "/desk/import", file=file(rows))
    assert "Publish 1 record" in looked.text
    assert re.search(r"practices|[^<]*:3", looked.text)
    assert "licence" in looked.text.lower()
    name = re.search(r'name="name" value="([^"]+)"', looked.text)
    assert name is not None
    send(client, town, "/desk/import/publish", name=name[1])
    assert published(town) == 1


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "x.csv", "empty or larger"),
        (b"x" * 4_050_000, "x.csv", "empty or larger"),
        (b"a,b\n1,2\n", "x.csv", "title"),
        (b"\xff\xfe\x00", "x.csv", ""),
        (b"a", "x.exe", "ends in"),
        (b"a", "../../etc/passwd", "ends in"),
    ],
)
def test_what_cannot_be_read_is_said(
    town: Town, client: FlaskClient, content: bytes, name: str, said: str
) -> None:
    answer = send(client, town, "/desk/import", file=file(content, name))
    assert answer.status_code == 200
    assert said in answer.text
    assert published(town) == 0


@pytest.mark.parametrize("name", ["../../journal.sqlite3", "x" * 22 + ".csv", "", "a\x00b"])
def test_no_other_file_can_be_named(town: Town, client: FlaskClient, name: str) -> None:
    assert "not kept any more" in send(client, town, "/desk/import/publish", name=name).text


def test_a_file_is_kept_for_an_hour(town: Town, client: FlaskClient) -> None:
    send(client, town, "/desk/import", file=file("title_en\nA\n"))
    folder = town.runtime.settings.data / "uploads"
    (old,) = folder.iterdir()
    os.utime(old, (time.time() - 4000, time.time() - 4000))
    send(client, town, "/desk/import", file=file("title_en\nB\n"))
    assert old not in set(folder.iterdir())


def test_only_who_may_publish_imports(town: Town) -> None:
    assert town.client.get("/desk/import").status_code == 403
    assert town.client.post("/desk/import").status_code == 403
