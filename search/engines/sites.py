"""Where an index lies, and how one that was built beside is put in its place."""

import shutil
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from search.api import SearchEngine
from search.engines import open_engine
from search.engines.cluster import Cluster
from search.engines.opensearch.engine import OpenSearchIndex
from search.engines.opensearch.schema import Names


class Site(Protocol):
    """The place of one index. Only who owns the index may change it."""

    def open(self) -> SearchEngine:
        """Return an engine on the index here, which need not exist yet."""
        ...

    def beside(self) -> "Site":
        """Return the place where an index can be built anew meanwhile."""
        ...

    def exchange(self) -> None:
        """Put the index that was built beside in the place of the one here."""
        ...

    def sweep(self) -> None:
        """Remove everything beside the index here, of other engines too: it can be made anew."""
        ...


@dataclass(frozen=True, slots=True)
class FolderSite:
    """A folder of this machine."""

    name: str
    folder: Path

    def open(self) -> SearchEngine:
        """Return an engine on the index here, which need not exist yet."""
        return open_engine(self.name, self.folder)

    def beside(self) -> "FolderSite":
        """Return the place where an index can be built anew meanwhile."""
        return FolderSite(self.name, self.folder.with_name(f"{self.folder.name}.anew"))

    def exchange(self) -> None:
        """Put the index that was built beside in the place of the one here.

        For some microseconds there is none: a search then finds nothing, as before a first one.
        """
        gone = self.folder.with_name(f"{self.folder.name}.gone")
        self.folder.rename(gone)
        self.beside().folder.rename(self.folder)

    def sweep(self) -> None:
        """Remove all other indexes in the folder that this one lies in."""
        _remove(self.folder.parent, but=self.folder)


@dataclass(frozen=True, slots=True)
class ClusterSite:
    """A name on an OpenSearch cluster.

    Attributes:
        cluster: the cluster.
        folder: where indexes of other engines lie on this machine.
        slot: "" for the index that is searched.
    """

    cluster: Cluster
    folder: Path
    slot: str = ""

    def open(self) -> SearchEngine:
        """Return an engine on the index here, which need not exist yet."""
        return open_engine("opensearch", self.folder, self.cluster, slot=self.slot)

    def beside(self) -> "ClusterSite":
        """Return the place where an index can be built anew meanwhile."""
        return ClusterSite(self.cluster, self.folder, "anew")

    def exchange(self) -> None:
        """Put the index that was built beside in the place of the one here, in one step."""
        with closing(self._index()) as here:
            here.replace(Names(self.cluster.prefix, self.beside().slot))

    def sweep(self) -> None:
        """Delete all other indexes of this node on the cluster and on this machine."""
        with closing(self._index()) as here:
            here.sweep()
        _remove(self.folder, but=None)

    def _index(self) -> OpenSearchIndex:
        return OpenSearchIndex(self.cluster, self.slot)


def _remove(folder: Path, but: Path | None) -> None:
    if folder.is_dir():
        for other in folder.iterdir():
            if other != but:
                shutil.rmtree(other, ignore_errors=True)
