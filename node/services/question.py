"""A search as people and programs write it in an address: GET parameters to a question and back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Final
from urllib.parse import urlencode

from node.services.sentences import SENTENCES
from search.api import CHOICES, MAX_OFFSET, BoundingBox, Circle, Sort
from vocab.messages import did_you_mean

CLUSTER: Final = "cluster"
"""The facet of clusters: all that a hub and its members publish. It is worked out here, from who
is a member of what, and is counted only where it is asked for by name."""

_FACETS: Final = (*CHOICES, CLUSTER)

SCOPES: Final = ("all", "cluster", "mine")
PAGE_SIZE: Final = 20
MAX_SIZE: Final = 200
MAX_TEXT: Final = 500
MAX_CHOICES: Final = 50
MAX_ADDRESS: Final = 2_000
NEAR_KM: Final = 50.0
MAX_NAME: Final = 60
_MAX_PROBLEMS: Final = 10
_OTHERS: Final = (
    "q", "like", "scope", "sort", "page", "limit", "cursor", "bbox", "near", "lang", "facets",
    "highlight", "collapse", "explain", "literal",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Problem:
    """A parameter that cannot be understood.

    Attributes:
        parameter: its name.
        messages: one sentence per language.
    """

    parameter: str
    messages: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Question:
    """One search.

    Attributes:
        text: query in the query language.
        filters: chosen codes per facet; facets without a choice are absent.
        scope: "mine" (this node), "cluster" (nodes that share a hub with it) or "all".
        sort: order, None = by relevance when there are words, else the newest first.
        page: page number from 1.
        size: hits a page.
        cursor: opaque place to go on from; "" to count pages instead.
        area: only records inside it.
        area_text: the parameter that `area` was read from, as (name, value).
        facets: facets to count.
        highlight: whether matches are wanted.
        like: URI of a record: only others that resemble it.
        collapse: whether adaptations are listed under the first of their family.
        explain: whether each hit says what its score is made of.
        literal: whether no mistake is forgiven.
        compare: practices that were chosen to be compared; the answer is the same without.
    """

    text: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    scope: str = "all"
    sort: Sort | None = None
    page: int = 1
    size: int = PAGE_SIZE
    cursor: str = ""
    area: BoundingBox | Circle | None = None
    area_text: tuple[str, str] | None = None
    facets: tuple[str, ...] = CHOICES
    highlight: bool = False
    like: str = ""
    collapse: bool = False
    explain: bool = False
    literal: bool = False
    compare: tuple[str, ...] = ()

    @property
    def order(self) -> Sort:
        """Return the order that applies."""
        return self.sort or (Sort.RELEVANCE if self.text or self.like else Sort.NEWEST)

    def pairs(self) -> list[tuple[str, str]]:
        """Return the parameters that say this question again, in one fixed order."""
        found = [("q", self.text)] if self.text else []
        found += [("like", self.like)] if self.like else []
        found += [(name, code) for name in _FACETS for code in self.filters.get(name, ())]
        if self.scope != "all":
            found.append(("scope", self.scope))
        if self.area_text:
            found.append(self.area_text)
        if self.sort:
            found.append(("sort", str(self.sort)))
        if self.literal:
            found.append(("literal", "1"))
        if self.page > 1:
            found.append(("page", str(self.page)))
        return found + [("compare", uri) for uri in self.compare]

    def query(self) -> str:
        """Return the query string of this question, without the question mark."""
        return urlencode(self.pairs())

    def without(self, facet: str, code: str) -> "Question":
        """Return the question without one choice, from its first page."""
        rest = tuple(item for item in self.filters.get(facet, ()) if item != code)
        filters = {name: codes for name, codes in self.filters.items() if name != facet}
        return replace(self, filters=filters | ({facet: rest} if rest else {}), page=1)

    def chosen(self, facet: str, code: str) -> bool:
        """Say whether a facet's value is chosen."""
        return code in self.filters.get(facet, ())


def read(
    parameters: Mapping[str, Sequence[str]], *, extra: Iterable[str] = ()
) -> tuple[Question, list[Problem]]:
    """Return the question of some GET parameters, and what could not be understood in them.

    What is not understood is left out of the question, so that a page can still answer.

    Args:
        parameters: values per name.
        extra: names that mean something else and are no mistake.
    """
    facets = (*_FACETS, *(name.replace("_", "-") for name in CHOICES))
    problems = unknown_parameters(parameters, (*_OTHERS, *extra, *facets))
    first = {name: values[0] for name, values in parameters.items() if values}
    area, area_text = _area(first, problems)
    question = Question(
        text=first.get("q", "").strip()[:MAX_TEXT],
        filters=_filters(parameters),
        scope=_choice(first, "scope", SCOPES, problems) or "all",
        sort=_sort(first, problems),
        page=_number(first, "page", MAX_OFFSET, problems) or 1,
        size=_number(first, "limit", MAX_SIZE, problems) or PAGE_SIZE,
        cursor=first.get("cursor", ""),
        area=area,
        area_text=area_text,
        facets=_facets(parameters, problems),
        highlight=_yes(first, "highlight"),
        like=first.get("like", "").strip()[:MAX_ADDRESS],
        collapse=_yes(first, "collapse"),
        explain=_yes(first, "explain"),
        literal=_yes(first, "literal"),
    )
    if (question.page - 1) * question.size > MAX_OFFSET:
        problems.append(
            Problem(
                "page",
                SENTENCES.messages("question-page"),
            )
        )
        question = replace(question, page=1)
    return question, problems


def _yes(first: Mapping[str, str], name: str) -> bool:
    return first.get(name, "") in ("1", "true")


def _filters(parameters: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name in _FACETS:
        values = [*parameters.get(name, ()), *parameters.get(name.replace("_", "-"), ())]
        codes = tuple(dict.fromkeys(value for value in values if value))[:MAX_CHOICES]
        if codes:
            found[name] = codes
    return found


def unknown_parameters(
    parameters: Mapping[str, Sequence[str]], names: Sequence[str]
) -> list[Problem]:
    """Return the parameters that are none of `names`, each with the name that may be meant."""
    found = []
    unknown = (name for name in parameters if name not in names)
    for name in islice(unknown, _MAX_PROBLEMS):  # finding what was meant takes time
        said = SENTENCES.messages("question-unknown", {"name": name[:MAX_NAME]})
        hint = did_you_mean(name[:MAX_NAME], names) or {}
        both = {code: f"{said[code]} {hint.get(code, '')}".strip() for code in said}
        found.append(Problem(name, both))
    return found


def _facets(parameters: Mapping[str, Sequence[str]], problems: list[Problem]) -> tuple[str, ...]:
    if "facets" not in parameters:
        return CHOICES
    wanted = [name.strip() for value in parameters["facets"] for name in value.split(",")]
    names = [name.replace("-", "_") for name in wanted if name]
    for name in names:
        if name not in _FACETS:
            problems.append(_one_of("facets", _FACETS))
            return CHOICES
    return tuple(dict.fromkeys(names))


def _choice(
    first: Mapping[str, str], name: str, known: Sequence[str], problems: list[Problem]
) -> str:
    value = first.get(name, "")
    if value and value not in known:
        problems.append(_one_of(name, known))
        return ""
    return value


def _one_of(name: str, known: Sequence[str]) -> Problem:
    return Problem(
        name,
        SENTENCES.messages("question-one-of", {"name": name, "known": ", ".join(known)}),
    )


def _sort(first: Mapping[str, str], problems: list[Problem]) -> Sort | None:
    value = _choice(first, "sort", [str(item) for item in Sort], problems)
    return Sort(value) if value else None


def _number(
    first: Mapping[str, str], name: str, largest: int, problems: list[Problem]
) -> int | None:
    value = first.get(name, "")
    if not value:
        return None
    if value.isascii() and value.isdigit() and len(value) < 7 and 1 <= int(value) <= largest:
        return int(value)
    problems.append(
        Problem(
            name,
            SENTENCES.messages("question-number", {"name": name, "largest": largest}),
        )
    )
    return None


def _area(
    first: Mapping[str, str], problems: list[Problem]
) -> tuple[BoundingBox | Circle | None, tuple[str, str] | None]:
    for name, reader in (("bbox", _bounding_box), ("near", _circle)):
        value = first.get(name, "")
        if not value:
            continue
        area = reader(value)
        if area is not None:
            return area, (name, value)
        shape = "west,south,east,north" if name == "bbox" else "latitude,longitude,km"
        problems.append(
            Problem(
                name,
                SENTENCES.messages("question-area", {"name": name, "shape": shape}),
            )
        )
    return None, None


def _degrees(value: str, largest: Sequence[float]) -> list[float] | None:
    """Return comma-separated numbers, each no further from zero than allowed, else None."""
    try:
        numbers = [float(part) for part in value.split(",")]
    except ValueError:
        return None
    good = len(numbers) == len(largest) and all(
        abs(number) <= limit for number, limit in zip(numbers, largest, strict=True)
    )  # a NaN compares as false
    return numbers if good else None


def _bounding_box(value: str) -> BoundingBox | None:
    numbers = _degrees(value, (180, 90, 180, 90))
    if numbers is None or numbers[1] > numbers[3]:
        return None
    return BoundingBox(*numbers)


def _circle(value: str) -> Circle | None:
    text = value if value.count(",") > 1 else f"{value},{NEAR_KM}"
    numbers = _degrees(text, (90, 180, 20_100))
    return Circle(*numbers) if numbers is not None and numbers[2] > 0 else None
