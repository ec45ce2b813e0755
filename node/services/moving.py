"""Moving an origin: from a hub that signed for it to a node of its own, addresses unchanged."""

from dataclasses import replace
from pathlib import Path
from typing import Final

from federation.identity import save as save_identity
from federation.journal.journal import Journal
from federation.journal.store import open_store
from federation.places import hub_of
from node import clock, migrations
from node.runtime import Runtime, running
from node.services.bundle import export_bundle, import_bundle
from node.services.errors import ServiceError
from node.services.hosted import HostedOrigin, organisation_of, read_key, write_key
from node.settings import Settings
from node.settings_file import save

RECORDS: Final = "records.ndjson.gz"


def export_origin(runtime: Runtime, origin: HostedOrigin, folder: Path) -> int:
    """Write the key and all records of a hosted origin to a folder; return how many entries.

    Raises:
        ServiceError: the folder holds an export already.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if (folder / RECORDS).exists():
        raise ServiceError(f"{folder / RECORDS} exists already; choose another folder")
    count = export_bundle(runtime, folder / RECORDS, origins=[origin.identity.did])
    write_key(origin, folder)
    return count


def import_origin(settings: Settings, folder: Path) -> tuple[Settings, int]:
    """Make a node of an exported origin and return its settings and how many entries it has.

    Raises:
        ServiceError: the data folder holds a node already, or the folder holds no export.
    """
    if settings.journal_path.exists():
        raise ServiceError(f"{settings.data} already holds a node; choose another data folder")
    identity = read_key(folder)
    hub = hub_of(identity.base)
    settings.data.mkdir(parents=True, exist_ok=True)
    settings.data.chmod(0o700)
    save_identity(identity, settings.keys_folder)
    made = replace(settings, hub=hub)
    save(made)
    store = open_store(made.journal_path, lock=made.write_lock)
    try:
        migrations.upgrade(store)
        journal = Journal(store, clock.now, made.allow_hosts)
        journal.ensure_local_origin(identity, made.name)
    finally:
        store.close()
    with running(made) as runtime:
        import_bundle(runtime, folder / RECORDS)
        last, _digest = runtime.journal.end_of_log(identity.did)
        organisation = organisation_of(runtime, identity.did)
    named = replace(made, organisation_uri=organisation)
    save(named)
    return named, last


def readdress(settings: Settings, base_url: str) -> Settings:
    """Give a node that began under a hub an address of its own; its records keep theirs."""
    made = replace(settings, base_url=base_url, host="", port=0)
    save(made)
    for file in made.feed_cache.glob("*"):  # kept pages name the address of the feed
        file.unlink(missing_ok=True)
    return made
