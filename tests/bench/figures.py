"""Small helpers to measure: quantiles, memory of a process tree, one line per figure."""

import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psutil


def row(name: str, value: str, target: str = "") -> None:
    """Print one figure, with the target of the design where there is one."""
    print(f"{name:<58} {value:>20}   {target}", flush=True)


def quantiles(seconds: list[float]) -> str:
    """Return "p50 / p95 ms" of some durations."""
    ordered = sorted(seconds)
    p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    return f"{statistics.median(ordered) * 1000:.1f} / {p95 * 1000:.1f} ms"


def memory_mb(pid: int) -> float:
    """Return the proportional memory of a process and its children in megabytes."""
    root = psutil.Process(pid)
    total = 0
    for process in [root, *root.children(recursive=True)]:
        total += process.memory_full_info().pss
    return total / 1e6


def load_average() -> str:
    """Return the load of the machine over 1, 5 and 15 minutes: what else it was doing."""
    return " ".join(f"{one:.1f}" for one in os.getloadavg())


@contextmanager
def timed() -> Iterator[Callable[[], float]]:
    """Yield a function that returns the seconds since the block was entered."""
    began = time.perf_counter()
    yield lambda: time.perf_counter() - began
