"""A process that publishes into a journal and prints each entry once it is durable."""

import sys
from datetime import UTC, datetime
from pathlib import Path

from federation.identity import load
from federation.journal.journal import Draft, Journal
from federation.journal.store import open_store
from tests.unit.federation.world import practice


def main(folder: Path, count: int, at_once: int) -> None:
    """Publish `count` times `at_once` practices."""
    store = open_store(folder / "journal.sqlite3", lock=folder / "write.lock")
    journal = Journal(store, lambda: datetime.now(UTC))
    identity = load(folder / "keys")
    print("ready", flush=True)
    for number in range(count):
        drafts = [Draft(practice(f"{number} of {one}"), None, "Practice") for one in range(at_once)]
        for entry in journal.append_local(drafts, identity):
            print(entry.seq, entry.digest, flush=True)
    store.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
