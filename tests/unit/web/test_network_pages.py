"""Peers and ledgers, as the source's operator reads them without an account."""

import csv
import io

import pytest

from federation.journal.runs import note_verdicts
from federation.records import Refusal, RunState, Verdict
from tests.unit.web.towns import Town

pytestmark = pytest.mark.unit


@pytest.fixture
def run(town: Town) -> int:
    """A finished harvest: 3 new, 1 deleted, 60 refused."""
    parts = town.runtime
    peer = parts.peers.add(
        "https://lugo.example", did="did:web:lugo.example", key="z6MkKey", name="Lugo <b>city</b>"
    )
    parts.peers.accept(peer.id)
    number = parts.runs.start(peer.id)
    refused = [
        Refusal(
            f"https://lugo.example/practices/{n}/v/1",
            "bad-proof",
            "/proof",
            {"en": "The signature does not fit.", "es": "La firma no corresponde."},
            {"en": "Publish it again."},
            "=cmd()",
        )
        for n in range(60)
    ]
    verdicts = [Verdict.NEW] * 3 + [Verdict.DELETED, *refused]
    with parts.store.write() as connection:
        note_verdicts(connection, number, verdicts, parts.clock())
    parts.runs.finish(number, RunState.DONE, requests=4, received=9000, seconds=1.25)
    return number


def test_the_network_page_shows_peers_and_publishers(town: Town, run: int) -> None:
    page = town.page("/network")
    for text in (
        "Lugo &lt;b&gt;city&lt;/b&gt;",
        "https://lugo.example",
        "Accepted",
        "Done",
        "64 announced",
        "60 refused",
        "did:web:vallalta.example",
        "This node",
    ):
        assert text in page, text
    assert f"/network/runs/{run}" in page


def test_a_ledger_lists_every_refusal_with_the_way_out(town: Town, run: int) -> None:
    page = town.page(f"/network/runs/{run}")
    assert page.count("The signature does not fit.") == 50
    assert "Publish it again." in page
    assert 'rel="next"' in page
    rest = town.page(f"/network/runs/{run}?page=2")
    assert rest.count("The signature does not fit.") == 10
    assert "La firma no corresponde." in town.page(f"/network/runs/{run}?lang=es")


def test_a_ledger_can_be_taken_away_whole(town: Town, run: int) -> None:
    body = town.client.get(f"/network/runs/{run}.json").get_json()
    assert body["announced"] == body["new"] + body["deleted"] + body["refused"] == 64
    assert len(body["refusals"]) == 60
    assert town.client.get(f"/network/runs/{run}").get_json() == body
    answer = town.client.get(f"/network/runs/{run}.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(rows) == 60
    assert rows[0]["rule"] == "bad-proof"
    assert rows[0]["detail"] == "'=cmd()"  # no spreadsheet runs it
    assert town.client.get(f"/network/runs/{run}", headers={"Accept": "text/csv"}).mimetype == (
        "text/csv"
    )


def test_a_peer_has_all_its_harvests(town: Town, run: int) -> None:
    page = town.page("/network/peers/1")
    assert f"/network/runs/{run}" in page
    for url in ("/network/peers/2", "/network/runs/99", "/network/runs/99.json"):
        assert town.client.get(url, headers={"Accept": "text/html"}).status_code == 404
