"""What citizens have said of a practice, and what was answered, as its page shows it."""

from dataclasses import dataclass
from datetime import date
from typing import Final

import orjson

from federation.records import Entry, EntryState
from node.local.observations import Observations
from node.runtime import Runtime
from node.services.addresses import page_path
from node.services.coded import label
from node.services.reading import Prose, Reader, read
from search.api import SearchRequest, SearchUnavailableError, Sort
from vocab.few import FEWEST

_SHOWN: Final = 50


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer: what has happened, in a word and in words, when, and what it led to."""

    status: str
    text: Prose
    day: date | None
    resulted_in: str


@dataclass(frozen=True, slots=True)
class SaidView:
    """One observation.

    Attributes:
        path: of its own page here.
        kind: what kind it is, in words.
        text: what was said.
        month: "2026-03", "" when not stated.
        answer: None while there is none.
    """

    path: str
    kind: str
    text: Prose
    month: str
    answer: Answered | None


@dataclass(frozen=True, slots=True)
class Heard:
    """What citizens have said of a practice.

    Attributes:
        listed: the newest first, at most fifty.
        rating: mean of the ratings, None when there are fewer than five.
        ratings: how many there are, 0 when fewer than five.
    """

    listed: tuple[SaidView, ...]
    rating: float | None
    ratings: int


def heard(runtime: Runtime, practice: Entry, language: str) -> Heard:
    """Return what citizens have said of a practice, as the body that runs it has published it.

    Whoever else says something of it publishes under another name: that is listed elsewhere.
    Ratings stay with the cases of this node; records of earlier programs hold theirs.
    """
    found: list[SaidView] = []
    rated: list[float] = [*Observations(runtime.store, runtime.clock).ratings(practice.uri)]
    for reader, own in _documents(runtime, practice, language):
        found.append(_view(runtime, own, reader))
        rating = reader.number("rating")
        if rating is not None and 1 <= rating <= 5:
            rated.append(rating)
    enough = len(rated) >= FEWEST
    mean = sum(rated) / len(rated) if enough else None
    return Heard(tuple(found), mean, len(rated) if enough else 0)


def said_in(runtime: Runtime, entry: Entry, language: str) -> SaidView:
    """Return what an observation says and what was answered."""
    return _view(runtime, entry.uri, read(orjson.loads(entry.body), language))


def _documents(runtime: Runtime, practice: Entry, language: str) -> list[tuple[Reader, str]]:
    request = SearchRequest(
        links={"about": (practice.uri,)},
        filters={"type": ("CitizenObservation",), "origin": (practice.origin,)},
        sort=Sort.NEWEST,
        limit=_SHOWN,
        facets=(),
    )
    try:
        hits = runtime.engine.search(request).hits
    except SearchUnavailableError:
        return []
    entries = [runtime.journal.current(hit.uri) for hit in hits]
    return [
        (read(orjson.loads(entry.body), language), entry.uri)
        for entry in entries
        if entry is not None
        and entry.state is EntryState.HELD
        and entry.type == "CitizenObservation"
    ]


def _view(runtime: Runtime, uri: str, reader: Reader) -> SaidView:
    return SaidView(
        path=page_path(uri, runtime.settings.base_url),
        kind=label("observation", reader.string("observation"), reader.preferred[0]),
        text=reader.prose("text"),
        month=reader.string("observed"),
        answer=_answer(runtime, reader),
    )


def _answer(runtime: Runtime, reader: Reader) -> Answered | None:
    response = reader.one("response")
    text = response.prose("description")
    if not text:
        return None
    led_to = next(iter(response.addresses("resultedIn")), "")
    moment = response.moment("issued")
    return Answered(
        status=label("response", response.string("responseStatus"), reader.preferred[0]),
        text=text,
        day=moment.date() if moment else None,
        resulted_in=page_path(led_to, runtime.settings.base_url) if led_to else "",
    )
