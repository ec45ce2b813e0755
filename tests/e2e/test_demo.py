"""The demo: five nodes, two clusters, one search; it ends cleanly."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.nodes import ROOT, free_ports

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]


@dataclass
class Demo:
    process: subprocess.Popen[str]
    port: int
    addresses: list[str]

    def search(self, node: int, query: str) -> Any:
        url = f"http://127.0.0.1:{self.port + node}/api/v1/search?{query}"
        with urllib.request.urlopen(url, timeout=30) as answer:
            return json.load(answer)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    port = free_ports(5)
    folder = tmp_path_factory.mktemp("demo") / "federation"
    process = subprocess.Popen(
        [sys.executable, "-m", "node", "demo", "--port", str(port), "--folder", str(folder)],
        cwd=ROOT,
        env={k: v for k, v in os.environ.items() if not k.startswith("LONJA_")},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    addresses = [process.stdout.readline().strip() for _node in range(5)]
    yield Demo(process, port, addresses)
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)
    process.stdout.close()


def test_it_prints_five_addresses(demo: Demo) -> None:
    assert [line.rsplit(" ", 1)[1] for line in demo.addresses] == [
        f"http://127.0.0.1:{demo.port + number}/" for number in range(5)
    ]


def test_every_node_finds_all_of_the_sample(demo: Demo) -> None:
    totals = {demo.search(node, "facets=")["total"] for node in range(5)}
    assert len(totals) == 1
    assert totals.pop() >= 40


def test_mine_is_less_than_my_cluster_and_that_less_than_all(demo: Demo) -> None:
    university = 1
    mine, cluster, everything = (
        demo.search(university, f"facets=&scope={scope}")["total"]
        for scope in ("mine", "cluster", "all")
    )
    assert 0 < mine < cluster < everything


def test_a_word_in_another_language_finds_across_clusters(demo: Demo) -> None:
    hits = demo.search(1, "q=autobuses&facets=&limit=50")["hits"]
    origins = {hit["origin"] for hit in hits}
    assert len(origins) > 1


def test_an_adaptation_is_shown_on_the_page_of_its_source(demo: Demo) -> None:
    hits = demo.search(0, "type=Adaptation&facets=&limit=50")["hits"]
    assert len(hits) >= 3


def test_origins_that_were_introduced_have_the_names_of_their_organisations(demo: Demo) -> None:
    labels = {facet["label"] for facet in demo.search(1, "facets=origin")["facets"]["origin"]}
    assert "Sample Neighbours' Association" in labels


def test_it_ends_cleanly(demo: Demo, tmp_path: Path) -> None:
    children = psutil.Process(demo.process.pid).children(recursive=True)
    assert len(children) >= 15  # five nodes, each with its web server and its worker
    demo.process.send_signal(signal.SIGINT)
    assert demo.process.wait(timeout=60) == 0
    _gone, alive = psutil.wait_procs(children, timeout=10)
    assert alive == []
