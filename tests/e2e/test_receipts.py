"""What scripts add to an observation: hints before it is sent, a code that is filled in."""

from collections.abc import Iterator

import pytest

from tests.nodes import Node, make_nodes, practice

from tests.e2e.browsing import browser_type_launch_args  # isort: skip
from playwright.sync_api import Browser, Request, expect  # isort: skip

pytestmark = pytest.mark.e2e
__all__ = ["browser_type_launch_args"]


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    (made,) = make_nodes(tmp_path_factory.mktemp("receipts"), "vallalta")
    made.publish(practice("Village bus"))
    made.start()
    yield made
    made.stop()


def test_a_code_is_filled_in_and_never_asked_for_in_an_address(
    node: Node, browser: Browser
) -> None:
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    requests: list[Request] = []

    def keep(one: Request) -> None:
        requests.append(one)

    page.on("request", keep)
    page.goto(node.url + "/practices?q=village+bus")
    page.locator(".card a").first.click()
    page.locator("a[href*='/observe?']").click()
    page.locator("input[name='kind']").first.check()
    page.locator("#text").fill("On 2026-03-02 I rang 982 123 456 or write to a@mail.example.")
    page.locator("#consent").check()
    page.locator("#observation button").click()
    note = page.locator(".note.problem")
    expect(note).to_contain_text("an e-mail address: a@mail.example")
    expect(note).to_contain_text("a phone number: 982 123 456")
    assert not [one for one in requests if one.method == "POST"]  # pointed out before it is sent
    note.get_by_role("button").click()
    code = page.locator(".receipt").inner_text()
    link = page.locator("a[href*='#'][href*='receipt']")
    page.goto(link.get_attribute("href") or "")
    expect(page.locator("#code")).to_have_value(code)
    assert page.url == node.url + "/observe/receipt"  # nobody reads it from the screen or history
    page.get_by_role("button", name="Look it up").click()
    expect(page.get_by_text("Received; somebody will look at it")).to_be_visible()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save the receipt as a file").click()
    assert code in saved.value.path().read_text("utf-8")
    for one in requests:
        sent = (one.url.partition("#")[0], one.headers.get("referer", ""))
        assert code not in "".join(sent), one.url
    context.close()
