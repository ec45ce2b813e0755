"""The family of a practice: what it was adapted from, and what was adapted from it, as a tree.

Drawn from what this node holds: an adaptation names its sources, and the search index knows the
other direction. Records that nobody here holds are named by their address.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import orjson

from federation.records import EntryState
from node.runtime import Runtime
from node.services.cards import Card, card_of
from node.services.show import Reference, reference_to
from search.api import MAX_URIS, Hit, SearchRequest, SearchUnavailableError, Sort
from search.values import addresses
from vocab import concepts
from vocab.terms import PRACTICE_TYPES

_GENERATIONS: Final = 10
_MOST: Final = 200
"""Members that one page draws."""


@dataclass(slots=True)
class Member:
    """One practice of a family.

    Attributes:
        reference: its name and address.
        card: what the index knows of it, None for a record that is not found here.
        others: further practices that it was adapted from, beside the one it stands under.
        children: what was adapted from it.
    """

    reference: Reference
    card: Card | None = None
    others: list[Reference] = field(default_factory=list)
    children: list["Member"] = field(default_factory=list)

    def members(self) -> Iterator["Member"]:
        """Yield this member and all that descend from it."""
        yield self
        for child in self.children:
            yield from child.members()


@dataclass(frozen=True, slots=True)
class FamilyTree:
    """A family, from the first practice down.

    Attributes:
        first: the practice that all others descend from.
        size: how many practices there are, the first included.
        stages: (code, label, number) of the adaptations, by the order of the stages.
        countries: how many countries it has come to.
        cut: whether there are more than are drawn.
    """

    first: Member
    size: int
    stages: tuple[tuple[str, str, int], ...]
    countries: int
    cut: bool


def family_tree(runtime: Runtime, uri: str, language: str) -> FamilyTree | None:
    """Return the family that a practice belongs to, None when no practice of that URI is held."""
    entry = runtime.journal.current(uri)
    if entry is None or entry.state is not EntryState.HELD or entry.type not in PRACTICE_TYPES:
        return None
    oldest = _first(runtime, uri)
    first = Member(reference_to(runtime, oldest, language))
    found = {oldest: first}
    first.card = next((card_of(runtime, hit, language) for hit in _held(runtime, oldest)), None)
    level = [oldest]
    for _generation in range(_GENERATIONS):
        level = _next_generation(runtime, level, found, language)
        if not level or len(found) >= _MOST:
            break
    members = [*first.members()]
    cards = [one.card for one in members if one.card is not None]
    return FamilyTree(
        first,
        len(members),
        _stages(cards),
        len({card.country for card in cards if card.country}),
        bool(level) and len(found) >= _MOST,
    )


def _first(runtime: Runtime, uri: str) -> str:
    """Return the practice that a record goes back to, by its first source; itself if by none."""
    seen = [uri]
    for _generation in range(_GENERATIONS):
        entry = runtime.journal.current(seen[-1])
        document = orjson.loads(entry.body) if entry is not None and entry.body else {}
        source = next(iter(addresses(document.get("adaptedFrom"))), "")
        if not source or source in seen:
            break
        seen.append(source)
    return seen[-1]


def _next_generation(
    runtime: Runtime, level: list[str], found: dict[str, Member], language: str
) -> list[str]:
    """Put what was adapted from these under them; return what is new."""
    fresh: list[str] = []
    for hit in _adapted_from(runtime, level):
        if hit.uri in found or len(found) >= _MOST:
            continue
        sources = addresses(hit.card.get("adaptedFrom"))
        parent = next((uri for uri in sources if uri in found), "")
        if not parent:
            continue
        member = Member(reference_to(runtime, hit.uri, language), card_of(runtime, hit, language))
        member.others = [reference_to(runtime, uri, language) for uri in sources if uri != parent]
        found[parent].children.append(member)
        found[hit.uri] = member
        fresh.append(hit.uri)
    return fresh


def _adapted_from(runtime: Runtime, uris: list[str]) -> Iterator[Hit]:
    for start in range(0, len(uris), MAX_URIS):
        links = {"adapted_from": uris[start : start + MAX_URIS]}
        yield from _search(
            runtime, SearchRequest(links=links, sort=Sort.OLDEST, limit=_MOST, facets=())
        )


def _held(runtime: Runtime, uri: str) -> list[Hit]:
    return _search(runtime, SearchRequest(uris=[uri], limit=1, facets=()))


def _search(runtime: Runtime, request: SearchRequest) -> list[Hit]:
    try:
        return list(runtime.engine.search(request).hits)
    except SearchUnavailableError:
        return []


def _stages(cards: list[Card]) -> tuple[tuple[str, str, int], ...]:
    counted = Counter((one.stage.code, one.stage.label) for one in cards if one.stage)
    order = concepts.codes("adaptation-stage")
    known = [(*stage, number) for stage, number in counted.items()]
    return tuple(sorted(known, key=lambda one: order.index(one[0]) if one[0] in order else 99))
