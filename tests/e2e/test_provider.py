"""Signing in with an OpenID provider, in a real browser and against a running node."""

from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

pytest.importorskip("authlib", reason="the extra 'oidc' is not installed")

from tests.nodes import Node, make_nodes
from tests.unit.web.providers import CLIENT, SECRET, Handler, Provider

from tests.e2e.browsing import Watch, browser_type_launch_args, faults_of  # isort: skip
from playwright.sync_api import Browser, expect  # isort: skip

pytestmark = pytest.mark.e2e
__all__ = ["browser_type_launch_args"]


@pytest.fixture
def provider() -> Iterator[Provider]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    claims = {"email": "ana@lugo.example", "email_verified": True}
    found = Provider(f"http://127.0.0.1:{server.server_port}", claims=claims)
    server.provider = found  # type: ignore[attr-defined]
    Thread(target=server.serve_forever, daemon=True).start()
    yield found
    server.shutdown()
    server.server_close()


@pytest.fixture
def node(tmp_path: Path, provider: Provider) -> Iterator[Node]:
    (made,) = make_nodes(tmp_path, "lugo")
    made.allow = [*made.allow, provider.address.removeprefix("http://")]
    with (made.data / "lonja.toml").open("a", encoding="utf-8") as settings:
        settings.write(f'oidc_issuer = "{provider.address}"\noidc_client_id = "{CLIENT}"\n')
        settings.write(f'oidc_client_secret = "{SECRET}"\noidc_name = "City login"\n')
    made.ok("user", "add", "ana@lugo.example", "--role", "editor")
    made.start()
    yield made
    made.stop()


def test_the_login_of_the_town_leads_to_the_desk(
    node: Node, provider: Provider, browser: Browser
) -> None:
    context = browser.new_context(locale="en-GB", java_script_enabled=False)
    page = context.new_page()
    page.goto(node.url + "/desk")
    page.get_by_role("link", name="Sign in with City login").click()
    expect(page.get_by_role("heading", name="My desk", level=1)).to_be_visible()
    assert page.url == node.url + "/desk"
    page.goto(node.url + "/account")
    expect(page.get_by_text("ana@lugo.example").first).to_be_visible()
    context.close()


def test_who_was_not_invited_is_told_so(node: Node, provider: Provider, browser: Browser) -> None:
    provider.claims = {"email": "eva@lugo.example", "email_verified": True, "sub": "2"}
    context = browser.new_context(locale="es-ES")
    watch = Watch(context, node.url)
    page = context.new_page()
    page.goto(node.url + "/account/enter")
    page.get_by_role("link", name="City login").click()
    expect(page.get_by_text("Nadie le ha invitado")).to_be_visible()
    assert faults_of(page) == []
    assert [one for one in watch.seen if provider.address not in one and "403" not in one] == []
    context.close()
