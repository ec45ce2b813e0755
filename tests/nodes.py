"""Real nodes for tests: made in a temporary folder, run as real processes on real ports."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]


def _range() -> range:
    """Return the ports that this process of the test run chooses from: no two share any.

    They lie below those that systems hand out to clients.
    """
    number = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    first = 10_000 + 2_500 * (int(number) % 8)
    return range(first, first + 2_500)


def free_port() -> int:
    """Return a port that nobody listens on."""
    while True:
        port = random.choice(_range())
        try:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        return port


def free_ports(count: int) -> int:
    """Return the first of `count` neighbouring ports that nobody listens on."""
    while True:
        first = free_port()
        try:
            for number in range(count):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", first + number))
        except (OSError, OverflowError):
            continue
        return first


def practice(title: str, **more: Any) -> dict[str, Any]:
    """Return a small, valid authoring document."""
    return {
        "@context": "https://w3id.org/lonja/context/v1",
        "type": "Practice",
        "title": {"en": title},
        "license": "https://creativecommons.org/licenses/by/4.0/",
        **more,
    }


@dataclass
class Done:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The JSON object that the command printed."""
        return json.loads(self.out)


@dataclass
class Node:
    """One node: its folder, its address, its commands, and its server while it runs.

    Attributes:
        port: of its public address.
        listen: the port on which its server listens behind a proxy, 0 for the public one.
    """

    data: Path
    port: int
    allow: list[str] = field(default_factory=list)
    engine: str = "tantivy"
    server: subprocess.Popen[bytes] | None = None
    listen: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("LONJA_", "COV"))}
        return {
            **kept,
            "LONJA_DATA": str(self.data),
            "LONJA_BASE_URL": self.url,
            "LONJA_ALLOW_HOSTS": ",".join(self.allow),
            "LONJA_SEARCH": self.engine,
            **({"LONJA_PORT": str(self.listen)} if self.listen else {}),
            "PYTHONPATH": str(ROOT),
            "LANG": "C.UTF-8",
        }

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "node", *words]

    def run(self, *words: str, stdin: bytes = b"", timeout: float = 300) -> Done:
        """Run a command of this node to its end."""
        done = subprocess.run(
            self.command(*words),
            input=stdin,
            capture_output=True,
            env=self.environment,
            cwd=ROOT,
            timeout=timeout,
            check=False,
        )
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())

    def ok(self, *words: str, stdin: bytes = b"", timeout: float = 300) -> Done:
        """Run a command that must succeed."""
        done = self.run(*words, stdin=stdin, timeout=timeout)
        assert done.code == 0, f"{words}: exit {done.code}\n{done.out[-2000:]}\n{done.err[-4000:]}"
        return done

    def publish(self, *documents: dict[str, Any]) -> list[str]:
        """Publish documents and return their record URIs."""
        lines = b"\n".join(json.dumps(document).encode() for document in documents)
        if len(documents) == 1:
            lines = json.dumps(documents[0]).encode()
        return list(self.ok("publish", "-", "--json", stdin=lines).json["published"])

    def start(self) -> None:
        """Start `lonja serve` and return once it is ready."""
        self.server = subprocess.Popen(
            self.command("serve"),
            env=self.environment,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        until = time.monotonic() + 60
        while time.monotonic() < until:
            if self.server.poll() is not None:
                assert self.server.stderr is not None
                raise AssertionError(self.server.stderr.read().decode())
            try:
                if self.get("/healthz")[0] == 200:
                    return
            except OSError:
                time.sleep(0.1)
        raise AssertionError("the node did not become ready")

    def stop(self) -> None:
        """End the server and wait for it."""
        if self.server is not None and self.server.poll() is None:
            self.server.send_signal(signal.SIGTERM)
            try:
                self.server.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self.server.kill()
                self.server.wait()
        if self.server is not None and self.server.stderr is not None:
            self.server.stderr.close()
        self.server = None

    def get(self, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """GET a path of the server itself; header names are written with underscores."""
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        place = f"http://127.0.0.1:{self.listen or self.port}"
        request = urllib.request.Request(place + path, headers=named)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, dict(answer.headers), answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, dict(error.headers), error.read()

    def find(self, path: str) -> Any:
        """GET the search API and return its JSON."""
        status, _headers, body = self.get("/api/v1/search" + path)
        assert status == 200, body
        return json.loads(body)


def make_nodes(folder: Path, *names: str, engines: dict[str, str] | None = None) -> list[Node]:
    """Make nodes that may reach each other on loopback; their servers are not started yet."""
    ports = [free_port() for _name in names]
    allow = [f"127.0.0.1:{port}" for port in ports]
    nodes = []
    for name, port in zip(names, ports, strict=True):
        node = Node(folder / name, port, allow, (engines or {}).get(name, "tantivy"))
        node.ok("init", "--name", name, "--sector", "government", "--json")
        nodes.append(node)
    return nodes
