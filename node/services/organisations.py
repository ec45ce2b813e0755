"""Which record says who an origin is."""

from collections.abc import Collection, Mapping
from typing import Any

from federation.records import Origin
from node.runtime import Runtime
from node.services.hits import hits
from node.services.text import one_line
from search.api import Hit, SearchRequest, Sort
from search.values import string, texts

_MOST = 2_000


def organisations(
    runtime: Runtime, origins: Mapping[str, Origin], dids: Collection[str]
) -> dict[str, Hit]:
    """Return by DID the record of the organisation behind each origin, where one is found.

    A hub publishes records of other organisations too. Its own is the one that is called like the
    origin, or else its first.

    Args:
        runtime: of the node.
        origins: those that are known, by DID.
        dids: of the wanted ones.

    Raises:
        SearchUnavailableError: the search engine is away.
    """
    filters = {"type": ("Organisation",), "origin": sorted(dids)}
    found: dict[str, Hit] = {}
    if not dids:
        return found
    for hit in hits(runtime, SearchRequest(filters=filters, sort=Sort.OLDEST), _MOST):
        did = string(hit.card.get("origin"))
        if did not in found or _rank(runtime, origins, hit) < _rank(runtime, origins, found[did]):
            found[did] = hit
    return found


def _rank(runtime: Runtime, origins: Mapping[str, Origin], hit: Hit) -> tuple[bool, bool, str]:
    card: Mapping[str, Any] = hit.card
    origin = origins.get(string(card.get("origin")))
    named = origin is not None and one_line(origin.name) in map(
        one_line, texts(card.get("title")).values()
    )
    stated = hit.uri == runtime.settings.organisation_uri
    return not stated, not named, string(card.get("issued"))
