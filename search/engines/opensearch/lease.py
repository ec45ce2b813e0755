"""Who writes: a document that its owner renews every few seconds.

Two writers of one index would undo each other's work without a sign of it. The owner changes the
document only if nobody else has (`if_seq_no`). Clocks are not compared: who wants the lease watches
it and takes it when it has not been renewed for a while. An owner of this machine whose process is
dead has lost it at once.
"""

import logging
import os
import secrets
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from search.api import IndexBusyError, SearchUnavailableError
from search.engines.opensearch.schema import Names
from search.engines.opensearch.server import AnsweredError, Server

log = logging.getLogger(__name__)

BEAT_SECONDS: Final = 5.0
EXPIRY_SECONDS: Final = 15.0
_CONFLICT: Final = 409
_SETTINGS: Final = {
    "settings": {"index": {"number_of_shards": 1, "auto_expand_replicas": "0-1"}},
    "mappings": {"dynamic": False},
}


@dataclass
class Watched:
    """What was last seen of the lease of another owner, and when that was seen first."""

    version: tuple[int, int] = (0, 0)
    since: float = field(default_factory=time.monotonic)

    def unchanged(self, version: tuple[int, int]) -> float:
        """Return for how many seconds the lease has had this version."""
        if version != self.version:
            self.version, self.since = version, time.monotonic()
        return time.monotonic() - self.since


class Lease:
    """The right to write one index, held until it is released."""

    def __init__(self, server: Server, names: Names, watched: Watched) -> None:
        """Take the lease.

        Raises:
            IndexBusyError: somebody else has it.
        """
        self._server = server
        self._path = f"/{names.lease_index}/_doc/{names.lease}"
        self._document = {"token": secrets.token_hex(8), "host": socket.gethostname(), **_process()}
        self._lock = threading.Lock()
        self._done = threading.Event()
        self._lost = False
        _make_index(server, names.lease_index)
        self._version = self._taken(names, watched)
        self._renewed = time.monotonic()
        threading.Thread(target=self._beat, name="index lease", daemon=True).start()

    def check(self) -> None:
        """Make sure that the lease is still held.

        Raises:
            IndexBusyError: it was lost.
            SearchUnavailableError: the cluster does not answer.
        """
        if time.monotonic() - self._renewed > 2 * BEAT_SECONDS:  # this machine stood still
            self._renew()
        if self._lost:
            raise IndexBusyError("another process has taken over this index")

    def release(self) -> None:
        """Give the lease back."""
        self._done.set()
        with self._lock:
            if not self._lost:
                self._lost = True
                with suppress(AnsweredError, SearchUnavailableError):
                    self._server.send("DELETE", self._path, **_unless_changed(self._version))

    def _taken(self, names: Names, watched: Watched) -> tuple[int, int]:
        create = f"/{names.lease_index}/_create/{names.lease}"
        with suppress(AnsweredError):
            return _version(self._server.send("PUT", create, self._document))
        try:
            held = self._server.send("GET", self._path)
            owner, version = held["_source"], _version(held)
            if owner.get("token") != self._document["token"]:  # else our own, sent twice
                unchanged = watched.unchanged(version)
                if not _is_dead(owner) and unchanged < EXPIRY_SECONDS:
                    raise IndexBusyError(
                        f"process {owner.get('pid')} on {owner.get('host')} writes this index; "
                        f"if it is gone, try again in {EXPIRY_SECONDS:.0f} seconds"
                    )
            made = self._server.send("PUT", self._path, self._document, **_unless_changed(version))
        except AnsweredError as error:
            raise IndexBusyError("another process has just begun to write this index") from error
        return _version(made)

    def _beat(self) -> None:
        while not self._done.wait(BEAT_SECONDS) and not self._lost:
            try:
                self._renew()
            except SearchUnavailableError as error:
                log.warning("the lease on the index could not be renewed: %s", error)

    def _renew(self) -> None:
        with self._lock:
            if self._lost:
                return
            began = time.monotonic()
            try:
                made = self._server.send(
                    "PUT", self._path, self._document, **_unless_changed(self._version)
                )
                self._version, self._renewed = _version(made), began
            except AnsweredError:
                self._lost = not self._is_still_ours()

    def _is_still_ours(self) -> bool:
        """Say whether the lease was renewed although the answer to that was lost."""
        try:
            held = self._server.send("GET", self._path)
        except AnsweredError:
            return False
        self._version = _version(held)
        return bool(held["_source"].get("token") == self._document["token"])


def _make_index(server: Server, name: str) -> None:
    try:
        server.send("PUT", f"/{name}", _SETTINGS)
    except AnsweredError as error:
        if error.kind != "resource_already_exists_exception":
            raise


def _version(answer: dict[str, Any]) -> tuple[int, int]:
    return int(answer["_seq_no"]), int(answer["_primary_term"])


def _unless_changed(version: tuple[int, int]) -> dict[str, int]:
    return {"if_seq_no": version[0], "if_primary_term": version[1]}


def _process() -> dict[str, object]:
    pid = os.getpid()
    return {"pid": pid, "started": _started(pid), "machine": _machine()}


def _is_dead(owner: dict[str, Any]) -> bool:
    """Say whether a process is known to be dead; one of another machine never is."""
    pid = owner.get("pid")
    if not isinstance(pid, int) or owner.get("machine") != _machine():
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return bool(owner.get("started") != _started(pid))


def _machine() -> str:
    """Return what tells apart machines, starts of one, and containers that count their own."""
    said = [socket.gethostname()]
    with suppress(OSError):
        said.append(Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip())
    with suppress(OSError):
        said.append(str(Path("/proc/self/ns/pid").readlink()))
    return " ".join(said)


def _started(pid: int) -> str:
    """Return when a process began, "" where that cannot be read; a number is used again."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] == "Z" else fields[19]
