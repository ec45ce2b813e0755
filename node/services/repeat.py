"""Repeating a practice: what it takes in another town, and the draft of an adaptation."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10
from typing import Final

from federation.records import EntryState
from node.accounts.roles import Holder
from node.local.drafts import Draft
from node.runtime import Runtime
from node.services import drafts
from node.services.cards import Card, card_of
from node.services.details import Cost
from node.services.errors import ServiceError
from node.services.replicate import adaptation_draft
from node.services.show import RecordView, show
from search.api import MAX_URIS, SearchRequest, SearchUnavailableError, Sort
from vocab.terms import PRACTICE_TYPES, JsonObject

_DIGITS: Final = 2
"""Significant digits of a scaled cost: more would claim what nobody knows."""
_SHOWN: Final = 50


@dataclass(frozen=True, slots=True)
class ScaledCost:
    """A cost, and what it would be if it grew with the number of inhabitants.

    Attributes:
        cost: as the practice states it.
        per_head: in the place of the practice, None when its population is not stated.
        here: for the reader's population, None when either is unknown.
    """

    cost: Cost
    per_head: float | None
    here: int | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What it takes to repeat a practice.

    Attributes:
        view: the practice.
        costs: scaled.
    """

    view: RecordView
    costs: tuple[ScaledCost, ...]


def plan(runtime: Runtime, uri: str, language: str, population: int | None) -> Plan:
    """Return what it takes to repeat a practice in a town of a size.

    Raises:
        ServiceError: the record is not held here, or is no practice.
    """
    entry = runtime.journal.current(uri)
    if entry is None or entry.state is not EntryState.HELD or entry.type not in PRACTICE_TYPES:
        raise ServiceError(f"{uri} is no practice that is known here")
    view = show(runtime, entry, language)
    place = view.details.place
    theirs = place.population if place else None
    return Plan(view, tuple(_scaled(cost, theirs, population) for cost in view.details.costs))


def source_of(runtime: Runtime, body: JsonObject, language: str) -> Plan | None:
    """Return what the practice that a draft adapts says, scaled to the draft's place.

    None for a draft that adapts nothing which is held here.
    """
    sources, place = body.get("adaptedFrom"), body.get("place")
    people = place.get("population") if isinstance(place, dict) else None
    for uri in sources if isinstance(sources, list) else ():
        try:
            return plan(runtime, str(uri), language, people if isinstance(people, int) else None)
        except ServiceError:
            continue  # withdrawn, or of a node that this one does not harvest
    return None


def _scaled(cost: Cost, theirs: int | None, ours: int | None) -> ScaledCost:
    if cost.amount is None or not theirs:
        return ScaledCost(cost, None, None)
    here = rounded(cost.amount * ours / theirs) if ours else None
    return ScaledCost(cost, cost.amount / theirs, here)


def rounded(amount: float) -> int:
    """Return an amount with two significant digits."""
    if amount < 1:
        return 0
    step = 10 ** max(0, floor(log10(amount)) - _DIGITS + 1)
    return int(round(amount / step) * step)


def begin(
    runtime: Runtime, holder: Holder, uri: str, origin: str, population: int | None = None
) -> Draft:
    """Begin an adaptation of a practice, own or harvested, with credit to where it comes from.

    Args:
        runtime: of the node.
        holder: who begins it.
        uri: the practice.
        origin: DID for which it is begun.
        population: of the town that the plan was made for, None when it was not said.

    Raises:
        ServiceError: the record is not held here, or is no practice.
    """
    acting = drafts.acting(runtime, origin)
    body = _filled(adaptation_draft(acting, uri))
    body.pop("visibility", None)
    if acting.settings.organisation_uri:
        body["publisher"] = acting.settings.organisation_uri
        body |= drafts.told_before(runtime, acting.settings.organisation_uri)
    place = body.get("place")
    if population and not (isinstance(place, dict) and place.get("population")):
        body["place"] = {**(place if isinstance(place, dict) else {}), "population": population}
    return drafts.keep(runtime, holder, body, origin)


def _filled(body: JsonObject) -> JsonObject:
    """Return a document without the blanks that a file leaves for its author to fill in."""
    found: JsonObject = {}
    for key, value in body.items():
        kept = _filled(value) if isinstance(value, dict) else value
        if kept not in ("", {}, [], {"type": "Place"}):
            found[key] = kept
    return found


def repeated_elsewhere(runtime: Runtime, origins: Sequence[str], language: str) -> list[Card]:
    """Return adaptations that others have published of the practices of some origins."""
    own = [
        entry.uri
        for did in origins
        for entry in runtime.journal.records(origin_did=did)
        if entry.type in PRACTICE_TYPES
    ]
    found: list[Card] = []
    for start in range(0, len(own), MAX_URIS):
        links = {"adapted_from": own[start : start + MAX_URIS]}
        request = SearchRequest(links=links, sort=Sort.NEWEST, limit=_SHOWN, facets=())
        try:
            hits = runtime.engine.search(request).hits
        except SearchUnavailableError:
            return found
        found += [
            card_of(runtime, hit, language) for hit in hits if hit.card.get("origin") not in origins
        ]
    return found[:_SHOWN]
