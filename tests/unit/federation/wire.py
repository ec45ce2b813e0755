"""Servers on loopback that answer just as a test wants, and remember what they were asked."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

Script = Callable[[socket.socket], None]
"""Answers one request that was read up to the end of its headers."""


@dataclass
class Wire:
    """A server that speaks bytes.

    Attributes:
        port: where it listens, on loopback.
        requests: the headers of each request, verbatim.
        connections: how many were accepted.
        heard: bytes received in all.
        ended: how many connections the other side has closed.
    """

    port: int
    script: Script
    requests: list[str] = field(default_factory=list)
    connections: int = 0
    heard: int = 0
    ended: int = 0

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def url(self, path: str = "/", *, scheme: str = "http", host: str = "127.0.0.1") -> str:
        return f"{scheme}://{host}:{self.port}{path}"

    def heard_in_the_end(self) -> int:
        """Return the bytes received once all connections are closed."""
        until = time.monotonic() + 5
        while (not self.connections or self.ended < self.connections) and time.monotonic() < until:
            time.sleep(0.005)
        return self.heard

    def says(self, *lines: str, body: bytes = b"", kind: str = "application/json") -> None:
        """Answer every request alike from now on; the connection is kept open."""
        head = [lines[0] if lines else "HTTP/1.1 200 OK", f"Content-Type: {kind}"]
        data = answer(*head, f"Content-Length: {len(body)}", *lines[1:], body=body)
        self.script = lambda sock: sock.sendall(data)


def answer(*lines: str, body: bytes = b"") -> bytes:
    """Return status line and headers as bytes, followed by a body."""
    return "\r\n".join([*lines, "", ""]).encode() + body


@contextmanager
def wire(family: socket.AddressFamily = socket.AF_INET) -> Iterator[Wire]:
    """Run a server until the block ends."""
    listener = socket.create_server(
        ("::1" if family == socket.AF_INET6 else "127.0.0.1", 0), family=family
    )
    made = Wire(listener.getsockname()[1], lambda _sock: None)
    made.says(body=b"{}")
    over = threading.Event()
    open_sockets: list[socket.socket] = []

    def accept() -> None:
        while not over.is_set():
            try:
                sock, _address = listener.accept()
            except OSError:
                return
            made.connections += 1
            open_sockets.append(sock)
            threading.Thread(target=serve, args=(sock,), daemon=True).start()

    def serve(sock: socket.socket) -> None:
        received = b""
        try:
            while piece := sock.recv(65_536):
                made.heard += len(piece)
                received += piece
                while b"\r\n\r\n" in received:
                    head, received = received.split(b"\r\n\r\n", 1)
                    made.requests.append(head.decode("latin-1"))
                    made.script(sock)
        except OSError:
            pass
        finally:
            made.ended += 1

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for sock in open_sockets:
            sock.close()
        thread.join(timeout=5)


def dripping(head: bytes, piece: bytes, *, every: float = 0.05, seconds: float = 5.0) -> Script:
    """Return a script that sends a little again and again."""

    def script(sock: socket.socket) -> None:
        sock.sendall(head)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            sock.sendall(piece)
            time.sleep(every)

    return script
