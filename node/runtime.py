"""The composition root: the one place where the parts of a node are put together."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from federation.feed import Feed
from federation.fetch import Fetcher
from federation.identity import Identity
from federation.journal.journal import Journal
from federation.journal.peers import Peers
from federation.journal.runs import Runs
from federation.journal.store import Store, open_store
from federation.key_folder import hosted, settle
from federation.places import is_did_key
from node import __version__, clock, migrations
from node.index_site import index_site
from node.settings import Settings, SettingsError
from search.api import SearchEngine


@dataclass(frozen=True, slots=True)
class Runtime:
    """Everything a use case needs; built once a process, handed on explicitly."""

    settings: Settings
    clock: Callable[[], datetime]
    identity: Identity
    store: Store
    journal: Journal
    peers: Peers
    runs: Runs
    engine: SearchEngine
    feed: Feed
    fetcher: Fetcher

    def close(self) -> None:
        """Release files, connections and threads."""
        self.engine.close()
        self.fetcher.close()
        self.store.close()


def open_runtime(settings: Settings) -> Runtime:
    """Return the parts of the node in `settings.data`, its tables brought up to date.

    Raises:
        SettingsError: the folder holds no node, the node of another address, or a journal that
            knows nothing of this node; or it may not be written to.
        SchemaTooNewError: a newer program wrote the data folder.
    """
    if not settings.journal_path.exists():
        raise SettingsError(
            f"there is no node in {settings.data}; make one with: lonja --data {settings.data} init"
        )
    if not os.access(settings.data, os.W_OK):
        raise SettingsError(
            f"{settings.data} cannot be written by this user; run the command as the user whose "
            "folder it is, or make the folder writable"
        )
    store = open_store(settings.journal_path, lock=settings.write_lock)
    try:
        migrations.upgrade(store)
        journal = Journal(store, clock.now, settings.allow_hosts)
        identity = settle(settings.keys_folder, journal, settings.organisation_uri)
        _check_identity(settings, identity, journal)
    except BaseException:
        store.close()
        raise
    return Runtime(
        settings=settings,
        clock=clock.now,
        identity=identity,
        store=store,
        journal=journal,
        peers=Peers(store, clock.now),
        runs=Runs(store, clock.now),
        engine=index_site(settings).open(),
        feed=Feed(
            journal,
            identity,
            settings.feed_cache,
            clock.now,
            base=settings.base_url,
            hosted=lambda: hosted(settings.keys_folder),
        ),
        fetcher=Fetcher(
            allow_hosts=settings.allow_hosts,
            user_agent=f"lonja/{__version__} (+{settings.base_url})",
        ),
    )


def _check_identity(settings: Settings, identity: Identity, journal: Journal) -> None:
    """Refuse to go on under another name than the one that the journal was written under.

    Raises:
        SettingsError: the settings or the journal are those of another node.
    """
    if identity.base != settings.base_url and not is_did_key(identity.did):
        raise SettingsError(
            f"this node signs as {identity.base} but the settings say {settings.base_url}; "
            "its address cannot change in place. A trial gets its public address with: "
            "lonja init --base-url https://…"
        )
    if journal.origin(identity.did) is None:  # emptied or exchanged: signing would fork the log
        raise SettingsError(
            f"{settings.journal_path} holds nothing of {identity.did}: it was emptied or "
            "exchanged; bring the node back with: lonja --data NEW-FOLDER restore BACKUP"
        )


@contextmanager
def running(settings: Settings) -> Iterator[Runtime]:
    """Open the parts for one command and release them afterwards."""
    runtime = open_runtime(settings)
    try:
        yield runtime
    finally:
        runtime.close()
