"""Every page can be found by following links from the first one, and no link leads nowhere."""

import re
from collections import Counter
from html import unescape
from urllib.parse import urljoin, urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from node.accounts.roles import Role
from node.app import create_app
from node.services import accounts
from node.services.accounts import COMMAND, Invitation
from tests.samples import DOCUMENTS
from tests.unit.web.towns import Town, practice
from vocab.terms import CONTEXT_URL

pytestmark = pytest.mark.integration

PASSWORD = "four quiet herons landing"
ACCEPT = "text/html,application/xhtml+xml,*/*;q=0.8"
FOR_EVERYBODY = {
    *("/practices", "/fits", "/challenges", "/network", "/about", "/privacy", "/accessibility"),
    *("/statistics", "/developers", "/ns", "/compare", "/repeat", "/family", "/observe"),
    *(
        "/join",
        "/account/enter",
        "/observe/receipt",
        "/feed.atom",
        "/recognition-criteria",
        "/clusters/of/<did>",
    ),
}
FOR_OWNERS = {
    *("/account", "/desk", "/desk/import", "/desk/observations", "/desk/villages"),
    *("/desk/quality", "/desk/commitments", "/desk/end", "/admin", "/admin/accounts"),
    *("/admin/audit", "/desk/observations/by-hand"),
}
_OF_ONE_KIND = 4


@pytest.fixture
def full(town: Town) -> Town:
    """A node with a record of every type, and an adaptation."""
    (bus,) = town.publish(practice("Night bus", theme=["mobility"]))
    town.publish(
        practice("Bus elsewhere", type="Adaptation", adaptedFrom=[bus.uri], stage="piloting"),
        *DOCUMENTS.values(),
        {
            "@context": CONTEXT_URL,
            "type": "Membership",
            "memberDid": "did:web:lugo.example",
            "memberKey": town.runtime.identity.key.public_multikey,
            "memberRole": "member",
        },
    )
    return town


def owner(town: Town) -> FlaskClient:
    made = accounts.add_account(town.runtime, COMMAND, Invitation("o@x.example", "", Role.OWNER))
    accounts.choose_password(town.runtime, made, PASSWORD)
    client = create_app(town.runtime).test_client()
    client.post("/account/enter", data={"login": made.login, "password": PASSWORD})
    return client


def crawl(client: FlaskClient) -> tuple[set[str], list[str]]:
    """Return the rules that links lead to, and the links that lead nowhere."""
    urls = client.application.url_map.bind("x")
    found: Counter[tuple[str, str]] = Counter()
    broken, seen, ahead = [], set(), ["/"]
    while ahead:
        address = ahead.pop()
        if address in seen:
            continue
        seen.add(address)
        try:
            rule = urls.match(urlsplit(address).path, "GET", return_rule=True)[0].rule
        except (HTTPException, RequestRedirect):
            broken.append(address)
            continue
        kind = address.split("/")[1].split("?")[0]
        found[rule, kind] += 1
        if found[rule, kind] > _OF_ONE_KIND:
            continue
        answer = client.get(address, headers={"Accept": ACCEPT})
        if answer.status_code >= 400:
            broken.append(f"{address}: {answer.status_code}")
        if answer.mimetype == "text/html":
            for link in re.findall(r'<a [^>]*href="([^"]+)"', answer.text):
                where = urljoin(f"https://vallalta.example{address}", unescape(link))
                if where.startswith("https://vallalta.example/"):
                    ahead.append(where.removeprefix("https://vallalta.example").split("#")[0])
    return {rule for rule, _kind in found}, broken


def test_every_page_is_found_by_its_links(full: Town) -> None:
    found, broken = crawl(full.client)
    assert set() == FOR_EVERYBODY - found
    assert broken == []
    assert not found & FOR_OWNERS


def test_owners_find_their_pages_too(full: Town) -> None:
    found, broken = crawl(owner(full))
    assert set() == (FOR_OWNERS | FOR_EVERYBODY) - {"/account/enter"} - found
    assert broken == []
