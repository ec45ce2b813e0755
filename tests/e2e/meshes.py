"""Six nodes in a ring with chords: everybody harvests three others and vouches for them.

Their servers are real processes; what an operator would type is done by the services behind the
commands, in this process, because thousands of commands would take too long.
"""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from federation.records import Run
from node.runtime import Runtime, running
from node.services.create import create_node
from node.services.export import export
from node.services.federate import accept_peer, accepted_peers, add_peer, harvest_peer, vouch
from node.services.publish import Submission, publish
from node.settings import Settings, load
from tests.fault_proxy import FaultProxy, faulty_line
from tests.nodes import Node, free_port, practice

SIZE = 6
ROUNDS = 8


@dataclass
class Mesh:
    """The nodes, and the line that stands before the last of them."""

    nodes: list[Node]
    line: FaultProxy

    def neighbours(self, number: int) -> list[int]:
        """Return whom a node harvests: both beside it, and the one opposite."""
        return sorted({(number + step) % SIZE for step in (1, SIZE - 1, SIZE // 2)})

    def stop(self) -> None:
        """End all servers, also those of nodes that took the place of others."""
        for node in self.nodes:
            node.stop()

    @contextmanager
    def open(self, number: int) -> Iterator[Runtime]:
        """Open a node as one of its commands does."""
        node = self.nodes[number]
        with running(load(node.data, environment=node.environment)) as runtime:
            yield runtime

    def publish(self, number: int, *titles: str) -> list[str]:
        """Publish practices and return their URIs."""
        drafts = [Submission(title, practice(title)) for title in titles]
        with self.open(number) as runtime:
            return [one.uri for one in publish(runtime, drafts)]

    def harvest(self, number: int) -> list[Run]:
        """Let a node harvest its peers and return the ledgers, which must balance."""
        with self.open(number) as runtime:
            runs = [harvest_peer(runtime, peer) for peer in accepted_peers(runtime)]
        for run in runs:
            assert run.balances(), run
            assert run.error != "internal", run
        return runs

    def spread(self, *numbers: int, rounds: int = ROUNDS) -> int:
        """Let nodes harvest in turn until nobody learns anything; return how many rounds it took.

        Args:
            numbers: who takes part, everybody when nobody is named.
            rounds: after how many it must be over.
        """
        for count in range(1, rounds + 1):
            runs = [run for number in numbers or range(SIZE) for run in self.harvest(number)]
            if not any(run.new or run.changed or run.deleted for run in runs):
                return count
        raise AssertionError(f"the mesh has not come to rest after {rounds} rounds")

    def held(self, number: int, *origins: int) -> list[str]:
        """Return the entries of some origins, by default of all, that a node holds, sorted."""
        with self.open(number) as runtime:
            lines = b"".join(export(runtime, "ndjson")).decode().splitlines()
        bases = tuple(f"{self.nodes[origin].url}/" for origin in origins or range(SIZE))
        return sorted(line for line in lines if json.loads(line)["id"].startswith(bases))

    def titles(self, number: int, *origins: int) -> set[str]:
        """Return the titles of all versions that a node holds."""
        documents = map(json.loads, self.held(number, *origins))
        return {one["title"]["en"] for one in documents if "title" in one}

    def alerts(self, number: int) -> set[tuple[str, int]]:
        """Return kind of alert and number of the node that it is about."""
        places = {node.url: place for place, node in enumerate(self.nodes)}
        with self.open(number) as runtime:
            found = {one.did: places[one.base] for one in runtime.journal.origins()}
            return {(one.kind, found[one.origin]) for one in runtime.journal.alerts()}

    def faults(self, number: int) -> list[Any]:
        """Return what `lonja verify` finds fault with."""
        with self.open(number) as runtime:
            return list(runtime.journal.verify_all().faults)


@contextmanager
def make_mesh(folder: Path) -> Iterator[Mesh]:
    """Make six nodes that serve and have accepted and vouched for their neighbours."""
    ports = [free_port() for _ in range(SIZE)]
    allow = [f"127.0.0.1:{port}" for port in ports]
    nodes = [Node(folder / f"node-{n}", port, allow) for n, port in enumerate(ports)]
    nodes[-1].listen = free_port()
    for number, node in enumerate(nodes):
        create_node(
            Settings(
                data=node.data,
                base_url=node.url,
                name=f"Town {number}",
                sector="government",
                allow_hosts=frozenset(allow),
                harvest_minutes=60,
            )
        )
    with ExitStack() as stack:
        line = stack.enter_context(faulty_line(ports[-1], nodes[-1].listen))
        mesh = Mesh(nodes, line)
        stack.callback(mesh.stop)
        with ThreadPoolExecutor(SIZE) as pool:
            list(pool.map(Node.start, nodes))
        for number in range(SIZE):
            with mesh.open(number) as runtime:
                for other in mesh.neighbours(number):
                    peer = accept_peer(runtime, add_peer(runtime, nodes[other].url).peer)
                    vouch(runtime, peer, "allied-hub")
        yield mesh
