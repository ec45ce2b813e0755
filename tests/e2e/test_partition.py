"""Two nodes on two machines, as far as the kernel can pretend: the cable between them is pulled."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from typing_extensions import override

from tests.e2e.lines import harvest, held
from tests.nodes import ROOT, Node, free_port, practice

pytestmark = pytest.mark.e2e

HERE, THERE = "10.213.77.1", "10.213.77.2"
FORWARD = """
import asyncio, sys
port, there = int(sys.argv[1]), sys.argv[2]
async def copy(reader, writer):
    try:
        while piece := await reader.read(65536):
            writer.write(piece)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()
async def serve(reader, writer):
    try:
        far = await asyncio.wait_for(asyncio.open_connection(there, port), 9)
    except (OSError, TimeoutError):
        writer.close()
        return
    await asyncio.gather(copy(reader, far[1]), copy(far[0], writer))
async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", port)
    await server.serve_forever()
asyncio.run(main())
"""
"""A trial is at 127.0.0.1 for everybody: on the reader's machine, this stands there for it."""


@dataclass
class Machine(Node):
    """A node in a network namespace of its own."""

    space: str = field(default="", kw_only=True)

    @override
    def command(self, *words: str) -> list[str]:
        return ["ip", "netns", "exec", self.space, *super().command(*words)]

    @property
    @override
    def environment(self) -> dict[str, str]:
        return {**super().environment, "LONJA_HOST": "0.0.0.0"}


@dataclass
class Pair:
    """A publisher, a reader, and the cable between them."""

    source: Machine
    reader: Machine
    cable: str

    def pull(self) -> None:
        ip("-n", self.source.space, "link", "set", self.cable, "down")

    def plug(self) -> None:
        ip("-n", self.source.space, "link", "set", self.cable, "up")


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, timeout=20)


def refused(*words: str) -> str:
    """Return why a command cannot be run here, "" when it can."""
    if shutil.which(words[0]) is None:
        return f"there is no '{words[0]}' here"
    done = subprocess.run(words, capture_output=True, timeout=20, check=False)
    return done.stderr.decode().strip() if done.returncode else ""


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    if os.geteuid() != 0:
        pytest.skip("network namespaces need root")
    names = [f"lonja-{os.getpid()}-{side}" for side in "ab"]
    why = refused("ip", "netns", "add", names[0])
    if why:
        pytest.skip(f"no network namespaces: {why}")
    with ExitStack() as stack:
        stack.callback(ip, "netns", "del", names[0])
        ip("netns", "add", names[1])
        stack.callback(ip, "netns", "del", names[1])
        why = refused(
            "ip", "link", "add", "veth-a", "netns", names[0], "type", "veth",
            "peer", "name", "veth-b", "netns", names[1],
        )  # fmt: skip
        if why:
            pytest.skip(f"no virtual cable between network namespaces: {why}")
        for name, cable, address in zip(names, ("veth-a", "veth-b"), (HERE, THERE), strict=True):
            ip("-n", name, "addr", "add", f"{address}/30", "dev", cable)
            ip("-n", name, "link", "set", cable, "up")
            ip("-n", name, "link", "set", "lo", "up")
        yield _nodes(tmp_path, names, stack)


def _nodes(folder: Path, names: list[str], stack: ExitStack) -> Pair:
    port, other = free_port(), free_port()
    allow = [f"127.0.0.1:{port}"]
    source = Machine(folder / "source", port, allow, space=names[0])
    reader = Machine(folder / "reader", other, allow, space=names[1])
    for node in (source, reader):
        node.ok("init", "--name", node.space, "--sector", "government", "--json")
    for command in (
        source.command("serve"),
        ["ip", "netns", "exec", names[1], sys.executable, "-c", FORWARD, str(port), HERE],
    ):
        process = subprocess.Popen(
            command, env=source.environment, cwd=ROOT, stderr=subprocess.DEVNULL
        )
        stack.callback(process.wait)
        stack.callback(process.terminate)
    until = time.monotonic() + 40
    while reader.run("peer", "add", source.url, "--accept").code != 0:
        assert time.monotonic() < until
    return Pair(source, reader, "veth-a")


def test_a_cable_that_is_pulled_and_plugged_in_again_loses_nothing(pair: Pair) -> None:
    source, reader = pair.source, pair.reader
    uris = source.publish(*[practice(f"Practice number {i}") for i in range(40)])
    assert harvest(reader, source.url)[0]["new"] == 41
    pair.pull()
    source.publish(practice("Published while nobody could read it"))
    source.ok("retract", uris[0], "--reason", "published by mistake")
    (run,) = harvest(reader, source.url)
    assert (run["state"], run["error"], run["deleted"]) == ("failed", "unreachable", 0)
    assert len(held(reader, source)) == 41
    pair.plug()
    run = harvest(reader, source.url)[0]
    assert (run["state"], run["new"], run["deleted"]) == ("done", 1, 1)
    assert held(reader, source) == held(source, source)
    assert reader.ok("verify", "--json").json["faults"] == []


@pytest.fixture
def narrow() -> tuple[str, ...]:
    """What makes a line narrow and bad, where this kernel can do that."""
    shape = ("root", "netem", "loss", "30%", "rate", "128kbit")
    name = f"lonja-{os.getpid()}-try"
    why = refused("ip", "netns", "add", name)
    if why:
        pytest.skip(f"no network namespaces: {why}")
    try:
        why = refused("tc", "-n", name, "qdisc", "add", "dev", "lo", *shape)
    finally:
        ip("netns", "del", name)
    if why:
        pytest.skip(f"this kernel cannot lose packets: {why}")
    return shape


@pytest.mark.timeout(900)
def test_a_line_of_128_kbit_that_loses_every_third_packet_loses_nothing(
    narrow: tuple[str, ...], pair: Pair
) -> None:
    pair.source.publish(*[practice(f"Practice number {i}") for i in range(40)])
    command = ("tc", "-n", pair.source.space, "qdisc", "add", "dev", pair.cable, *narrow)
    assert refused(*command) == ""
    for _run in range(10):
        (run,) = harvest(pair.reader, pair.source.url)
        if run["state"] != "failed":
            break
    assert held(pair.reader, pair.source) == held(pair.source, pair.source)
