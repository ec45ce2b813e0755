"""What somebody with a role for one village, or with none, can do to the node: no more."""

import io
import re
import select
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient

from federation.identity import SigningKey
from federation.records import OriginStanding
from node.accounts.roles import Holder, Role, Scope
from node.app import create_app
from node.services import accounts, drafts
from node.services.accounts import COMMAND, Invitation, NewToken
from node.services.hosted import acting_as, add_origin
from node.services.personal import hints
from node.services.publish import Submission, publish_one
from node.web.bodies import MOST
from tests.nodes import make_nodes
from tests.unit.web.conftest import build
from tests.unit.web.towns import Town, practice
from vocab.outward import withheld
from vocab.terms import CONTEXT_URL

pytestmark = pytest.mark.abuse

__all__ = ["build"]

PASSWORD = "four quiet herons landing"


def account_of(town: Town, role: Role, origin: str = "") -> Any:
    login = f"{role}{origin[-6:]}@x.example"
    made = accounts.add_account(town.runtime, COMMAND, Invitation(login, "A", role, origin))
    assert accounts.choose_password(town.runtime, made, PASSWORD) == ""
    return accounts.accounts(town.runtime).by_login(login)


def browser(town: Town, account: Any) -> FlaskClient:
    client = create_app(town.runtime).test_client()
    client.post("/account/enter", data={"login": account.login, "password": PASSWORD})
    return client


def form_token(client: FlaskClient) -> str:
    found = re.search(r'name="form_token" value="([^"]+)"', client.get("/account").text)
    assert found is not None
    return found[1]


def bearer(town: Town, account: Any) -> dict[str, str]:
    wanted = NewToken("t", [str(Scope.PUBLISH)], 9)
    secret = accounts.new_token(town.runtime, account_holder(account), account, wanted)
    return {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}


def account_holder(account: Any) -> Any:
    return Holder(account.id, account.login, account.name, account.roles)


def membership(member: str = "did:web:stranger.example") -> dict[str, object]:
    return {
        "@context": CONTEXT_URL,
        "type": "Membership",
        "memberDid": member,
        "memberBase": "https://" + member.removeprefix("did:web:"),
        "memberRole": "member",
        "memberKey": SigningKey.generate().public_multikey,
    }


@pytest.mark.parametrize("declared", ["Membership", ["Membership"], "Tombstone", "KeyRotation"])
def test_a_token_signs_nothing_that_only_the_node_signs(
    build: Callable[..., Town], declared: object
) -> None:
    town = build()
    (entry,) = town.publish(practice("A bench"))
    headers = bearer(town, account_of(town, Role.OWNER))
    before = town.runtime.journal.position()
    document = orjson.dumps({**membership(), "type": declared, "erases": [1]})
    assert town.client.post("/api/v1/records", data=document, headers=headers).status_code == 403
    path = "/api/v1/records/" + entry.uri.rpartition("/")[2]
    changed = town.client.put(path, data=document, headers={**headers, "If-Match": "*"})
    assert changed.status_code == 403
    assert town.runtime.journal.position() == before


def test_nobody_at_the_desk_touches_a_membership(build: Callable[..., Town]) -> None:
    town = build()
    signed = publish_one(town.runtime, Submission("", membership()))
    assert not signed.refused, signed.findings
    owner = account_of(town, Role.OWNER)
    client = browser(town, owner)
    token = form_token(client)
    form = {"form_token": token, "uri": signed.uri, "act": "erase", "sure": "1"}
    assert client.post("/desk/end", data=form).status_code == 404
    client.post("/desk/change", data={"form_token": token, "uri": signed.uri})
    assert drafts.drafts(town.runtime).of_record(signed.uri) is None
    name = signed.uri.rpartition("/")[2]
    headers = {**bearer(town, owner), "If-Match": "*"}
    assert town.client.delete(f"/api/v1/records/{name}", headers=headers).status_code == 404


def test_a_hosted_village_vouches_for_nobody(build: Callable[..., Town]) -> None:
    town = build()
    village = acting_as(town.runtime, add_origin(town.runtime, "Alfa").identity.did)
    signed = publish_one(village, Submission("", membership()))
    assert not signed.refused, signed.findings
    stranger = town.runtime.journal.origin("did:web:stranger.example")
    assert stranger is None or stranger.standing is not OriginStanding.INTRODUCED
    own = publish_one(town.runtime, Submission("", membership("did:web:member.example")))
    assert not own.refused
    member = town.runtime.journal.origin("did:web:member.example")
    assert member is not None
    assert member.standing is OriginStanding.INTRODUCED


def test_a_draft_that_is_published_many_times_at_once_is_one_record(
    build: Callable[..., Town],
) -> None:
    town = build(organisation_uri="https://vallalta.example/organisations/own")
    owner = account_of(town, Role.OWNER)
    body = practice("Once only")
    draft = drafts.keep(town.runtime, account_holder(owner), body, town.runtime.identity.did)
    before = town.runtime.journal.count()
    clients = [browser(town, owner) for _ in range(4)]
    tokens = [form_token(client) for client in clients]

    def publish(number: int) -> int:
        form = {"form_token": tokens[number], "revision": str(draft.revision)}
        return clients[number].post(f"/desk/drafts/{draft.key}/publish", data=form).status_code

    with ThreadPoolExecutor(4) as pool:
        codes = set(pool.map(publish, range(4)))
    assert codes <= {303, 404}
    assert town.runtime.journal.count() == before + 1


def with_a_file(town: Town) -> tuple[FlaskClient, str, str]:
    """Publish a record that offers a file; return an owner's browser, its URI and the file's path.

    Before the record is public, nobody but the desk has the file.
    """
    owner = account_of(town, Role.OWNER)
    client, did = browser(town, owner), town.runtime.identity.did
    draft = drafts.keep(town.runtime, account_holder(owner), practice("With a file"), did)
    file = {"file": (io.BytesIO(b"a;canary\n"), "plan.csv"), "form_token": form_token(client)}
    client.post(f"/desk/drafts/{draft.key}/files", data=file)
    found = drafts.drafts(town.runtime).find(draft.key)
    assert found is not None
    address = re.search(rb'"(?:https://vallalta.example)(/files/[^"]+)"', orjson.dumps(found.body))
    assert address is not None
    link = address[1].decode()
    assert town.client.get(link).status_code == 404
    form = {"form_token": form_token(client), "revision": "2"}
    page = client.post(f"/desk/drafts/{draft.key}/publish", data=form).headers["Location"]
    return client, town.base + page, link


def test_erasing_takes_drafts_and_files_along(build: Callable[..., Town]) -> None:
    town = build(organisation_uri="https://vallalta.example/organisations/own")
    client, uri, link = with_a_file(town)
    with town.client.get(link) as given:
        assert given.headers["Cache-Control"].startswith("public")
    client.post("/desk/change", data={"form_token": form_token(client), "uri": uri})
    assert drafts.drafts(town.runtime).of_record(uri) is not None
    form = {"form_token": form_token(client), "uri": uri, "act": "erase", "sure": "1"}
    assert client.post("/desk/end", data=form).status_code == 303
    assert drafts.drafts(town.runtime).of_record(uri) is None
    files = (town.runtime.settings.data / "files").rglob("*")
    assert [file for file in files if file.is_file()] == []
    assert client.get(link).status_code == 404


def test_a_withdrawn_file_is_for_the_desk_only(build: Callable[..., Town]) -> None:
    town = build(organisation_uri="https://vallalta.example/organisations/own")
    client, uri, link = with_a_file(town)
    form = {"form_token": form_token(client), "uri": uri, "act": "retract"}
    assert client.post("/desk/end", data=form).status_code == 303
    assert town.client.get(link).status_code == 404
    with client.get(link) as given:
        assert given.headers["Cache-Control"] == "no-store"


def test_pages_of_somebody_s_own_stay_in_no_cache(build: Callable[..., Town]) -> None:
    town = build()
    (entry,) = town.publish(practice("A bench", theme=["mobility"]))
    page = entry.uri.removeprefix(town.base)
    client = browser(town, account_of(town, Role.OWNER))
    mine = client.get(page, headers={"Accept": "text/html", "Accept-Encoding": "gzip"})
    assert "no-store" in mine.headers["Cache-Control"]
    assert "ETag" not in mine.headers
    assert "Content-Encoding" not in mine.headers
    public = town.client.get(page, headers={"Accept": "text/html"})
    assert "ETag" in public.headers
    for path in ("/account/password?link=x", "/admin/enter?token=x", "/observe/receipt"):
        assert town.client.get(path).headers["Cache-Control"] == "no-store", path
    sent = town.client.post("/observe", data={"uri": entry.uri})
    assert sent.headers["Cache-Control"] == "no-store"


def test_limits_count_each_visitor_behind_a_proxy(build: Callable[..., Town]) -> None:
    town = build()
    form = {"login": "nobody@x.example", "password": "wrong"}

    def codes(where: str, forwarded: str, times: int) -> set[int]:
        return {
            town.client.post(
                "/account/enter",
                data=form,
                headers={"X-Forwarded-For": forwarded},
                environ_base={"REMOTE_ADDR": where},
            ).status_code
            for _ in range(times)
        }

    assert 429 in codes("127.0.0.1", "198.51.100.7", 12)
    assert 429 not in codes("127.0.0.1", "198.51.100.8", 5)
    assert 429 in codes("127.0.0.1", "203.0.113.9, 198.51.100.7", 1)  # the last one counts
    assert 429 in codes("192.0.2.1", "198.51.100.9", 12)
    assert 429 in codes("192.0.2.1", "198.51.100.10", 1)  # a stranger's word counts for nothing
    assert 429 in codes("2001:db8::1", "", 12)
    assert 429 in codes("2001:db8::2", "", 1)  # the same network


def test_the_old_password_is_not_guessed_in_a_session(build: Callable[..., Town]) -> None:
    town = build()
    client = browser(town, account_of(town, Role.OWNER))
    token = form_token(client)
    for _ in range(30):
        form = {"form_token": token, "old": "wrong", "new": "another fine password"}
        client.post("/account", data=form)
    form["old"] = PASSWORD
    client.post("/account", data=form)
    assert accounts.sign_in(town.runtime, "owner@x.example", form["new"]) in list(accounts.Refused)


def test_looking_for_personal_data_ends_whatever_is_sent() -> None:
    text = " ".join(f"a{number}@b{number}.example" for number in range(30_000))
    assert len(hints(text)) == 20
    assert hints("x " * 20_000 + "late@b.example") == []  # no form takes a text as long as that


def test_no_person_hides_among_languages_or_in_lists_of_lists() -> None:
    person = {"type": "Person", "name": "Canary"}
    for value in ({"x": person}, {"x": [person]}, {"x": [[person]]}):
        assert withheld({"type": "Practice", "summary": value}, own=False) == "no-person"
    assert withheld({"type": "Practice", "partner": [[person]]}, own=False) == "no-person"


@pytest.mark.timeout(120)
def test_whoever_sends_slowly_keeps_no_reader_out(tmp_path: Path) -> None:
    (node,) = make_nodes(tmp_path, "slow")
    node.start()
    sockets = []
    try:
        for _ in range(MOST + 8):
            one = socket.create_connection(("127.0.0.1", node.port), timeout=5)
            one.sendall(
                b"POST /observe HTTP/1.1\r\nHost: x\r\nContent-Length: 9000\r\n"
                b"Content-Type: application/x-www-form-urlencoded\r\n\r\ntext="
            )
            sockets.append(one)
        time.sleep(1)
        answers: list[int] = []
        threads = [
            threading.Thread(target=lambda: answers.append(node.get("/healthz")[0]))
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert answers == [200] * 4
        answered = select.select(sockets, [], [], 30)[0]  # those that were too many
        assert answered
        assert all(b" 503 " in one.recv(4096) for one in answered)
    finally:
        for one in sockets:
            one.close()
        node.stop()


@pytest.mark.parametrize("declared", ["Membership", ["Membership"], "Tombstone", "ConsentRecord"])
def test_no_file_brings_in_what_only_the_node_signs(
    build: Callable[..., Town], declared: object
) -> None:
    town = build(organisation_uri="https://vallalta.example/organisations/own")
    client = browser(town, account_of(town, Role.OWNER))
    token, did = form_token(client), town.runtime.identity.did
    document = orjson.dumps({**membership(), "type": declared, "identifier": "x", "erases": [1]})
    file = (io.BytesIO(document), "one.jsonld")
    form = {"form_token": token, "origin": did, "file": file}
    page = client.post("/desk/import?lang=en", data=form)
    assert page.status_code == 200
    assert "Only the node itself" in page.text
    name = re.search(r"name=([\w-]+\.jsonld)", page.text)
    assert name is not None
    before = town.runtime.journal.position()
    for act in ("publish", "drafts"):
        form = {"form_token": token, "origin": did, "name": name[1]}
        assert client.post(f"/desk/import/{act}", data=form).status_code in (200, 303)
    assert town.runtime.journal.position() == before
    assert drafts.drafts(town.runtime).list([did]) == []


def test_a_draft_of_what_the_node_signs_is_not_published(build: Callable[..., Town]) -> None:
    town = build()
    owner = account_of(town, Role.OWNER)
    did = town.runtime.identity.did
    draft = drafts.keep(town.runtime, account_holder(owner), membership(), did)
    client = browser(town, owner)
    form = {"form_token": form_token(client), "revision": str(draft.revision)}
    client.post(f"/desk/drafts/{draft.key}/publish", data=form)
    assert town.runtime.journal.count() == 0


def test_visitors_in_ipv6_clothes_are_told_apart(build: Callable[..., Town]) -> None:
    town = build()
    form = {"login": "nobody@x.example", "password": "wrong"}

    def code(where: str, forwarded: str = "") -> int:
        return town.client.post(
            "/account/enter",
            data=form,
            headers={"X-Forwarded-For": forwarded} if forwarded else {},
            environ_base={"REMOTE_ADDR": where},
        ).status_code

    assert 429 in {code("::ffff:198.51.100.1") for _ in range(12)}
    assert code("::ffff:198.51.100.2") != 429
    assert 429 in {code("::ffff:127.0.0.1", "198.51.100.3") for _ in range(12)}
    assert code("127.0.0.1", "198.51.100.4") != 429
