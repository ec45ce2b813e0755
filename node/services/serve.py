"""Serve: one command, two children — the web server and the worker."""

import logging
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Final

from node.orphan import SUPERVISOR, end_with_parent
from node.services.errors import ServiceError
from node.settings import Settings

WORKER_RESTART_SECONDS: Final = 1.0
PORT_SECONDS: Final = 3.0
THREADS: Final = 64
"""Requests that are worked on at once, at most: the server starts threads as they are needed, and
`node.web.bodies` leaves half of them to those who only read."""


class WorkerProcess:
    """The worker as a child; started again when it dies by itself."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, name="keep-worker", daemon=True)

    def start(self) -> None:
        """Start the worker."""
        self._thread.start()

    def stop(self) -> None:
        """Ask the worker to end and wait for it."""
        self._stopping.set()
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self._process.kill()

    def _keep(self) -> None:
        while not self._stopping.is_set():
            command = [sys.executable, "-m", "node.worker"]
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL)  # noqa: S603  # our own module
            if self._stopping.is_set():  # told to stop while it was being started
                self._process.terminate()
            self._process.wait()
            self._stopping.wait(WORKER_RESTART_SECONDS)


def serve(settings: Settings, *, ready: Callable[[str], None]) -> None:
    """Serve the node until the process is told to stop.

    Args:
        settings: of the node; children read the same ones from the environment.
        ready: called with the address once the server listens.

    Raises:
        ServiceError: the port is taken.
    """
    from granian import Granian  # slow to import, and no other command needs it
    from granian.constants import Interfaces
    from granian.log import LogLevels

    if os.environ.get(SUPERVISOR):  # started by a program that ends its nodes with itself
        end_with_parent()
    host, port = settings.listen
    _wait_for_port(host, port)
    os.environ["LONJA_DATA"] = str(settings.data.resolve())
    os.environ[SUPERVISOR] = str(os.getpid())
    server = Granian(
        "node.app:wsgi",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=THREADS,
        websockets=False,
        log_enabled=True,
        log_level=LogLevels.warning,
        log_access=False,
        respawn_failed_workers=True,
        process_name=None,
    )
    # The server advises as many threads as there is work for; most of ours wait for slow senders.
    logging.getLogger("_granian").addFilter(lambda said: "Python threads" not in said.getMessage())
    worker = WorkerProcess()
    server.on_startup(worker.start)
    server.on_startup(lambda: ready(f"http://{host}:{port}/"))
    server.on_shutdown(worker.stop)
    server.serve()


def _wait_for_port(host: str, port: int) -> None:
    """Return once the port is free: the children of a killed node need a moment to end.

    Raises:
        ServiceError: another program keeps it.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    until = time.monotonic() + PORT_SECONDS
    while True:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                if time.monotonic() > until:
                    raise ServiceError(
                        f"cannot listen on {host}:{port} ({error.strerror}); stop the other "
                        "program or choose another port with --port"
                    ) from error
            else:
                return
        time.sleep(0.2)
