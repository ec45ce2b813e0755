"""A child process that outlives its parent ends itself, so that no port or lock stays taken."""

import os
import threading
import time


def end_with_parent(seconds: float = 0.3) -> None:
    """Watch the parent process from a thread and end this one once the parent has died.

    A parent that is killed cannot tell its children; they see it by their parent's number.
    """
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(seconds)
        os._exit(0)

    threading.Thread(target=watch, name="watch-parent", daemon=True).start()
