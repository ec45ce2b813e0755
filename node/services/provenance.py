"""Where a record comes from and why it can be trusted."""

from dataclasses import dataclass
from datetime import datetime

from federation.records import Entry, Origin, OriginStanding
from node.runtime import Runtime
from node.services import labels
from node.services.addresses import page_path
from node.services.reading import Reader, Text
from node.services.text import host_of, one_line, safe_link


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a record comes from and why it can be trusted.

    Attributes:
        origin: DID that signed it.
        name: display name of that origin, "" when unknown.
        host: its host.
        local: whether this node is the origin.
        standing: why the origin is accepted.
        introduced_by: name of the hub that vouches, "" when none.
        received: when this node appended the version.
        seq: number in the origin's log.
        version: number of this version.
        digest: digest of this version.
        version_path: path of the signed document, below the base address.
        issued: first publication, None when not stated.
        modified: this version's date, None when not stated.
        licence: address of the licence, "" when none that may be linked.
        licence_name: its short name.
        credit: whom to credit, "" when nobody else.
        source: address of the page it was listed from, "" when none.
        source_host: host of that page.
        identifier: its identifier there.
        note: what the import noted.
    """

    origin: str
    name: str
    host: str
    local: bool
    standing: OriginStanding | None
    introduced_by: str
    received: datetime
    seq: int
    version: int
    digest: str
    version_path: str
    issued: datetime | None
    modified: datetime | None
    licence: str
    licence_name: str
    credit: Text
    source: str
    source_host: str
    identifier: str
    note: str


def origin_name(runtime: Runtime, did: str) -> str:
    """Return the display name of an origin, its host where it has none."""
    origin = runtime.journal.origin(did)
    if origin is None:
        return did
    return one_line(origin.name) or host_of(origin.base)


def provenance(runtime: Runtime, entry: Entry, record: Reader) -> Provenance:
    """Return where a held version comes from."""
    origin: Origin | None = runtime.journal.origin(entry.origin)
    hub = origin.introduced_by if origin else ""
    licence = record.string("license")
    source = safe_link(record.string("source"))
    path = page_path(entry.uri, runtime.settings.base_url)
    return Provenance(
        origin=entry.origin,
        name=one_line(origin.name) if origin else "",
        host=host_of(origin.base if origin else entry.uri),
        local=origin is not None and origin.standing is OriginStanding.LOCAL,
        standing=origin.standing if origin else None,
        introduced_by=origin_name(runtime, hub) if hub else "",
        received=entry.received,
        seq=entry.seq,
        version=entry.version,
        digest=entry.digest,
        version_path=f"{path}/v/{entry.version}",
        issued=record.moment("issued"),
        modified=record.moment("modified"),
        licence=safe_link(licence),
        licence_name=labels.licence_name(licence) if licence else "",
        credit=record.text("credit"),
        source=source,
        source_host=host_of(source),
        identifier=record.string("identifier"),
        note=record.string("importNote"),
    )
