"""The import wizard: looking first, deciding then, nothing lost and nothing left behind."""

import csv
import io
import json
import os
import re
import time
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from node.accounts.roles import Role
from node.app import create_app
from node.services import accounts, drafts
from node.services.accounts import COMMAND, Invitation
from node.services.imports.rows import convert
from tests.unit.web.towns import Town, practice
from vocab.validate import check

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
    untouched = send(client, town, "/desk/import", file=file(table.data))
    assert "Publish" not in untouched.text
    assert "so it was left out" in untouched.text
    filled = re.sub(r"EXAMPLE[^;]*", "", table.text)
    looked = send(client, town, "/desk/import", file=file(filled))
    assert "Bus on demand between villages" in looked.text
    assert "What was noticed" not in looked.text
    assert "Publish 1 record" in looked.text
    assert published(town) == 0
    name = re.search(r'name="name" value="([^"]+)"', looked.text)
    assert name is not None
    done = send(client, town, "/desk/import/publish", name=name[1])
    assert "1 record was published." in done.text
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
    old = set(folder.iterdir())
    for one in old:
        os.utime(one, (time.time() - 4000, time.time() - 4000))
    send(client, town, "/desk/import", file=file("title_en\nB\n"))
    assert not old & set(folder.iterdir())


def test_only_who_may_publish_imports(town: Town) -> None:
    assert town.client.get("/desk/import").status_code == 403
    assert town.client.post("/desk/import").status_code == 403


def test_the_table_to_begin_from_speaks_the_language_of_the_page_and_fills_a_practice(
    town: Town, client: FlaskClient
) -> None:
    for language in ("en", "es", "fr", "de", "it", "pt"):
        table = client.get(f"/desk/import/template.csv?lang={language}").data.decode("utf-8-sig")
        header, example = csv.reader(io.StringIO(table), delimiter=";")
        row = dict(zip(header[1:], example[1:], strict=True))
        converted = convert({**row}, "row")
        assert converted.findings == []
        assert converted.document["theme"] == ["mobility", "health-care"]
        own = town.runtime.settings.organisation_uri
        document = {**converted.document, "type": "BestPractice", "publisher": own}
        assert [one for one in check(document, authoring=True) if one.severity == "violation"] == []


def test_the_first_rows_are_shown_field_by_field(town: Town, client: FlaskClient) -> None:
    head = "title_en;themes;place;population;result;source;source_id;licence\n"
    rows = "".join(
        f"Bus {number};mobility;Lugo;4120;Trips;Lugo;{number};CC-BY-4.0\n" for number in range(25)
    )
    page = send(
        client, town, "/desk/import", file=file(head + rows, "offices/catalogue of Lugo.csv")
    )
    assert "<bdi>catalogue of Lugo.csv</bdi>" in page.text
    assert page.text.count("<details><summary><bdi>Bus ") == 20
    assert "Row 2<" in page.text
    assert "Row 21<" in page.text
    first = page.text[page.text.index("Bus 0") : page.text.index("Bus 1<")]
    for said in (
        "Themes",
        "Mobility and transport",
        "Inhabitants",
        "4,120",
        "Indicator",
        "Licence",
    ):
        assert said in first
    assert "targetGroup" not in first


def test_what_was_noticed_is_put_together_by_cause(town: Town, client: FlaskClient) -> None:
    head = "title_en,licence,country,source_id,credit\n"
    rows = "A,CC-BY-4.0,Atlantis,1,x\nB,,ES,2,x\nC,CC-BY-4.0,Utopia,3,x\nD,CC-BY-4.0,Atlantis,4,x\n"
    page = send(client, town, "/desk/import", file=file(head + rows)).text
    noticed = page[page.index('id="findings"') : page.index('id="gaps"')]
    assert noticed.count("3 times") == 1
    assert "Rows: 2, 5" in noticed
    assert "Rows: 4" in noticed
    assert noticed.index("refused") < noticed.index("3 times")
    name = re.search(r'name="name" value="([^"]+)"', page)
    assert name is not None
    assert name[1] not in noticed.replace(f"name={name[1]}", "")
    done = send(client, town, "/desk/import/publish", name=name[1], called="practices.csv").text
    assert "Rows: 2, 5" in done
    assert "practices.csv" in done


def test_all_that_was_noticed_is_a_table_that_no_spreadsheet_runs(
    town: Town, client: FlaskClient
) -> None:
    rows = 'title_en,licence,=colour,country\nA,CC-BY-4.0,"=HYPERLINK(1)",=cmd\n' + "B,,,\n" * 300
    page = send(client, town, "/desk/import?lang=es", file=file(rows, "=evil.csv")).text
    link = re.search(r'href="(/desk/import/findings.csv[^"]+)"', page)
    assert link is not None
    address = link[1].replace("&amp;", "&")
    table = client.get(address)
    assert table.mimetype == "text/csv"
    lines = list(csv.reader(io.StringIO(table.data.decode("utf-8-sig"))))
    assert lines[0] == ["file", "row", "field", "severity", "message", "fix"]
    assert len(lines) > 600
    assert {line[0] for line in lines[1:]} == {"'=evil.csv"}
    assert {line[1] for line in lines[1:]} == {str(number) for number in range(2, 303)}
    assert not [cell for line in lines for cell in line if cell.startswith(("=", "+", "@"))]
    assert town.client.get(address).status_code == 403
    wrong = client.get(address.replace("name=", "lang=en&name=x"), follow_redirects=True)
    assert "not kept any more" in wrong.text
    elsewhere = re.sub("origin=[^&]+", "origin=did:web:other.example", address)
    assert client.get(elsewhere).status_code == 404


def test_records_in_json_ld_of_our_own_are_published_as_they_are(
    town: Town, client: FlaskClient
) -> None:
    documents = [practice("Bus", theme=["mobility"]), practice("Garden")]
    data = json.dumps(documents).encode()
    page = send(client, town, "/desk/import", file=file(data, "records.json"))
    assert "Publish 2 records" in page.text
    name = re.search(r'name="name" value="([^"]+)"', page.text)
    assert name is not None
    send(client, town, "/desk/import/publish", name=name[1], called="records.json")
    assert published(town) == 2


def test_an_editor_keeps_rows_as_drafts_and_publishes_nothing(town: Town) -> None:
    wanted = Invitation("e@lugo.example", "E", Role.EDITOR)
    made = accounts.add_account(town.runtime, COMMAND, wanted)
    accounts.choose_password(town.runtime, made, PASSWORD)
    editor = create_app(town.runtime).test_client()
    editor.post("/account/enter", data={"login": made.login, "password": PASSWORD})
    table = "title_en,summary_en,themes\nBenches,Where old people rest,mobility\nNo summary,,\n"
    page = send(editor, town, "/desk/import", file=file(table)).text
    assert "Keep 2 rows as drafts" in page
    assert "/desk/import/publish" not in page
    name = re.search(r'name="name" value="([^"]+)"', page)
    assert name is not None
    denied = send(editor, town, "/desk/import/publish", name=name[1])
    assert denied.status_code == 403
    desk = send(editor, town, "/desk/import/drafts", name=name[1]).text
    assert "2 drafts were kept" in desk
    held = drafts.drafts(town.runtime).list([town.runtime.identity.did])
    assert {str(one.body["title"]) for one in held} == {"{'en': 'Benches'}", "{'en': 'No summary'}"}
    assert {one.body["lead"] for one in held} == {"https://lugo.example/organisations/own"}
    assert published(town) == 0


def test_rows_become_drafts_of_their_own_records_and_never_twice(
    town: Town, client: FlaskClient
) -> None:
    table = (
        "title_en,source,source_id,url,licence,credit\nBenches,Other,1,https://o.example/1,%s,O\n"
    )
    first = table % "CC-BY-4.0"
    page = send(client, town, "/desk/import", file=file(first)).text
    name = re.search(r'name="name" value="([^"]+)"', page)
    assert name is not None
    send(client, town, "/desk/import/publish", name=name[1])
    assert published(town) == 1

    def keep(text: str) -> str:
        page = send(client, town, "/desk/import", file=file(text)).text
        found = re.search(r'name="name" value="([^"]+)"', page)
        return send(client, town, "/desk/import/drafts", name=found[1]).text if found else ""

    assert "drafts were kept" not in keep(first).replace("0 drafts were kept", "")
    keep(first.replace("Benches", "Better benches"))
    keep(first.replace("Benches", "Better benches"))
    (draft,) = drafts.drafts(town.runtime).list([town.runtime.identity.did])
    (entry,) = (one for one in town.runtime.journal.records() if one.type == "Practice")
    assert (draft.record, draft.based_on) == (entry.uri, entry.digest)
    assert draft.body["title"] == {"en": "Better benches"}


def test_a_practice_of_somebody_else_is_not_claimed_by_a_draft(
    town: Town, client: FlaskClient
) -> None:
    rows = (
        "title_en,source,source_id,url\nTheirs,Other,1,https://o.example/1\nNo licence either,,,\n"
    )
    page = send(client, town, "/desk/import", file=file(rows)).text
    name = re.search(r'name="name" value="([^"]+)"', page)
    assert name is not None
    send(client, town, "/desk/import/drafts", name=name[1])
    held = drafts.drafts(town.runtime).list([town.runtime.identity.did])
    theirs = next(one.body for one in held if one.body["title"] == {"en": "Theirs"})
    assert not {"lead", "contact", "place", "license"} & set(theirs)


def test_a_row_of_a_type_that_nobody_knows_becomes_no_draft(
    town: Town, client: FlaskClient
) -> None:
    context = "https://w3id.org/lonja/context/v1"
    lines = [{"@context": context, "type": "Foo", "title": {"en": "x"}, "identifier": "1"}]
    lines += [{**lines[0], "type": ["BestPractice", "Adaptation"], "identifier": "2"}]
    data = json.dumps(lines)
    page = send(client, town, "/desk/import", file=file(data, "x.jsonld")).text
    name = re.search(r'name="name" value="([^"]+)"', page)
    assert name is not None
    send(client, town, "/desk/import/drafts", name=name[1])
    held = drafts.drafts(town.runtime).list([town.runtime.identity.did])
    assert [one.type for one in held] == ["Adaptation"]
    assert client.get(f"/desk/drafts/{held[0].key}").status_code == 200
