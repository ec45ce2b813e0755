"""Hosted origins: a hub signs for a village without a server, until the village takes over."""

import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import orjson

from federation.identity import FILE, Identity, fingerprint, load, save
from federation.introductions import MEMBER
from federation.key_folder import hosted, hosted_folder
from federation.places import new_identity, place_of
from node.runtime import Runtime
from node.services.errors import ServiceError
from node.services.publish import Submission, publish_one
from vocab.terms import CONTEXT_URL, JsonObject

KEY_FILE: Final = FILE


@dataclass(frozen=True, slots=True)
class HostedOrigin:
    """A member for which this node signs.

    Attributes:
        identity: who signs.
        place: name of its place under this node's address.
        name: of the organisation.
        organisation: its record URI, "" when it was withdrawn.
        entries: how many it has signed.
    """

    identity: Identity
    place: str
    name: str
    organisation: str
    entries: int

    def as_json(self) -> JsonObject:
        """Return it as commands print it."""
        return {
            "place": self.place,
            "did": self.identity.did,
            "base": self.identity.base,
            "name": self.name,
            "organisation": self.organisation,
            "fingerprint": fingerprint(self.identity.key.public_multikey),
            "entries": self.entries,
        }


def add_origin(runtime: Runtime, name: str, sector: str = "") -> HostedOrigin:
    """Make an identity for a village, publish its organisation and vouch for it.

    Raises:
        ServiceError: the organisation cannot be published.
    """
    identity = new_identity(runtime.settings.base_url)
    folder = hosted_folder(runtime.settings.keys_folder, identity.did)
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    save(identity, folder)
    runtime.journal.ensure_local_origin(identity, name)
    body: JsonObject = {
        "@context": CONTEXT_URL,
        "type": "Organisation",
        "name": {runtime.settings.languages[0]: name},
        "homepage": identity.base + "/",
    }
    _vouch(runtime, identity)  # first, so that readers of the feed know whose records follow
    _published(_acting(runtime, identity, ""), {**body, "helix": sector} if sector else body)
    return _describe(runtime, identity)


def _vouch(runtime: Runtime, identity: Identity) -> None:
    document: JsonObject = {
        "@context": CONTEXT_URL,
        "type": "Membership",
        "memberDid": identity.did,
        "memberKey": identity.key.public_multikey,
        "memberRole": MEMBER,
        "memberBase": identity.base,
    }
    _published(runtime, document)


def _published(runtime: Runtime, document: JsonObject) -> None:
    outcome = publish_one(runtime, Submission(str(document["type"]), document))
    if outcome.entry is None:
        said = "; ".join(finding.message() for finding in outcome.findings)
        raise ServiceError(f"{outcome.label} cannot be published: {said}")


def hosted_origins(runtime: Runtime) -> list[HostedOrigin]:
    """Return the members for which this node signs."""
    return [_describe(runtime, identity) for identity in hosted(runtime.settings.keys_folder)]


def _describe(runtime: Runtime, identity: Identity) -> HostedOrigin:
    held = runtime.journal.origin(identity.did)
    own = runtime.journal.records(record_type="Organisation", origin_did=identity.did)
    organisation = next((entry.uri for entry in own), "")
    name = held.name if held else ""
    entries = held.last_seq if held else 0
    return HostedOrigin(identity, place_of(identity.did), name, organisation, entries)


def find_origin(runtime: Runtime, name: str) -> HostedOrigin:
    """Return the hosted origin that a name, a place, a DID or an address means.

    Raises:
        ServiceError: none, or more than one, is meant.
    """
    known = hosted_origins(runtime)
    wanted = name.rstrip("/")
    meant = [o for o in known if wanted in (o.place, o.identity.did, o.identity.base)] or [
        o for o in known if o.name.casefold() == name.casefold()
    ]
    if len(meant) == 1:
        return meant[0]
    what = "no origin" if not meant else "more than one origin"
    names = ", ".join(f"{o.name} ({o.place})" for o in known) or "none; lonja origin add NAME"
    raise ServiceError(f"'{name}' means {what} of this node; there are: {names}")


def acting_as(runtime: Runtime, name: str) -> Runtime:
    """Return the node with the identity of a hosted origin: what it publishes is signed by it.

    Raises:
        ServiceError: none, or more than one, is meant.
    """
    origin = find_origin(runtime, name)
    return _acting(runtime, origin.identity, origin.organisation)


def acting_for(runtime: Runtime, uri: str) -> Runtime:
    """Return the node with the identity of the hosted origin whose record a URI is, if any."""
    for origin in hosted_origins(runtime):
        if uri.startswith(origin.identity.base + "/"):
            return _acting(runtime, origin.identity, origin.organisation)
    return runtime


def _acting(runtime: Runtime, identity: Identity, organisation: str) -> Runtime:
    settings = replace(runtime.settings, organisation_uri=organisation)
    return replace(runtime, identity=identity, settings=settings)


def let_go(runtime: Runtime, origin: HostedOrigin) -> None:
    """Stop signing for a village: from now on only who holds its key can.

    Its records stay, and their addresses go on answering here; what it publishes from its own
    node comes by push or harvest like that of any member.
    """
    own = origin.identity
    runtime.journal.pin(
        did=own.did,
        base=own.base,
        key=own.key.public_multikey,
        method=own.method,
        name=origin.name,
    )
    shutil.rmtree(hosted_folder(runtime.settings.keys_folder, own.did))


def write_key(origin: HostedOrigin, folder: Path) -> Path:
    """Write the private key of a hosted origin to a new file in a folder.

    Raises:
        ServiceError: there is a key already.
    """
    if (folder / KEY_FILE).exists():
        raise ServiceError(f"{folder / KEY_FILE} exists already; choose another folder")
    save(origin.identity, folder)
    return folder / KEY_FILE


def read_key(folder: Path) -> Identity:
    """Return the identity that an export holds.

    Raises:
        ServiceError: the folder holds none.
    """
    try:
        return load(folder)
    except (OSError, ValueError) as error:
        raise ServiceError(f"{folder} holds no exported origin: {error}") from error


def organisation_of(runtime: Runtime, did: str) -> str:
    """Return the URI of the organisation of an origin, "" when it has none."""
    own = runtime.journal.records(record_type="Organisation", origin_did=did)
    return next((e.uri for e in own if orjson.loads(e.body).get("type") == "Organisation"), "")
