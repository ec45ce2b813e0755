"""Clusters as signed memberships make them: a hub, its members, and what they have published."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

import orjson

from federation.records import Origin
from node.runtime import Runtime
from node.services.addresses import page_path
from node.services.cards import Card, card_of
from node.services.challenges import Standing, standing_of
from node.services.facets import Facet
from node.services.find import find
from node.services.hits import hits
from node.services.members import Member, members_of, name_of
from node.services.organisations import organisations
from node.services.question import CLUSTER, Question
from node.services.reading import Reader
from node.services.scope import allies, clusters
from node.services.text import safe_link
from search.api import Hit, SearchRequest, SearchUnavailableError, Sort
from search.values import addresses

NEWEST: Final = 6
_CHALLENGES: Final = 10
_SEEN: Final = 1_000
"""Challenges and observations that are looked at."""


@dataclass(frozen=True, slots=True)
class Named:
    """A cluster by its hub, with the paths of its page and of the record about it.

    Attributes:
        did: DID of the hub.
        hub: what the hub calls itself.
        path: path of its page here.
        members: how many take part, the hub included.
        record: URI of the Cluster record that the hub has published, "" for none.
        title: what that record calls it, "" for none.
    """

    did: str
    hub: str
    path: str
    members: int
    record: str
    title: str


@dataclass(frozen=True, slots=True)
class Ally:
    """The hub of another cluster.

    Attributes:
        did: its DID.
        name: what it calls itself.
        path: path of the page of its cluster here, "" where no cluster is known.
        href: its own address, "" where that may not become a link.
    """

    did: str
    name: str
    path: str
    href: str


@dataclass(frozen=True, slots=True)
class ClusterView:
    """Everything that the page of a cluster shows.

    Attributes:
        named: which cluster.
        members: the hub first, the others by their names.
        practices: how many are known.
        newest: some of them.
        themes: how many there are of each theme.
        challenges: those that take proposals.
        allied: the hubs that are allied with this one.
        join: address of the page that says how to join, "" where the hub has none.
        observations: how many of residents are published.
        answered: how many of the newest of them were answered.
        looked_at: how many of the newest of them were looked at.
    """

    named: Named
    members: tuple[Member, ...]
    practices: int
    newest: tuple[Card, ...]
    themes: Facet
    challenges: tuple[Card, ...]
    allied: tuple[Ally, ...]
    join: str
    observations: int
    answered: int
    looked_at: int


def path_of(did: str) -> str:
    """Return the path of the page of a cluster; no record can have such an address."""
    return f"/clusters/of/{quote(did, safe=':')}"


def known_clusters(runtime: Runtime, language: str) -> list[Named]:
    """Return the clusters that signed memberships make, by name."""
    return _named(runtime, clusters(runtime), language)


def _named(runtime: Runtime, groups: Mapping[str, frozenset[str]], language: str) -> list[Named]:
    origins = {one.did: one for one in runtime.journal.origins()}
    records = _records(runtime, origins, language)
    found = []
    for did, members in groups.items():
        record, title = records.get(did, ("", ""))
        path = page_path(record, runtime.settings.base_url) if record else path_of(did)
        found.append(Named(did, name_of(origins, did), path, len(members), record, title))
    return sorted(found, key=lambda one: (one.title or one.hub).casefold())


def clusters_of(runtime: Runtime, uri: str, did: str, language: str) -> list[Named]:
    """Return the clusters in which an organisation takes part with its node.

    Args:
        runtime: of the node.
        uri: of the organisation's record.
        did: of the origin that has signed it; who it publishes about takes part in nothing by that.
        language: of the reader.
    """
    groups = {hub: dids for hub, dids in clusters(runtime).items() if did in dids}
    if not groups:
        return []
    origins = {one.did: one for one in runtime.journal.origins()}
    try:
        own = organisations(runtime, origins, [did]).get(did)
    except SearchUnavailableError:
        return []
    return _named(runtime, groups, language) if own is not None and own.uri == uri else []


def cluster_of_record(runtime: Runtime, uri: str, did: str, language: str) -> ClusterView | None:
    """Return the cluster that a Cluster record is about, None where it is about no known one.

    Args:
        runtime: of the node.
        uri: of the record.
        did: of the origin that has signed it: a hub speaks of its own cluster only.
        language: of the reader.
    """
    try:
        found = cluster(runtime, did, language)
    except SearchUnavailableError:
        return None
    return found if found is not None and found.named.record == uri else None


def cluster(runtime: Runtime, did: str, language: str) -> ClusterView | None:
    """Return the cluster of a hub, None where no membership says that there is one.

    Raises:
        SearchUnavailableError: the search engine is away.
    """
    groups = clusters(runtime)
    if did not in groups:
        return None
    dids = sorted(groups[did])
    origins = {one.did: one for one in runtime.journal.origins()}
    question = Question(filters={CLUSTER: (did,)}, sort=Sort.NEWEST, size=NEWEST, facets=("theme",))
    found = find(runtime, question, language)
    told = list(_newest(runtime, dids, "CitizenObservation"))
    hub = origins.get(did)
    return ClusterView(
        named=_named(runtime, {did: groups[did]}, language)[0],
        members=members_of(runtime, origins, dids, did, language),
        practices=found.total,
        newest=found.cards,
        themes=found.facets[0],
        challenges=_open(runtime, dids, language),
        allied=tuple(_allied(runtime, origins, groups.keys(), did)),
        join=_join(runtime, hub),
        observations=_count(runtime, dids, "CitizenObservation"),
        answered=sum(bool(hit.card.get("answered")) for hit in told),
        looked_at=len(told),
    )


def _records(
    runtime: Runtime, origins: Mapping[str, Origin], language: str
) -> dict[str, tuple[str, str]]:
    """Return by DID of the hub (URI, title) of the newest Cluster record about its own cluster.

    Only the hub's own counts: what others say of its cluster stays a record of theirs.
    """
    found: dict[str, tuple[str, str]] = {}
    for entry in runtime.journal.records(record_type="Cluster"):
        origin = origins.get(entry.origin)
        if origin is None:
            continue
        record = Reader(orjson.loads(entry.body), (language,))
        hub = next(iter(addresses(record.document.get("hub"))), "")
        if hub == origin.did or hub.startswith(f"{origin.base}/"):
            found[origin.did] = entry.uri, record.text("name").text
    return found


def _request(dids: list[str], *types: str) -> SearchRequest:
    filters: dict[str, Any] = {"origin": dids, **({"type": types} if types else {})}
    return SearchRequest(filters=filters, sort=Sort.NEWEST, facets=(), limit=1)


def _count(runtime: Runtime, dids: list[str], kind: str) -> int:
    return runtime.engine.search(_request(dids, kind)).total


def _newest(runtime: Runtime, dids: list[str], *types: str) -> Iterator[Hit]:
    return hits(runtime, _request(dids, *types), _SEEN)


def _open(runtime: Runtime, dids: list[str], language: str) -> tuple[Card, ...]:
    today = runtime.clock().date()
    found = [
        hit
        for hit in _newest(runtime, dids, "Challenge")
        if standing_of(Reader(dict(hit.card), ("",)), today) is Standing.OPEN  # type: ignore[arg-type]
    ]
    return tuple(card_of(runtime, hit, language) for hit in found[:_CHALLENGES])


def _allied(
    runtime: Runtime, origins: Mapping[str, Origin], known: Collection[str], did: str
) -> Iterator[Ally]:
    for other in allies(runtime, did):
        base = origins[other].base if other in origins else ""
        path = path_of(other) if other in known else ""
        yield Ally(other, name_of(origins, other), path, safe_link(base))


def _join(runtime: Runtime, hub: Origin | None) -> str:
    if hub is None:
        return ""
    own = runtime.settings.base_url if hub.did == runtime.identity.did else hub.base
    return f"{own}/join" if safe_link(own) else ""
