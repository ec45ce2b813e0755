"""A search as an Atom feed (RFC 4287): what is newest in it, for any feed reader."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

from node.runtime import Runtime
from node.services.cards import Card
from node.services.facets import origin_names
from node.services.find import Found
from node.services.question import Question
from node.services.reading import Text
from node.services.text import one_line
from vocab.views.reading import clean

PATH: Final = "/feed.atom"
ENTRIES: Final = 50
_IMPLIED: Final = ("sort", "page", "literal")  # the same in every feed
_TYPE: Final = "application/atom+xml"
_ATOM: Final = "http://www.w3.org/2005/Atom"
_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)  # of a feed without entries: it must say one


def atom(
    runtime: Runtime, found: Found, language: str, *, title: str, parameters: Mapping[str, str]
) -> bytes:
    """Return the feed of an answer that is ordered by date.

    The id of a feed is its own address, with the language; that of an entry is the record's URI,
    so that a new version of a record updates its entry in every reader.

    Args:
        runtime: of the node.
        found: the answer.
        language: in which the feed speaks where a record does.
        title: what the feed is called.
        parameters: those of this page of the feed that no question says: limit, cursor.
    """
    base = runtime.settings.base_url
    here = _address(base, found.question, language, {})
    root = ET.Element("feed", {"xmlns": _ATOM, _LANG: language})
    _add(root, "id", here)
    _add(root, "title", title)
    moments = [_moment(card) for card in found.cards]
    _add(root, "updated", _written(max(moments, default=_BEGINNING)))
    author = ET.SubElement(root, "author")
    _add(author, "name", one_line(runtime.settings.name) or base)
    _add(author, "uri", base)
    results = f"{base}/practices?{urlencode([*found.question.pairs(), ('lang', language)])}"
    _link(
        root, "self", _address(base, found.question, language, parameters), "application/atom+xml"
    )
    _link(root, "alternate", results, "text/html")
    if found.next:  # a paged feed (RFC 5005, section 3)
        more = {**parameters, "cursor": found.next}
        _link(root, "next", _address(base, found.question, language, more), _TYPE)
    names = origin_names(runtime.journal.origins())
    for card, moment in zip(found.cards, moments, strict=True):
        _entry(root, card, base, _written(moment), names.get(card.origin) or card.host)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def feed_path(question: Question, language: str) -> str:
    """Return the path of the feed that follows a search."""
    return _address("", question, language, {})


def _address(base: str, question: Question, language: str, parameters: Mapping[str, str]) -> str:
    own = [(name, value) for name, value in question.pairs() if name not in _IMPLIED]
    return f"{base}{PATH}?{urlencode([*own, *parameters.items(), ('lang', language)])}"


def _entry(root: ET.Element, card: Card, base: str, updated: str, author: str) -> None:
    """Add a record; the words that people read carry the language that they are in."""
    entry = ET.SubElement(root, "entry")
    _add(entry, "id", card.uri)
    _say(entry, "title", card.title)
    _add(entry, "updated", updated)
    _add(ET.SubElement(entry, "author"), "name", author)
    _link(entry, "alternate", base + card.path, "text/html")
    if not card.local:
        _link(entry, "via", card.uri)
    for theme in card.themes:
        about = {"term": clean(theme.code), "label": clean(theme.label)}
        ET.SubElement(entry, "category", about)
    where = ", ".join(part for part in (card.place, card.country) if part)
    if card.summary or not where:
        _say(entry, "summary", card.summary)
    else:
        _add(entry, "summary", where)


def _say(parent: ET.Element, name: str, text: Text) -> None:
    element = _add(parent, name, text.text)
    if text.language:
        element.set(_LANG, clean(text.language))


def _add(parent: ET.Element, name: str, text: str) -> ET.Element:
    """Add an element with plain text (the default of text constructs, section 3.1.1)."""
    element = ET.SubElement(parent, name)
    element.text = clean(text)
    return element


def _link(parent: ET.Element, relation: str, href: str, media_type: str = "") -> None:
    about = {"rel": relation, "href": clean(href)}
    if media_type:
        about["type"] = media_type
    ET.SubElement(parent, "link", about)


def _moment(card: Card) -> datetime:
    """Return when a record was modified, in UTC; what says no zone is taken as UTC."""
    moment = card.modified or _BEGINNING
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError:  # on the first or last day of the calendar
        return _BEGINNING


def _written(moment: datetime) -> str:
    """Return a point in time as RFC 3339 writes it."""
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
