"""What a hub does for its villages: their profiles, and the practices that fit each of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs, urlencode

from node.local.villages import Village, Villages
from node.runtime import Runtime
from node.services.drafts import document_of
from node.services.errors import ServiceError, UserError
from node.services.fit import Match, which_fit
from node.services.repeat import Plan, plan
from node.services.scope import clusters
from node.services.town import Asked, read_town
from search.values import mapping, string, texts
from vocab import concepts
from vocab.terms import JsonObject

MOST: Final = 500
"""Villages that one origin may look after."""
_LONGEST_NAME: Final = 200
_LONGEST_QUERY: Final = 2000
_MEMBERS: Final = 100


@dataclass(frozen=True, slots=True)
class Fitting:
    """A village, its profile, and the practices that fit it best."""

    village: Village
    asked: Asked
    matches: tuple[Match, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A member without a profile: its name, and the beginning of one as GET parameters."""

    name: str
    query: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """One practice of a pack: why it fits a village, and what it takes there."""

    match: Match
    plan: Plan


def villages(runtime: Runtime) -> Villages:
    """Return the profiles of a node."""
    return Villages(runtime.store, runtime.clock)


def profile(query: str) -> Asked:
    """Return the profile that GET parameters hold; what is not understood is left out."""
    return read_town(parse_qs(query, keep_blank_values=False, max_num_fields=200))[0]


def keep(runtime: Runtime, origin: str, name: str, query: str) -> Village:
    """Keep the profile of a village.

    Raises:
        ServiceError: it has no name, says nothing, is too long, or there are too many.
    """
    name = " ".join(name.split())[:_LONGEST_NAME]
    if not name:
        raise UserError("give the village a name")
    try:
        said = profile(query).said and len(query) <= _LONGEST_QUERY
    except ValueError:
        said = False
    if not said:
        raise UserError("say something of the village first: its size, what it needs")
    if villages(runtime).count(origin) >= MOST:
        raise UserError("one origin looks after %(most)s villages at most", most=MOST)
    return villages(runtime).keep(origin, name, query)


def fitting(runtime: Runtime, village: Village, language: str, most: int) -> Fitting:
    """Return the practices that fit a village best."""
    asked = profile(village.query)
    return Fitting(village, asked, which_fit(runtime, asked, language, most).fitting)


def pack(runtime: Runtime, village: Village, language: str, most: int) -> list[Sheet]:
    """Return what somebody in a village needs on paper about the practices that fit it."""
    found = fitting(runtime, village, language, most)
    population = found.asked.town.population
    sheets = []
    for match in found.matches:
        try:
            sheets.append(Sheet(match, plan(runtime, match.card.uri, language, population)))
        except ServiceError:
            continue  # withdrawn since it was indexed
    return sheets


def candidates(
    runtime: Runtime, origins: Sequence[str], held: Sequence[Village]
) -> list[Candidate]:
    """Return members of one's cluster that have no profile yet, from what they say of themselves.

    Args:
        runtime: of the node.
        origins: DIDs whose villages are looked after.
        held: the villages that have a profile.
    """
    members = {did for hub, dids in clusters(runtime).items() if hub in origins for did in dids}
    known = {village.name.casefold() for village in held}
    found = []
    for did in sorted(members - {runtime.identity.did})[:_MEMBERS]:
        for entry in runtime.journal.records(origin_did=did, record_type="Organisation"):
            one = _candidate(document_of(entry))
            if one is not None and one.name.casefold() not in known:
                found.append(one)
                known.add(one.name.casefold())
    return sorted(found, key=lambda one: one.name.casefold())


def _candidate(organisation: JsonObject) -> Candidate | None:
    """Return how the profile of an organisation begins, None without a name."""
    place = mapping(organisation.get("place"))
    names = texts(place.get("name")) or texts(organisation.get("name"))
    name = next(iter(names.values()), "")
    if not name:
        return None
    population = place.get("population")
    known = {
        "place": name,
        "population": population if isinstance(population, int) else "",
        "country": string(place.get("country")),
        "settlement": string(place.get("settlement")),
    }
    return Candidate(name, urlencode({key: value for key, value in known.items() if value}))


def shared_needs(held: Sequence[Village], language: str) -> list[tuple[str, str, list[str]]]:
    """Return (code, label, villages) of the themes that two villages or more look for.

    Neighbours with the same need may plan, hire and buy together.
    """
    by_theme: dict[str, list[str]] = {}
    for village in held:
        for code in profile(village.query).town.themes:
            by_theme.setdefault(code, []).append(village.name)
    return [
        (code, concepts.label("theme", code, language), names)
        for code, names in sorted(by_theme.items(), key=lambda pair: -len(pair[1]))
        if len(names) > 1
    ]
