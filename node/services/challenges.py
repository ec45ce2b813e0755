"""The board of challenges: who asks for what until when, and what became of the proposals."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

import orjson

from federation.records import Entry, EntryState
from node.accounts.roles import Holder
from node.local.drafts import Draft
from node.runtime import Runtime
from node.services import drafts
from node.services.cards import Card, card_of
from node.services.coded import Coded, code_of, coded
from node.services.errors import UserError
from node.services.reading import Reader, Text, read
from node.services.show import Reference, references
from search.api import Hit, SearchRequest, SearchUnavailableError, Sort

SIZE: Final = 10
"""Challenges of one page of the board."""
_AT_ONCE: Final = 200
_MOST: Final = 1_000
"""Challenges that are put in order; older ones are found by searching."""
_PROPOSALS: Final = 50
"""Proposals shown of one challenge: anybody can publish thousands."""
_ORDER: Final = ("implemented", "selected", "developing", "submitted", "not-selected")


class Standing(StrEnum):
    """Whether a challenge takes proposals."""

    OPEN = "open"
    COMING = "coming"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class ProposalView:
    """One proposal.

    Attributes:
        card: as a list shows it.
        status: what has become of it.
        reason: why.
        by_residents: whether residents designed it, None when not stated.
        designers: sectors that designed it.
        supporters: how many support it, None when not stated.
        carried_out: the practice that came of it, None for none.
        by_others: whether somebody else than the challenge's publisher says all this.
    """

    card: Card
    status: Coded
    reason: Text
    by_residents: bool | None
    designers: tuple[Coded, ...]
    supporters: int | None
    carried_out: Reference | None
    by_others: bool


@dataclass(frozen=True, slots=True)
class ChallengeView:
    """One challenge.

    Attributes:
        card: as a list shows it.
        standing: whether it takes proposals today.
        opens: its first day, None when not stated.
        closes: its last day, None for none.
        sought: sectors that are invited.
        proposals: those carried out first, then those selected …
        statuses: (label, number) of the proposals by what has become of them.
    """

    card: Card
    standing: Standing
    opens: date | None
    closes: date | None
    sought: tuple[Coded, ...]
    proposals: tuple[ProposalView, ...]
    statuses: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Board:
    """A page of challenges.

    Attributes:
        challenges: those that end soonest first; closed ones last, the latest first.
        counts: how many there are of each standing.
        page: number of this page, from 1.
        pages: number of the last one.
        cut: whether there are more challenges than are put in order.
    """

    challenges: tuple[ChallengeView, ...]
    counts: dict[Standing, int]
    page: int
    pages: int
    cut: bool


def board(runtime: Runtime, language: str, wanted: Standing | None, page: int) -> Board:
    """Return a page of the challenges that are known here.

    Args:
        runtime: the node.
        language: of the reader.
        wanted: only those of this standing; None for all.
        page: number of the page; one beyond the last is taken for the last.

    Raises:
        SearchUnavailableError: the search engine is away.
    """
    today = runtime.clock().date()
    hits, total = _all(runtime)
    ranked = sorted(hits, key=lambda hit: _rank(_read(hit.card), today))
    standings = [standing_of(_read(hit.card), today) for hit in ranked]
    chosen = [hit for hit, found in zip(ranked, standings, strict=True) if wanted in (None, found)]
    pages = max(1, -(-len(chosen) // SIZE))
    page = min(max(page, 1), pages)
    shown = (_view(runtime, hit, language) for hit in chosen[(page - 1) * SIZE : page * SIZE])
    return Board(
        challenges=tuple(one for one in shown if one is not None),
        counts={one: standings.count(one) for one in Standing},
        page=page,
        pages=pages,
        cut=total > _MOST,
    )


def challenge(runtime: Runtime, uri: str, language: str) -> ChallengeView | None:
    """Return one challenge with its proposals, None where it is not found."""
    request = SearchRequest(uris=(uri,), filters={"type": ("Challenge",)}, limit=1, facets=())
    try:
        hit = next(iter(runtime.engine.search(request).hits), None)
    except SearchUnavailableError:
        return None
    return _view(runtime, hit, language) if hit is not None else None


def standing_of(challenge: Reader, today: date) -> Standing:
    """Return whether a challenge takes proposals on a day."""
    opens, closes = challenge.day("opens"), challenge.day("closes")
    if closes is not None and closes < today:
        return Standing.CLOSED
    return Standing.COMING if opens is not None and opens > today else Standing.OPEN


def answer(runtime: Runtime, holder: Holder, uri: str, origin: str) -> Draft:
    """Begin a proposal that answers a challenge, own or harvested.

    Raises:
        ServiceError: it is no challenge that is held here, or it is closed.
    """
    entry = _held(runtime, uri)
    if entry is None:
        raise UserError("%(uri)s is no challenge that is known here", uri=uri)
    document = read(orjson.loads(entry.body), "")
    if standing_of(document, runtime.clock().date()) is Standing.CLOSED:
        raise UserError("The challenge is closed: it takes no proposals any more")
    body = drafts.beginning(runtime, "Proposal", origin)
    body |= {"answers": uri, "proposalStatus": "submitted"}
    return drafts.keep(runtime, holder, body, origin)


def answered_by_others(
    runtime: Runtime, origins: Sequence[str], language: str
) -> list[tuple[Card, Card]]:
    """Return (challenge, proposal) of what others propose for the challenges of some origins."""
    request = SearchRequest(
        filters={"type": ("Challenge",), "origin": tuple(origins)},
        sort=Sort.NEWEST,
        limit=_PROPOSALS,
        facets=(),
    )
    try:
        own = runtime.engine.search(request).hits if origins else ()
    except SearchUnavailableError:
        return []
    return [
        (card_of(runtime, hit, language), card_of(runtime, proposal, language))
        for hit in own
        for proposal in _proposals(runtime, hit.uri)
        if proposal.card.get("origin") not in origins
    ]


def _all(runtime: Runtime) -> tuple[list[Hit], int]:
    """Return the challenges that are put in order, and how many there are in all."""
    hits: list[Hit] = []
    while True:
        found = runtime.engine.search(
            SearchRequest(
                filters={"type": ("Challenge",)},
                sort=Sort.NEWEST,
                limit=_AT_ONCE,
                offset=len(hits),
                facets=(),
            )
        )
        hits += found.hits
        if not found.hits or len(hits) >= min(found.total, _MOST):
            return hits, found.total


def _read(card: object) -> Reader:
    return Reader(dict(card), ("",))  # type: ignore[call-overload]  # an engine gives JSON back


def _rank(challenge: Reader, today: date) -> tuple[int, int]:
    """Return where a challenge stands on the board."""
    standing = standing_of(challenge, today)
    if standing is Standing.OPEN:
        return 0, (challenge.day("closes") or date.max).toordinal()
    if standing is Standing.COMING:
        return 1, (challenge.day("opens") or date.max).toordinal()
    return 2, -(challenge.day("closes") or date.min).toordinal()


def _held(runtime: Runtime, uri: str, kind: str = "Challenge") -> Entry | None:
    entry = runtime.journal.current(uri)
    good = entry is not None and entry.state is EntryState.HELD and entry.type == kind
    return entry if good else None


def _view(runtime: Runtime, hit: Hit, language: str) -> ChallengeView | None:
    entry = _held(runtime, hit.uri)
    if entry is None:  # the index follows the journal by a moment
        return None
    record = read(orjson.loads(entry.body), language)
    found = (_proposal(runtime, one, entry, language) for one in _proposals(runtime, hit.uri))
    proposals = sorted((one for one in found if one is not None), key=_place)
    return ChallengeView(
        card=card_of(runtime, hit, language),
        standing=standing_of(record, runtime.clock().date()),
        opens=record.day("opens"),
        closes=record.day("closes"),
        sought=coded(record, "helixSought", "helix", language),
        proposals=tuple(proposals),
        statuses=_counted(proposals),
    )


def _proposals(runtime: Runtime, uri: str) -> Sequence[Hit]:
    request = SearchRequest(
        links={"about": (uri,)},
        filters={"type": ("Proposal",)},
        sort=Sort.NEWEST,
        limit=_PROPOSALS,
        facets=(),
    )
    try:
        return runtime.engine.search(request).hits
    except SearchUnavailableError:
        return ()


def _proposal(runtime: Runtime, hit: Hit, asked: Entry, language: str) -> ProposalView | None:
    entry = _held(runtime, hit.uri, "Proposal")
    if entry is None:
        return None
    record = read(orjson.loads(entry.body), language)
    return ProposalView(
        card=card_of(runtime, hit, language),
        status=code_of("proposal-status", record.string("proposalStatus"), language),
        reason=record.text("reason"),
        by_residents=record.flag("citizenDesigned"),
        designers=coded(record, "designedBy", "helix", language),
        supporters=record.whole("supporters"),
        carried_out=next(iter(references(runtime, record, "implementedAs")), None),
        by_others=entry.origin != asked.origin,
    )


def _place(proposal: ProposalView) -> tuple[int, bool, str]:
    code = proposal.status.code
    place = _ORDER.index(code) if code in _ORDER else len(_ORDER)
    return place, proposal.by_others, proposal.card.title.text.casefold()


def _counted(proposals: Sequence[ProposalView]) -> tuple[tuple[str, int], ...]:
    codes = [one.status.code for one in proposals]
    labels = {one.status.code: one.status.label for one in proposals}
    return tuple((labels[code], codes.count(code)) for code in _ORDER if code in labels)
