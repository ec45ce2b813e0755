"""From an empty folder to an answered observation, through the pages, in a real browser.

A town sets a node up, an officer writes a practice in Spanish, a reviewer approves it; another town
harvests it and repeats it; the first one sees that; a citizen says something and is answered.
"""

import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.nodes import ROOT, Node, free_port, make_nodes

from tests.e2e.browsing import browser_type_launch_args, faults_of  # isort: skip
from playwright.sync_api import Browser, Page, expect  # isort: skip

pytestmark = pytest.mark.e2e
__all__ = ["browser_type_launch_args"]

PASSWORD = "cuatro garzas tranquilas bajan"
ESSENTIALS = {
    "#f-title-es": "Autobús a demanda entre aldeas",
    "#f-summary-es": "Un autobús que se pide por teléfono.",
    "#f-problem-es": "Nadie llegaba al centro de salud.",
    "#f-solution-es": "Taxis compartidos con horario, en lugar de líneas vacías.",
    "#f-place-name-es": "Lugo",
    "#f-startDate": "2024-03-01",
    "#f-result-0-indicator-es": "Viajes al mes",
    "#f-result-0-value": "410",
    "#f-contact-email": "mobilidade@lugo.example",
}


@pytest.fixture
def towns(tmp_path: Path) -> Iterator[tuple[Node, Node]]:
    """A node that is not made yet, and one that is."""
    (teruel,) = make_nodes(tmp_path, "teruel")
    lugo = Node(tmp_path / "lugo", free_port())
    lugo.allow = teruel.allow = [f"127.0.0.1:{lugo.port}", f"127.0.0.1:{teruel.port}"]
    yield lugo, teruel
    lugo.stop()
    teruel.stop()


def begin(node: Node) -> str:
    """Start a node that is not made yet and return the link that it prints."""
    node.server = subprocess.Popen(
        node.command("serve"),
        env=node.environment,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert node.server.stderr is not None
    for line in node.server.stderr:
        found = re.search(r"http://\S+/setup\?token=\S+", line.decode())
        if found:
            return found[0]
    raise AssertionError("no link was printed")


def wait_until_ready(node: Node) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            if node.get("/readyz")[0] == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise AssertionError("the node did not become ready")


def clean(page: Page) -> None:
    """Demand that axe finds nothing on the page."""
    assert faults_of(page) == [], page.url


def choose_password(page: Page, link: str) -> None:
    page.goto(link)
    page.locator("#password").fill(PASSWORD)
    page.locator("main form button").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def invite(page: Page, node: Node, login: str, role: str) -> str:
    page.goto(node.url + "/admin/accounts")
    page.locator("#login").fill(login)
    page.locator("#role").select_option(role)
    page.get_by_role("button", name="Crear la cuenta y un enlace").click()
    return page.locator(".note code").inner_text()


def harvest(reader: Node, source: Node) -> None:
    if source.url not in reader.ok("peer", "list", "--json").out:
        reader.ok("peer", "add", source.url, "--accept")
    (run,) = reader.ok("harvest", source.url, "--json").json["runs"]
    assert run["state"] == "done", run


@pytest.mark.timeout(300)
def test_from_an_empty_folder_to_an_answer(towns: tuple[Node, Node], browser: Browser) -> None:
    lugo, teruel = towns
    owner, officer, reviewer, other, citizen = (
        browser.new_context(locale="es-ES", java_script_enabled=scripts).new_page()
        for scripts in (True, False, True, False, False)
    )

    # A new node is set up.
    owner.goto(begin(lugo))
    clean(owner)
    owner.locator("#name").fill("Concello de Lugo")
    owner.locator("#sector").select_option("government")
    owner.locator("#town").fill("Lugo")
    owner.locator("#country").select_option("ES")
    owner.locator("#login").fill("ana@lugo.example")
    owner.locator("#password").fill(PASSWORD)
    owner.get_by_role("button", name="Crear el nodo").click()
    clean(owner)
    wait_until_ready(lugo)
    owner.get_by_role("link", name="Ir a mi mesa").click()
    expect(owner.get_by_role("heading", name="Mi mesa", level=1)).to_be_visible()

    # An officer publishes a practice from an empty form, a reviewer approves it.
    choose_password(officer, invite(owner, lugo, "eva@lugo.example", "editor"))
    choose_password(reviewer, invite(owner, lugo, "uxia@lugo.example", "reviewer"))
    officer.locator("#type").select_option("BestPractice")
    officer.get_by_role("button", name="Empezar").click()
    for name, text in ESSENTIALS.items():
        officer.locator(name).fill(text)
    officer.get_by_label("Movilidad y transporte").check()
    officer.locator("#f-evidenceLevel").select_option("monitored")
    officer.locator("#f-maturity").select_option("operational")
    officer.get_by_role("button", name="Buscar el lugar").click()
    officer.locator("button[value^='take:']").first.click()
    expect(officer.locator("#f-place-country")).to_have_value("ES")
    expect(officer.get_by_text("No falta nada")).to_be_visible()
    officer.get_by_role("button", name="Entregarlo a revisión").click()
    expect(officer.get_by_text("Espera revisión").first).to_be_visible()
    reviewer.goto(lugo.url + "/desk")
    reviewer.get_by_role("link", name="Autobús a demanda entre aldeas").click()
    clean(reviewer)
    reviewer.get_by_role("button", name="Publicar ahora").click()
    expect(reviewer.get_by_role("heading", level=1)).to_have_text("Autobús a demanda entre aldeas")
    page = reviewer.url

    # Another town harvests it, and an officer there repeats it.
    teruel.start()
    harvest(teruel, lugo)
    choose_password(other, teruel.ok("user", "add", "leo@teruel.example", "--role", "owner",
                                     "--json").json["link"])  # fmt: skip
    other.goto(teruel.url + "/practices?q=aldeas&lang=es")
    other.get_by_role("link", name="Autobús a demanda entre aldeas", exact=True).click()
    other.get_by_role("link", name="Planearla para su municipio").click()
    other.locator("#population").fill("1900")
    other.get_by_role("button", name="Calcular").click()
    other.get_by_role("button", name="Queremos repetirla").click()
    other.locator("#f-place-country").select_option("ES")
    place = other.locator("input[id^='f-place-name-']").first
    place.fill("Teruel")
    other.get_by_role("button", name="Guardar el borrador").click()
    other.get_by_role("button", name="Publicar ahora").click()
    expect(other.get_by_text("Publicado. Los demás nodos")).to_be_visible()

    other.goto(teruel.url + "/desk")
    other.get_by_role("button", name="Contar cómo va").click()
    other.locator("#f-stage").select_option("piloting")
    other.locator("#f-setupMonths").fill("4")
    other.get_by_role("button", name="Publicar ahora").click()
    expect(other.get_by_text("En pilotaje").first).to_be_visible()

    # The first town sees the adaptation in the family of its practice.
    harvest(lugo, teruel)
    owner.goto(page)
    expect(owner.locator("#adaptations")).to_be_visible()
    clean(owner)
    owner.get_by_role("link", name="Toda la familia").click()
    expect(owner.locator(".tree .stage", has_text="En pilotaje")).to_be_visible()
    clean(owner)
    owner.goto(lugo.url + "/desk")
    expect(owner.get_by_role("heading", name="repetidas en otros lugares")).to_be_visible()
    clean(owner)

    # A citizen says something, without an account and without scripts, and is answered.
    citizen.goto(page)
    citizen.get_by_role("link", name="Diga lo que ha visto").click()
    citizen.get_by_label("Algo no funciona").check()
    citizen.locator("#text").fill("Los sábados nadie coge el teléfono.")
    citizen.get_by_label("Estoy de acuerdo").check()
    citizen.get_by_role("button", name="Enviar").click()
    code = citizen.locator(".receipt").inner_text()
    reviewer.goto(lugo.url + "/desk/observations")
    reviewer.locator(".rows a").first.click()
    clean(reviewer)
    reviewer.get_by_role("button", name="Publicar sin nombre").click()
    reviewer.locator("#answer").fill("Desde abril también los sábados.")
    clean(reviewer)
    reviewer.get_by_role("button", name="Responder").click()
    citizen.goto(lugo.url + "/observe/receipt")
    citizen.locator("#code").fill(code)
    citizen.get_by_role("button", name="Consultar").click()
    expect(citizen.get_by_text("Desde abril también los sábados.")).to_be_visible()
    until = time.monotonic() + 20
    while "Desde abril" not in (citizen.goto(page), citizen.content())[1]:
        assert time.monotonic() < until, "the answer is not on the page"

    # Both federate.
    harvest(teruel, lugo)
    found = teruel.find("?q=s%C3%A1bados&type=any")
    assert [hit["type"] for hit in found["hits"]] == ["CitizenObservation"]
    other.goto(teruel.url + "/practices?q=aldeas&lang=es")
    other.get_by_role("link", name="Autobús a demanda entre aldeas", exact=True).first.click()
    expect(other.get_by_text("Desde abril también los sábados.")).to_be_visible()
