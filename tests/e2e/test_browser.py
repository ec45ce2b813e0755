"""The pages in a real browser: with and without scripts, and as axe judges them."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from federation.identity import did_of
from node.settings import LANGUAGES, PSEUDO
from tests.nodes import Node, free_port, make_nodes, practice
from tests.samples import DOCUMENTS

from tests.e2e.browsing import Watch, browser_type_launch_args, faults_of, wait_for_map  # isort: skip
from playwright.sync_api import Browser, Page, expect  # isort: skip

pytestmark = pytest.mark.e2e
__all__ = ["browser_type_launch_args"]


@dataclass
class Site:
    """A running node and the paths of some of its pages."""

    node: Node
    record: str
    pages: dict[str, str] = field(default_factory=dict)


def records(base: str) -> list[dict[str, Any]]:
    place = {"type": "Place", "name": {"es": "Vallalta"}, "country": "ES", "population": 4120,
             "settlement": "village", "lat": 43.01, "long": -7.55}  # fmt: skip
    bus = practice(
        "Village bus on demand",
        summary={"es": "Los vecinos rediseñaron las líneas como servicio reservable."},
        problem={"en": "Fixed lines ran empty."},
        solution={"en": "Stops are served when booked."},
        theme=["mobility", "health-care"],
        place=place,
        cost=[{"type": "Cost", "costKind": "setup", "amount": 38000, "currency": "EUR"}],
        result=[
            {
                "type": "Result",
                "indicator": {"en": "Trips to the health centre"},
                "baseline": 92.0,
                "value": 187.0,
            }
        ],
        step=[{"type": "Step", "order": 1, "title": {"en": "Map missed trips"}}],
        keyword={"en": ["rural bus"]},
        seeAlso=["https://example.org/bus"],
    )
    bus["title"]["es"] = "Autobús rural a demanda"
    workshop = practice("", theme=["water"]) | {"title": {"es": "Taller de reparación"}}
    rest = [
        practice("Roof solar for tenants", theme=["energy"], place=place | {"lat": 41.1}),
        workshop,
        *[practice(f"Practice number {number}", theme=["governance"]) for number in range(30)],
    ]
    return [bus, *rest]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    node, other = make_nodes(tmp_path_factory.mktemp("browser"), "vallalta", "lugo")
    file = node.data / "lonja.toml"
    every = ", ".join(f'"{code}"' for code in (*LANGUAGES, PSEUDO))
    file.write_text(re.sub("languages = .*", f"languages = [{every}]", file.read_text()))
    uris = node.publish(*records(node.url))
    record = uris[0].removeprefix(node.url)
    place = {"type": "Place", "name": {"es": "Valverde"}, "country": "ES"}
    adaptation = practice(
        "Bus in the next valley",
        type="Adaptation",
        adaptedFrom=[uris[0]],
        stage="piloting",
        place=place,
        lead=f"{node.url}/organisations/own",
    )
    node.publish(adaptation)
    observation = DOCUMENTS["CitizenObservation"] | {"about": uris[0]}
    observed, bought = node.publish(observation, DOCUMENTS["ProcurementModel"])
    wanted = {key: text for key, text in DOCUMENTS["Challenge"].items() if key != "closes"}
    (asked,) = node.publish(wanted)
    (offered,) = node.publish(DOCUMENTS["Proposal"] | {"answers": asked, "implementedAs": uris[0]})
    hook = ("--webhook", "https://lugo.example/hook", "--json")
    stop = node.ok("alert", "add", "practice", *hook).json["stop"].removeprefix(node.url)
    other.start()
    node.ok("peer", "add", other.url, "--accept", "--json")
    node.ok("harvest", "--json")
    node.start()
    pages = {"home": "/", "results": "/practices?q=practice&theme=governance", "record": record,
             "none": "/practices?q=zeppelin", "fits": "/fits",
             "fitting": "/fits?place=Chaves&country=PT&budget=20000&lacks=legal",
             "network": "/network", "ledger": "/network/runs/1",
             "organisations": "/organisations", "missing": "/practices/missing",
             "challenges": "/challenges", "challenge": asked.removeprefix(node.url),
             "proposal": offered.removeprefix(node.url),
             "observation": observed.removeprefix(node.url),
             "procurement": bought.removeprefix(node.url), "vocabulary": "/ns",
             "term": "/ns/problem", "list": "/cs/theme", "join": "/join",
             "peer": "/network/peers/1", "door": "/admin/enter", "enter": "/account/enter",
             "repeat": f"/repeat?uri={uris[0]}&population=1900", "receipt": "/observe/receipt",
             "family": f"/family?uri={uris[0]}",
             "developers": "/developers", "statistics": "/statistics",
             "compare": f"/compare?uri={uris[0]}&uri={uris[1]}", "plain": f"{record}?view=plain",
             "observe": f"/observe?uri={uris[0]}", "password": "/account/password?link=old",
             "stop": stop, "clusters": "/clusters", "criteria": "/recognition-criteria",
             "cluster": f"/clusters/of/{quote(did_of(node.url), safe='')}",
             "choosing": f"/practices?q=practice&compare={uris[0]}&compare={uris[1]}",
             "privacy": "/privacy", "statement": "/accessibility",
             "history": f"/history?uri={uris[0]}"}  # fmt: skip
    yield Site(node, record, pages)
    node.stop()
    other.stop()


OPERATOR = {
    "admin": "/admin",
    "terms": "/admin/peers/1",
    "accounts": "/admin/accounts",
    "audit": "/admin/audit",
    "desk": "/desk",
    "observations": "/desk/observations",
    "by-hand": "/desk/observations/by-hand",
    "villages": "/desk/villages",
    "pack": "/desk/villages/1/pack",
    "quality": "/desk/quality",
    "commitments": "/desk/commitments",
    "kept": "/admin/privacy",
    "import": "/desk/import",
}
"""Pages of the operator."""


def let_in(page: Page, node: Node) -> None:
    """Make a browser the operator's, by the link that the command prints."""
    page.goto(node.ok("admin", "link", "--json").json["link"])
    page.locator("main form button").click()


def begin_a_draft(page: Page, site: Site) -> dict[str, str]:
    """Begin a practice and an adaptation, and return the paths of what is to be seen of them."""
    page.goto(site.node.url + "/desk")
    page.locator("#type").select_option("BestPractice")
    page.locator("main form button").first.click()
    draft = urlsplit(page.url).path
    page.locator("button[value=save]").last.click()  # findings are shown from then on
    page.goto(site.node.url + site.pages["repeat"])
    page.locator("main form").last.locator("button").click()
    return {
        "editor": f"{draft}?checked=1",
        "proof": f"{draft}?step=proof",
        "preview": f"{draft}/preview",
        "adapting": urlsplit(page.url).path,
        "end": f"/desk/end?uri={site.node.url}{site.record}",
    }


def keep_a_village(page: Page, node: Node) -> None:
    """Keep the profile of a village, which is replaced when it is there already."""
    page.goto(node.url + "/fits?place=Aldea&population=900&country=ES&theme=mobility")
    page.locator("details:has(#keep-name) > summary").click()
    page.locator("form:has(#keep-name) button").click()


def test_a_person_searches_opens_and_reads_a_practice(site: Site, browser: Browser) -> None:
    context = browser.new_context(locale="en-GB")
    watch = Watch(context, site.node.url)
    page = context.new_page()
    page.goto(site.node.url)
    page.get_by_role("combobox", name="Search practices").fill("village transport bus")
    page.get_by_role("combobox", name="Search practices").fill("village bus")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Village bus on demand", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Village bus on demand")
    expect(page.get_by_text("€38,000")).to_be_visible()
    expect(page.get_by_role("link", name="Bus in the next valley")).to_be_visible()
    assert watch.seen == []
    context.close()


def test_filters_work_without_scripts(site: Site, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(site.node.url + "/practices")
    page.get_by_label("Energy").check()
    page.get_by_role("button", name="Show results").click()
    expect(page.get_by_role("heading", name="1 practice")).to_be_visible()
    expect(page.get_by_role("link", name="Roof solar for tenants", exact=True)).to_be_visible()
    assert "theme=energy" in page.url
    page.get_by_role("link", name="Remove: Energy").click()
    expect(page.get_by_role("heading", name="34 practices")).to_be_visible()
    page.get_by_role("link", name="Next", exact=True).click()
    assert "page=2" in page.url
    page.get_by_label("Language", exact=True).select_option("es")
    page.get_by_role("button", name="Change").click()
    expect(page.get_by_role("heading", name="34 prácticas")).to_be_visible()
    assert "page=2" in page.url
    context.close()


def test_scripts_only_make_it_quicker(site: Site, browser: Browser) -> None:
    context = browser.new_context(locale="en-GB")
    watch = Watch(context, site.node.url)
    page = context.new_page()
    page.goto(site.node.url + "/practices")
    wait_for_map(page)
    page.evaluate("window.same = true")
    page.get_by_label("Energy").check()
    expect(page.get_by_role("heading", name="1 practice")).to_be_visible()
    assert page.evaluate("window.same")
    assert page.evaluate("document.activeElement.value") == "energy"
    assert "theme=energy" in page.url
    page.get_by_label("Governance and participation").check()
    expect(page.get_by_role("heading", name="31 practices")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="1 practice")).to_be_visible()
    expect(page.get_by_label("Governance and participation")).not_to_be_checked()
    page.reload()
    expect(page.get_by_role("heading", name="1 practice")).to_be_visible()
    assert watch.seen == []
    context.close()


def test_the_map_shows_the_found_records(site: Site, browser: Browser) -> None:
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    page.goto(site.node.url + "/practices?q=bus")
    wait_for_map(page)
    pins = page.locator(".pin")
    expect(pins).to_have_count(1)
    pins.first.focus()
    page.keyboard.press("Enter")
    page.locator(".pin-list a", has_text="Village bus").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Village bus on demand")
    context.close()


def test_the_keyboard_reaches_everything(site: Site, browser: Browser) -> None:
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    page.goto(site.node.url + "/practices")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to main content"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.type("solar")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="1 practice")).to_be_visible()
    context.close()


EVERY_LOOK = list(product(("en", "es", PSEUDO), ("light", "dark"), (1280, 390)))
LOOKS = [
    *(("en", "light", 1280), ("es", "dark", 390)),
    *((PSEUDO, "light", 390), (PSEUDO, "dark", 1280)),
]
"""Each scheme and width, and each direction of writing; `LONJA_TEST_LOOKS=all` takes every one."""


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("language", "scheme", "width"),
    EVERY_LOOK if os.environ.get("LONJA_TEST_LOOKS") == "all" else LOOKS,
)
def test_axe_finds_nothing(
    site: Site, browser: Browser, language: str, scheme: str, width: int
) -> None:
    context = browser.new_context(
        color_scheme=scheme,  # type: ignore[arg-type]
        viewport={"width": width, "height": 900},
        locale=language,
    )
    watch = Watch(context, site.node.url)
    page = context.new_page()
    let_in(page, site.node)
    faults = {}
    keep_a_village(page, site.node)
    drafts = begin_a_draft(page, site)
    for name, path in site.pages.items() | OPERATOR.items() | drafts.items():
        page.goto(site.node.url + path)
        found = faults_of(page)
        if found:
            faults[name] = found
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
    assert faults == {}
    assert [seen for seen in watch.seen if "404" not in seen] == []
    context.close()


def test_nothing_scrolls_sideways_on_the_smallest_screen(site: Site, browser: Browser) -> None:
    # In German, whose words are the longest.
    context = browser.new_context(viewport={"width": 320, "height": 640}, locale="de")
    page = context.new_page()
    let_in(page, site.node)
    drafts = begin_a_draft(page, site)
    for name, path in site.pages.items() | OPERATOR.items() | drafts.items():
        page.goto(site.node.url + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, name
    context.close()


def test_the_operator_accepts_a_village_in_the_browser(site: Site, browser: Browser) -> None:
    """Without scripts, from the request to the membership."""
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    folder = site.node.data.parent / "aldea"
    village = Node(folder, free_port(), [f"127.0.0.1:{site.node.port}"])
    asked = village.ok("join", site.node.url, "--name", "Aldea", "--json").json
    words = village.ok("key", "show", "--json").json["keys"][0]["words"]
    page.goto(site.node.url + "/admin")
    expect(page.get_by_text("lonja admin link")).to_be_visible()
    let_in(page, site.node)
    page.get_by_role("link", name="Compare fingerprints (Aldea)").click()
    page.get_by_label("Fingerprint that was read to you").fill("no such words")
    page.get_by_label("Vouch for it").select_option("member")
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_role("alert")).to_contain_text("not the fingerprint")
    page.get_by_label("Fingerprint that was read to you").fill(words)
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_role("heading", name="What is shown")).to_be_visible()
    (uri,) = village.publish(practice("A well that was dug again"))
    assert uri.startswith(asked["base"])
    assert village.ok("push", "--json").json["refused"] == []
    page.goto(uri)
    expect(page.get_by_role("heading", level=1)).to_have_text("A well that was dug again")
    context.close()
