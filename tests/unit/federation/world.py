"""A small world for tests: towns with a journal each, a clock, and what may pass between them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from federation import proof
from federation.feed import Feed
from federation.harvest.heads import note_head, verified_head
from federation.identity import Identity, SigningKey, did_of
from federation.journal.journal import Draft, Journal
from federation.journal.store import Store, open_store
from federation.records import Entry, EntryState, Refusal
from federation.trust import Candidate
from vocab.terms import CONTEXT_URL

Document = dict[str, Any]


@dataclass
class Clock:
    """A clock that stands still unless it is moved."""

    moment: datetime = datetime(2026, 6, 1, 8, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, **duration: float) -> None:
        self.moment += timedelta(**duration)


def practice(title: str, **more: Any) -> Document:
    """Return the body of a practice."""
    return {
        "@context": CONTEXT_URL,
        "type": "Practice",
        "title": {"en": title},
        "publisher": "https://publisher.example/organisations/1",
        "license": "https://creativecommons.org/licenses/by/4.0/",
        **more,
    }


def document(entry: Entry) -> Document:
    """Return an entry as a relay would hand it on."""
    return dict(orjson.loads(entry.body))


@dataclass
class Town:
    """A node without network: an identity, a journal, a feed."""

    folder: Path
    clock: Clock
    identity: Identity
    store: Store
    journal: Journal
    feed: Feed

    @property
    def did(self) -> str:
        return self.identity.did

    def publish(self, *titles: str, uri: str | None = None, **more: Any) -> list[Entry]:
        """Publish practices; with `uri`, as the next versions of that record."""
        drafts = [Draft(practice(title, **more), uri, "Practice") for title in titles]
        return self.journal.append_local(drafts, self.identity)

    def publish_one(self, title: str, *, uri: str | None = None, **more: Any) -> Entry:
        (entry,) = self.publish(title, uri=uri, **more)
        return entry

    def withdraw(self, entry: Entry, *, erases: Iterable[int] = ()) -> Entry:
        """Publish a tombstone, one that erases bodies when numbers are given."""
        body: Document = {
            "@context": CONTEXT_URL,
            "type": "Tombstone",
            "formerType": entry.type,
            "reason": {"en": "withdrawn by its publisher"},
        }
        if erases:
            body["erases"] = list(erases)
        (tombstone,) = self.journal.append_local(
            [Draft(body, entry.uri, "Tombstone")], self.identity
        )
        return tombstone

    def vouch(
        self,
        member: "Town",
        role: str = "member",
        *,
        key: str = "",
        until: datetime | None = None,
        uri: str | None = None,
    ) -> Entry:
        """Sign a membership, as a hub does."""
        body: Document = {
            "@context": CONTEXT_URL,
            "type": "Membership",
            "memberDid": member.did,
            "memberKey": key or member.identity.key.public_multikey,
            "memberRole": role,
        }
        if until is not None:
            body["until"] = proof.timestamp(until)
        (entry,) = self.journal.append_local([Draft(body, uri, "Membership")], self.identity)
        return entry

    def accept(self, other: "Town") -> None:
        """Pin another town, as an administrator does."""
        self.journal.pin(
            did=other.did,
            base=other.identity.base,
            key=other.identity.key.public_multikey,
            method=other.identity.method,
        )

    def receive(self, *items: Entry | Document) -> list[str]:
        """Take in what a relay hands on, in one page; return each verdict, or the rule broken."""
        verifier = self.journal.verifier()
        documents = [document(one) if isinstance(one, Entry) else one for one in items]
        checked = [verifier.check_member(one) for one in documents]
        candidates = [one for one in checked if isinstance(one, Candidate)]
        verdicts = iter(self.journal.append_foreign(candidates))
        whole = [next(verdicts) if isinstance(one, Candidate) else one for one in checked]
        return [one.rule if isinstance(one, Refusal) else str(one) for one in whole]

    def receive_head(self, body: bytes) -> list[str]:
        """Take in a signed head and return the warnings.

        Raises:
            ProofError: it is not signed by its origin.
        """
        head = verified_head(orjson.loads(body), self.journal)
        return note_head(head, self.journal, self.clock())

    def sign(self, body: Document) -> Document:
        """Return any document signed with this town's key."""
        return dict(proof.sign(body, self.identity.key, self.identity.method, self.clock()))

    def log(self, origin: "Town | None" = None) -> list[Entry]:
        """Return the held entries of an origin, by default its own, in the order of its log."""
        did = (origin or self).did
        entries = self.journal.changes(0, 100_000).entries
        return sorted((one for one in entries if one.origin == did), key=lambda one: one.seq)

    def shown(self, entry: Entry) -> str | None:
        """Return the English title that is shown of a record, None when nothing is."""
        current = self.journal.current(entry.uri)
        if current is None or current.type == "Tombstone":
            return None
        return str(document(current)["title"]["en"])

    def relayed(self) -> list[Entry]:
        return self.journal.feed_slice(0, 100_000)

    def alerts(self) -> set[tuple[str, str]]:
        return {(one.kind, one.origin) for one in self.journal.alerts()}

    def faults(self) -> list[str]:
        return [f"{fault.rule}: {fault.detail}" for fault in self.journal.verify_all().faults]


@dataclass
class World:
    """Makes towns and closes them."""

    folder: Path
    clock: Clock = field(default_factory=Clock)
    towns: list[Town] = field(default_factory=list)

    def town(self, name: str, *, key: SigningKey | None = None, folder: str = "") -> Town:
        """Return a new town at https://NAME.example."""
        base = f"https://{name}.example"
        did = did_of(base)
        place = self.folder / (folder or name)
        identity = Identity(did, base, f"{did}#key-1", key or SigningKey.generate())
        store = open_store(place / "journal.sqlite3", lock=place / "write.lock")
        store.create_tables()
        journal = Journal(store, self.clock)
        journal.ensure_local_origin(identity, name)
        feed = Feed(journal, identity, place / "cache", self.clock)
        town = Town(place, self.clock, identity, store, journal, feed)
        self.towns.append(town)
        return town

    def two(self) -> tuple[Town, Town]:
        """Return a town, and another that has accepted it."""
        city, village = self.town("city"), self.town("village")
        village.accept(city)
        return city, village

    def close(self) -> None:
        for town in self.towns:
            town.store.close()


def is_held(entry: Entry | None) -> bool:
    return entry is not None and entry.state is EntryState.HELD and entry.body != b""
