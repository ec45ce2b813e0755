"""Which practices fit a town: factors that can be explained, and what is not known said so.

Each factor is between 0 (does not fit) and 1 (fits), or None where the record does not say. What is
not known counts as nothing: a record of which little is known ranks below a full match, and is
listed apart. An essential condition that the town lacks blocks a practice, whatever its other
merits, and so does a cost of more than ten times what there is to spend. Size, kind of place,
budget and country take the member of the family that fits best: a small town's adaptation lifts a
big city's practice.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from search.values import mapping, number, objects, string, strings
from vocab.concepts import broader

WEIGHTS: Final[Mapping[str, float]] = MappingProxyType(
    {
        "need": 0.30,
        "size": 0.15,
        "budget": 0.15,
        "conditions": 0.15,
        "settlement": 0.10,
        "evidence": 0.05,
        "language": 0.05,
        "country": 0.05,
    }
)
"""How much each factor counts unless somebody says otherwise. No weights were found in print; these
follow what practitioners ask first."""

LITTLE_KNOWN: Final = 0.5
"""Share of the weights below which a record says too little to be ranked with the others."""

BANDS: Final[Mapping[str, tuple[int, int | None]]] = MappingProxyType(
    {
        "c1": (0, 10_000),
        "c2": (10_000, 50_000),
        "c3": (50_000, 250_000),
        "c4": (250_000, 1_000_000),
        "c5": (1_000_000, 5_000_000),
        "c6": (5_000_000, None),
    }
)
"""Least and most cost of each cost band, in euros."""

_FAR_BEYOND: Final = 0.1  # share of a cost below which a budget is no beginning
_BAND_CURRENCY: Final = "EUR"
_SIZES_APART: Final = 1.5  # orders of magnitude at which sizes do not fit at all
_KINDS: Final = ("rural", "town-suburb", "city")
TRIED: Final = frozenset({"piloting", "adopted", ""})
"""Stages at which an adaptation says something to others; "" is that of other practices."""
_EVIDENCE: Final[Mapping[str, float]] = MappingProxyType(
    {
        "described": 0.2,
        "monitored": 0.4,
        "comparison": 0.6,
        "independently-evaluated": 0.8,
        "replicated": 1.0,
    }
)

Card = Mapping[str, Any]
"""A record as the index keeps it (`search.card`)."""


@dataclass(frozen=True, slots=True)
class Town:
    """A place that wants to repeat something; what it does not say is not compared.

    Attributes:
        population: inhabitants.
        settlement: code of the kind of place.
        country: ISO 3166-1 alpha-2 code.
        budget: what it can spend on setting up, in whole units.
        currency: ISO 4217 code of the budget.
        languages: codes of languages that are read there.
        themes: wanted themes.
        groups: target groups to be reached.
        conditions: codes of conditions that it has (True) or lacks (False).
    """

    population: int | None = None
    settlement: str = ""
    country: str = ""
    budget: int | None = None
    currency: str = "EUR"
    languages: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    conditions: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Factor:
    """One comparison.

    Attributes:
        name: a key of `WEIGHTS`.
        value: 0 to 1, None where the record does not say.
        weight: how much it counts.
        said: what was compared, for a sentence: values of the record.
        member: number of the member of the family that it was taken from, 0 for the record itself.
    """

    name: str
    value: float | None
    weight: float
    said: Mapping[str, Any] = field(default_factory=dict)
    member: int = 0


@dataclass(frozen=True, slots=True)
class Fit:
    """How a practice fits a town.

    Attributes:
        fit: weighted mean of the factors that are known, 0 to 1.
        known: share of the weights of what the town asks that is known, 0 to 1.
        factors: what the town asks, in the order of `WEIGHTS`.
        blocked: essential conditions that the town lacks, as the record says them.
    """

    fit: float
    known: float
    factors: tuple[Factor, ...]
    blocked: tuple[Mapping[str, Any], ...] = ()

    @property
    def rank(self) -> float:
        """Return what the record is ordered by: what is not known counts as nothing."""
        return self.fit * self.known

    @property
    def beyond_budget(self) -> bool:
        """Say whether it cost more than ten times what the town can spend, everywhere."""
        value = self.factor("budget")
        return value is not None and value < _FAR_BEYOND

    def factor(self, name: str) -> float | None:
        """Return the value of a factor, None where it is unknown or was not asked."""
        return next((one.value for one in self.factors if one.name == name), None)


def fit(
    town: Town,
    card: Card,
    family: Sequence[Card] = (),
    weights: Mapping[str, float] = WEIGHTS,
) -> Fit:
    """Compare a practice with a town.

    Args:
        town: the town.
        card: the practice.
        family: its sources and adaptations; those that were only planned do not count.
        weights: how much each factor counts, 0 for nothing.
    """
    members = [card, *(one for one in family if string(one.get("stage")) in TRIED)]
    factors = tuple(
        factor for name in WEIGHTS if (factor := _factor(name, town, members, weights)) is not None
    )
    asked = sum(factor.weight for factor in factors)
    known = sum(factor.weight for factor in factors if factor.value is not None)
    total = sum(factor.weight * factor.value for factor in factors if factor.value is not None)
    return Fit(
        fit=total / known if known else 0.0,
        known=known / asked if asked else 0.0,
        factors=factors,
        blocked=tuple(
            condition
            for condition in _essential(card)
            if town.conditions.get(string(condition.get("type"))) is False
        ),
    )


def _factor(
    name: str, town: Town, members: Sequence[Card], weights: Mapping[str, float]
) -> Factor | None:
    """Return one comparison, None where the town does not ask for it or gives it no weight."""
    weight = max(0.0, weights.get(name, WEIGHTS[name]))
    if not weight or not _asks(name, town):
        return None
    best = Factor(name, None, weight)
    for index, member in enumerate(members if name in _OF_FAMILY else members[:1]):
        value, said = _COMPARED[name](town, member)
        found = Factor(name, value, weight, said, index)
        if value is not None and (best.value is None or value > best.value):
            best = found
        elif index == 0:
            best = found  # keeps what the record itself says about why it is not known
    return best


def _asks(name: str, town: Town) -> bool:
    """Say whether the town says what a factor compares; the others need nothing of it."""
    asked = {
        "need": bool(town.themes or town.groups),
        "size": bool(town.population),
        "budget": town.budget is not None,
        "settlement": bool(town.settlement),
        "language": bool(town.languages),
        "country": bool(town.country),
    }
    return asked.get(name, True)


_Compared = tuple[float | None, Mapping[str, Any]]


def _need(town: Town, card: Card) -> _Compared:
    wanted = {("theme", code) for code in town.themes} | {("group", code) for code in town.groups}
    has = {("theme", code) for code in strings(card.get("themes"))}
    has |= {("group", code) for code in strings(card.get("targetGroups"))}
    if not has:
        return None, {}
    met = wanted & has
    return len(met) / len(wanted), {"met": sorted(met), "missing": sorted(wanted - has)}


def _size(town: Town, card: Card) -> _Compared:
    there = number(mapping(card.get("place")).get("population"))
    if not there or there < 0 or not town.population:
        return None, {}
    apart = abs(math.log10(there / town.population)) / _SIZES_APART
    return 1 - min(1.0, apart), {"population": int(there)}


def _settlement(town: Town, card: Card) -> _Compared:
    there = string(mapping(card.get("place")).get("settlement"))
    if not there:
        return None, {}
    said = {"settlement": there}
    if there == town.settlement:
        return 1.0, said
    kinds = [broader("settlement", code) or code for code in (there, town.settlement)]
    if kinds[0] == kinds[1]:
        return 0.8, said
    if not set(kinds) <= set(_KINDS):
        return None, {}
    return (0.4 if abs(_KINDS.index(kinds[0]) - _KINDS.index(kinds[1])) == 1 else 0.0), said


def _budget(town: Town, card: Card) -> _Compared:
    budget = town.budget or 0
    costs = [
        (int(amount), string(cost.get("currency")))
        for cost in objects(card.get("setup"))
        if (amount := number(cost.get("amount"))) is not None and amount >= 0
    ]
    amounts = [amount for amount, currency in costs if currency == town.currency]
    if amounts:
        least = min(amounts)
        value = min(1.0, budget / least) if least else 1.0
        return value, {"amount": least, "currency": town.currency}
    band = string(card.get("costBand"))
    if band in BANDS and town.currency == _BAND_CURRENCY:
        low, high = BANDS[band]
        if high is not None and budget >= high:
            return 1.0, {"band": band}
        if budget >= low:  # it may be enough
            return (0.7 if high is None else max(0.5, budget / high)), {"band": band}
        return budget / low, {"band": band}
    if costs:
        return None, {"amount": costs[0][0], "currency": costs[0][1]}
    return None, {"band": band} if band in BANDS else {}


def _essential(card: Card) -> list[Mapping[str, Any]]:
    return [one for one in objects(card.get("conditions")) if one.get("essential") is True]


def _conditions(town: Town, card: Card) -> _Compared:
    stated = [*objects(card.get("conditions"))]
    if not stated:
        return None, {}
    needed = [string(one.get("type")) for one in _essential(card)]
    if not needed:
        return 1.0, {"needed": [], "open": []}
    points = {True: 1.0, None: 0.5, False: 0.0}
    value = sum(points[town.conditions.get(code)] for code in needed) / len(needed)
    return value, {
        "needed": list(dict.fromkeys(needed)),
        "open": list(dict.fromkeys(code for code in needed if code not in town.conditions)),
    }


def _evidence(_town: Town, card: Card) -> _Compared:
    level = string(card.get("evidence"))
    return _EVIDENCE.get(level), {"evidence": level} if level else {}


def _language(town: Town, card: Card) -> _Compared:
    spoken = {code.split("-")[0] for code in strings(card.get("language"))}
    spoken |= {code.split("-")[0] for code in strings(card.get("helpLanguages"))}
    if not spoken:
        return None, {}
    common = sorted(spoken & {code.split("-")[0] for code in town.languages})
    return (1.0 if common else 0.2), {"languages": common or sorted(spoken)}


def _country(town: Town, card: Card) -> _Compared:
    there = string(mapping(card.get("place")).get("country"))
    if not there:
        return None, {}
    return (1.0 if there == town.country else 0.4), {"country": there}


_COMPARED: Final = {
    "need": _need,
    "size": _size,
    "budget": _budget,
    "conditions": _conditions,
    "settlement": _settlement,
    "evidence": _evidence,
    "language": _language,
    "country": _country,
}
_OF_FAMILY: Final = frozenset({"size", "settlement", "budget", "country"})
