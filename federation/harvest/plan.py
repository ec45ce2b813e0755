"""Which pages of a feed are read: from the cursor on, and again where something was refused."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from federation.errors import IdentityError
from federation.harvest.pages import Member, Root
from federation.identity import base_of
from federation.journal.progress import Gap
from federation.places import is_did_key, place_of
from federation.records import Peer

MAX_PAGES: Final = 100_000
MAX_GAP_PAGES: Final = 20
_REVISION: Final = re.compile(r"-[0-9]+$")
STANDING: Final = frozenset(
    ("unknown-origin", "introduction-ended", "origin-quarantined", "origin-frozen")
)
"""Rules that a member stops breaking once this node trusts its origin."""
RETRIED: Final = STANDING | {"bad-proof", "unknown-key", "foreign-key", "broken-chain", "internal"}
"""Rules that a member may stop breaking: its page is read again."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The pages to read.

    Attributes:
        again: pages before the cursor that hold something refused earlier.
        onward: pages from the cursor on; those that could not be read before come last, so that
            they cannot keep out the others.
        foreign: pages at another address, which are not read.
        floor: members up to this number have been read already.
        shrunk: whether the feed has less than was read from it before.
    """

    again: list[str]
    onward: list[str]
    foreign: list[str]
    floor: int
    shrunk: bool


class Gaps:
    """What was refused earlier and may be accepted now.

    Args:
        gaps: as the journal keeps them.
        trusts: says of an address whether its origin is trusted now.
    """

    def __init__(self, gaps: Iterable[Gap], trusts: Callable[[str], bool]) -> None:
        self._members: dict[str, Gap] = {}
        self._pages: dict[str, Gap] = {}
        self._doubted: dict[str, Gap] = {}
        for one in gaps:
            kept = self._pages if one.is_page else self._members
            (self._doubted if one.is_doubt else kept)[one.version_uri] = one
        self._ready = {
            one.page_url
            for one in self._members.values()
            if one.rule in STANDING and trusts(one.version_uri)
        }

    @property
    def pressing(self) -> bool:
        """Whether something may be accepted although the feed has not changed."""
        return bool(self._ready or self._pages or self._doubted)

    @property
    def doubts(self) -> dict[str, str]:
        """The pages that were doubted the last time, each with the rule of its doubt."""
        return {url: one.rule for url, one in self._doubted.items()}

    def is_missing(self, url: str) -> bool:
        """Say whether a whole page could not be read the last time."""
        return url in self._pages

    @property
    def ready(self) -> set[str]:
        """Pages with members whose origin was not trusted when they were read, and now is."""
        return self._ready

    def refused_by(self, rule: str) -> set[str]:
        """Return the pages with members that were refused by a rule."""
        return {one.page_url for one in self._members.values() if one.rule == rule}

    def among(self, pages: list[str]) -> list[str]:
        """Return the pages to read again; those of little hope only up to a number."""
        hopeful = self._ready | self._pages.keys()
        refused = {one.page_url for one in self._members.values() if one.rule not in STANDING}
        doubtful = (refused | self._doubted.keys()) - hopeful
        tried = set([url for url in pages if url in doubtful][:MAX_GAP_PAGES])
        return [url for url in pages if url in hopeful or url in tried]

    def elsewhere(self, pages: list[str]) -> dict[str, list[Gap]]:
        """Return the pages that the feed does not list any more, each with what remains of it.

        After an erasure a page has another address, at which the rest of it is to be read.
        """
        listed, places = set(pages), {_place(url): url for url in pages}
        known = [*self._members.values(), *self._pages.values(), *self._doubted.values()]
        gone: dict[str, list[Gap]] = {}
        for one in known:
            if one.page_url not in listed:
                moved = places.get(_place(one.page_url))
                kept = [] if moved is None else [_moved(one, moved)]
                gone.setdefault(one.page_url, []).extend(kept)
        return gone

    def holds(self, url: str, member: Member) -> bool:
        """Say whether a member, or its whole page, was refused earlier."""
        whole = url in self._pages or url in self._doubted
        return whole or member.version_uri in self._members


def plan(root: Root, peer: Peer, gaps: Gaps) -> Plan:
    """Return which pages of a peer's feed to read.

    A feed that has shrunk was restored or rewritten: it is read from its beginning, since its
    numbers mean something else now.
    """
    own = [url for url in root.pages[:MAX_PAGES] if is_page_of(peer, url)]
    foreign = [url for url in root.pages[:MAX_PAGES] if not is_page_of(peer, url)]
    places = [_place(url) for url in own]
    lost = bool(peer.page_url) and _place(peer.page_url) not in places
    shrunk = lost or 0 < root.position < peer.feed_position
    start = 0 if shrunk or not peer.page_url else places.index(_place(peer.page_url))
    floor = 0 if shrunk else peer.feed_position
    onward = sorted(own[start:], key=gaps.is_missing)
    return Plan(gaps.among(own[:start]), onward, foreign, floor, shrunk)


def _place(url: str) -> str:
    """Return a page's address without its revision: it has another one after an erasure."""
    return _REVISION.sub("", url)


def _moved(one: Gap, url: str) -> Gap:
    """Return what is missing of a page under the address that the page has now."""
    return Gap(url if one.is_page else one.version_uri, url, one.rule)


def may_come(member: Member, rule: str) -> bool:
    """Say whether a refused member may be accepted later, so that its page is read again.

    One whose address is not that of the origin it names never will be.
    """
    if rule not in STANDING:
        return rule in RETRIED
    did = str(member.document.get("origin"))
    try:
        if is_did_key(did):
            return f"/n/{place_of(did)}/" in member.version_uri
        place = base_of(did).removeprefix("https://")
    except IdentityError:
        return False
    return member.version_uri.startswith((f"https://{place}/", f"http://{place}/"))


def is_page_of(peer: Peer, url: str) -> bool:
    """Say whether an address is of a page of a peer's own feed."""
    return url.startswith(f"{peer.url}/feed/") and len(url) < 700
