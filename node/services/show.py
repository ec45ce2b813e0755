"""Show one record: everything its page says, read from the newest signed version."""

import shlex
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final

import orjson

from federation.records import Entry, EntryState
from node.local.drafts import Draft
from node.runtime import Runtime
from node.services import labels
from node.services.addresses import page_path
from node.services.cards import Card, card_of
from node.services.course import Turn, course
from node.services.details import Details, details
from node.services.provenance import Provenance
from node.services.provenance import provenance as provenance_of
from node.services.reading import Reader, Text, read
from node.services.said import Heard, heard
from node.services.text import host_of, one_line, safe_link
from search.api import SearchRequest, SearchUnavailableError, Sort
from vocab.headline import headline
from vocab.replicability import Answer, answers
from vocab.terms import PRACTICE_TYPES, type_of

_LISTED: Final = 50
_SIMILAR: Final = 4
_NAMED: Final = 60
"""Records of others that one record may name on its page: a publisher can write thousands."""
_VERSIONS: Final = 20


@dataclass(frozen=True, slots=True)
class Reference:
    """Another record that this one names.

    Attributes:
        uri: its record URI.
        title: its title when this node holds it, else "".
        path: path of its page here, "" when it is not held.
        href: its own address when that may become a link, else "".
        host: host that publishes it.
    """

    uri: str
    title: Text
    path: str
    href: str
    host: str


@dataclass(frozen=True, slots=True)
class RecordView:
    """A record as its page shows it.

    Attributes:
        uri: record URI, as it is to be shown.
        command: what to type to replicate it, safe to paste into a shell.
        path: path of its page on this node.
        type: record type.
        title: title or name.
        summary: summary or description in one line.
        record: reader of the document, for the texts that the template asks for by key.
        details: labelled parts of a practice, organisation or cluster.
        publisher: who published it.
        lead: who leads it, None when not stated.
        partners: the other organisations of a practice.
        sources: practices that it was adapted from.
        adaptations: practices adapted from it.
        listed: practices of an organisation, records of a cluster's members.
        similar: practices that resemble this one, or may answer this challenge.
        said: recognitions, proposals and others that are about this record.
        heard: what citizens have said of a practice, with the answers; None for other types.
        answers: the ten questions of a practice, () for other types.
        provenance: where it comes from.
        versions: numbers of the newest versions that can be read here, newest first.
        course: how an adaptation went, () for other types.
        original: code of its original language, "" when not known.
    """

    uri: str
    command: str
    path: str
    type: str
    title: Text
    summary: Text
    record: Reader
    details: Details
    publisher: Reference | None
    lead: Reference | None
    partners: tuple[Reference, ...]
    sources: tuple[Reference, ...]
    adaptations: tuple[Card, ...]
    listed: tuple[Card, ...]
    similar: tuple[Card, ...]
    said: tuple[Card, ...]
    heard: Heard | None
    answers: tuple[Answer, ...]
    provenance: Provenance
    versions: tuple[int, ...]
    course: tuple[Turn, ...]
    original: str


@dataclass(frozen=True, slots=True)
class StubView:
    """What is left of a withdrawn record.

    Attributes:
        uri: record URI.
        former_type: what it was.
        title: title of its last version, "" when the bodies were erased.
        reason: the public reason, "" when none was given.
        withdrawn: when, None when not stated.
        sources: what it was adapted from.
        adaptations: what was adapted from it.
        provenance: who withdrew it.
        erased: whether the bodies were erased too.
    """

    uri: str
    former_type: str
    title: Text
    reason: Text
    withdrawn: datetime | None
    sources: tuple[Reference, ...]
    adaptations: tuple[Card, ...]
    provenance: Provenance
    erased: bool


def show(runtime: Runtime, entry: Entry, language: str) -> RecordView:
    """Return the view of a held record for readers of `language`."""
    document = orjson.loads(entry.body)
    record = read(document, language)
    kind = type_of(document)
    is_practice = kind in PRACTICE_TYPES
    adaptations = _linked(runtime, "adapted_from", entry.uri, language) if is_practice else ()
    family = {card.uri for card in adaptations} | {*record.addresses("adaptedFrom")}
    title = Reader({"title": {**headline(document)}}, record.preferred).text("title")
    newest = [*_newest(runtime, entry)]
    return RecordView(
        uri=one_line(entry.uri),
        command=f"lonja replicate {shlex.quote(one_line(entry.uri))}",
        path=page_path(entry.uri, runtime.settings.base_url),
        type=kind,
        title=title or Text(labels.type_name(kind, language), ""),
        summary=record.text("summary"),
        record=record,
        details=details(record, language),
        publisher=_first(runtime, record, "publisher"),
        lead=_first(runtime, record, "lead"),
        partners=references(runtime, record, "partner"),
        sources=references(runtime, record, "adaptedFrom"),
        adaptations=adaptations,
        listed=() if is_practice else _listed(runtime, entry.uri, record, language),
        similar=_similar(runtime, entry.uri, language, family, _themes(record, kind)),
        said=_others(runtime, entry, language),
        heard=heard(runtime, entry, language) if is_practice else None,
        answers=answers(record.document) if is_practice else (),
        provenance=provenance_of(runtime, entry, record),
        versions=tuple(old.version for old in newest),
        course=course(newest, language) if kind == "Adaptation" else (),
        original=record.string("originalLanguage") or next(iter(record.strings("language")), ""),
    )


def show_draft(runtime: Runtime, draft: Draft, language: str) -> RecordView:
    """Return the view that a draft of a practice would have, were it published now."""
    entry = Entry(
        origin=draft.origin,
        seq=0,
        uri=draft.record or f"{runtime.settings.base_url}/practices/draft",
        version_uri="",
        version=0,
        digest="",
        type=draft.type,
        body=orjson.dumps(draft.body),
        received=draft.modified,
    )
    return show(runtime, entry, language)


def show_stub(runtime: Runtime, entry: Entry, language: str) -> StubView:
    """Return what is left of a withdrawn record, for readers of `language`."""
    tombstone = read(orjson.loads(entry.body), language)
    last = next((old for old in _newest(runtime, entry) if old.type != "Tombstone"), None)
    record = read(orjson.loads(last.body) if last else {}, language)
    return StubView(
        uri=one_line(entry.uri),
        former_type=tombstone.string("formerType"),
        title=record.text("title") or record.text("name"),
        reason=tombstone.text("reason"),
        withdrawn=tombstone.moment("modified") or tombstone.moment("issued"),
        sources=references(runtime, record, "adaptedFrom"),
        adaptations=_linked(runtime, "adapted_from", entry.uri, language),
        provenance=provenance_of(runtime, entry, tombstone),
        erased="erases" in tombstone.document,
    )


def _newest(runtime: Runtime, entry: Entry) -> Iterator[Entry]:
    """Yield the newest versions that are held with their text, `entry` first."""
    yield entry
    for number in range(entry.version - 1, max(0, entry.version - _VERSIONS), -1):
        old = runtime.journal.version(entry.uri, number)
        if old is not None and old.state is EntryState.HELD:
            yield old


def _first(runtime: Runtime, record: Reader, key: str) -> Reference | None:
    uri = next(iter(record.addresses(key)), None)
    return None if uri is None else _reference(runtime, uri, record.preferred)


def references(runtime: Runtime, record: Reader, key: str) -> tuple[Reference, ...]:
    """Return the records that a field of a record names."""
    named = dict.fromkeys(record.addresses(key))
    return tuple(_reference(runtime, uri, record.preferred) for uri in islice(named, _NAMED))


def reference_to(runtime: Runtime, uri: str, language: str) -> Reference:
    """Return the record or page that an address leads to, named for readers of `language`."""
    return _reference(runtime, uri, (language,))


def _reference(runtime: Runtime, uri: str, preferred: tuple[str, ...]) -> Reference:
    entry = runtime.journal.current(uri)
    title = Text("", "")
    if entry is not None and entry.state is EntryState.HELD and entry.type != "Tombstone":
        other = Reader({"title": {**headline(orjson.loads(entry.body))}}, preferred)
        title = other.text("title")
    return Reference(
        uri=one_line(uri),
        title=title,
        path=page_path(uri, runtime.settings.base_url) if entry is not None else "",
        href=safe_link(uri),
        host=host_of(uri),
    )


def _others(runtime: Runtime, entry: Entry, language: str) -> tuple[Card, ...]:
    """Return what is about a record, without the observations that its own page quotes."""
    found = _linked(runtime, "about", entry.uri, language)
    quoted = entry.type in PRACTICE_TYPES
    return tuple(
        card
        for card in found
        if not (quoted and card.type == "CitizenObservation" and card.origin == entry.origin)
    )


def _linked(runtime: Runtime, relation: str, uri: str, language: str) -> tuple[Card, ...]:
    return _search(runtime, {relation: (uri,)}, language)


def _search(
    runtime: Runtime, links: Mapping[str, tuple[str, ...]], language: str
) -> tuple[Card, ...]:
    request = SearchRequest(links=links, sort=Sort.NEWEST, limit=_LISTED, facets=())
    return _found(runtime, request, language)


def _themes(record: Reader, kind: str) -> Sequence[str] | None:
    """Return the themes that similar practices must have, () for any, None for no such list.

    A challenge has few words, which alone would lead anywhere.
    """
    if kind in PRACTICE_TYPES:
        return ()
    return record.strings("theme") if kind == "Challenge" else None


def _similar(
    runtime: Runtime, uri: str, language: str, family: Set[str], themes: Sequence[str] | None
) -> tuple[Card, ...]:
    """Return practices that resemble a record; its family is listed elsewhere on the page."""
    if themes is None:
        return ()
    request = SearchRequest(
        like=uri,
        filters={"type": PRACTICE_TYPES, **({"theme": themes} if themes else {})},
        reader=language,
        limit=2 * _SIMILAR,
        facets=(),
    )
    found = _found(runtime, request, language)
    return tuple(card for card in found if card.uri not in family)[:_SIMILAR]


def _found(runtime: Runtime, request: SearchRequest, language: str) -> tuple[Card, ...]:
    """Return what is found, nothing where the search server is away: the record is shown still."""
    try:
        hits = runtime.engine.search(request).hits
    except SearchUnavailableError:
        return ()
    return tuple(card_of(runtime, hit, language) for hit in hits)


def _listed(runtime: Runtime, uri: str, record: Reader, language: str) -> tuple[Card, ...]:
    """Return practices in which an organisation, or a cluster's members, take part."""
    uris = (uri, *record.addresses("member")[:_NAMED])
    found: dict[str, Card] = {}
    for relation in ("publisher", "lead", "partner"):
        for card in _search(runtime, {relation: uris}, language):
            if card.type in PRACTICE_TYPES:
                found.setdefault(card.uri, card)
    return tuple(list(found.values())[:_LISTED])
