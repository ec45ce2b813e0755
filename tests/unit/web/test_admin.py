"""Administration in the browser: who gets in, forged forms, and what the forms do."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from federation.identity import SigningKey
from federation.places import new_identity
from federation.records import Peer, PeerState
from federation.words import in_words
from node.app import create_app
from node.services import operator
from node.services.alerts import followed
from node.services.shown import shown_of
from tests.unit.web.towns import Town

pytestmark = pytest.mark.integration

HTML = {"Accept": "text/html"}


def token_of(town: Town) -> str:
    return operator.new_link(town.runtime.settings).partition("token=")[2]


def form_token(client: FlaskClient) -> str:
    found = re.search(r'name="form_token" value="([^"]+)"', client.get("/admin").text)
    assert found is not None
    return found[1]


@pytest.fixture
def client(town: Town) -> FlaskClient:
    """The operator's browser."""
    browser = create_app(town.runtime).test_client()
    answer = browser.post("/admin/enter", data={"token": token_of(town)})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/admin")
    return browser


def send(client: FlaskClient, path: str, **form: object) -> TestResponse:
    """Send a form of ours and follow to the page that it leads to."""
    data = {"form_token": form_token(client), **form}
    return client.post(path, data=data, follow_redirects=True)


@pytest.fixture
def peer(town: Town) -> Peer:
    """A village that asks to join, so that no network is needed to accept it."""
    own = new_identity(town.base)
    return town.runtime.peers.add(
        own.base, did=own.did, key=own.key.public_multikey, name="Aldea <b>"
    )


def test_strangers_see_how_to_get_in_and_nothing_else(town: Town, peer: Peer) -> None:
    for path in ("/admin", f"/admin/peers/{peer.id}"):
        answer = town.client.get(path, headers=HTML)
        assert answer.status_code == 403
        assert "lonja admin link" in answer.text
        assert "Aldea" not in answer.text
        assert answer.headers["Cache-Control"] == "no-store"
    for path in ("/admin/peers", f"/admin/peers/{peer.id}/remove", "/admin/join", "/admin/leave"):
        assert town.client.post(path, data={"url": "https://x.example"}).status_code == 403
    assert town.runtime.peers.list() == [peer]
    assert "Administration" not in town.page("/")


def test_a_link_is_good_once(town: Town) -> None:
    token = token_of(town)
    assert "eight hours" in town.page(f"/admin/enter?token={token}")
    assert "eight hours" in town.page(f"/admin/enter?token={token}")  # looking does not use it up
    first, second = (create_app(town.runtime).test_client() for _ in range(2))
    assert first.post("/admin/enter", data={"token": token}).status_code == 303
    assert first.get("/admin").status_code == 200
    assert second.post("/admin/enter", data={"token": token}).status_code == 200
    assert second.get("/admin").status_code == 403


@pytest.mark.parametrize("token", ["", "x", "..", "WyJhIl0.aaaa.bbbb"])
def test_a_forged_link_opens_nothing(town: Town, token: str) -> None:
    town.client.post("/admin/enter", data={"token": token})
    assert town.client.get("/admin").status_code == 403


def test_a_link_of_another_node_opens_nothing(town: Town, build: Callable[..., Town]) -> None:
    other = build("https://other.example")
    town.client.post("/admin/enter", data={"token": token_of(other)})
    assert town.client.get("/admin").status_code == 403


def test_an_old_link_opens_nothing(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    token = token_of(town)
    monkeypatch.setattr(operator, "LINK_SECONDS", -1)
    town.client.post("/admin/enter", data={"token": token})
    assert town.client.get("/admin").status_code == 403


def test_the_cookie_cannot_be_read_by_scripts_nor_sent_along_by_others(town: Town) -> None:
    answer = town.client.post("/admin/enter", data={"token": token_of(town)})
    cookie = answer.headers["Set-Cookie"]
    assert all(word in cookie for word in ("HttpOnly", "SameSite=Lax", "Secure"))


def test_readers_get_no_cookie(town: Town) -> None:
    for path in ("/", "/practices", "/network", "/join", "/admin/enter"):
        assert "Set-Cookie" not in town.client.get(path, headers=HTML).headers


def test_a_forged_form_does_nothing(client: FlaskClient, town: Town, peer: Peer) -> None:
    for forged in ("", "x" * 32):
        path = f"/admin/peers/{peer.id}/remove"
        assert client.post(path, data={"form_token": forged}).status_code == 400
    assert town.runtime.peers.list() == [peer]
    send(client, f"/admin/peers/{peer.id}/remove")
    assert town.runtime.peers.list() == []


def test_after_leaving_nothing_is_open(client: FlaskClient) -> None:
    send(client, "/admin/leave")
    assert client.get("/admin").status_code == 403


def test_a_peer_is_accepted_by_the_words_that_were_heard(
    client: FlaskClient, town: Town, peer: Peer
) -> None:
    page = client.get("/admin").text
    assert "Aldea &lt;b&gt;" in page
    path = f"/admin/peers/{peer.id}/accept"
    wrong = in_words(SigningKey.generate().public_multikey)
    refused = send(client, path, fingerprint=wrong, role="member")
    assert "misheard" in refused.text
    assert town.runtime.peers.get(peer.id).state is PeerState.PENDING
    send(client, path, fingerprint=in_words(peer.key).upper(), role="member")
    assert town.runtime.peers.get(peer.id).state is PeerState.ACCEPTED
    (membership,) = town.runtime.journal.records(record_type="Membership")
    assert peer.did.encode() in membership.body


def test_schedule_and_filter_are_set_and_mistakes_are_told(
    client: FlaskClient, town: Town, peer: Peer
) -> None:
    send(client, f"/admin/peers/{peer.id}/accept", fingerprint=in_words(peer.key))
    place = f"/admin/peers/{peer.id}"
    assert "five fields" in send(client, f"{place}/schedule", cron="at night").text
    assert "no number" in send(client, f"{place}/schedule", minutes="often").text
    send(client, f"{place}/schedule", minutes="30", megabytes="1.5")
    changed = town.runtime.peers.get(peer.id)
    assert (changed.interval_seconds, changed.daily_bytes) == (1800, 1_500_000)
    send(
        client,
        f"{place}/filter",
        language=["es", "pt"],
        settlement="village",
        country="es, pt",
        quota="500",
    )
    shown = shown_of(town.runtime.peers.get(peer.id))
    assert (shown.language, shown.country, shown.quota) == (("es", "pt"), ("ES", "PT"), 500)
    assert "two capital letters" in send(client, f"{place}/filter", country="Spain").text
    send(client, f"{place}/suspend", hide="1")
    assert town.runtime.peers.get(peer.id).state is PeerState.SUSPENDED
    assert shown_of(town.runtime.peers.get(peer.id)).hidden


def test_alerts_are_settled(client: FlaskClient, town: Town) -> None:
    town.runtime.journal.alert("equivocation", "did:web:x.example", "<script>number 3</script>")
    page = client.get("/admin").text
    assert "&lt;script&gt;number 3" in page
    (alert,) = town.runtime.journal.alerts()
    send(client, f"/admin/alerts/{alert.id}")
    assert town.runtime.journal.alerts() == []


def test_an_address_inside_is_not_looked_up(client: FlaskClient, town: Town) -> None:
    for url in ("http://127.0.0.1:1/", "https://127.0.0.1:1/", "file:///etc/passwd", "nonsense"):
        assert 'role="alert"' in send(client, "/admin/peers", url=url).text
        assert 'role="alert"' in send(client, "/admin/join", url=url).text
    assert town.runtime.peers.list() == []


def test_how_to_join_is_said_to_everybody(town: Town) -> None:
    page = town.page("/join")
    assert f"lonja join {town.base}" in page
    assert in_words(town.runtime.identity.key.public_multikey) in page


def test_searches_are_followed_and_forgotten(town: Town, client: FlaskClient) -> None:
    hook = "https://lugo.example/hook?<b>"
    page = send(
        client,
        "/admin/searches",
        query=f"{town.base}/practices?theme=mobility&lang=es",
        target=hook,
        every="weekly",
    ).text
    assert "https://lugo.example/hook?&lt;b&gt;" in page
    assert "every week" in page
    (alert,) = followed(town.runtime).list()
    assert (alert.wanted.query, alert.wanted.language) == ("theme=mobility", "es")
    assert (alert.wanted.channel, alert.wanted.target) == ("webhook", hook)
    send(client, f"/admin/searches/{alert.id}/send")
    (due,) = followed(town.runtime).list()
    assert due.next_at is not None
    assert due.next_at <= town.runtime.clock()
    assert alert.token not in client.get("/admin").text
    send(client, f"/admin/searches/{alert.id}/remove")
    assert followed(town.runtime).list() == []


def test_a_search_that_cannot_be_followed_is_told(town: Town, client: FlaskClient) -> None:
    for query, target, said in (
        ("bus", "ana", "no e-mail address"),
        ("bus", "ana@lugo.example", "No mail server"),
        ("?theme=mobilty", "https://lugo.example/", "is no theme"),
        ("bus", "http://127.0.0.1:1/", "must be https"),
    ):
        answer = send(client, "/admin/searches", query=query, target=target, every="daily")
        assert 'role="alert"' in answer.text
        assert said in answer.text
    forged = {"query": "bus", "target": "https://lugo.example/", "every": "daily"}
    assert client.post("/admin/searches", data=forged).status_code == 400
    assert send(client, "/admin/searches", **{**forged, "every": "often"}).status_code == 400
    assert town.client.post("/admin/searches", data=forged).status_code == 403
    assert town.client.post("/admin/searches/1/remove").status_code == 403
    assert followed(town.runtime).list() == []
