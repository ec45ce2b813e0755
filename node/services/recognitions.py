"""What organisations are recognised for: by public criteria, from signed records, by no jury.

Nothing of it is kept or awarded: each node works it out anew from what it holds, shows the records
that prove it, and puts nobody in an order.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Any, Final

from federation.records import EntryState
from node.runtime import Runtime
from node.services.cards import Card, card_of
from node.services.families import where
from node.services.hits import hits
from node.services.observations import LATE
from search.api import ADAPTED_BANDS, MAX_URIS, Hit, SearchRequest, SearchUnavailableError, Sort
from search.values import addresses, mapping, seconds, string
from vocab.terms import PRACTICE_TYPES

ANSWERS: Final = 3
"""Fewest answered observations that say something."""
_MOST: Final = 1_000
"""Records of one kind that are looked at."""
_TRIED: Final = 50
"""Adaptations of one organisation that are looked at for a first one."""
_PROOF: Final = 10
_RURAL: Final = frozenset({"rural", "village", "dispersed-rural"})


class Merit(StrEnum):
    """What an organisation can be recognised for."""

    ADAPTS = "adapts"
    ADAPTS_RURAL = "adapts-rural"
    ADAPTED = "adapted"
    ANSWERS = "answers"


@dataclass(frozen=True, slots=True)
class Recognised:
    """One criterion that an organisation meets.

    Attributes:
        merit: which one.
        number: places or answers that were counted, 1 where nothing is.
        proof: records that prove it, some of them where there are many.
    """

    merit: Merit
    number: int
    proof: tuple[Card, ...]


def recognitions(
    runtime: Runtime, organisations: Mapping[str, str], language: str
) -> dict[str, tuple[Recognised, ...]]:
    """Return what organisations are recognised for, those that meet no criterion left out.

    Args:
        runtime: of the node.
        organisations: DID of the origin by the URI of the organisation; what anybody else says
            in its name does not count.
        language: of the reader.
    """
    if not organisations:
        return {}
    found: dict[str, list[Recognised]] = {}
    try:
        for uri, merit, number, proof in (
            *_adapting(runtime, organisations),
            *_adapted(runtime, organisations),
            *_answering(runtime, organisations),
        ):
            cards = tuple(card_of(runtime, hit, language) for hit in proof[:_PROOF])
            found.setdefault(uri, []).append(Recognised(merit, number, cards))
    except SearchUnavailableError:
        return {}
    return {uri: tuple(some) for uri, some in found.items()}


_Found = tuple[str, Merit, int, Sequence[Hit]]


def _published(
    runtime: Runtime, organisations: Mapping[str, str], sort: Sort, **filters: Sequence[str]
) -> dict[str, list[Hit]]:
    """Return what organisations have published themselves, by the URI of each."""
    found: dict[str, list[Hit]] = {}
    request = SearchRequest(
        links={"publisher": [*organisations]},
        filters={"origin": sorted(set(organisations.values())), **filters},
        sort=sort,
    )
    for hit in hits(runtime, request, _MOST):
        uri = string(hit.card.get("publisher"))
        if organisations.get(uri) == hit.card.get("origin"):
            found.setdefault(uri, []).append(hit)
    return found


def _adapting(runtime: Runtime, organisations: Mapping[str, str]) -> Iterator[_Found]:
    """Yield who has repeated a practice of somebody else, and who has done so in the country."""
    own = _published(runtime, organisations, Sort.OLDEST, type=("Adaptation",))
    for uri, adaptations in own.items():
        dated = sorted(adaptations, key=lambda hit: string(hit.card.get("issued")))
        tried = (hit for hit in dated if where(hit.card))
        of_others = [
            hit
            for hit in islice(tried, _TRIED)
            if _is_of_another(runtime, hit.card, organisations[uri])
        ]
        if of_others:
            yield uri, Merit.ADAPTS, 1, of_others[:1]
        rural = next((hit for hit in of_others if _settlement(hit.card) in _RURAL), None)
        if rural is not None:
            yield uri, Merit.ADAPTS_RURAL, 1, [rural]


def _is_of_another(runtime: Runtime, card: Mapping[str, Any], did: str) -> bool:
    sources = (runtime.journal.current(uri) for uri in addresses(card.get("adaptedFrom"))[:_PROOF])
    return any(
        source is not None and source.state is EntryState.HELD and source.origin != did
        for source in sources
    )


def _settlement(card: Mapping[str, Any]) -> str:
    return string(mapping(card.get("place")).get("settlement"))


def _adapted(runtime: Runtime, organisations: Mapping[str, str]) -> Iterator[_Found]:
    """Yield whose practices others have repeated elsewhere, each place counted once."""
    bands = tuple(code for code, _ in ADAPTED_BANDS)
    own = _published(runtime, organisations, Sort.NEWEST, type=PRACTICE_TYPES, adapted=bands)
    sources = {hit.uri: (uri, hit) for uri, some in own.items() for hit in some}
    places: dict[str, dict[str, Hit]] = {}
    for hit in _adaptations(runtime, [*sources][:MAX_URIS]):
        for source in addresses(hit.card.get("adaptedFrom")):
            uri, original = sources.get(source, ("", hit))
            place = where(hit.card)
            elsewhere = place and place != where(original.card)
            if uri and elsewhere and hit.card.get("origin") != organisations[uri]:
                places.setdefault(uri, {}).setdefault(place, hit)
    for uri, repeated in places.items():
        yield uri, Merit.ADAPTED, len(repeated), [*repeated.values()]


def _adaptations(runtime: Runtime, uris: Sequence[str]) -> Iterable[Hit]:
    if not uris:
        return ()
    links = {"adapted_from": uris}
    request = SearchRequest(links=links, filters={"type": ("Adaptation",)}, sort=Sort.NEWEST)
    return hits(runtime, request, _MOST)


def _answering(runtime: Runtime, organisations: Mapping[str, str]) -> Iterator[_Found]:
    """Yield who has answered every observation in time; one that can still wait does not count."""
    now = int(runtime.clock().timestamp())
    own = _published(runtime, organisations, Sort.NEWEST, type=("CitizenObservation",))
    for uri, observations in own.items():
        answered = [_in_time(hit.card, now) for hit in observations]
        in_time = [hit for hit, good in zip(observations, answered, strict=True) if good]
        if len(in_time) >= ANSWERS and False not in answered:
            yield uri, Merit.ANSWERS, len(in_time), in_time


def _in_time(card: Mapping[str, Any], now: int) -> bool | None:
    """Say whether an observation was answered in time, None while it may still wait."""
    asked, answered = seconds(card.get("issued")), seconds(card.get("answered"))
    if asked is None:
        return None
    waited = (now if answered is None else answered) - asked
    if waited > LATE.total_seconds():
        return False
    return None if answered is None else True
