"""Writing by programs: tokens, versions that were seen, repeated requests, refusals."""

import json
from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pytest
from werkzeug.test import TestResponse

from node.accounts.roles import Role
from node.app import create_app
from node.services import accounts
from node.services.accounts import COMMAND, Invitation, NewToken
from node.services.hosted import add_origin
from tests.unit.web.towns import Town, practice

pytestmark = pytest.mark.integration

RECORDS = "/api/v1/records"


@pytest.fixture
def town(build: Callable[..., Town]) -> Town:
    """A node with an organisation."""
    return build("https://lugo.example", organisation_uri="https://lugo.example/organisations/own")


def make_token(town: Town, role: Role = Role.REVIEWER, scope: str = "publish", **more: Any) -> str:
    login = f"{role}{len(accounts.accounts(town.runtime).list())}@lugo.example"
    made = accounts.add_account(town.runtime, COMMAND, Invitation(login, "", role, **more))
    return accounts.new_token(town.runtime, COMMAND, made, NewToken("x", [scope], 1, **more))


@pytest.fixture
def token(town: Town) -> str:
    """A token that may publish."""
    return make_token(town)


def call(
    town: Town, method: str, path: str, token: str, body: object = None, **headers: str
) -> TestResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return town.client.open(
        path,
        method=method,
        data=json.dumps(body) if body is not None else None,
        headers={
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/ld+json",
            **named,
        },
    )


def test_a_program_publishes_changes_and_withdraws(town: Town, token: str) -> None:
    made = call(town, "POST", RECORDS, token, practice("A bench"))
    assert made.status_code == 201
    uri = made.json["uri"]
    assert made.headers["Location"] == uri
    name = uri.rpartition("/")[2]
    etag = made.headers["ETag"]
    body = {**practice("A better bench")}
    changed = call(town, "PUT", f"{RECORDS}/{name}", token, body, If_Match=etag)
    assert (changed.status_code, changed.json["version"], changed.json["changed"]) == (200, 2, True)
    same = call(town, "PUT", f"{RECORDS}/{name}", token, body, If_Match=changed.headers["ETag"])
    assert (same.status_code, same.json["version"], same.json["changed"]) == (200, 2, False)
    path = f"{RECORDS}/{name}?reason=It+broke"
    gone = call(town, "DELETE", path, token, If_Match=same.headers["ETag"])
    assert gone.status_code == 200
    assert "It broke" in town.client.get(f"/practices/{name}", headers={"Accept": "text/html"}).text


def test_whoever_did_not_see_the_newest_version_changes_nothing(town: Town, token: str) -> None:
    made = call(town, "POST", RECORDS, token, practice("A bench"))
    path = f"{RECORDS}/{made.json['uri'].rpartition('/')[2]}"
    blind = call(town, "PUT", path, token, practice("Blind"))
    assert blind.status_code == 428
    first = call(town, "PUT", path, token, practice("First"), If_Match=made.headers["ETag"])
    late = call(town, "PUT", path, token, practice("Late"), If_Match=made.headers["ETag"])
    assert late.status_code == 412
    assert late.headers["ETag"] == first.headers["ETag"]
    entry = town.runtime.journal.current(made.json["uri"])
    assert entry is not None
    assert b"First" in entry.body


def test_of_two_at_the_same_moment_one_wins(town: Town, token: str) -> None:
    made = call(town, "POST", RECORDS, token, practice("A bench"))
    path = f"{RECORDS}/{made.json['uri'].rpartition('/')[2]}"
    app, gate, codes = create_app(town.runtime), Barrier(4), []

    def change(number: int) -> None:
        gate.wait()
        headers = {"Authorization": f"Bearer {token}", "If-Match": made.headers["ETag"]}
        answer = app.test_client().put(path, json=practice(f"Number {number}"), headers=headers)
        codes.append(answer.status_code)

    threads = [Thread(target=change, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [200, 412, 412, 412]


def test_a_repeated_request_is_answered_as_before(town: Town, token: str) -> None:
    key = {"Idempotency_Key": "a-key"}
    first = call(town, "POST", RECORDS, token, practice("Once"), **key)
    again = call(town, "POST", RECORDS, token, practice("Once"), **key)
    assert (again.status_code, again.json) == (201, first.json)
    assert again.headers["Location"] == first.headers["Location"]
    other = call(town, "POST", RECORDS, token, practice("Another"), **key)
    assert other.status_code == 422
    elsewhere = make_token(town)  # a key belongs to its token
    assert call(town, "POST", RECORDS, elsewhere, practice("Mine"), **key).status_code == 201
    assert call(town, "POST", RECORDS, token, {}, Idempotency_Key="x" * 201).status_code == 400


@pytest.mark.parametrize(
    ("given", "status"), [("", 401), ("lonja_wrong", 401), ("é", 401), ("x" * 10_000, 401)]
)
def test_without_a_token_nothing_is_written(town: Town, given: str, status: int) -> None:
    headers = {"Authorization": f"Bearer {given}"} if given.isascii() else {}
    answer = town.client.post(RECORDS, json=practice("No"), headers=headers)
    assert answer.status_code == status
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.content_type == "application/problem+json"


def test_a_token_has_its_scope_and_its_origin_only(town: Town) -> None:
    reading = make_token(town, scope="read")
    answer = call(town, "POST", RECORDS, reading, practice("No"))
    assert answer.status_code == 403
    assert 'scope="publish"' in answer.headers["WWW-Authenticate"]
    village = add_origin(town.runtime, "Aldea").identity.did
    token = make_token(town, origin=village)
    assert call(town, "POST", RECORDS, token, practice("No")).status_code == 403
    path = f"{RECORDS}?origin={village}"
    made = call(town, "POST", path, token, practice("Of the village"))
    assert made.status_code == 201
    assert "/n/" in made.json["uri"]
    name = made.json["uri"].rpartition("/")[2]
    changed = call(town, "PUT", f"{RECORDS}/{name}", token, practice("New"), If_Match="*")
    assert changed.json["version"] == 2


def test_refusals_say_where_and_how_to_mend(town: Town, token: str) -> None:
    wrong = practice("x", startDate="soon", titel={"en": "x"})
    answer = call(town, "POST", f"{RECORDS}?lang=es", token, wrong)
    assert answer.status_code == 422
    pointers = {item["pointer"] for item in answer.json["errors"]}
    assert {"/startDate", "/titel"} <= pointers
    assert all(item["fix"] or item["message"] for item in answer.json["errors"])
    for data in (b"{", b"[]", b"\xff", b"null"):
        broken = town.client.post(
            RECORDS,
            data=data,
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )
        assert broken.status_code == 422
        assert broken.json["errors"]
    plain = call(town, "POST", RECORDS, token, {}, Content_Type="text/plain")
    assert plain.status_code == 415


def test_what_is_not_there_or_not_ours(town: Town, token: str) -> None:
    assert call(town, "PUT", f"{RECORDS}/nothing", token, {}, If_Match="*").status_code == 404
    unknown = call(town, "POST", f"{RECORDS}?origin=did:web:x.example", token, practice("x"))
    assert unknown.status_code == 404
    made = call(town, "POST", RECORDS, token, practice("Here"))
    taken = call(town, "POST", RECORDS, token, {**practice("Here"), "id": made.json["uri"]})
    assert taken.status_code == 409
    foreign = {**practice("x"), "id": "https://other.example/practices/1"}
    assert call(town, "POST", RECORDS, token, foreign).status_code == 422
