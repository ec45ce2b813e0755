"""The import wizard in a real browser: readable on a telephone, without scripts, for everybody."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.nodes import Node, make_nodes

from tests.e2e.browsing import Watch, browser_type_launch_args, faults_of  # isort: skip
from playwright.sync_api import Browser, expect  # isort: skip

pytestmark = pytest.mark.e2e
__all__ = ["browser_type_launch_args"]

PASSWORD = "quiet herons walk down slowly"
LONG = "a" * 200
TABLE = (
    "title_en;themes;place;country;start;licence;source;source_id;links;what nobody knows\n"
    "Bus;mobility | bus;Lugo;Atlantis;01/03/2024;CC-BY-4.0;Lugo;1;https://a.example/" + LONG + ";\n"
    "Garden;water;Lugo;Utopia;2024;CC-BY-4.0;Lugo;2;;" + LONG + "\n"
    "No licence;water;Lugo;ES;;;Lugo;3;;\n"
)


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    (made,) = make_nodes(tmp_path_factory.mktemp("importing"), "vallalta")
    made.start()
    yield made
    made.stop()


@pytest.mark.parametrize(("width", "theme"), [(320, "light"), (1280, "dark")])
def test_the_wizard_is_for_everybody(
    node: Node, browser: Browser, tmp_path: Path, width: int, theme: str
) -> None:
    context = browser.new_context(
        locale="en-GB", viewport={"width": width, "height": 700}, color_scheme=theme
    )  # type: ignore[arg-type]  # one of the two schemes
    page = context.new_page()
    login = f"i{width}{theme}@vallalta.example"
    page.goto(node.ok("user", "add", login, "--role", "owner", "--json").json["link"])
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="My desk", level=1)).to_be_visible()
    watch = Watch(context, node.url)
    page.goto(node.url + "/desk/import")
    assert faults_of(page) == []
    name = ("catalogue " * 6).strip() + ".csv"
    (tmp_path / name).write_text(TABLE, "utf-8")
    page.set_input_files("#file", tmp_path / name)
    page.get_by_role("button", name="See what would become of it").click()
    expect(page.get_by_text(name)).to_be_visible()
    assert faults_of(page) == []
    expect(page.get_by_text("Mobility and transport").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert watch.seen == []
    context.close()


def test_the_wizard_needs_no_scripts(node: Node, browser: Browser, tmp_path: Path) -> None:
    context = browser.new_context(locale="en-GB", java_script_enabled=False)
    page = context.new_page()
    page.goto(
        node.ok("user", "add", "n@vallalta.example", "--role", "owner", "--json").json["link"]
    )
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="My desk", level=1)).to_be_visible()
    page.goto(node.url + "/desk/import")
    (tmp_path / "catalogue.csv").write_text(TABLE, "utf-8")
    page.set_input_files("#file", tmp_path / "catalogue.csv")
    page.get_by_role("button", name="See what would become of it").click()
    page.locator("summary", has_text="Bus").first.click()
    expect(page.get_by_text("Mobility and transport").first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="All of it as a table (CSV)").click()
    assert "Atlantis" in Path(download.value.path()).read_text("utf-8-sig")
    page.get_by_role("button", name="Publish 2 records").click()
    expect(page.get_by_text("2 records were published.")).to_be_visible()
    context.close()
