"""Doctor: what an operator should look at, each with the way to mend it."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import packages_distributions
from typing import Final

import orjson

from federation.journal.notices import Notices
from federation.records import RunState
from node import migrations
from node.local.alerts import AlertState
from node.runtime import Runtime
from node.services.alerts import followed
from node.services.backup import backups_made
from node.services.federate import accepted_peers, is_allowed
from node.services.indexer import IndexLock
from node.services.notice import notice
from node.services.notify import channels
from node.services.recovery import FILE as RECOVERY_FILE
from node.services.sentence import Sentence
from node.services.worker_state import heartbeat_age
from search.api import SearchUnavailableError

MIN_FREE_BYTES: Final = 500_000_000
MAX_BACKUP_AGE: Final = timedelta(days=31)
PACKAGES: Final = ("node", "vocab", "federation", "search")


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One thing that was looked at.

    Attributes:
        name: short name of the check.
        level: "ok", "warning" or "fault".
        message: what was found.
        fix: what to do, "" when nothing.
    """

    name: str
    level: str
    message: str
    fix: str = ""


def examine(runtime: Runtime) -> Iterator[Diagnosis]:
    """Yield the result of every check."""
    for check in _CHECKS:
        yield check(runtime)


def _address(runtime: Runtime) -> Diagnosis:
    settings = runtime.settings
    if settings.trial:
        return Diagnosis(
            "address",
            "warning",
            Sentence(
                "trial node at %(url)s: only this machine can reach it", url=settings.base_url
            ),
            Sentence("give it its public address: lonja init --base-url https://…"),
        )
    return Diagnosis("address", "ok", settings.base_url)


def _sector(runtime: Runtime) -> Diagnosis:
    uri = runtime.settings.organisation_uri
    held = runtime.journal.current(uri) if uri else None
    sector = orjson.loads(held.body).get("helix") if held is not None and held.body else None
    if isinstance(sector, str):
        return Diagnosis("sector", "ok", sector)
    return Diagnosis(
        "sector",
        "warning",
        Sentence("the record of the organisation does not say its sector"),
        Sentence(
            "change it at the desk; or save it (lonja show %(uri)s > own.jsonld), add 'helix': "
            "'government' (or academia, business, civil-society), then: lonja publish own.jsonld",
            uri=uri,
        ),
    )


def _schema(runtime: Runtime) -> Diagnosis:
    held = migrations.revision(runtime.store)
    if held == migrations.HEAD:
        return Diagnosis("tables", "ok", Sentence("revision %(held)s", held=held))
    return Diagnosis(
        "tables",
        "fault",
        Sentence(
            "the tables are of revision %(held)s, not %(wanted)s", held=held, wanted=migrations.HEAD
        ),
        Sentence("start the node once: lonja serve"),
    )


def _disk(runtime: Runtime) -> Diagnosis:
    free = shutil.disk_usage(runtime.settings.data).free
    said = Sentence("%(free)s GB free", free=f"{free / 1e9:.1f}")
    if free < MIN_FREE_BYTES:
        return Diagnosis(
            "disk", "fault", said, Sentence("make room: the journal stops when the disk is full")
        )
    return Diagnosis("disk", "ok", said)


def _index(runtime: Runtime) -> Diagnosis:
    try:
        behind = runtime.journal.position() - runtime.engine.position()
    except SearchUnavailableError as error:
        return Diagnosis(
            "index",
            "fault",
            str(error),
            Sentence("start the search server, or correct opensearch_url"),
        )
    if behind <= 0:
        said = Sentence("%(engine)s, up to date", engine=runtime.settings.search)
        return Diagnosis("index", "ok", said)
    return Diagnosis(
        "index",
        "warning",
        Sentence("the search is %(number)s entries behind the journal", number=behind),
        Sentence("start the node, or run: lonja reindex"),
    )


def _worker(runtime: Runtime) -> Diagnosis:
    lock = IndexLock(runtime.settings.index_lock)
    if lock.acquire():
        lock.release()
        return Diagnosis(
            "worker",
            "warning",
            Sentence("the node is not running"),
            Sentence("start it: lonja serve"),
        )
    age = heartbeat_age(runtime.settings, runtime.clock())
    if age is None or age > 60:
        return Diagnosis(
            "worker",
            "fault",
            Sentence("the worker has not been heard of for a minute"),
            Sentence("restart the node and look at its messages"),
        )
    return Diagnosis("worker", "ok", Sentence("heard %(age)s s ago", age=f"{age:.0f}"))


def _peers(runtime: Runtime) -> Diagnosis:
    failing = []
    harvested = accepted_peers(runtime)
    closed = [peer.url for peer in harvested if not is_allowed(peer.url, runtime.settings)]
    if closed:
        return Diagnosis(
            "peers",
            "fault",
            Sentence("plain http is refused: %(peers)s", peers=", ".join(closed)),
            Sentence(
                "name their host:port in allow_hosts in lonja.toml, or ask for their https address"
            ),
        )
    for peer in runtime.peers.list():
        runs = runtime.runs.list(peer_id=peer.id, limit=1)
        if runs and runs[0].state in (RunState.FAILED, RunState.INTERRUPTED):
            failing.append(peer.url)
    if failing:
        return Diagnosis(
            "peers",
            "warning",
            Sentence("last harvest failed: %(peers)s", peers=", ".join(failing)),
            Sentence("see the ledger: lonja peer show URL"),
        )
    return Diagnosis("peers", "ok", Sentence("%(number)s known", number=len(runtime.peers.list())))


def _alerts(runtime: Runtime) -> Diagnosis:
    alerts = runtime.journal.alerts()
    if alerts:
        said = "; ".join(f"{alert.kind} of {alert.origin}" for alert in alerts[:5])
        return Diagnosis(
            "alerts",
            "fault",
            said,
            "ask the operator of that node; see and settle them with: lonja alerts",
        )
    return Diagnosis("alerts", "ok", "none")


def _keys(runtime: Runtime) -> Diagnosis:
    folder = runtime.settings.keys_folder
    files = folder.rglob("*") if folder.is_dir() else ()
    loose = [file for file in files if file.stat().st_mode & 0o077]
    if loose:
        return Diagnosis(
            "keys",
            "fault",
            Sentence("others on this machine can read the private key"),
            f"chmod 600 {loose[0]}",
        )
    offline = runtime.settings.data / RECOVERY_FILE
    if offline.exists() and not runtime.settings.trial:
        return Diagnosis(
            "keys",
            "warning",
            Sentence("the recovery key lies beside the key that it is to rescue"),
            Sentence("move %(file)s to a USB stick and keep it in a safe place", file=offline),
        )
    return Diagnosis("keys", "ok", Sentence("readable by their owner only"))


def _notices(runtime: Runtime) -> Diagnosis:
    stuck = Notices(runtime.store, runtime.clock).stuck()
    if stuck:
        return Diagnosis(
            "notices",
            "warning",
            Sentence("%(number)s notices could not be sent yet", number=stuck),
            Sentence("try the settings with: lonja notify test"),
        )
    said = ", ".join(channels(runtime.settings)) or Sentence("nobody is told when a peer fails")
    return Diagnosis("notices", "ok", said)


def _followed(runtime: Runtime) -> Diagnosis:
    alerts = followed(runtime).list()
    paused = [str(one.id) for one in alerts if one.state is AlertState.PAUSED]
    if paused:
        return Diagnosis(
            "searches",
            "warning",
            Sentence(
                "digests of followed searches could not be delivered: number %(numbers)s",
                numbers=", ".join(paused),
            ),
            Sentence(
                "see them with: lonja alert list; try again with: lonja alert send %(number)s",
                number=paused[0],
            ),
        )
    return Diagnosis("searches", "ok", Sentence("%(number)s followed", number=len(alerts)))


def _packages(_runtime: Runtime) -> Diagnosis:
    owners = packages_distributions()
    foreign = [
        f"{name} ({', '.join(owners[name])})"
        for name in PACKAGES
        if not set(owners.get(name, [])) <= {"lonja"}
    ]
    if foreign:
        return Diagnosis(
            "packages",
            "fault",
            Sentence("another package owns %(names)s", names=", ".join(foreign)),
            Sentence("install lonja in a virtual environment of its own"),
        )
    return Diagnosis("packages", "ok", Sentence("no foreign package of the same name"))


def _database(runtime: Runtime) -> Diagnosis:
    return Diagnosis(
        "database",
        "ok",
        Sentence("%(version)s; one writer at a time by lock file", version=runtime.store.version),
    )


def _backups(runtime: Runtime) -> Diagnosis:
    made = [datetime.fromisoformat(one.made) for one in backups_made(runtime.settings)]
    if runtime.settings.trial:
        return Diagnosis("backups", "ok", Sentence("a trial needs none"))
    fix = Sentence("make one, every night best of all: lonja backup FILE")
    if not made:
        return Diagnosis("backups", "warning", Sentence("there is no backup of this node"), fix)
    said = Sentence("the last backup is of %(day)s", day=made[-1].date())
    late = runtime.clock() - made[-1] > MAX_BACKUP_AGE
    return Diagnosis("backups", "warning" if late else "ok", said, fix if late else "")


def _privacy(runtime: Runtime) -> Diagnosis:
    found = notice(runtime)
    if found.overdue:
        return Diagnosis(
            "privacy",
            "warning",
            Sentence("the privacy notice was to be looked at again by %(day)s", day=found.review),
            Sentence("read it, and set the next day: privacy_review in lonja.toml"),
        )
    return Diagnosis("privacy", "ok", Sentence("notice %(version)s", version=found.version))


_CHECKS: Final[tuple[Callable[[Runtime], Diagnosis], ...]] = (
    _address,
    _sector,
    _schema,
    _disk,
    _keys,
    _backups,
    _privacy,
    _index,
    _worker,
    _peers,
    _alerts,
    _notices,
    _followed,
    _packages,
    _database,
)
