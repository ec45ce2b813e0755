"""Publish one practice for every title read from standard input; say each URI once it is durable.

`python -m tests.bench.publisher DATA`: a process of its own, as a program beside a serving node is.
"""

import os
import sys
from pathlib import Path

from node.runtime import running
from node.services.publish import Submission, publish
from node.settings import load
from tests.nodes import practice


def main(data: Path) -> None:
    """Publish until standard input ends."""
    with running(load(data, environment=os.environ)) as runtime:
        print("ready", flush=True)
        for line in sys.stdin:
            document = {**practice(line.strip()), "publisher": runtime.settings.organisation_uri}
            (outcome,) = publish(runtime, [Submission(line.strip(), document)])
            assert not outcome.refused, outcome.findings
            print(outcome.uri, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
