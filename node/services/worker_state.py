"""The worker's heartbeat: a file whose time says that the worker is alive."""

import os
from datetime import datetime
from pathlib import Path

from node.settings import Settings


def heartbeat_file(settings: Settings) -> Path:
    """Return the file that the worker touches every few seconds."""
    return settings.data / "worker.heartbeat"


def beat(settings: Settings) -> None:
    """Say that the worker is alive now."""
    file = heartbeat_file(settings)
    file.touch(exist_ok=True)
    os.utime(file)


def heartbeat_age(settings: Settings, now: datetime) -> float | None:
    """Return how many seconds ago the worker was heard of, None when never."""
    try:
        seen = heartbeat_file(settings).stat().st_mtime
    except OSError:
        return None
    return max(0.0, now.timestamp() - seen)
