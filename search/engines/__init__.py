"""The engines, opened by name."""

from pathlib import Path

from search.api import SearchEngine
from search.engines.cluster import Cluster
from search.finder.engine import Engine


def open_engine(
    name: str, folder: Path, cluster: Cluster | None = None, *, slot: str = ""
) -> SearchEngine:
    """Return an engine on the index in `folder` or on a cluster, which need not exist yet.

    Args:
        name: "tantivy", "whoosh" or "opensearch".
        folder: a folder for this engine alone. It must not be writable by others nor come from
            elsewhere: Whoosh unpickles what it finds there. OpenSearch leaves it alone.
        cluster: where OpenSearch is; it is not connected to before it is asked.
        slot: "anew" for an index on the cluster that is built beside the one that is searched.

    Raises:
        ValueError: there is no engine of this name, or no cluster for OpenSearch.
    """
    # Each engine's library is only imported where that engine is used.
    if name == "tantivy":
        from search.engines.tantivy.engine import TantivyIndex

        return Engine(TantivyIndex(folder))
    if name == "whoosh":
        from search.engines.whoosh.engine import WhooshIndex

        return Engine(WhooshIndex(folder))
    if name == "opensearch":
        if cluster is None:
            raise ValueError("OpenSearch needs the address of a cluster")
        from search.engines.opensearch.engine import OpenSearchEngine, OpenSearchIndex

        return OpenSearchEngine(OpenSearchIndex(cluster, slot))
    raise ValueError(f'there is no search engine "{name}"; choose tantivy, whoosh or opensearch')
