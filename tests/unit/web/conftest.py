"""A town whose pages are looked at, and its neighbour."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.web.towns import Town, make_town


@pytest.fixture
def build(tmp_path: Path) -> Iterator[Callable[..., Town]]:
    """Make towns; their files are closed when the test ends."""
    made: list[Town] = []

    def make(base_url: str = "https://vallalta.example", **more: Any) -> Town:
        fresh = make_town(tmp_path / str(len(made)), base_url, **more)
        made.append(fresh)
        return fresh

    yield make
    for one in made:
        one.runtime.close()


@pytest.fixture
def town(build: Callable[..., Town]) -> Town:
    """A node with a public address and nothing published."""
    return build()
