"""Which practices fit a town: candidates from the index, compared one by one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from node.runtime import Runtime
from node.services.cards import Card, card_of
from node.services.town import Asked
from search.api import MAX_URIS, Hit, SearchRequest, Sort
from search.facets import band_of
from search.fit import LITTLE_KNOWN, TRIED, Fit, Town, fit
from search.values import string, strings
from vocab.terms import PRACTICE_TYPES

LISTED: Final = 20
"""Practices of each group that are listed unless more are wanted."""

MAX_LISTED: Final = 100
_CANDIDATES: Final = 1_000
_EACH: Final = 200
_RELATIVES: Final = 2_000

_Filters = dict[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Match:
    """One practice that was compared.

    Attributes:
        card: the practice.
        fit: how it fits.
        family: its relatives, as the factors number them from 1.
    """

    card: Card
    fit: Fit
    family: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Fits:
    """The answer.

    Attributes:
        fitting: practices by falling rank.
        blocked: those that need something the town lacks, or far more money than it has.
        unknown: those of which too little is known.
        compared: how many practices were compared; those about nothing that the town needs are
            not listed.
        total: how many there are.
    """

    fitting: tuple[Match, ...]
    blocked: tuple[Match, ...]
    unknown: tuple[Match, ...]
    compared: int
    total: int


def which_fit(runtime: Runtime, asked: Asked, language: str, most: int = LISTED) -> Fits:
    """Compare practices with a town, for readers of `language`.

    Where there are more than a thousand practices, those are compared that share most with the
    town: what it needs first, then the kind of place, the size and the country.
    """
    hits, total = _candidates(runtime, asked)
    families = _Families(runtime, hits)
    groups: dict[str, list[tuple[Fit, Hit]]] = {"fitting": [], "blocked": [], "unknown": []}
    for hit in hits.values():
        if string(hit.card.get("stage")) not in TRIED:
            continue  # somebody's intention, or what somebody gave up
        relatives = [one.card for one in families.of(hit)]
        found = fit(asked.town, hit.card, relatives, asked.weights)
        if found.factor("need") == 0:
            continue  # about something else altogether
        if found.blocked or found.beyond_budget:
            groups["blocked"].append((found, hit))
        elif found.known < LITTLE_KNOWN:
            groups["unknown"].append((found, hit))
        else:
            groups["fitting"].append((found, hit))
    listed: dict[str, tuple[Match, ...]] = {}
    for name, group in groups.items():
        group.sort(key=lambda pair: (-pair[0].rank, pair[1].uri))
        listed[name] = tuple(
            Match(
                card_of(runtime, hit, language),
                found,
                tuple(card_of(runtime, one, language) for one in families.of(hit)),
            )
            for found, hit in group[:most]
        )
    return Fits(**listed, compared=len(hits), total=total)


def _candidates(runtime: Runtime, asked: Asked) -> tuple[dict[str, Hit], int]:
    """Return practices worth comparing by URI, and the number of all that have the words."""
    found: dict[str, Hit] = {}
    total = _gather(runtime, asked.text, {}, found, 1)
    if total <= _CANDIDATES:
        found.clear()
        _gather(runtime, asked.text, {}, found, _CANDIDATES)
        return found, total
    found.clear()
    for filters in _narrowings(asked.town):
        _gather(runtime, asked.text, filters, found, _EACH)
        if len(found) >= _CANDIDATES:
            break
    return found, total


def _narrowings(town: Town) -> Iterable[_Filters]:
    """Yield what candidates are looked for by, what they share with the town most first."""
    needs: list[_Filters] = []
    if town.themes and town.groups:
        needs.append({"theme": town.themes, "target_group": town.groups})
    if town.themes:
        needs.append({"theme": town.themes})
    if town.groups:
        needs.append({"target_group": town.groups})
    alike: list[_Filters] = []
    if town.settlement:
        alike.append({"settlement": (town.settlement,)})
    if town.population:
        alike.append({"population": band_of(town.population)})
    if town.country:
        alike.append({"country": (town.country,)})
    yield from ({**need, **place} for need in needs for place in alike)
    yield from needs
    yield from alike
    yield {}


def _gather(
    runtime: Runtime,
    text: str,
    filters: Mapping[str, Sequence[str]],
    found: dict[str, Hit],
    most: int,
) -> int:
    """Add practices to `found`, at most `most` of this search; return how many there are."""
    cursor, read = "", 0
    while True:
        result = runtime.engine.search(
            SearchRequest(
                text=text,
                filters={"type": PRACTICE_TYPES, **filters},
                sort=Sort.RELEVANCE,
                limit=min(_EACH, most),
                cursor=cursor,
                facets=(),
            )
        )
        found.update((hit.uri, hit) for hit in result.hits)
        read += len(result.hits)
        cursor = result.next
        if not cursor or read >= most:
            return result.total


class _Families:
    """The relatives of some practices: their sources, and what was adapted from both."""

    def __init__(self, runtime: Runtime, hits: Mapping[str, Hit]) -> None:
        self._runtime = runtime
        self._known = dict(hits)
        sources = {uri for hit in hits.values() for uri in _sources(hit)}
        self._fetch("uris", [uri for uri in sources if uri not in self._known])
        self._adapted: dict[str, list[str]] = {}
        self._fetch("adapted_from", [*hits, *sources])
        for hit in self._known.values():
            for uri in _sources(hit):
                self._adapted.setdefault(uri, []).append(hit.uri)

    def of(self, hit: Hit) -> list[Hit]:
        """Return the relatives of a practice, itself not among them."""
        sources = _sources(hit)
        near = [*sources, *self._adapted.get(hit.uri, ())]
        near += [uri for source in sources for uri in self._adapted.get(source, ())]
        return [
            self._known[uri] for uri in dict.fromkeys(near) if uri in self._known and uri != hit.uri
        ]

    def _fetch(self, how: str, uris: Sequence[str]) -> None:
        for start in range(0, min(len(uris), _RELATIVES), MAX_URIS):
            some = tuple(uris[start : start + MAX_URIS])
            asked = {"uris": some} if how == "uris" else {"links": {how: some}}
            cursor = ""
            while len(self._known) < _CANDIDATES + _RELATIVES:
                request = SearchRequest(
                    **asked,
                    sort=Sort.OLDEST,
                    limit=_EACH,
                    cursor=cursor,
                    facets=(),
                )
                result = self._runtime.engine.search(request)
                for hit in result.hits:
                    self._known.setdefault(hit.uri, hit)
                cursor = result.next
                if not cursor:
                    break


def _sources(hit: Hit) -> list[str]:
    return strings(hit.card.get("adaptedFrom"))
