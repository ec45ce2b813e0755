"""Measure Lonja on this machine: `make bench`, or `python -m tests.bench [harvest|search …]`.

`compare` and `freshness` take options when they are asked for alone, see `--help` of each.
Prints figures and the targets of the design; asserts nothing. Sizes can be lowered with
LONJA_BENCH_RECORDS (harvest) and LONJA_BENCH_SEARCH (comma-separated sizes).
"""

import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests.bench import (
    compare,
    crosslingual,
    freshness,
    harvest,
    hostile,
    peers,
    search,
    store,
    validation,
)

BENCHES: Final[dict[str, Callable[[Path], None]]] = {
    "validation": validation.run,
    "store": store.run,
    "harvest": harvest.run,
    "peers": peers.run,
    "search": search.run,
    "crosslingual": crosslingual.run,
    "hostile": hostile.run,
    "compare": compare.run,
    "freshness": freshness.run,
}
WITH_OPTIONS: Final = {"compare": compare.run, "freshness": freshness.run}


def main() -> None:
    """Run the benches that the arguments name, all of them by default."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # servers and folders go too
    names = sys.argv[1:] or list(BENCHES)
    if names[0] in WITH_OPTIONS:
        with tempfile.TemporaryDirectory() as folder:
            WITH_OPTIONS[names[0]](Path(folder), names[1:])
        return
    for name in names:
        if name not in BENCHES:
            sys.exit(f"there is no bench '{name}'; choose from {', '.join(BENCHES)}")
        print(f"\n## {name}", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            BENCHES[name](Path(folder))


if __name__ == "__main__":
    main()
