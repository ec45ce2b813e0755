"""The system's browser, and what must not happen in it."""

import shutil
from typing import Any

import pytest

pytest.importorskip("pytest_playwright", reason="pytest-playwright is not installed")
CHROMIUM = shutil.which("chromium")
if CHROMIUM is None:
    pytest.skip("there is no Chromium on this machine", allow_module_level=True)

from playwright.sync_api import BrowserContext, Page, expect  # noqa: E402

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Use the system's browser, which asks nobody for anything."""
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": FLAGS}


class Watch:
    """Notes what must not happen: console messages and requests to elsewhere."""

    def __init__(self, context: BrowserContext, base: str) -> None:
        self.seen: list[str] = []
        context.on("console", lambda message: self.seen.append(f"console: {message.text}"))
        context.on("weberror", lambda error: self.seen.append(f"error: {error.error}"))
        context.on(
            "request",
            lambda request: (
                None
                if request.url.startswith((base, "data:", "blob:"))
                else self.seen.append(f"request: {request.url}")
            ),
        )


def wait_for_map(page: Page) -> None:
    """Bring the map into view, which is when it is drawn."""
    box = page.locator("#map")
    if box.count():
        box.scroll_into_view_if_needed()
        expect(page.locator("#map .land").first).to_be_attached()


def faults_of(page: Page) -> list[tuple[str, list[Any]]]:
    """Return what axe finds on a page with everything unfolded: (rule, places)."""
    axe_module = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
    )
    wait_for_map(page)
    for summary in page.locator("details > summary").all():
        if summary.is_visible():
            summary.click()
    options = {"runOnly": RULES, "resultTypes": ["violations"]}
    found = axe_module.Axe().run(page, options=options).response["violations"]
    return [(item["id"], [node["target"] for node in item["nodes"]][:5]) for item in found]
