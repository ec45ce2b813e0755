"""Fixtures of the suite that every search engine must pass."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from search.api import SearchEngine
from tests.conformance.engine_cases import NAMES, Place


@pytest.fixture(params=[*NAMES, "opensearch"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """An engine's name and where its index lies, not opened."""
    cluster = None
    if request.param == "opensearch":
        cluster = request.getfixturevalue("cluster")
    return Place(request.param, tmp_path / "index", cluster)


@pytest.fixture
def engine(place: Place) -> Iterator[SearchEngine]:
    """An engine on an index that does not exist yet."""
    opened = place.open()
    yield opened
    opened.close()
