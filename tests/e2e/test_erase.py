"""Erase over three real nodes: a source, a hub that relays, a reader that only knows the hub."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zstandard

from federation.trust import Candidate
from tests.nodes import Node, practice
from tests.peers import serving

pytestmark = pytest.mark.e2e

Make = Callable[..., list[Node]]

CANARY = "zyxcanaryqv"
PAGES = ("application/ld+json", "application/n-quads")
CODINGS = ("", "gzip", "zstd")


def harvest(node: Node) -> dict[str, Any]:
    (run,) = node.ok("harvest", "--json").json["runs"]
    return dict(run)


def traces(folder: Path) -> list[str]:
    """Return the files that hold the canary, in any of the forms in which a node keeps bytes."""
    found = []
    for file in folder.rglob("*"):
        try:
            data = file.read_bytes() if file.is_file() else b""
        except FileNotFoundError:  # of a commit that is being replaced
            continue
        if CANARY.encode() in data or CANARY.encode() in unpacked(data):
            found.append(str(file.relative_to(folder)))
    return found


def unpacked(data: bytes) -> bytes:
    import gzip

    if data.startswith(b"\x28\xb5\x2f\xfd"):
        return zstandard.ZstdDecompressor().decompressobj().decompress(data)
    return gzip.decompress(data) if data.startswith(b"\x1f\x8b") else b""


def until_clean(node: Node) -> list[str]:
    """Return what is left once the node's worker has had time to clean up."""
    until = time.monotonic() + 30
    while (left := traces(node.data)) and time.monotonic() < until:
        time.sleep(0.2)
    return left


def segments(node: Node) -> set[str]:
    """Return the names of the files that make up the search index, all unlike each other."""
    names = {file.name for file in (node.data / "index").rglob("*") if file.is_file()}
    return {name for name in names if len(name) > 20}


def read_feed(node: Node) -> bytes:
    """Read root and pages in every form, so that the node keeps each; return all of it."""
    whole = b""
    for kind in PAGES:
        for coding in CODINGS:
            asked = {"Accept": kind, **({"Accept_Encoding": coding} if coding else {})}
            for path in pages(node):
                status, _headers, body = node.get(path, **asked)
                assert status == 200, (path, status)
                whole += unpacked(body) or body
    return whole


def pages(node: Node) -> list[str]:
    root = json.loads(node.get("/feed", Accept="application/ld+json")[2])
    found = {relation["node"] for node_ in root["entries"] for relation in node_["relation"]}
    return sorted(url.removeprefix(node.url) for url in found)


def shown(node: Node, uri: str) -> list[tuple[str, int, bytes]]:
    """Return what a node answers for a record at all of its addresses."""
    path = uri.removeprefix(node.url)
    if not uri.startswith(node.url):
        host, _, rest = uri.removeprefix("http://").partition("/")
        path = f"/at/{host}/{rest}"
    asked = [(path, {"Accept": "text/html"}), (path, {"Accept": "application/ld+json"})]
    asked += [(path + end, {}) for end in (".ttl", ".rdf", ".nt", ".csv", ".geojson", ".dc.xml")]
    asked += [(f"{path}/v/{number}", {}) for number in (1, 2)]
    answers = []
    for one, headers in asked:
        status, _headers, body = node.get(one, **headers)
        answers.append((one, status, body))
    return answers


def everything_said(node: Node) -> bytes:
    """Return all that a node prints and serves of what it holds."""
    whole = b"".join(
        node.ok("export", "--format", form).out.encode()
        for form in ("ndjson", "nquads", "csv", "geojson", "dcat")
    )
    for path in ("/", "/practices", "/network", "/sitemap.xml", "/api/v1/search"):
        whole += node.get(path)[2] + node.get(path, Accept="text/html")[2]
    return whole + read_feed(node)


def states(source: Node, uri: str) -> dict[str, str]:
    report = source.ok("erase", "--status", uri, "--json").json
    (row,) = report["erasures"]
    return {peer["peer"]: peer["state"] for peer in row["peers"]}


@pytest.mark.timeout(400)
def test_an_erased_record_is_nowhere_any_more(nodes: Make, tmp_path: Path) -> None:
    source, hub, reader = nodes("source", "hub", "reader", engines={"reader": "whoosh"})
    for node in (source, hub, reader):
        node.start()
    hub.ok("peer", "add", source.url, "--accept", "--as", "member")
    reader.ok("peer", "add", hub.url, "--accept")
    for peer in (hub, reader):
        source.ok("peer", "add", peer.url, "--accept")

    # Two records with the canary: one as it is, one withdrawn for a reason that names it.
    told = {
        "description": {"en": f"What {CANARY} said. " * 300},
        "summary": {"en": f"Told by {CANARY}."},
        "keyword": {"en": [CANARY]},
    }
    (uri,) = source.publish(practice(f"A practice of {CANARY}", **told))
    source.publish(practice(f"A better practice of {CANARY}", id=uri, **told))
    (other,) = source.publish(practice(f"Another of {CANARY}", **told))
    source.ok("retract", other, "--reason", f"{CANARY} asked for it")
    source.publish(*[practice(f"Practice number {i}") for i in range(120)])
    old = source.ok("export", "--format", "ndjson").out.splitlines()
    old = [line for line in old if CANARY in line]
    assert len(old) == 4
    for node in (hub, reader):
        assert harvest(node)["refused"] == 0
    for node in (source, hub, reader):
        assert CANARY.encode() in read_feed(node)
        assert node.find(f"?q={CANARY}")["total"] == 1
        assert {"journal.sqlite3", "journal.sqlite3-wal"} & set(traces(node.data))
        assert any(name.startswith("cache/feed/") for name in traces(node.data))
    source.ok("backup", str(tmp_path / "before.tar.zst"))
    before = {node.url: segments(node) for node in (source, hub, reader)}
    addresses = {node.url: pages(node)[0] for node in (source, hub, reader)}

    done = source.ok("erase", uri, "--json").json
    assert (len(done["erases"]), done["journal_clean"], done["files_clean"]) == (2, True, True)
    assert done["backups"][0]["file"] == str(tmp_path / "before.tar.zst")
    assert len(source.ok("erase", other, "--json").json["erases"]) == 2

    # The source holds nothing any more; the others do, and are named.
    assert until_clean(source) == []
    assert states(source, uri) == {hub.url: "behind", reader.url: "behind"}
    assert harvest(hub)["deleted"] == 2
    assert until_clean(hub) == []
    assert states(source, uri) == {hub.url: "confirmed", reader.url: "behind"}
    said = source.ok("erase", "--status", uri, "--lang", "de").err
    assert f"{hub.url}: bestätigt." in said
    assert f"{reader.url}: noch nicht." in said
    assert "Kopien, die heruntergeladen wurden, lassen sich nicht zurückrufen." in said
    assert traces(reader.data) != []
    run = harvest(reader)
    assert (run["deleted"], run["refused"]) == (2, 0)
    assert until_clean(reader) == []
    assert states(source, uri) == {hub.url: "confirmed", reader.url: "confirmed"}

    for node in (source, hub, reader):
        assert CANARY.encode() not in everything_said(node), node.url
        assert traces(node.data) == []
        assert node.find(f"?q={CANARY}")["total"] == 0
        assert node.find("?q=number")["total"] == 120
        assert segments(node) & before[node.url] == set()
        assert node.get(addresses[node.url])[0] == 410
        assert pages(node)[0].startswith(addresses[node.url] + "-")
        for record in (uri, other):
            for path, status, body in shown(node, record):
                assert status == 410, (path, status)
                assert CANARY.encode() not in body, path
        assert node.ok("verify", "--json").json["faults"] == []
        file = tmp_path / f"after-{node.port}.tar.zst"
        node.ok("backup", str(file))
        assert CANARY.encode() not in unpacked(file.read_bytes())
    assert CANARY.encode() in unpacked((tmp_path / "before.tar.zst").read_bytes())

    # A peer that kept the old bytes relays them all the same.
    with serving(tmp_path / "liar", http_hosts=[source.url.removeprefix("http://")]) as liar:
        identity = json.loads(source.get("/.well-known/did.json")[2])
        liar.journal.pin(
            did=identity["id"],
            base=source.url,
            key=identity["verificationMethod"][0]["publicKeyMultibase"],
            method=identity["verificationMethod"][0]["id"],
        )
        verifier = liar.journal.verifier()
        checked = [verifier.check_member(json.loads(line)) for line in old]
        liar.journal.append_foreign([one for one in checked if isinstance(one, Candidate)])
        reader.allow.append(liar.url.removeprefix("http://"))
        reader.ok("peer", "add", liar.url, "--accept")
        done = reader.run("harvest", liar.url, "--json")
        (run,) = done.json["runs"]
        assert [refusal["rule"] for refusal in run["refusals"]] == ["erased"] * 4
    assert until_clean(reader) == []
    assert reader.ok("verify", "--json").json["faults"] == []


@pytest.mark.timeout(200)
def test_erasing_without_a_server_and_asking_a_peer_that_is_away(nodes: Make) -> None:
    source, reader = nodes("source", "reader")
    source.start()
    reader.start()
    reader.ok("peer", "add", source.url, "--accept")
    source.ok("peer", "add", reader.url, "--accept")
    (uri,) = source.publish(practice(f"By {CANARY}"))
    harvest(reader)
    source.stop()
    reader.stop()
    done = source.ok("erase", uri)
    assert done.out == f"{uri}\n"
    assert "no backup" in done.err
    assert traces(source.data) == []
    assert states(source, uri) == {reader.url: "unreachable"}
    source.start()
    # A harvest by command cleans up as well, where no server does it.
    assert harvest(reader)["deleted"] == 1
    assert traces(reader.data) == []
    reader.start()
    assert states(source, uri) == {reader.url: "confirmed"}
    again = source.run("erase", uri)
    assert again.code == 2
    assert "already erased" in again.err
