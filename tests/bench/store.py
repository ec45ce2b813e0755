"""Append, sign and verify: what the journal costs without network and index."""

import time
from pathlib import Path

from node.runtime import running
from node.services.publish import Submission, publish
from tests.bench.corpus import records
from tests.bench.figures import row
from tests.nodes import make_nodes


def run(folder: Path) -> None:
    """Print the rates of publishing and of verifying everything."""
    from node.settings import load

    (node,) = make_nodes(folder, "town")
    with running(load(node.data, environment=node.environment)) as runtime:
        count = 1000
        submissions = (Submission(str(i), d) for i, d in enumerate(records(count, seed=4)))
        began = time.perf_counter()
        refused = sum(outcome.refused for outcome in publish(runtime, submissions))
        row("publish in process, SHACL included", f"{count / (time.perf_counter() - began):.0f}/s")
        row("refused", str(refused))
        began = time.perf_counter()
        report = runtime.journal.verify_all()
        row("verify everything", f"{report.entries / (time.perf_counter() - began):.0f}/s")
