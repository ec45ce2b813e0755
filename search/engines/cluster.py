"""Where an OpenSearch cluster is, and what this node's indexes are called on it."""

import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

PREFIX: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")
"""What an index may be called before the first dot; dots keep the indexes of nodes apart."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """One node's part of a cluster.

    Attributes:
        urls: addresses of the cluster's machines, separated by commas; each may hold a user and
            password. Never to be logged.
        prefix: what the names of all indexes of this node begin with; no other node's do.
    """

    urls: str = field(repr=False)
    prefix: str

    @property
    def shown(self) -> str:
        """Return the addresses without users and passwords."""
        return ", ".join(
            f"{parts.scheme}://{parts.hostname}:{port_of(parts.geturl())}"
            for parts in map(urlsplit, addresses(self.urls))
        )


def addresses(urls: str) -> list[str]:
    """Return each of some addresses."""
    return [url.strip() for url in urls.split(",") if url.strip()]


def port_of(url: str) -> int:
    """Return the port of an address: 443 for https, else 9200 where none is named."""
    parts = urlsplit(url)
    return parts.port or (443 if parts.scheme == "https" else 9200)


def is_address(url: str) -> bool:
    """Say whether this can be the address of a cluster."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and port_of(url) > 0
    except ValueError:
        return False
