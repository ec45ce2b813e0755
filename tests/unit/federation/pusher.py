"""A process that pushes a town's log to a hub and prints what became of it."""

import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import orjson

from federation.fetch import Fetcher
from federation.identity import load
from federation.journal.journal import Journal
from federation.journal.store import open_store
from federation.own_head import own_head
from federation.push import push


def main(folder: Path, target: str) -> None:
    """Push once."""
    store = open_store(folder / "journal.sqlite3", lock=folder / "write.lock")
    journal = Journal(store, lambda: datetime.now(UTC))
    identity = load(folder / "keys")
    fetcher = Fetcher(allow_hosts=[target.removeprefix("http://")])
    head = own_head(journal, identity, f"{identity.base}/feed", datetime.now(UTC))
    done = push(target, journal=journal, identity=identity, head=head, fetcher=fetcher)
    print(orjson.dumps(asdict(done)).decode(), flush=True)
    fetcher.close()
    store.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
