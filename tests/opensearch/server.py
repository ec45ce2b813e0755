"""A real OpenSearch server on loopback, for one test session.

Maven fetches it once (53 MB) into the user's cache; it starts in some four seconds and listens on
127.0.0.1 only.
"""

import fcntl
import hashlib
import os
import re
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

MAIN = "org.codelibs.opensearch.runner.OpenSearchRunner"
HEAP = "384m"
FIRST_PORT = 9201  # the runner takes the first free one from there to 9299
JAVA = 17
FETCH_SECONDS, START_SECONDS = 600, 90
_POM = Path(__file__).with_name("pom.xml")


class CannotRunError(Exception):
    """There is no OpenSearch on this machine, and why."""


@dataclass(frozen=True)
class Running:
    """A server: its address and the folder of its data."""

    url: str
    folder: Path


@contextmanager
def opensearch(folder: Path) -> Iterator[Running]:
    """Start a server with its data in `folder`, and end it.

    Raises:
        CannotRunError: what is missing.
    """
    _check_java()
    libraries = _libraries()
    with (libraries.parent / "starting.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two that start at once would choose the same port
        process, url = _start(libraries, folder)
    try:
        yield Running(url, folder)
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # the data is thrown away
        process.wait()


def _check_java() -> None:
    try:
        said = subprocess.run(
            ["java", "-version"], capture_output=True, text=True, timeout=60, check=False
        )
    except OSError:
        raise CannotRunError("OpenSearch needs Java 17 or later, and there is no Java") from None
    found = re.search(r'version "(\d+)', said.stderr)
    if not found or int(found[1]) < JAVA:
        raise CannotRunError(
            f"OpenSearch needs Java {JAVA} or later: {said.stderr.splitlines()[:1]}"
        )


def _libraries() -> Path:
    """Return the folder with the server's libraries, fetched if they are not there yet."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    name = hashlib.sha256(_POM.read_bytes()).hexdigest()[:12]
    folder = Path(home) / "lonja-tests" / f"opensearch-{name}"
    if folder.is_dir():
        return folder
    maven = shutil.which("mvn")
    if maven is None:
        raise CannotRunError("OpenSearch is fetched with Maven, and there is no mvn")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / "fetching.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several test processes may want it at once
        if not folder.is_dir():
            _fetch(maven, folder)
    return folder


def _fetch(maven: str, folder: Path) -> None:
    fetched = folder.with_suffix(".part")
    shutil.rmtree(fetched, ignore_errors=True)
    command = [maven, "-q", "-B", "dependency:copy-dependencies", "-f", str(_POM),
               f"-DoutputDirectory={fetched}", "-DincludeScope=runtime"]  # fmt: skip
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=FETCH_SECONDS,
            cwd=folder.parent,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise CannotRunError("OpenSearch could not be fetched within ten minutes") from None
    if done.returncode:
        said = next((line for line in done.stdout.splitlines() if "ERROR" in line), "mvn failed")
        raise CannotRunError(f"OpenSearch could not be fetched: {said}")
    fetched.rename(folder)


def _start(libraries: Path, folder: Path) -> tuple["subprocess.Popen[bytes]", str]:
    config = folder / "node_1" / "config"
    config.mkdir(parents=True)
    (config / "opensearch.yml").write_text(
        "network.host: 127.0.0.1\n"
        "discovery.type: single-node\n"
        "cluster.routing.allocation.disk.threshold_enabled: false\n"
    )
    cluster = f"lonja-tests-{secrets.token_hex(4)}"
    command = ["java", f"-Xmx{HEAP}", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
               "-cp", f"{libraries}/*", MAIN, "-basePath", str(folder), "-numOfNode", "1",
               "-baseHttpPort", str(FIRST_PORT - 1), "-clusterName", cluster,
               "-disableESLogger"]  # fmt: skip
    with (folder / "output.log").open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        url = _answering(folder / "output.log", cluster)
        if url:
            return process, url
        time.sleep(0.1)
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    said = " / ".join((folder / "output.log").read_text("utf-8", "replace").splitlines()[-3:])
    raise CannotRunError(f"OpenSearch did not start within {START_SECONDS} seconds: {said}")


def _answering(output: Path, cluster: str) -> str:
    """Return the address of our server once it is ready, "" before."""
    port = re.search(r"HTTP Port:\s+(\d+)", output.read_text("utf-8", "replace"))
    if not port:
        return ""
    url = f"http://127.0.0.1:{port[1]}"
    with requests.Session() as session:
        session.trust_env = False
        try:
            health = session.get(f"{url}/_cluster/health", timeout=5).json()
        except (OSError, ValueError):
            return ""
    ready = health.get("status") in ("green", "yellow")
    return url if ready and health.get("cluster_name") == cluster else ""
