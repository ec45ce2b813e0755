"""A node that harvests, for tests: journal, peers, ledgers and the door out, without processes."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from federation.fetch import Fetcher, FetchLimits
from federation.harvest import harvest
from federation.identity import Identity, SigningKey, did_of
from federation.journal.journal import Journal
from federation.journal.peers import Peers
from federation.journal.runs import Runs
from federation.journal.store import Store, open_store
from federation.records import Entry, EntryState, Peer, Run
from federation.refusals import RULES
from tests.peers import TestPeer

BASE = "https://reader.example"


def now() -> datetime:
    return datetime.now(UTC)


class Hosts(set[str]):
    """Hosts that may be reached; grows as peers are accepted."""


@dataclass
class Reader:
    """One node that harvests."""

    identity: Identity
    store: Store
    journal: Journal
    peers: Peers
    runs: Runs
    limits: FetchLimits
    hosts: set[str]
    clock: Callable[[], datetime]

    def accept(self, peer: TestPeer) -> Peer:
        """Pin a peer and harvest it from now on."""
        self.hosts.add(peer.url.removeprefix("http://"))
        key = peer.identity.key.public_multikey
        self.journal.pin(did=peer.identity.did, base=peer.url, key=key, method=peer.identity.method)
        added = self.peers.add(peer.url, did=peer.identity.did, key=key)
        return self.peers.accept(added.id)

    def harvest(self, peer: TestPeer, **more: Any) -> Run:
        """Harvest a peer and return the ledger, which must hold what every ledger promises."""
        fetcher = Fetcher(allow_hosts=self.hosts, limits=self.limits)
        found = self.peers.find(peer.url)
        assert found is not None
        run = harvest(
            found,
            journal=self.journal,
            peers=self.peers,
            runs=self.runs,
            fetcher=fetcher,
            clock=self.clock,
            **more,
        )
        fetcher.close()
        check_ledger(run)
        return run

    def entries(self, origin: str = "") -> dict[str, bytes]:
        """Return version URI -> bytes of what is held, of one origin or of all."""
        return {
            one.version_uri: one.body
            for one in self.journal.changes(0, 100_000).entries
            if one.state is EntryState.HELD and origin in ("", one.origin)
        }

    def stubs(self) -> list[Entry]:
        return self.journal.stubs(0)

    def title(self, entry: Entry) -> str | None:
        """Return the title that is shown of a record, None when nothing is."""
        current = self.journal.current(entry.uri)
        if current is None or current.type == "Tombstone":
            return None
        return str(orjson.loads(current.body)["title"]["en"])

    def faults(self) -> list[str]:
        return [f"{one.rule}: {one.detail}" for one in self.journal.verify_all().faults]

    def peer(self, peer: TestPeer) -> Peer:
        found = self.peers.find(peer.url)
        assert found is not None
        return found


def check_ledger(run: Run) -> None:
    """Hold a ledger to its promises: it has ended, balances, and speaks both languages."""
    assert run.state != "running"
    assert run.ended is not None
    assert run.balances(), run
    assert len(run.refusals) == run.refused
    for one in run.refusals:
        assert one.messages["en"]
        assert one.messages["es"]
        # Rules of the record check may say enough in their first sentence.
        assert bool(one.fixes.get("en")) == bool(one.fixes.get("es"))
        assert one.fixes.get("en") or one.rule not in RULES
    if run.state == "failed":
        assert run.error
        assert run.messages["en"] != run.messages["es"]


def rules(run: Run) -> dict[str, int]:
    """Return how often each rule was broken."""
    found: dict[str, int] = {}
    for one in run.refusals:
        found[one.rule] = found.get(one.rule, 0) + 1
    return found


def make_reader(
    folder: Path,
    *,
    clock: Callable[[], datetime] = now,
    limits: FetchLimits | None = None,
    hosts: Collection[str] = (),
) -> Reader:
    """Make a node that harvests; its journal learns of hosts as it accepts peers."""
    identity = Identity(did_of(BASE), BASE, f"{did_of(BASE)}#key-1", SigningKey.generate())
    store = open_store(folder / "journal.sqlite3", lock=folder / "write.lock")
    store.create_tables()
    known = Hosts(hosts)
    journal = Journal(store, clock, known)
    journal.ensure_local_origin(identity, "Reader")
    few = limits or FetchLimits(max_bytes=32_000_000, deadline_seconds=20, connect_seconds=5)
    return Reader(
        identity, store, journal, Peers(store, clock), Runs(store, clock), few, known, clock
    )
