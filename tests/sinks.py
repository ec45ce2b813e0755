"""A mail server and a webhook for tests: real sockets on this machine that keep what arrives."""

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any


@dataclass
class Sink:
    """What has arrived; with `refuses` set everything is turned away."""

    address: str = ""
    mails: list[str] = field(default_factory=list)
    posts: list[dict[str, Any]] = field(default_factory=list)
    refuses: bool = False


@contextmanager
def _served(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def mail_sink() -> Iterator[Sink]:
    """Yield a mail server (SMTP, RFC 5321, as much of it as a client needs)."""
    sink = Sink()

    class Conversation(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.say("220 sink ready")
            while line := self.rfile.readline().decode().strip():
                word = line.split()[0].upper()
                if word == "DATA" and not sink.refuses:
                    self.say("354 go on")
                    sink.mails.append(self.mail())
                    self.say("250 kept")
                elif word == "QUIT":
                    self.say("221 bye")
                    return
                else:
                    self.say("451 not now" if sink.refuses and word == "MAIL" else "250 fine")

        def mail(self) -> str:
            lines = []
            while (line := self.rfile.readline().decode()) != ".\r\n":
                lines.append(line)
            return "".join(lines)

        def say(self, text: str) -> None:
            self.wfile.write(f"{text}\r\n".encode())

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Conversation) as server:
        server.daemon_threads = True
        sink.address = f"127.0.0.1:{server.server_address[1]}"
        with _served(server):
            yield sink


@contextmanager
def webhook_sink() -> Iterator[Sink]:
    """Yield a web server that takes JSON."""
    sink = Sink()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if not sink.refuses:
                sink.posts.append(json.loads(body))
            self.send_response(503 if sink.refuses else 204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        sink.address = f"127.0.0.1:{server.server_port}"
        with _served(server):
            yield sink
