"""Many small nodes in one process, each with its own folder, key and port.

`python -m tests.bench.towns FOLDER PORT COUNT RECORDS` says "ready" once all of them answer.
"""

import sys
import threading
from pathlib import Path

from werkzeug.serving import WSGIRequestHandler, make_server

from node.app import create_app
from node.runtime import open_runtime, running
from node.services.create import create_node
from node.services.publish import Submission, publish
from node.settings import Settings
from tests.bench.corpus import records


class _Silent(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


def main(folder: Path, port: int, count: int, each: int) -> None:
    """Make the nodes, publish, serve until standard input ends."""
    for number in range(count):
        base = f"http://127.0.0.1:{port + number}"
        made = create_node(
            Settings(data=folder / str(number), base_url=base, name=f"Town {number}")
        )
        with running(made) as runtime:
            documents = enumerate(records(each, seed=number))
            for outcome in publish(runtime, (Submission(str(n), d) for n, d in documents)):
                assert not outcome.refused, outcome.findings
        app = create_app(open_runtime(made))
        server = make_server(
            "127.0.0.1", port + number, app, threaded=True, request_handler=_Silent
        )
        threading.Thread(target=server.serve_forever, daemon=True).start()
    print("ready", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:5]))
