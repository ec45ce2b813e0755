"""The members of a cluster: who they are, where, and what they have published."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from federation.records import Origin
from node.runtime import Runtime
from node.services.cards import Card, card_of
from node.services.coded import Coded
from node.services.organisations import organisations
from node.services.reading import Reader
from node.services.recognitions import Recognised, recognitions
from node.services.text import host_of, one_line, safe_link
from search.api import SearchRequest, Sort
from vocab.terms import PRACTICE_TYPES

_NAMES: Final = 100_000


@dataclass(frozen=True, slots=True)
class Member:
    """A node that takes part in a cluster.

    Attributes:
        did: its DID.
        name: what it calls itself.
        path: path of its organisation's page here, "" where none is known.
        href: its own address, "" where that may not become a link.
        is_hub: whether it is the hub.
        hosted: whether its records live under the address of the hub.
        sector: of its organisation.
        place: name of its place, with the country.
        latitude: WGS 84 degrees, None when unknown.
        longitude: WGS 84 degrees, None when unknown.
        practices: how many of its practices are known here.
        news: when it published something last, None when that is not known.
        recognised: what its organisation is recognised for.
    """

    did: str
    name: str
    path: str
    href: str
    is_hub: bool
    hosted: bool
    sector: Coded | None
    place: str
    latitude: float | None
    longitude: float | None
    practices: int
    news: datetime | None
    recognised: tuple[Recognised, ...]


def members_of(
    runtime: Runtime, origins: Mapping[str, Origin], dids: Sequence[str], hub: str, language: str
) -> tuple[Member, ...]:
    """Return the members of the cluster of a hub, the hub first, the others by their names.

    Raises:
        SearchUnavailableError: the search engine is away.
    """
    records = organisations(runtime, origins, dids)
    merits = recognitions(runtime, {hit.uri: did for did, hit in records.items()}, language)
    counts, news = _counts(runtime, dids), _news(runtime, dids)
    hub_base = origins[hub].base if hub in origins else ""
    found = []
    for did in dids:
        origin, hit = origins.get(did), records.get(did)
        card = card_of(runtime, hit, language) if hit is not None else None
        base = origin.base if origin is not None else ""
        found.append(
            Member(
                did=did,
                name=(card.title.text if card else "") or name_of(origins, did),
                path=card.path if card else "",
                href=safe_link(base),
                is_hub=did == hub,
                hosted=bool(hub_base) and did != hub and base.startswith(f"{hub_base}/"),
                sector=next(iter(card.sectors), None) if card else None,
                place=_place(card) if card else "",
                latitude=card.latitude if card else None,
                longitude=card.longitude if card else None,
                practices=counts.get(did, 0),
                news=news.get(did),
                recognised=merits.get(hit.uri, ()) if hit is not None else (),
            )
        )
    return tuple(sorted(found, key=lambda one: (not one.is_hub, one.name.casefold())))


def _place(card: Card) -> str:
    return ", ".join(dict.fromkeys(part for part in (card.place, card.country) if part))


def name_of(origins: Mapping[str, Origin], did: str) -> str:
    """Return what an origin is called."""
    origin = origins.get(did)
    return did if origin is None else one_line(origin.name) or host_of(origin.base)


def _counts(runtime: Runtime, dids: Sequence[str]) -> dict[str, int]:
    """Return how many practices each origin has published."""
    request = SearchRequest(
        filters={"type": PRACTICE_TYPES}, limit=1, facets=("origin",), facet_size=_NAMES
    )
    wanted = set(dids)
    counted = runtime.engine.search(request).facets["origin"]
    return {did: number for did, number in counted if did in wanted}


def _news(runtime: Runtime, dids: Sequence[str]) -> dict[str, datetime]:
    """Return when each origin published something last."""
    found: dict[str, datetime] = {}
    for did in dids:
        request = SearchRequest(filters={"origin": (did,)}, sort=Sort.NEWEST, limit=1, facets=())
        for hit in runtime.engine.search(request).hits:
            moment = Reader(dict(hit.card), ("",)).moment("modified")  # type: ignore[arg-type]
            if moment is not None:
                found[did] = moment
    return found
