"""Where a node's search index lies."""

import hashlib
import re
import socket
from typing import Final
from urllib.parse import urlsplit

from node.settings import Settings
from search.engines.cluster import Cluster
from search.engines.sites import ClusterSite, FolderSite, Site

_SHOWN: Final = 60


def index_site(settings: Settings) -> Site:
    """Return the place of the search index of a node."""
    if settings.search == "opensearch":
        prefix = settings.opensearch_index or default_prefix(settings)
        return ClusterSite(Cluster(settings.opensearch_url, prefix), settings.index_folder.parent)
    return FolderSite(settings.search, settings.index_folder)


def default_prefix(settings: Settings) -> str:
    """Return what a node's indexes are called on a cluster that it may share with others.

    Public addresses differ. Trials all have the same few, so theirs depends on where they lie.
    """
    parts = urlsplit(settings.base_url)
    said = re.sub(r"[^a-z0-9]+", "-", f"{parts.netloc}{parts.path}".lower()).strip("-")
    unique = settings.base_url
    if settings.trial:
        unique += f" {socket.gethostname()} {settings.data.resolve()}"
    return f"lonja-{said[:_SHOWN]}-{hashlib.sha256(unique.encode()).hexdigest()[:6]}"
