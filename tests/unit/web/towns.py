"""Real nodes without processes: a journal, an index and a feed in a temporary folder."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from flask.testing import FlaskClient

from federation.feed import Feed
from federation.fetch import Fetcher
from federation.identity import Identity, SigningKey, did_of
from federation.journal.journal import Draft, Journal
from federation.journal.peers import Peers
from federation.journal.runs import Runs
from federation.journal.store import open_store
from federation.records import Entry
from federation.trust import Candidate
from node import clock
from node.app import create_app
from node.index_site import index_site
from node.runtime import Runtime
from node.services.indexer import follow_once
from node.settings import Settings
from vocab.terms import CONTEXT_URL, type_of

CC_BY = "https://creativecommons.org/licenses/by/4.0/"


def practice(title: str, **more: Any) -> dict[str, Any]:
    """Return the body of a practice with an English title."""
    return {
        "@context": CONTEXT_URL,
        "type": "Practice",
        "title": {"en": title},
        "license": CC_BY,
        **more,
    }


@dataclass
class Town:
    """One node and a browser that looks at it."""

    runtime: Runtime
    client: FlaskClient

    def publish(self, *documents: dict[str, Any], uri: str | None = None) -> list[Entry]:
        """Publish documents and make them searchable."""
        own = self.runtime.settings.organisation_uri or f"{self.base}/organisations/own"
        bodies = [
            document if document["type"] == "Tombstone" else {"publisher": own, **document}
            for document in documents
        ]
        drafts = [Draft(body, uri, type_of(body)) for body in bodies]
        entries = self.runtime.journal.append_local(drafts, self.runtime.identity)
        follow_once(self.runtime)
        return entries

    def retract(self, entry: Entry, **more: Any) -> None:
        """Withdraw a record."""
        tombstone = {
            "@context": CONTEXT_URL,
            "type": "Tombstone",
            "formerType": entry.type,
            "reason": {"en": "published by mistake"},
            **more,
        }
        self.publish(tombstone, uri=entry.uri)

    def copy_from(self, other: "Town") -> None:
        """Take everything from another node, as a harvest would, without the network."""
        identity = other.runtime.identity
        self.runtime.journal.pin(
            did=identity.did,
            base=identity.base,
            key=identity.key.public_multikey,
            method=identity.method,
            name=other.runtime.settings.name,
        )
        verifier = self.runtime.journal.verifier(http_hosts=self.runtime.settings.allow_hosts)
        found = [
            verifier.check_member(orjson.loads(entry.body))
            for entry in other.runtime.journal.changes(0, 10_000).entries
        ]
        assert all(isinstance(one, Candidate) for one in found), found
        self.runtime.journal.append_foreign([one for one in found if isinstance(one, Candidate)])
        follow_once(self.runtime)

    @property
    def base(self) -> str:
        return self.runtime.settings.base_url

    def page(self, path: str, **headers: str) -> str:
        """Return the HTML of a page that must be there."""
        answer = self.client.get(path, headers={"Accept": "text/html", **headers})
        assert answer.status_code == 200, (path, answer.status_code)
        assert answer.mimetype == "text/html"
        return answer.text


def make_town(folder: Path, base_url: str, name: str = "Vallalta", **settings: Any) -> Town:
    """Make a node with an empty journal."""
    folder.mkdir(parents=True)
    values = Settings(data=folder, base_url=base_url, name=name, **settings)
    did = did_of(base_url)
    identity = Identity(did, base_url, f"{did}#key-1", SigningKey.generate())
    store = open_store(values.journal_path, lock=values.write_lock)
    store.create_tables()
    journal = Journal(store, clock.now)
    journal.ensure_local_origin(identity, name)
    runtime = Runtime(
        settings=values,
        clock=clock.now,
        identity=identity,
        store=store,
        journal=journal,
        peers=Peers(store, clock.now),
        runs=Runs(store, clock.now),
        engine=index_site(values).open(),
        feed=Feed(journal, identity, values.feed_cache, clock.now),
        fetcher=Fetcher(allow_hosts=values.allow_hosts, user_agent="lonja/test"),
    )
    return Town(runtime, create_app(runtime).test_client())
