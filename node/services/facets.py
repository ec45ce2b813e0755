"""The facets of an answer: their values in words, and choices that can be taken back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from federation.records import Origin
from node.services import labels
from node.services.question import CLUSTER, Question
from node.services.text import host_of, one_line
from search.api import CHOICES, SearchResult


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a facet; the count ignores what is chosen in the same facet."""

    code: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """One facet: by its own order where it has one, else chosen first and by falling count."""

    name: str
    label: str
    values: tuple[Value, ...]

    @property
    def chosen(self) -> int:
        """Return how many of its values are chosen."""
        return sum(value.chosen for value in self.values)


@dataclass(frozen=True, slots=True)
class Chip:
    """A choice that narrows the search, and the query string of the search without it."""

    facet: str
    label: str
    query: str


def facet_of(
    name: str,
    result: SearchResult,
    question: Question,
    names: Mapping[str, str],
    language: str,
    inside: Sequence[str] | None,
) -> Facet:
    """Return a facet with the counts of an answer.

    Args:
        name: of the facet.
        result: the answer.
        question: what was asked; chosen values stay visible.
        names: what publishers are called, by DID.
        language: of the reader.
        inside: origins that are searched, None for all.
    """
    counted = dict(result.facets.get(name, ()))
    if name == "origin" and inside is not None:
        counted = {code: count for code, count in counted.items() if code in inside}
    for code in question.filters.get(name, ()):
        counted.setdefault(code, 0)  # a choice must stay visible to be taken back
    values = [
        Value(code, _label(name, code, names, language), count, question.chosen(name, code))
        for code, count in counted.items()
    ]
    order = labels.facet_order(name)
    if order:
        values.sort(key=lambda value: order.index(value.code) if value.code in order else 999)
    else:
        values.sort(key=lambda value: (not value.chosen, -value.count, value.label))
    return Facet(name, labels.facet_name(name, language), tuple(values))


def cluster_facet(
    groups: Mapping[str, frozenset[str]],
    result: SearchResult,
    question: Question,
    names: Mapping[str, str],
    language: str,
) -> Facet:
    """Return the facet of clusters: the counts of their members' records added up.

    Args:
        groups: DIDs of the members by the DID of the hub.
        result: the answer, with counted origins.
        question: what was asked.
        names: what publishers are called, by DID.
        language: of the reader.
    """
    counted = dict(result.facets.get("origin", ()))
    values = [
        Value(hub, names.get(hub, hub), count, question.chosen(CLUSTER, hub))
        for hub, members in groups.items()
        if (count := sum(counted.get(did, 0) for did in members)) or question.chosen(CLUSTER, hub)
    ]
    values.sort(key=lambda value: (not value.chosen, -value.count, value.label))
    return Facet(CLUSTER, labels.facet_name(CLUSTER, language), tuple(values))


def _label(facet: str, code: str, names: Mapping[str, str], language: str) -> str:
    if facet in ("origin", CLUSTER):
        return names.get(code, code)
    return one_line(labels.value_label(facet, code, language))


def chips_of(question: Question, names: Mapping[str, str], language: str) -> tuple[Chip, ...]:
    """Return what was chosen, each with the question without it."""
    chips = [
        Chip(name, _label(name, code, names, language), question.without(name, code).query())
        for name in (*CHOICES, CLUSTER)
        for code in question.filters.get(name, ())
    ]
    if question.area_text:
        rest = replace(question, area=None, area_text=None, page=1)
        chips.append(Chip("area", "", rest.query()))
    return tuple(chips)


def origin_names(origins: Sequence[Origin]) -> dict[str, str]:
    """Return by DID what publishers are called."""
    return {o.did: one_line(o.name) or host_of(o.base) for o in origins}
