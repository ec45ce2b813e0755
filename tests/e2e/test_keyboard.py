"""Publish, repeat and observe with the keyboard alone; the focus can be seen all the way."""

from collections.abc import Iterator

import pytest

from tests.nodes import Node, make_nodes, practice

from tests.e2e.browsing import browser_type_launch_args  # isort: skip
from playwright.sync_api import Browser, Page, expect  # isort: skip

pytestmark = pytest.mark.e2e
__all__ = ["browser_type_launch_args"]

PASSWORD = "quiet herons walk down slowly"
_MOST = 400
_SEEN = """() => {
  const style = getComputedStyle(document.activeElement);
  return style.outlineStyle !== "none" || style.boxShadow !== "none";
}"""


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    (made,) = make_nodes(tmp_path_factory.mktemp("keyboard"), "vallalta")
    made.publish(practice("Village bus", theme=["mobility"]))
    made.start()
    yield made
    made.stop()


def reach(page: Page, selector: str) -> None:
    """Press the tabulator until something has the focus, and demand that one can see it there."""
    for _press in range(_MOST):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            assert page.evaluate(_SEEN), f"the focus on {selector} cannot be seen"
            return
    raise AssertionError(f"the keyboard does not reach {selector}")


def press(page: Page, selector: str) -> None:
    """Go to a link or button and press it; wait for the page that follows."""
    reach(page, selector)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def write(page: Page, selector: str, text: str) -> None:
    """Go to an input and type."""
    reach(page, selector)
    page.keyboard.press("Control+A")
    page.keyboard.type(text)


def choose(page: Page, selector: str, value: str) -> None:
    """Go to a list and step through it with the arrows."""
    reach(page, selector)
    page.keyboard.press("Home")
    for _press in range(_MOST):
        if page.evaluate("() => document.activeElement.value") == value:
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"{selector} does not come to {value}")


def tick(page: Page, selector: str) -> None:
    """Go to a box and tick it."""
    reach(page, selector)
    page.keyboard.press("Space")
    assert page.evaluate("() => document.activeElement.checked")


def sign_in(page: Page, node: Node) -> None:
    login = f"k{id(page)}@vallalta.example"
    made = node.ok("user", "add", login, "--role", "owner", "--json")
    page.goto(made.json["link"])
    write(page, "#password", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="My desk", level=1)).to_be_visible()


def test_an_officer_publishes_with_the_keyboard(node: Node, browser: Browser) -> None:
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    sign_in(page, node)
    choose(page, "#type", "BestPractice")
    press(page, "main form.in-line button")
    for name, text in {
        "#f-title-en": "A market that comes to the villages",
        "#f-summary-en": "A van with fresh food stops in every square once a week.",
        "#f-problem-en": "The last shop had closed.",
        "#f-solution-en": "Four farms share a van and a driver.",
    }.items():
        write(page, name, text)
    tick(page, "[name='/theme'][value='food-agriculture']")
    write(page, "#f-place-name-en", "Vallalta")
    choose(page, "#f-place-country", "ES")
    write(page, "#f-startDate", "2024-03-01")
    write(page, "#f-result-0-indicator-en", "Customers a week")
    write(page, "#f-result-0-value", "130")
    choose(page, "#f-evidenceLevel", "monitored")
    choose(page, "#f-maturity", "operational")
    write(page, "#f-contact-email", "market@vallalta.example")
    press(page, "button[value='publish']")
    expect(page.get_by_role("heading", level=1)).to_have_text("A market that comes to the villages")
    context.close()


def test_an_officer_repeats_a_practice_with_the_keyboard(node: Node, browser: Browser) -> None:
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    sign_in(page, node)
    page.goto(node.url + "/practices?q=village+bus")
    press(page, ".card a")
    press(page, "a[href*='/repeat?']")
    write(page, "#population", "1900")
    page.keyboard.press("Enter")
    page.wait_for_url("**population=1900*")
    press(page, "form[method='post'] button.button")
    write(page, "input[id^='f-place-name-']", "Valverde")
    choose(page, "#f-place-country", "ES")
    press(page, "button[value='publish']")
    expect(page.get_by_text("Published. Other nodes get it")).to_be_visible()
    context.close()


def test_a_citizen_observes_with_the_keyboard(node: Node, browser: Browser) -> None:
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    page.goto(node.url + "/practices?q=village+bus")
    press(page, ".card a")
    press(page, "a[href*='/observe?']")
    reach(page, "input[type='radio']")
    page.keyboard.press("Space")
    write(page, "#text", "On Saturdays nobody answers the telephone.")
    tick(page, "input[name='consent'], #consent")
    press(page, "main form button")
    expect(page.locator(".receipt")).to_be_visible()
    context.close()
