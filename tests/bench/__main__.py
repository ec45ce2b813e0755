"""Measure Lonja on this machine: `make bench`, or `python -m tests.bench [harvest|search …]`.

Prints figures and the targets of the design; asserts nothing. Sizes can be lowered with
LONJA_BENCH_RECORDS (harvest) and LONJA_BENCH_SEARCH (comma-separated sizes).
"""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests.bench import crosslingual, harvest, peers, search, store, validation

BENCHES: Final[dict[str, Callable[[Path], None]]] = {
    "validation": validation.run,
    "store": store.run,
    "harvest": harvest.run,
    "peers": peers.run,
    "search": search.run,
    "crosslingual": crosslingual.run,
}


def main() -> None:
    """Run the benches that the arguments name, all of them by default."""
    names = sys.argv[1:] or list(BENCHES)
    for name in names:
        if name not in BENCHES:
            sys.exit(f"there is no bench '{name}'; choose from {', '.join(BENCHES)}")
        print(f"\n## {name}", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            BENCHES[name](Path(folder))


if __name__ == "__main__":
    main()
