"""Start five nodes on loopback, let them publish and harvest each other, stop them cleanly."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import Final

from federation.authoring import new_record_uri
from node.demo.sample import NODES, SampleNode, records, resolve
from node.orphan import SUPERVISOR
from node.runtime import Runtime, running
from node.services.create import create_node
from node.services.errors import ServiceError
from node.services.federate import accept_peer, add_peer, harvest_peer, vouch
from node.services.indexer import IndexLock, wait_until_searchable
from node.services.publish import Submission, publish
from node.settings import FILE_NAME, LANGUAGES, Settings, load
from vocab.terms import COLLECTIONS, JsonObject, type_of

START_SECONDS: Final = 60
HARVEST_MINUTES: Final = 1


def run_demo(
    folder: Path,
    *,
    first_port: int,
    fresh: bool,
    tell: Callable[[str], None],
    announce: Callable[[str], None],
) -> None:
    """Run the demo until SIGINT or SIGTERM.

    Args:
        folder: holds one data folder per node; an earlier demo in it is continued.
        first_port: the nodes take this port and the four after it.
        fresh: whether an earlier demo is forgotten.
        tell: takes progress messages.
        announce: takes one line per node once it can be searched: name and address.

    Raises:
        ServiceError: a port is taken, or the folder holds a demo of other ports.
    """
    # Until all is up, both signals end the nodes that were started: see `_servers`.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    _check_ports(first_port)  # before anything is forgotten: a demo may be running there
    if fresh:
        _forget(folder)
    began = time.monotonic()
    nodes = _settings(folder, first_port)
    new = not all(settings.journal_path.exists() for settings in nodes.values())
    if new:
        tell("making five nodes and publishing the sample records …")
        nodes = _make(folder, nodes)
    with _servers(nodes):
        if new:
            tell("the nodes harvest each other …")
            _federate(nodes)
        for node in NODES:
            announce(f"{node.name}: {nodes[node.key].base_url}/")
        seconds = time.monotonic() - began
        tell(f"ready after {seconds:.1f} s; search at the first address, Ctrl-C stops all")
        _wait_for_signal()
        tell("stopping …")


def _settings(folder: Path, first_port: int) -> dict[str, Settings]:
    hosts = frozenset(f"127.0.0.1:{first_port + i}" for i in range(len(NODES)))
    found = {}
    for number, node in enumerate(NODES):
        data, base = folder / node.key, f"http://127.0.0.1:{first_port + number}"
        if (data / "journal.sqlite3").exists():
            found[node.key] = load(data, environment={})
            if found[node.key].base_url != base:
                raise ServiceError(
                    f"{folder} holds a demo at other ports; choose another folder with --folder, "
                    "or forget that demo with --fresh"
                )
            continue
        found[node.key] = Settings(
            data=data,
            base_url=base,
            name=node.name,
            sector=node.sector,
            languages=LANGUAGES,
            search=node.search,
            allow_hosts=hosts,
            harvest_minutes=HARVEST_MINUTES,
        )
    return found


def _check_ports(first_port: int) -> None:
    highest = 65536 - len(NODES)
    if not 1 <= first_port <= highest:
        raise ServiceError(f"--port must be a number from 1 to {highest}: five ports are needed")
    for number, _node in enumerate(NODES):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", first_port + number))
            except OSError as error:
                raise ServiceError(
                    f"port {first_port + number} is taken; choose others with --port"
                ) from error


def _forget(folder: Path) -> None:
    """Delete an earlier demo, and nothing but that.

    Raises:
        ServiceError: something else stands where the demo's nodes would, or one of them runs.
    """
    found = [folder / node.key for node in NODES if (folder / node.key).exists()]
    for data in found:
        if data.is_symlink() or (not (data / FILE_NAME).is_file() and any(data.iterdir())):
            raise ServiceError(f"{data} is no node of a demo; choose another folder with --folder")
    for data in found:
        lock = IndexLock(Settings(data=data).index_lock)
        if not lock.acquire():
            raise ServiceError(
                f"the demo in {folder} is running; stop it first, or choose another folder "
                "with --folder"
            )
        lock.release()
    for data in found:
        shutil.rmtree(data)


def _make(folder: Path, nodes: Mapping[str, Settings]) -> dict[str, Settings]:
    _forget(folder)
    made = {key: create_node(settings) for key, settings in nodes.items()}
    addresses = {
        f"{node.key}/{slug}": new_record_uri(
            made[node.key].base_url, COLLECTIONS[type_of(document)]
        )
        for node in NODES
        for slug, document in records(node.key)
    }
    for node in NODES:
        with running(made[node.key]) as runtime:
            _publish(runtime, node, addresses)
    return made


def _publish(runtime: Runtime, node: SampleNode, addresses: Mapping[str, str]) -> None:
    submissions = []
    for slug, document in records(node.key):
        name = f"{node.key}/{slug}"
        resolved = resolve(document, addresses)
        whole: JsonObject = resolved if isinstance(resolved, dict) else document
        submissions.append(Submission(name, whole, mint=addresses[name]))
    for outcome in publish(runtime, submissions):
        if outcome.refused:
            said = "; ".join(f"{f.pointer} {f.message()}" for f in outcome.findings)
            raise ServiceError(f"the sample record {outcome.label} is not valid: {said}")


@contextmanager
def _servers(nodes: Mapping[str, Settings]) -> Iterator[None]:
    """Run `lonja serve` for every node; end them all when the block is left."""
    processes = []
    try:
        for settings in nodes.values():
            environment = {k: v for k, v in os.environ.items() if not k.startswith("LONJA_")}
            environment[SUPERVISOR] = str(os.getpid())
            command = [sys.executable, "-m", "node", "--data", str(settings.data), "serve"]
            processes.append(
                subprocess.Popen(  # noqa: S603  # our own module
                    command,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                )
            )
        for settings, process in zip(nodes.values(), processes, strict=True):
            _wait_until_ready(settings, process)
        yield
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait_until_ready(settings: Settings, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + START_SECONDS
    address = settings.listen
    while time.monotonic() < until:
        if process.poll() is not None:
            raise ServiceError(
                f"the node at {settings.base_url} did not start; "
                f"see why with: lonja --data {settings.data} serve"
            )
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(address) == 0:
                return
        time.sleep(0.1)
    raise ServiceError(f"the node at {settings.base_url} did not answer in time")


def _federate(nodes: Mapping[str, Settings]) -> None:
    """Make the two clusters and harvest until every node holds everything."""
    with ExitStack() as stack:
        open_nodes = {key: stack.enter_context(running(s)) for key, s in nodes.items()}
        hubs = [node.key for node in NODES if not node.hub]
        for node in NODES:
            if node.hub:
                _peer(open_nodes[node.hub], nodes[node.key], role="member")
                _peer(open_nodes[node.key], nodes[node.hub], role=None)
        for hub in hubs:
            for other in hubs:
                if other != hub:
                    _peer(open_nodes[hub], nodes[other], role="allied-hub")
        members = [node.key for node in NODES if node.hub]
        for key in (*hubs, *hubs, *members):
            runtime = open_nodes[key]
            for peer in runtime.peers.list():
                harvest_peer(runtime, peer)
        for runtime in open_nodes.values():
            wait_until_searchable(runtime, runtime.journal.position())


def _peer(runtime: Runtime, other: Settings, role: str | None) -> None:
    peer = accept_peer(runtime, add_peer(runtime, other.base_url).peer)
    if role is not None:
        vouch(runtime, peer, role)


def _wait_for_signal() -> None:
    stopped = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stopped
        stopped = True

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    while not stopped:
        time.sleep(0.2)
