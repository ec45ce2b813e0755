"""The indexes of one node on a cluster, and the engine on them."""

from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

from typing_extensions import override

from search.api import Completion, SearchRequest, SearchResult
from search.engines.cluster import Cluster
from search.engines.opensearch.lease import Lease, Watched
from search.engines.opensearch.schema import Names, mappings, settings
from search.engines.opensearch.server import WRITE_SECONDS, AnsweredError, Server
from search.engines.opensearch.view import OpenSearchView, VanishedError, position_of
from search.engines.opensearch.writer import OpenSearchWriter
from search.finder.engine import Engine

_TRIES: Final = 4
_NOT_FOUND: Final = 404
_Answer = TypeVar("_Answer")


class OpenSearchIndex:
    """An index on a cluster; any number of readers, one writer, on any machines."""

    name = "opensearch"

    def __init__(self, cluster: Cluster, slot: str = "") -> None:
        """Name an index, which need not exist yet.

        Args:
            cluster: where it is.
            slot: "" for the index that is searched, another word for one built beside.
        """
        self.names = Names(cluster.prefix, slot)
        self.server = Server(cluster)
        self._watched = Watched()
        self._searched = False

    def view(self) -> OpenSearchView:
        """Return what is visible now; an index that does not exist is empty."""
        return OpenSearchView(self.server, self.names)

    def writer(self) -> OpenSearchWriter:
        """Return the writer; an index of this layout is made where there is none.

        An index of another layout goes on being searched until this one has caught up.
        """
        lease = Lease(self.server, self.names, self._watched)
        try:
            self._make()
            return OpenSearchWriter(self.server, self.names, lease, self._committed)
        except BaseException:
            lease.release()
            raise

    def clear(self) -> None:
        """Empty the index and set its position to 0: a new one takes the names of the old."""
        lease = Lease(self.server, self.names, self._watched)
        try:
            self._take_over(self._made())
        finally:
            lease.release()

    def close(self) -> None:
        """Close the connections."""
        self.server.close()

    def held(self) -> dict[str, set[str]]:
        """Return the aliases of each index of this node."""
        try:
            found = self.server.send("GET", f"/{self.names.all}/_alias", expand_wildcards="all")
        except AnsweredError as error:
            if error.status == _NOT_FOUND:
                return {}
            raise
        return {
            name: set(index["aliases"])
            for name, index in found.items()
            if name != self.names.lease_index
        }

    def replace(self, other: Names) -> None:
        """Put an index that was built beside in the place of this one, in one step."""
        held = self.held()
        (index,) = (name for name, aliases in held.items() if other.write in aliases)
        self._take_over(index, drop=(other.read, other.write))

    def sweep(self) -> None:
        """Delete all indexes of this node but the one that is searched or filled."""
        mine = {self.names.read, self.names.write}
        for name, aliases in self.held().items():
            if not aliases & mine:
                self.server.send("DELETE", f"/{name}")

    def _make(self) -> None:
        held = self.held()
        mine = [aliases for aliases in held.values() if self.names.write in aliases]
        older = any(self.names.read in aliases for aliases in held.values())
        if not mine:
            wanted = (self.names.write,) if older else (self.names.write, self.names.read)
            self._rename(self._made(), add=wanted)
        self._searched = not older or any(self.names.read in aliases for aliases in mine)

    def _made(self) -> str:
        """Return a new, empty index: nobody knows of it before it can be searched."""
        name = self.names.fresh()
        body = {"settings": settings(), "mappings": mappings()}
        self.server.send("PUT", f"/{name}", body, seconds=WRITE_SECONDS)
        return name

    def _committed(self, position: int) -> None:
        """Have this layout searched once it knows as much as the index that is searched."""
        if self._searched:
            return
        held = self.held()
        older = [name for name, aliases in held.items() if self.names.read in aliases]
        (index,) = (name for name, aliases in held.items() if self.names.write in aliases)
        if all(position >= position_of(self.server, name) for name in older):
            self._take_over(index)
            self._searched = True

    def _take_over(self, index: str, drop: tuple[str, ...] = ()) -> None:
        """Give an index the names of this one, and delete those that had them, in one step."""
        mine = {self.names.read, self.names.write}
        gone = [name for name, aliases in self.held().items() if aliases & mine and name != index]
        self._rename(index, add=sorted(mine), drop=drop, delete=gone)

    def _rename(
        self,
        index: str,
        *,
        add: Iterable[str],
        drop: Iterable[str] = (),
        delete: Iterable[str] = (),
    ) -> None:
        actions: list[dict[str, Any]] = [{"remove_index": {"index": name}} for name in delete]
        actions += [{"remove": {"index": index, "alias": alias}} for alias in drop]
        actions += [{"add": {"index": index, "alias": alias}} for alias in add]
        self.server.send("POST", "/_aliases", {"actions": actions})


class OpenSearchEngine(Engine):
    """Finds what is on a cluster.

    Raises:
        SearchUnavailableError: from every method, where the cluster is away.
    """

    def __init__(self, index: OpenSearchIndex) -> None:
        super().__init__(index)
        self.index = index

    @override
    def search(self, request: SearchRequest) -> SearchResult:
        """Answer a question."""
        return _again(lambda: super(OpenSearchEngine, self).search(request))

    @override
    def complete(self, text: str, language: str, limit: int = 8) -> list[Completion]:
        """Return ways to go on typing, for a reader of a language; the likeliest first."""
        return _again(lambda: super(OpenSearchEngine, self).complete(text, language, limit))


def _again(ask: Callable[[], _Answer]) -> _Answer:
    """Ask again when a record of the answer was deleted while it was read."""
    for _ in range(_TRIES - 1):
        try:
            return ask()
        except VanishedError:
            continue
    return ask()
