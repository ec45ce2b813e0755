"""Two real nodes: publish, harvest, edit, retract, kill, verify."""

import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tests.bench.corpus import records
from tests.nodes import ROOT, Node, practice
from tests.samples import DOCUMENTS
from vocab.terms import CONTEXT_URL

pytestmark = pytest.mark.e2e

Make = Callable[..., list[Node]]


def peered(nodes: Make, **options: object) -> tuple[Node, Node]:
    """Return a publishing node that serves, and a node that has accepted it as a peer."""
    source, reader = nodes("source", "reader", **options)
    source.start()
    reader.ok("peer", "add", source.url, "--accept")
    return source, reader


def harvest(node: Node) -> dict[str, object]:
    """Harvest the one peer of a node and return the ledger."""
    done = node.run("harvest", "--json")
    (run,) = done.json["runs"]
    parts = sum(int(run[key]) for key in ("new", "changed", "unchanged", "deleted", "refused"))
    assert run["announced"] == parts, run
    return dict(run)


def held(node: Node) -> dict[str, str]:
    """Return every entry that a node holds, by version URI."""
    lines = node.ok("export", "--format", "ndjson").out.splitlines()
    return {json.loads(line)["id"]: line for line in lines}


def test_a_published_record_is_found_on_another_node(nodes: Make) -> None:
    source, reader = peered(nodes)
    (uri,) = source.publish(practice("On-demand bus between villages"))
    assert harvest(reader)["new"] == 2  # the practice and the organisation of the node
    hits = reader.ok("search", "buses", "--json").json["hits"]
    assert [hit["uri"] for hit in hits] == [uri]


def test_every_type_of_record_travels_and_is_found(nodes: Make) -> None:
    source, reader = peered(nodes)
    uris = source.publish(*DOCUMENTS.values())
    run = harvest(reader)
    assert (run["new"], run["refused"]) == (len(DOCUMENTS) + 1, 0)
    for kind, uri in zip(DOCUMENTS, uris, strict=True):
        (hit,) = reader.ok("search", "", "--type", kind, "--json").json["hits"]
        assert (hit["uri"], hit["type"]) == (uri, kind)
    assert reader.ok("verify", "--json").json["faults"] == []


def test_consent_never_leaves_the_node(nodes: Make) -> None:
    (node,) = nodes("town")
    consent = {
        "@context": CONTEXT_URL,
        "type": "ConsentRecord",
        "subjectRef": "urn:uuid:aa0c7a9e-52f2-4c1b-8d2a-1b2c3d4e5f60",
        "purpose": "dpv:ServiceProvision",
        "consentStatus": "dpv:ConsentGiven",
        "given": "2026-03-18T10:05:00Z",
        "noticeVersion": "2026-01",
        "notice": "https://lugo.example/privacy/2026-01",
    }
    done = node.run("publish", "-", "--json", "--lang", "de", stdin=json.dumps(consent).encode())
    (finding,) = done.json["findings"]
    assert (done.code, done.json["published"], finding["rule"]) == (1, [], "local-only")
    assert "Knoten" in finding["message"]


def test_an_unchanged_harvest_is_one_conditional_request(nodes: Make) -> None:
    source, reader = peered(nodes)
    source.publish(*[practice(f"Practice number {i}") for i in range(120)])
    first = harvest(reader)
    assert (first["state"], first["new"]) == ("done", 121)
    again = harvest(reader)
    assert (again["state"], again["requests"], again["announced"]) == ("unchanged", 1, 0)


def test_edits_news_and_retractions_arrive_exactly(nodes: Make) -> None:
    source, reader = peered(nodes)
    uris = source.publish(*[practice(f"Practice number {i}") for i in range(30)])
    harvest(reader)
    edits = [practice(f"Practice number {i}, revised", id=uris[i]) for i in range(10)]
    source.publish(*edits)
    source.publish(practice("A practice that is new"))
    for uri in uris[20:22]:
        source.ok("retract", uri, "--reason", "published by mistake")
    run = harvest(reader)
    assert (run["new"], run["changed"], run["deleted"], run["refused"]) == (1, 10, 2, 0)
    assert reader.ok("search", "number", "--json").json["total"] == 28
    assert held(reader).items() >= held(source).items()
    report = reader.ok("verify", "--json").json
    assert report["faults"] == []


def test_a_retracted_record_answers_410_with_its_reason(nodes: Make) -> None:
    (node,) = nodes("town")
    node.start()
    (uri,) = node.publish(practice("A practice to withdraw"))
    path = uri.removeprefix(node.url)
    assert node.get(path, Accept="text/html")[0] == 200
    node.ok("retract", uri, "--reason", "published by mistake")
    status, _headers, body = node.get(path, Accept="text/html")
    assert status == 410
    assert b"published by mistake" in body


def test_publishing_is_searchable_within_a_second_of_the_command(nodes: Make) -> None:
    (node,) = nodes("town")
    node.start()
    node.publish(practice("Repair café in the library"))
    assert node.find("?q=repair")["total"] == 1


def test_the_index_of_a_running_node_follows_a_harvest_by_command(nodes: Make) -> None:
    source, reader = peered(nodes, engines={"reader": "whoosh"})
    source.publish(practice("Community orchard on a roundabout"))
    reader.start()
    harvest(reader)
    assert reader.find("?q=orchard")["total"] == 1


@pytest.mark.timeout(400)
def test_a_harvest_killed_five_times_ends_byte_for_byte_equal(nodes: Make) -> None:
    source, reader = peered(nodes)
    filler = {"en": "What was done, at some length. " * 60}
    rows = "\n".join(
        json.dumps(practice(f"Practice number {i}", description=filler)) for i in range(1500)
    )
    source.ok("publish", "-", "--json", stdin=rows.encode())
    dice = random.Random(5)
    for _round in range(5):
        process = subprocess.Popen(
            reader.command("harvest", "--json"),
            env=reader.environment,
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(dice.uniform(0.8, 2.2))
        process.kill()
        process.wait()
    run = harvest(reader)
    assert run["refused"] == 0
    own = {uri: line for uri, line in held(reader).items() if uri.startswith(source.url)}
    assert own == held(source)
    assert reader.ok("verify", "--json").json["faults"] == []
    assert reader.ok("search", "", "--json", "--limit", "1").json["total"] == 1500


@pytest.mark.parametrize("seed", range(3))
def test_every_uri_that_was_printed_survives_a_kill_while_publishing(
    nodes: Make, tmp_path: Path, seed: int
) -> None:
    (node,) = nodes("town")
    file = tmp_path / "many.jsonl"
    file.write_text("\n".join(json.dumps(d) for d in records(600, seed=seed)), "utf-8")
    process = subprocess.Popen(
        node.command("publish", str(file)),
        env=node.environment,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(2.0 + seed)
    os.kill(process.pid, signal.SIGKILL)
    printed = process.communicate()[0].decode().splitlines()
    kept = {json.loads(line)["isVersionOf"] for line in held(node).values()}
    assert set(printed) <= kept
    assert node.ok("verify", "--json").json["faults"] == []


def test_the_worker_harvests_by_itself_when_a_peer_is_due(nodes: Make) -> None:
    source, reader = nodes("source", "reader")
    source.start()
    reader.start()
    reader.ok("peer", "add", source.url, "--accept")
    (uri,) = source.publish(practice("Dial-a-ride for market day"))
    reader.ok("peer", "accept", source.url, "--now")
    until = time.monotonic() + 30
    while reader.find("?q=dial")["total"] == 0:
        assert time.monotonic() < until
        time.sleep(0.3)
    assert reader.find("?q=dial")["hits"][0]["uri"] == uri
    (last, *_rest) = reader.ok("peer", "show", source.url, "--json").json["runs"]
    assert last["state"] == "done"


def test_a_killed_server_starts_again_at_once(nodes: Make) -> None:
    (node,) = nodes("town")
    node.start()
    assert node.server is not None
    children = psutil.Process(node.server.pid).children(recursive=True)
    os.kill(node.server.pid, signal.SIGKILL)
    node.stop()
    _gone, alive = psutil.wait_procs(children, timeout=10)
    assert alive == []
    node.start()
    until = time.monotonic() + 20
    while node.get("/readyz")[0] != 200:  # the worker needs a moment longer than the server
        assert time.monotonic() < until
        time.sleep(0.2)
