"""Texts that are meant to run in somebody's browser are shown as texts, wherever they are shown."""

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser

import pytest
from flask.testing import FlaskClient

from node.accounts.roles import Role
from node.app import create_app
from node.services import accounts, drafts, moderation, observations
from node.services.accounts import COMMAND, Invitation
from node.services.indexer import follow_once
from node.services.observations import Said
from tests.unit.web.conftest import build
from tests.unit.web.towns import Town, practice
from vocab.terms import JsonObject

pytestmark = pytest.mark.abuse
__all__ = ["build"]

PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg onload=alert(1)>",
    "</textarea><script>alert(1)</script>",
    "</title></script><script>alert(1)</script>",
    "{{ 7 * 7 }}{% raw %}",
    "javascript:alert(1)",
    "\u202e<b onclick=alert(1)>",
)
PASSWORD = "four quiet herons landing"


class Scanner(HTMLParser):
    """Notes whatever a browser would run."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.data_block = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = dict(attrs)
        if tag == "script":
            self.data_block = held.get("type") == "application/ld+json"
            if not self.data_block and not (held.get("src") or "").startswith("/static/"):
                self.found.append(f"script {held}")
        for name, value in attrs:
            plain = re.sub(r"[\s\x00-\x20]", "", value or "").lower()
            leads = name in ("href", "src", "action", "formaction")
            if name.startswith("on") or (leads and plain.startswith(("javascript:", "data:text"))):
                self.found.append(f"{tag} {name}={value}")
        if tag in ("iframe", "object", "embed", "base"):
            self.found.append(tag)


def everything(payload: str) -> JsonObject:
    """Return a practice that says the same everywhere."""
    text = {"en": payload, "es": payload}
    return {
        **practice("x"),
        **dict.fromkeys(("title", "summary", "problem", "solution", "description"), text),
        **dict.fromkeys(("difficulty", "lesson", "coreElement", "adaptable", "legalBasis"), text),
        "keyword": {"en": [payload]},
        "place": {"name": text, "region": payload, "country": "ES", "population": 9},
        "step": [{"order": 1, "title": text, "description": text}],
        "result": [{"indicator": text, "unit": payload, "value": 1.0, "measureMethod": text}],
        "condition": [{"conditionType": payload, "description": text, "essential": True}],
        "cost": [{"amount": 5, "currency": payload[:3], "costKind": payload}],
        "contact": {"contactName": payload, "email": payload, "contactPage": payload},
        "asset": [{"title": text, "url": payload, "mediaType": payload}],
        "theme": [payload], "targetGroup": [payload], "sdg": [payload], "commitment": [payload],
        "seeAlso": [payload], "landingPage": payload, "lead": payload, "partner": [payload],
        "organisationName": [payload], "credit": payload, "stage": payload, "maturity": payload,
        "evidenceLevel": payload, "language": [payload], "adaptedFrom": [payload],
    }  # fmt: skip


@pytest.fixture
def town(build: Callable[..., Town]) -> Town:
    """A node with an organisation."""
    own = "https://lugo.example/organisations/own"
    return build("https://lugo.example", organisation_uri=own)


@pytest.fixture
def owner(town: Town) -> FlaskClient:
    """The browser of an owner whose name is a payload."""
    wanted = Invitation("x@lugo.example", PAYLOADS[1], Role.OWNER)
    made = accounts.add_account(town.runtime, COMMAND, wanted)
    accounts.choose_password(town.runtime, made, PASSWORD)
    client = create_app(town.runtime).test_client()
    client.post("/account/enter", data={"login": made.login, "password": PASSWORD})
    return client


def pages(town: Town, payload: str) -> Iterator[str]:
    """Yield the pages that show what somebody wrote."""
    (entry,) = town.publish(everything(payload))
    path = entry.uri.removeprefix(town.base)
    runtime, did = town.runtime, town.runtime.identity.did
    draft = drafts.keep(runtime, COMMAND, everything(payload), did)
    drafts.comment(runtime, COMMAND, draft, payload)
    said = Said(entry.uri, did, "idea", payload, "en", "2026-01")
    found = observations.by_code(runtime, observations.receive(runtime, said))
    assert found is not None
    waiting = observations.by_code(runtime, observations.receive(runtime, said))
    assert waiting is not None
    moderation.publish(runtime, COMMAND, found, payload)
    follow_once(runtime)
    yield from (path, f"{path}?view=plain", f"/compare?uri={entry.uri}", f"/repeat?uri={entry.uri}")
    yield from ("/", "/practices", "/practices?q=alert", "/statistics", "/desk")
    yield from (f"/observe?uri={entry.uri}", "/observations", "/fits?population=9")
    yield from (f"/desk/drafts/{draft.key}{tail}" for tail in ("", "?step=repeat", "?step=people"))
    yield from (f"/desk/drafts/{draft.key}?step=proof", f"/desk/drafts/{draft.key}/preview")
    yield from ("/desk/observations", f"/desk/observations/{waiting.id}")
    yield from (f"/desk/observations/{found.id}", "/account", "/admin/accounts", "/admin/audit")


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_that_somebody_wrote_runs(town: Town, owner: FlaskClient, payload: str) -> None:
    for path in pages(town, payload):
        answer = owner.get(path, headers={"Accept": "text/html"})
        assert answer.status_code == 200, path
        scanner = Scanner()
        scanner.feed(answer.text)
        assert scanner.found == [], path
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"], path
        assert "49" not in re.findall(r"<h1[^>]*>(.*?)</h1>", answer.text, re.DOTALL), path


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_that_somebody_asks_for_runs(town: Town, payload: str) -> None:
    for path in ("/practices", "/fits", "/compare", "/repeat", "/observe", "/account/enter"):
        for name in ("q", "uri", "place", "next", "lang", "theme", "sort", payload):
            answer = town.client.get(path, query_string={name: payload})
            assert answer.status_code < 500, (path, name)
            scanner = Scanner()
            scanner.feed(answer.text)
            assert scanner.found == [], (path, name)
