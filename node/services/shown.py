"""What is shown of a peer: filters and quotas choose among the records that are held.

Everything a peer announces is taken in, so that logs have no gaps and can be relayed; what the
operator does not want to see is left out of the search index, and so out of lists and pages.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from federation.journal.journal import Journal
from federation.journal.peers import Peers
from federation.records import Entry, Origin, Peer, PeerState
from node.runtime import Runtime
from node.services.errors import ServiceError, UserError
from search.api import SearchEntry, SearchRequest
from search.facets import SCHEMES
from vocab.concepts import codes
from vocab.language import LANGUAGES
from vocab.terms import PRACTICE_TYPES

WANTED: Final = "shown:wanted"
"""Cursor: how often the operator has changed what is shown."""

_FACETS: Final = ("language", "theme", "country", "settlement")


@dataclass(frozen=True, slots=True)
class Shown:
    """Which records of a peer are shown; empty lists choose nothing.

    Attributes:
        language: codes of the languages a practice must have one of.
        theme: themes, one of them.
        country: countries (ISO 3166-1 alpha-2), one of them.
        settlement: kinds of settlement, one of them.
        quota: at most so many records, the first ones that came; 0 for no limit.
        hidden: whether nothing is shown.
    """

    language: tuple[str, ...] = ()
    theme: tuple[str, ...] = ()
    country: tuple[str, ...] = ()
    settlement: tuple[str, ...] = ()
    quota: int = 0
    hidden: bool = False

    def fits(self, entry: SearchEntry) -> bool:
        """Say whether a record is one of those that are wanted; only practices are chosen from."""
        if self.hidden:
            return False
        if not set(entry.facets.get("type", ())) & set(PRACTICE_TYPES):
            return True
        return all(
            not (wanted := getattr(self, facet)) or set(wanted) & set(entry.facets.get(facet, ()))
            for facet in _FACETS
        )

    def as_json(self) -> dict[str, Any]:
        """Return what is set, as it is kept and printed."""
        return {name: value for name, value in asdict(self).items() if value}


def shown_of(peer: Peer) -> Shown:
    """Return what is shown of a peer."""
    said = peer.shown
    lists = {facet: tuple(map(str, said.get(facet, ()))) for facet in _FACETS}
    quota = said.get("quota", 0)
    return Shown(
        **lists, quota=quota if isinstance(quota, int) else 0, hidden=bool(said.get("hidden"))
    )


def choose(runtime: Runtime, peer: Peer, wanted: Shown) -> Peer:
    """Set what is shown of a peer; the search index is built anew.

    Raises:
        ServiceError: a code is unknown.
    """
    _check("language", wanted.language, LANGUAGES)
    for facet in ("theme", "settlement"):
        _check(facet, getattr(wanted, facet), codes(SCHEMES[facet]))
    if any(len(code) != 2 or not code.isupper() for code in wanted.country):
        raise UserError("write countries as two capital letters, for example ES")
    if wanted.quota < 0:
        raise UserError("a quota is a number of records; 0 for no limit")
    if wanted == shown_of(peer):
        return peer
    changed = runtime.peers.show_only(peer.id, wanted.as_json())
    build_anew(runtime)
    return changed


def build_anew(runtime: Runtime) -> None:
    """Have the search index built anew, by whoever owns it."""
    runtime.journal.move_cursor(WANTED)


def forget(runtime: Runtime, peer: Peer) -> None:
    """Remove a peer; what was hidden of it because of its settings is shown again."""
    runtime.peers.remove(peer.id)
    if peer.shown:
        build_anew(runtime)


def hide(runtime: Runtime, peer: Peer, *, hidden: bool) -> Peer:
    """Show nothing of a peer, or again what was shown before."""
    return choose(runtime, peer, replace(shown_of(peer), hidden=hidden))


def _check(name: str, given: Iterable[str], known: Collection[str]) -> None:
    for code in given:
        if code not in known:
            raise ServiceError(f"'{code}' is no {name}; choose from {', '.join(sorted(known))}")


class Chooser:
    """Says of entries whether they are shown; looks anew at each batch."""

    def __init__(self, journal: Journal, peers: Peers) -> None:
        self._journal = journal
        self._peers = peers
        self._by_origin: dict[str, Peer] = {}
        self._last: dict[int, int | None] = {}
        self._first: Mapping[str, int] = {}

    def begin(self, entries: Iterable[Entry]) -> None:
        """Look up who governs the origins of a batch, and what quotas need to know about it."""
        peers = self._peers.list()
        settled = any(peer.shown for peer in peers)
        self._by_origin = governed(self._journal.origins(), peers) if settled else {}
        limited: dict[int, tuple[Peer, list[str]]] = {}
        for did, peer in self._by_origin.items():
            if shown_of(peer).quota:
                limited.setdefault(peer.id, (peer, []))[1].append(did)
        if not limited:
            return
        for number, (peer, dids) in limited.items():
            self._last[number] = self._journal.position_of_record(dids, shown_of(peer).quota)
        uris = {one.uri for one in entries if one.origin in self._by_origin}
        self._first = self._journal.first_positions(uris)

    def shows(self, entry: Entry, found: SearchEntry) -> bool:
        """Say whether a record is shown."""
        peer = self._by_origin.get(entry.origin)
        if peer is None:
            return True
        wanted = shown_of(peer)
        if not wanted.fits(found):
            return False
        last = self._last.get(peer.id)
        if not wanted.quota or last is None or self._first.get(entry.uri, 0) <= last:
            return True
        said = f"{peer.url} has more than the {wanted.quota} records that are shown of it"
        self._journal.alert("over-quota", peer.did, said)
        return False


def governed(origins: Iterable[Origin], peers: Iterable[Peer]) -> dict[str, Peer]:
    """Return by DID the peer whose settings say what is shown of an origin, where any are set.

    A peer's settings hold for itself and for whom it introduces, directly or by an allied hub,
    unless that one is a peer itself.
    """
    by_did = {peer.did: peer for peer in peers if peer.state is not PeerState.PENDING}
    known = {origin.did: origin for origin in origins}
    found: dict[str, Peer] = {}
    for origin in known.values():
        at: Origin | None = origin
        for _hop in range(3):
            if at is None:
                break
            peer = by_did.get(at.did)
            if peer is not None:
                if peer.shown:
                    found[origin.did] = peer
                break
            at = known.get(at.introduced_by)
    return found


def counts(runtime: Runtime, peer: Peer) -> tuple[int, int]:
    """Return how many records of a peer and of whom it introduces are shown, and are held."""
    alone = [replace(p, shown={"": p.id}) for p in runtime.peers.list()]
    governing = governed(runtime.journal.origins(), alone)
    dids = {peer.did} | {did for did, one in governing.items() if one.id == peer.id}
    request = SearchRequest(filters={"origin": sorted(dids)}, limit=1, facets=())
    shown = runtime.engine.search(request).total
    return shown, runtime.journal.count_records(dids)
