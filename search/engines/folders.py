"""Where an index lies: one folder per layout, so that no program reads another one's index."""

import hashlib
import shutil
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from search.api import FACETS
from search.document import SCHEMA_VERSION


def layout_folder(folder: Path, engine: str) -> Path:
    """Return the folder of an engine's index under `folder`, named after its layout.

    An index of another layout is then not found, which is the same as empty, and it is filled
    again from the journal.
    """
    return folder / layout(engine)


def layout(engine: str) -> str:
    """Return a name that changes with the fields, the analysis and the stemmers."""
    parts = [engine, str(SCHEMA_VERSION), *FACETS]
    for package in ("snowballstemmer", "pystemmer"):
        try:
            parts.append(version(package))
        except PackageNotFoundError:
            parts.append("none")
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()[:12]


def remove_other_layouts(current: Path) -> None:
    """Remove the indexes of other layouts beside the current one. Only the owner may do this."""
    if current.parent.is_dir():
        for other in current.parent.iterdir():
            if other != current and other.is_dir() and len(other.name) == len(current.name):
                shutil.rmtree(other, ignore_errors=True)


def made_anew(folder: Path) -> None:
    """Remove what is in an index folder and make it again, empty."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
