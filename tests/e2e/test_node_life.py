"""The life of one node: trial, address, import, backup, restore, doctor."""

import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from tests.nodes import Node, practice

pytestmark = pytest.mark.e2e

Make = Callable[..., list[Node]]


def test_a_trial_says_so_on_its_pages_and_refuses_distant_peers(nodes: Make) -> None:
    (node,) = nodes("town")
    node.start()
    _status, _headers, page = node.get("/", Accept="text/html", Accept_Language="en")
    assert b"trial" in page.lower()
    refused = node.run("peer", "add", "https://practices.example.org")
    assert refused.code == 2
    assert "trial" in refused.err


def test_a_trial_is_published_anew_under_its_real_address(nodes: Make) -> None:
    (node,) = nodes("town")
    (uri,) = node.publish(practice("A bench every two hundred metres"))
    environment = dict(node.environment)
    node.port = node.port  # the same folder, another address
    done = node.run("init", "--base-url", "https://practices.example.org", "--json")
    assert done.code == 0, done.err
    made = json.loads(done.out)
    assert made["did"] == "did:web:practices.example.org"
    assert made["trial"] is False
    assert environment["LONJA_DATA"] == made["data"]
    assert uri.startswith("http://127.0.0.1")


def test_a_backup_brings_the_node_back_with_its_key(nodes: Make, tmp_path: Path) -> None:
    (node,) = nodes("town")
    (uri,) = node.publish(practice("Library of things"))
    file = tmp_path / "town.tar.zst"
    node.ok("backup", str(file))
    assert file.stat().st_mode & 0o077 == 0
    twin = Node(tmp_path / "twin", node.port, node.allow)
    report = twin.ok("restore", str(file), "--json").json
    assert report["faults"] == 0
    assert twin.ok("search", "library", "--json").json["hits"][0]["uri"] == uri
    assert twin.publish(practice("Published after the restore"))


def test_a_backup_with_a_path_of_its_own_is_refused(nodes: Make, tmp_path: Path) -> None:
    evil = tmp_path / "evil.tar.zst"
    with (
        evil.open("wb") as raw,
        zstandard.ZstdCompressor().stream_writer(raw) as packed,
        tarfile.open(fileobj=packed, mode="w|") as archive,
    ):
        member = tarfile.TarInfo("../outside")
        member.size = 4
        archive.addfile(member, io.BytesIO(b"evil"))
    (node,) = nodes("town")
    twin = Node(tmp_path / "twin", node.port, node.allow)
    done = twin.run("restore", str(evil))
    assert done.code == 2
    assert "outside" in done.err
    assert not (tmp_path / "outside").exists()


@pytest.mark.timeout(400)
def test_the_real_catalogue_enters_whole(nodes: Make, shared: Path) -> None:
    (node,) = nodes("town")
    source = str(shared / "data" / "practices.jsonl")
    done = node.run("import", source, "--format", "jsonl", "--json")
    report = done.json
    assert report["read"] == 2792 == report["published"] + report["refused"]
    assert report["refused"] == 0, [f for f in report["findings"] if f["severity"] == "violation"]
    again = node.ok("import", source, "--format", "jsonl", "--json").json
    assert (again["published"], again["unchanged"]) == (0, 2792)


def test_a_csv_with_faults_keeps_its_good_rows(nodes: Make, tmp_path: Path) -> None:
    file = tmp_path / "catalogue.csv"
    file.write_text(
        "title_en,title_es,licence,country,source,source_id,colour\n"
        "Bike library,Biblioteca de bicis,CC-BY-4.0,Italia,example,1,\n"
        ",,CC-BY-4.0,Spain,example,2,\n"
        "Tool shed,,CC-BY-4.0,Atlantis,example,3,green\n",
        "utf-8",
    )
    (node,) = nodes("town")
    done = node.run("import", str(file), "--format", "csv", "--json")
    report = done.json
    assert (report["read"], report["published"], report["refused"]) == (3, 2, 1)
    assert done.code == 1
    rules = {(f["record"], f["rule"]) for f in report["findings"]}
    assert ("catalogue.csv:4", "country-unsure") in rules
    assert ("catalogue.csv:4", "unknown-column") in rules


def test_doctor_and_help_speak_plainly(nodes: Make, tmp_path: Path) -> None:
    (node,) = nodes("town")
    said = node.run("doctor")
    assert said.code == 0
    assert "→" in said.out
    missing = Node(tmp_path / "nowhere", node.port).run("doctor")
    assert missing.code == 2
    assert "lonja" in missing.err
    assert "Traceback" not in missing.err
