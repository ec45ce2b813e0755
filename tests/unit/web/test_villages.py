"""Villages of a hub: profiles that stay on the node, what fits each, packs for paper."""

import re
from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from node.accounts.roles import EVERY_ORIGIN, Role
from node.services import villages
from node.services.errors import ServiceError
from node.services.hosted import add_origin
from node.services.indexer import follow_once
from tests.unit.web.test_editor import SignIn, send, sign_in
from tests.unit.web.towns import Town, practice

pytestmark = pytest.mark.integration
__all__ = ["sign_in"]

PROFILE = {"place": "Aldea", "population": "900", "country": "ES", "theme": "mobility"}
BUS = practice(
    "Bus on demand",
    theme=["mobility"],
    summary={"en": "A bus that comes when somebody calls."},
    place={"type": "Place", "name": {"en": "Lugo"}, "country": "ES", "population": 1_000},
    cost=[{"type": "Cost", "costKind": "setup", "amount": 50_000, "currency": "EUR"}],
    step=[{"type": "Step", "order": 1, "title": {"en": "Count the journeys"}}],
    condition=[
        {"conditionType": "legal", "description": {"en": "Power over transport"}, "essential": True}
    ],
)


@pytest.fixture
def town(build: Callable[..., Town]) -> Town:
    base = "https://hub.example"
    return build(base, organisation_uri=f"{base}/organisations/own")


def keep(client: FlaskClient, town: Town, name: str = "Aldea", **profile: str) -> None:
    query = urlencode({**PROFILE, **profile})
    origin = town.runtime.identity.did
    answer = send(client, "/desk/villages", name=name, query=query, origin=origin)
    assert answer.headers["Location"].endswith("/desk/villages")


def number(client: FlaskClient) -> str:
    found = re.search(r"/desk/villages/(\d+)/pack", client.get("/desk/villages").text)
    assert found is not None
    return found[1]


def test_a_profile_is_kept_from_the_page_that_shows_what_fits(town: Town, sign_in: SignIn) -> None:
    town.publish(BUS)
    client = sign_in(Role.EDITOR)
    assert "Keep this profile" in client.get(f"/fits?{urlencode(PROFILE)}").text
    assert "Keep this profile" not in town.page(f"/fits?{urlencode(PROFILE)}")
    keep(client, town)
    page = client.get("/desk/villages").text
    for words in ("Aldea", "Spain", "900 inhabitants", "Bus on demand", "theme=mobility"):
        assert words in page
    keep(client, town, population="800")  # the same name: a correction
    page = client.get("/desk/villages").text
    assert "800 inhabitants" in page
    assert page.count("Bus on demand") == 1


def test_a_pack_says_what_it_takes_without_the_network(town: Town, sign_in: SignIn) -> None:
    town.publish(BUS)
    client = sign_in(Role.EDITOR)
    keep(client, town)
    path = f"/desk/villages/{number(client)}/pack"
    page = client.get(path).text
    for words in ("Practices for", "Bus on demand", "€45,000", "Count the journeys", "Power over"):
        assert words in page
    answer = client.get(f"{path}?file=1")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "<style>" in answer.text
    assert not re.search(r'(?:src|href)="(?!#)', answer.text)  # one file, nothing to fetch


def test_the_same_need_is_named_once_for_several_villages(town: Town, sign_in: SignIn) -> None:
    client = sign_in(Role.EDITOR)
    keep(client, town, "Aldea")
    assert "The same need" not in client.get("/desk/villages").text
    keep(client, town, "Otra aldea")
    page = client.get("/desk/villages").text
    assert "The same need" in page
    assert "Aldea, Otra aldea" in page


def test_members_without_a_profile_are_offered(town: Town, sign_in: SignIn) -> None:
    hosted = add_origin(town.runtime, "Concello de Muras")
    follow_once(town.runtime)
    client = sign_in(Role.OWNER)
    page = client.get("/desk/villages").text
    assert "/fits?place=Concello+de+Muras" in page
    keep(client, town, "Concello de Muras")
    assert "Members without a profile" not in client.get("/desk/villages").text
    assert hosted.name == "Concello de Muras"


def test_a_village_sees_its_own_profile_only(town: Town, sign_in: SignIn) -> None:
    hosted = add_origin(town.runtime, "Muras")
    owner = sign_in(Role.OWNER)
    keep(owner, town, "Seen by the hub")
    hub_number = number(owner)
    send(
        owner, "/desk/villages", name="Muras", query=urlencode(PROFILE), origin=hosted.identity.did
    )
    client = sign_in(Role.EDITOR, hosted.identity.did)
    page = client.get("/desk/villages").text
    assert "Muras" in page
    assert "Seen by the hub" not in page
    assert client.get(f"/desk/villages/{hub_number}/pack").status_code == 404
    assert send(client, f"/desk/villages/{hub_number}/remove").status_code == 404


def test_a_visitor_sees_no_profile(town: Town, sign_in: SignIn) -> None:
    client = sign_in(Role.EDITOR)
    keep(client, town)
    for path in ("/desk/villages", f"/desk/villages/{number(client)}/pack"):
        answer = town.client.get(path)
        assert answer.status_code == 403
        assert "Aldea" not in answer.text


def test_a_profile_is_forgotten(town: Town, sign_in: SignIn) -> None:
    client = sign_in(Role.EDITOR)
    keep(client, town)
    send(client, f"/desk/villages/{number(client)}/remove")
    assert villages.villages(town.runtime).list([town.runtime.identity.did]) == []


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("", "population=900"),
        ("Aldea", ""),
        ("Aldea", "nonsense=1"),
        ("Aldea", "q=" + "a" * 3000),
        ("Aldea", "&".join(f"theme={n}" for n in range(300))),
    ],
)
def test_what_says_nothing_is_not_kept(town: Town, name: str, query: str) -> None:
    with pytest.raises(ServiceError):
        villages.keep(town.runtime, EVERY_ORIGIN, name, query)
