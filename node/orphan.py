"""A child process that outlives its parent ends itself, so that no port or lock stays taken."""

import os
import threading
import time
from typing import Final

SUPERVISOR: Final = "LONJA_SUPERVISOR"
"""Environment variable with the process number of `lonja serve`, set for its children."""


def end_with_parent(seconds: float = 0.3) -> None:
    """Watch the parent process from a thread and end this one once the parent has died.

    A parent that is killed cannot tell its children; they see it by their parent's number. It may
    have died before this was called, hence the number in the environment.
    """
    parent = int(os.environ.get(SUPERVISOR) or os.getppid())

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(seconds)
        os._exit(0)

    threading.Thread(target=watch, name="watch-parent", daemon=True).start()
