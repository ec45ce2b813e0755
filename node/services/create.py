"""Make a node: data folder, key, journal, the record of its own organisation."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import orjson

from federation.identity import Identity, SigningKey, did_of
from federation.identity import save as save_identity
from federation.journal.journal import Journal
from federation.journal.store import open_store
from federation.places import new_identity
from node import clock, migrations
from node.runtime import Runtime, running
from node.services.errors import ServiceError
from node.services.indexer import IndexLock
from node.services.publish import Submission, publish, publish_one
from node.services.recovery import FILE as RECOVERY_FILE
from node.services.recovery import write_key
from node.settings import Settings
from node.settings_file import save
from vocab.terms import CONTEXT_URL, SIGNED_BY_THE_NODE, JsonObject, JsonValue

DEFAULT_NAME: Final = "Lonja node"


def create_node(settings: Settings, recovery_file: Path | None = None) -> Settings:
    """Make the node that `settings` describe and return its settings, organisation included.

    Its recovery key is written to a file, by default in the data folder, to be taken offline.

    Raises:
        ServiceError: the folder already holds a node, or the keys of one.
    """
    if settings.journal_path.exists():
        raise ServiceError(f"{settings.data} already holds a node; start it with: lonja serve")
    if settings.keys_folder.exists() and any(settings.keys_folder.iterdir()):
        raise ServiceError(
            f"{settings.keys_folder} holds the key of a node whose journal is gone; restore its "
            "backup, or move the folder away to make a new node"
        )
    settings.data.mkdir(parents=True, exist_ok=True)
    settings.data.chmod(0o700)
    named = replace(settings, name=settings.name or DEFAULT_NAME, organisation_uri="")
    identity = _new_identity(named)
    save_identity(identity, named.keys_folder)
    save(named)
    _new_journal(named, identity)
    digest = write_key(recovery_file or settings.data / RECOVERY_FILE, identity.did)
    with running(named) as runtime:
        organisation = _publish_organisation(runtime, digest)
    complete = replace(named, organisation_uri=organisation)
    save(complete)
    return complete


def _new_identity(settings: Settings) -> Identity:
    if settings.hub:  # it has no address to be named by
        return new_identity(settings.hub)
    did = did_of(settings.base_url)
    return Identity(
        did=did, base=settings.base_url, method=f"{did}#key-1", key=SigningKey.generate()
    )


def _new_journal(settings: Settings, identity: Identity) -> None:
    store = open_store(settings.journal_path, lock=settings.write_lock)
    try:
        migrations.upgrade(store)
        Journal(store, clock.now).ensure_local_origin(identity, settings.name)
    finally:
        store.close()


def _publish_organisation(runtime: Runtime, recovery_digest: str) -> str:
    settings = runtime.settings
    document: JsonObject = {
        "@context": CONTEXT_URL,
        "type": "Organisation",
        "name": {settings.languages[0]: settings.name},
        "homepage": runtime.identity.base + "/",
        "recoveryDigest": recovery_digest,
    }
    if settings.sector:
        document["helix"] = settings.sector
    outcome = publish_one(runtime, Submission("organisation of this node", document))
    if outcome.refused:
        said = "; ".join(finding.message() for finding in outcome.findings)
        raise ServiceError(f"the node's organisation cannot be published: {said}")
    return outcome.uri


def publish_anew(settings: Settings, base_url: str) -> tuple[Settings, int]:
    """Give a trial node its public address; return the settings and how many records came along.

    A new identity is made and every record of the trial is published anew under it: a trial's
    records were never meant for others, so their addresses are not carried over. The trial's
    folder is kept beside the data folder with the ending ".trial".

    Raises:
        ServiceError: the node is no trial, or it is running.
    """
    if not settings.trial:
        raise ServiceError(
            f"this node already has the public address {settings.base_url}; "
            "an address cannot change, because records and signatures carry it"
        )
    kept = settings.data.with_name(settings.data.name + ".trial")
    if kept.exists():
        raise ServiceError(f"{kept} is in the way; move it elsewhere and try again")
    lock = IndexLock(settings.index_lock)
    if not lock.acquire():
        raise ServiceError("this node is running; stop it first")
    try:
        shutil.move(settings.data, kept)
    finally:
        lock.release()
    old = replace(settings, data=kept)
    new = create_node(replace(settings, base_url=base_url, host="", port=0))
    with running(old) as trial, running(new) as runtime:
        moved = dict(_moved_addresses(trial, new))
        documents = list(_documents(trial, moved, old))
        count = 0
        for outcome in publish(runtime, documents):
            if outcome.refused:
                said = "; ".join(finding.message() for finding in outcome.findings)
                raise ServiceError(f"{outcome.label} cannot be published anew: {said}")
            count += outcome.entry is not None
    return new, count


def _moved_addresses(trial: Runtime, new: Settings) -> Iterator[tuple[str, str]]:
    """Yield (trial URI, new URI): the same path under the new address."""
    for entry in trial.journal.records(origin_did=trial.identity.did):
        own = entry.uri == trial.settings.organisation_uri
        path = entry.uri.removeprefix(trial.settings.base_url)
        yield entry.uri, new.organisation_uri if own else new.base_url + path


def _documents(trial: Runtime, moved: dict[str, str], old: Settings) -> Iterator[Submission]:
    for entry in trial.journal.records(origin_did=trial.identity.did):
        # A trial's peers are on this machine: nobody else could follow what it vouched for.
        left_behind = entry.type in SIGNED_BY_THE_NODE
        if left_behind or entry.uri == old.organisation_uri:
            continue
        document = orjson.loads(entry.body)
        for key in ("isVersionOf", "id"):
            document.pop(key, None)
        yield Submission(entry.uri, _readdressed(document, moved), mint=moved[entry.uri])


def _readdressed(value: JsonValue, moved: dict[str, str]) -> JsonObject:
    result = _replace(value, moved)
    if not isinstance(result, dict):
        raise ServiceError("a record of the trial is no JSON object")
    return result


def _replace(value: JsonValue, moved: dict[str, str]) -> JsonValue:
    if isinstance(value, dict):
        return {key: _replace(item, moved) for key, item in value.items()}
    if isinstance(value, list):
        return [_replace(item, moved) for item in value]
    return moved.get(value, value) if isinstance(value, str) else value
