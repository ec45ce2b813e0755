"""The profile of a town as people write it in an address: GET parameters to a `Town`.

It is in the address and nowhere else: nothing of it is kept.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from node.gazetteer.lookup import Town as Place
from node.gazetteer.lookup import folded, places, settlement_guess
from node.services.question import Problem, unknown_parameters
from node.services.sentences import SENTENCES
from search.fit import WEIGHTS, Town
from vocab.concepts import codes, is_code

MAX_TEXT: Final = 200
MOST_WEIGHT: Final = 10
"""Of the sliders, which go from 0 to this; the default weights are shares of 1."""

_MAX_CHOICES: Final = 20
_MAX_NUMBER: Final = 10**12
_WEIGHT: Final = "w_"


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants to know.

    Attributes:
        town: the profile.
        place: name of the place, as it was typed.
        text: words that the practices must have, in the query language.
        weights: how much each factor counts.
        sliders: the same from 0 to `MOST_WEIGHT`.
        said: whether anything was said of the town at all.
        found: the place that the profile was filled from by its name, None when it was not.
        others: other places of that name.
    """

    town: Town = field(default_factory=Town)
    place: str = ""
    text: str = ""
    weights: Mapping[str, float] = field(default_factory=lambda: WEIGHTS)
    sliders: Mapping[str, int] = field(default_factory=dict)
    said: bool = False
    found: Place | None = None
    others: tuple[Place, ...] = ()


def read_town(
    parameters: Mapping[str, Sequence[str]], *, extra: Iterable[str] = ()
) -> tuple[Asked, list[Problem]]:
    """Return the profile of some GET parameters, and what could not be understood in them.

    Args:
        parameters: values per name.
        extra: names that mean something else and are no mistake.
    """
    problems = unknown_parameters(parameters, (*_names(), *extra))
    first = {name: values[0].strip() for name, values in parameters.items() if values}
    town = Town(
        population=_number(first, "population", problems),
        settlement=_one("settlement", "settlement", first, problems),
        country=_capitals(first, "country", 2, problems),
        budget=_number(first, "budget", problems),
        currency=_capitals(first, "currency", 3, problems) or "EUR",
        languages=tuple(_given(parameters, "language")),
        themes=_codes("theme", parameters, "theme", problems),
        groups=_codes("target-group", parameters, "target_group", problems),
        conditions={
            **dict.fromkeys(_codes("condition", parameters, "has", problems), True),
            **dict.fromkeys(_codes("condition", parameters, "lacks", problems), False),
        },
    )
    place = first.get("place", "")[:MAX_TEXT]
    town, found, others = _filled(town, place)
    sliders = _sliders(first, problems)
    asked = Asked(
        town=town,
        place=place,
        text=first.get("q", "")[:MAX_TEXT],
        weights={name: value / MOST_WEIGHT for name, value in sliders.items()},
        sliders=sliders,
        said=town != Town(currency=town.currency) or bool(first.get("q")),
        found=found,
        others=others,
    )
    return asked, problems


def _filled(town: Town, name: str) -> tuple[Town, Place | None, tuple[Place, ...]]:
    """Fill a profile from a place name; what was said of the town is not overruled."""
    if not name or town.population is not None:
        return town, None, ()
    known = places(name, town.country)
    whole = [one for one in known if folded(one.name) == folded(name)]
    if not known:
        return town, None, ()
    found, *others = whole or known
    filled = replace(
        town,
        population=found.population,
        country=town.country or found.country,
        settlement=town.settlement or settlement_guess(found.population),
    )
    return filled, found, tuple(others)


def default_slider(name: str) -> int:
    """Return where the slider of a factor stands at first: the heaviest is at the end."""
    return max(1, round(WEIGHTS[name] / max(WEIGHTS.values()) * MOST_WEIGHT))


def _names() -> tuple[str, ...]:
    plain = ("q", "place", "population", "settlement", "country", "budget", "currency", "limit")
    lists = ("language", "theme", "target_group", "target-group", "has", "lacks")
    return (*plain, *lists, *(_WEIGHT + name for name in WEIGHTS))


def _sliders(first: Mapping[str, str], problems: list[Problem]) -> dict[str, int]:
    found = {}
    for name in WEIGHTS:
        value = _number(first, _WEIGHT + name, problems)
        found[name] = default_slider(name) if value is None else min(value, MOST_WEIGHT)
    return found


def _given(parameters: Mapping[str, Sequence[str]], name: str) -> Iterable[str]:
    values = [*parameters.get(name, ()), *parameters.get(name.replace("_", "-"), ())]
    return dict.fromkeys(value.strip()[:MAX_TEXT] for value in values if value.strip())


def _codes(
    scheme: str, parameters: Mapping[str, Sequence[str]], name: str, problems: list[Problem]
) -> tuple[str, ...]:
    found = []
    for code in [*_given(parameters, name)][:_MAX_CHOICES]:
        if is_code(scheme, code):
            found.append(code)
        else:
            problems.append(_one_of(name, codes(scheme)))
    return tuple(found)


def _one(scheme: str, name: str, first: Mapping[str, str], problems: list[Problem]) -> str:
    code = first.get(name, "")
    if code and not is_code(scheme, code):
        problems.append(_one_of(name, codes(scheme)))
        return ""
    return code


def _one_of(name: str, known: Sequence[str]) -> Problem:
    return Problem(
        name, SENTENCES.messages("question-one-of", {"name": name, "known": ", ".join(known)})
    )


def _number(first: Mapping[str, str], name: str, problems: list[Problem]) -> int | None:
    """Return a whole number as people write it ("20 000", "20.000", "20,000 €")."""
    text = first.get(name, "")
    digits = "".join(char for char in text if char not in " .,'’\u00a0\u202f€")
    if not text:
        return None
    if not (digits.isascii() and digits.isdigit()) or int(digits) > _MAX_NUMBER:
        problems.append(Problem(name, SENTENCES.messages("town-number", {"name": name})))
        return None
    return int(digits)


def _capitals(first: Mapping[str, str], name: str, length: int, problems: list[Problem]) -> str:
    text = first.get(name, "").upper()
    if text and not (len(text) == length and text.isascii() and text.isalpha()):
        problems.append(
            Problem(name, SENTENCES.messages("town-letters", {"name": name, "length": length}))
        )
        return ""
    return text
