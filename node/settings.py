"""What an operator can set: defaults < lonja.toml < environment LONJA_* < flags."""

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from search.engines.cluster import PREFIX, addresses, is_address

FILE_NAME: Final = "lonja.toml"
DEFAULT_DATA: Final = Path("lonja-data")
TRIAL_BASE_URL: Final = "http://127.0.0.1:8100"
SECTORS: Final = ("government", "academia", "business", "civil-society")
ENGINES: Final = ("tantivy", "whoosh", "opensearch")
MAX_HARVEST_WORKERS: Final = 64
LANGUAGES: Final = ("en", "es", "fr", "de", "it", "pt")
"""Languages that the pages are written in: English, and those with a catalogue."""
PSEUDO: Final = "ar"
"""For trying the pages from right to left: English sentences in Arabic letters."""


class SettingsError(Exception):
    """A setting is unknown, malformed or contradicts another; the message says the way out."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of one node.

    Attributes:
        data: the data folder.
        base_url: public address, without a trailing slash; every URI of the node starts with it,
            unless it began under a hub.
        hub: address of the hub that this node has joined and pushes to, "" for none.
        name: the organisation that runs the node, as people call it.
        sector: its quadruple-helix sector, "" when not said.
        languages: languages of the pages, the first is the default.
        search: search engine, "tantivy", "whoosh" or "opensearch".
        opensearch_url: addresses of an OpenSearch cluster, separated by commas, "" for none; they
            may hold a user and password. Never to be logged or shown.
        opensearch_index: what the names of this node's indexes on it begin with, "" for a name
            made from the public address.
        allow_hosts: "host:port" that may be reached by http or at a private address.
        host: address to listen on, "" for the one of a trial's base_url, else 127.0.0.1.
        port: port to listen on, 0 for the one of a trial's base_url, else 8100.
        organisation_uri: record URI of the node's own organisation, "" before `init`.
        harvest_minutes: default time between automatic harvests of a peer.
        harvest_workers: how many peers are harvested at the same time.
        notify_mail: addresses that are told when a peer fails or recovers, and of alerts.
        notify_from: sender of these mails, "" for lonja@ the node's host.
        smtp: "host:port" of the mail server; user and password come from LONJA_SMTP_USER and
            LONJA_SMTP_PASSWORD.
        notify_webhook: address that is told the same as JSON, "" for none.
        oidc_issuer: address of an OpenID provider that may vouch for people, "" for none.
        oidc_client_id: how the provider knows this node.
        oidc_client_secret: what this node shows to the provider, "" for a public client. Never to
            be logged or shown.
        oidc_name: what the provider is called on the page, "" for its host.
        trusted_proxies: addresses of proxies whose word on their clients is believed.
        privacy_contact: mailbox or page for questions about privacy, "" for none of its own.
        privacy_review: day on which the privacy notice is looked at again, YYYY-MM-DD.
    """

    data: Path = DEFAULT_DATA
    base_url: str = TRIAL_BASE_URL
    hub: str = ""
    name: str = ""
    sector: str = ""
    languages: tuple[str, ...] = ("en", "es")
    search: str = "tantivy"
    opensearch_url: str = field(default="", repr=False)
    opensearch_index: str = ""
    allow_hosts: frozenset[str] = field(default_factory=frozenset)
    host: str = ""
    port: int = 0
    organisation_uri: str = ""
    harvest_minutes: int = 60
    harvest_workers: int = 4
    notify_mail: tuple[str, ...] = ()
    notify_from: str = ""
    smtp: str = ""
    notify_webhook: str = ""
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = field(default="", repr=False)
    oidc_name: str = ""
    trusted_proxies: frozenset[str] = frozenset({"127.0.0.1", "::1"})
    privacy_contact: str = ""
    privacy_review: str = ""

    @property
    def trial(self) -> bool:
        """Say whether the node has no public address yet, only one on loopback, and no hub."""
        return is_loopback(self.base_url) and not self.hub

    @property
    def listen(self) -> tuple[str, int]:
        """Return the address and port to listen on."""
        parts = urlsplit(self.base_url)
        own = (parts.hostname or "127.0.0.1", parts.port or 8100)
        default = own if is_loopback(self.base_url) else ("127.0.0.1", 8100)
        return self.host or default[0], self.port or default[1]

    @property
    def journal_path(self) -> Path:
        """Return the file of the journal."""
        return self.data / "journal.sqlite3"

    @property
    def write_lock(self) -> Path:
        """Return the file that every write transaction locks."""
        return self.data / "write.lock"

    @property
    def index_lock(self) -> Path:
        """Return the file whose holder owns the search index."""
        return self.data / "index.lock"

    @property
    def index_folder(self) -> Path:
        """Return the folder of the search index of the chosen engine."""
        return self.data / "index" / self.search

    @property
    def keys_folder(self) -> Path:
        """Return the folder of the private keys."""
        return self.data / "keys"

    @property
    def feed_cache(self) -> Path:
        """Return the folder of closed, compressed feed pages."""
        return self.data / "cache" / "feed"


def is_loopback(url: str) -> bool:
    """Say whether a URL points at this machine only (127.0.0.0/8, ::1, localhost)."""
    host = urlsplit(url).hostname or ""
    return (
        host == "localhost" or host == "::1" or re.fullmatch(r"127(\.\d{1,3}){3}", host) is not None
    )


def check_base_url(text: str) -> str:
    """Return a public address without its trailing slash.

    Raises:
        SettingsError: it is no absolute http(s) URL, carries a query or a user name, or is plain
            http on an address that others can reach.
    """
    url = text.strip().rstrip("/")
    parts = urlsplit(url)
    try:
        port_is_good = parts.port is None or 0 < parts.port < 65536
    except ValueError:
        port_is_good = False
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_is_good:
        raise SettingsError(f"'{text}' is no web address; write it as https://node.example.org")
    if parts.query or parts.fragment or parts.username or parts.password:
        raise SettingsError(f"'{text}' must be an address only: no '?', '#' or user name")
    if parts.scheme == "http" and not is_loopback(url):
        raise SettingsError(f"'{text}' must use https: peers refuse plain http")
    return url


def _names(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _coerce(key: str, value: object, place: str) -> object:
    """Return a raw TOML or environment value as the type of its setting."""
    try:
        match key:
            case "data":
                return Path(str(value)).expanduser()
            case "base_url" | "hub":
                return check_base_url(str(value)) if value or key == "base_url" else ""
            case "port" | "harvest_minutes" | "harvest_workers":
                return int(str(value))
            case "languages" | "notify_mail":
                return _names(value) if isinstance(value, str) else tuple(map(str, _list(value)))
            case "allow_hosts" | "trusted_proxies":
                parts = _names(value) if isinstance(value, str) else map(str, _list(value))
                return frozenset(parts)
            case _:
                return str(value)
    except (TypeError, ValueError) as error:
        raise SettingsError(f"{place}: '{value}' does not fit the setting '{key}'") from error


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError(value)
    return value


def _check_mail(settings: Settings) -> None:
    if settings.smtp and not re.fullmatch(r"[^\s:]+:[0-9]{1,5}", settings.smtp):
        raise SettingsError(f"smtp = '{settings.smtp}': write it as mail.example.org:587")
    if settings.notify_mail and not settings.smtp:
        raise SettingsError('notify_mail needs smtp, for example smtp = "localhost:25"')


def _check_privacy(settings: Settings) -> None:
    review = settings.privacy_review
    try:
        date.fromisoformat(review or "2000-01-01")
    except ValueError:
        raise SettingsError(f"privacy_review = '{review}': write it as 2027-06-30") from None


def _check_provider(settings: Settings) -> None:
    issuer = settings.oidc_issuer
    if issuer and not settings.oidc_client_id:
        raise SettingsError("oidc_issuer needs oidc_client_id: the name that it gave to this node")
    if issuer and urlsplit(issuer).scheme != "https" and not is_loopback(issuer):
        raise SettingsError(f"oidc_issuer = '{issuer}': write it as https://login.example.org")


def _check_cluster(settings: Settings) -> None:
    """Check where OpenSearch is; the address is not repeated, for it may hold a password."""
    urls = addresses(settings.opensearch_url)
    if settings.search == "opensearch" and not urls:
        raise SettingsError(
            'search = "opensearch" needs opensearch_url, for example https://search.example.org'
        )
    if not all(map(is_address, urls)):
        raise SettingsError("opensearch_url: write it as https://user:password@search.example.org")
    if settings.opensearch_index and not PREFIX.fullmatch(settings.opensearch_index):
        raise SettingsError(
            f"opensearch_index = '{settings.opensearch_index}': use small letters, digits, - and _"
        )


def _check(settings: Settings) -> Settings:
    if settings.search not in ENGINES:
        raise SettingsError(f"search = '{settings.search}': choose one of {', '.join(ENGINES)}")
    _check_cluster(settings)
    if settings.sector and settings.sector not in SECTORS:
        raise SettingsError(f"sector = '{settings.sector}': choose one of {', '.join(SECTORS)}")
    if not 0 <= settings.port < 65536:
        raise SettingsError(f"port = {settings.port}: choose a number from 1 to 65535")
    if settings.harvest_minutes < 1:
        raise SettingsError("harvest_minutes must be at least 1")
    if not 1 <= settings.harvest_workers <= MAX_HARVEST_WORKERS:
        raise SettingsError(f"harvest_workers must be from 1 to {MAX_HARVEST_WORKERS}")
    _check_mail(settings)
    _check_provider(settings)
    _check_privacy(settings)
    if not settings.languages:
        raise SettingsError('languages must name at least one language, for example ["en"]')
    for code in settings.languages:
        if code not in (*LANGUAGES, PSEUDO):
            raise SettingsError(f"languages: no pages in '{code}'; choose {', '.join(LANGUAGES)}")
    return settings


def _known(keys: Mapping[str, object], place: str) -> dict[str, object]:
    names = [item.name for item in fields(Settings)]
    result: dict[str, object] = {}
    for key, value in keys.items():
        if key not in names:
            near = difflib.get_close_matches(key, names, n=1)
            hint = f"; did you mean '{near[0]}'?" if near else ""
            raise SettingsError(f"{place}: there is no setting '{key}'{hint}")
        result[key] = _coerce(key, value, place)
    return result


def load(
    data: Path | None = None,
    environment: Mapping[str, str] | None = None,
    **flags: Any,
) -> Settings:
    """Return the settings of the node in `data`.

    Args:
        data: the data folder; None takes LONJA_DATA, else ./lonja-data.
        environment: variables to read instead of the process's own.
        flags: settings given on the command line; None means not given.

    Raises:
        SettingsError: with the key, the place and the nearest known key.
    """
    variables = os.environ if environment is None else environment
    folder = data or Path(variables.get("LONJA_DATA") or DEFAULT_DATA).expanduser()
    values: dict[str, object] = {}
    file = folder / FILE_NAME
    if file.exists():
        try:
            values.update(_known(tomllib.loads(file.read_text("utf-8")), str(file)))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingsError(f"{file} cannot be read: {error}") from error
    for item in fields(Settings):
        variable = f"LONJA_{item.name.upper()}"
        if item.name != "data" and variables.get(variable):
            values[item.name] = _coerce(item.name, variables[variable], variable)
    given = {key: value for key, value in flags.items() if value is not None}
    values.update(_known(given, "command line"))
    if values.get("opensearch_url") and "search" not in given and not variables.get("LONJA_SEARCH"):
        values["search"] = "opensearch"  # who names a cluster wants it used
    values["data"] = folder
    return _check(replace(Settings(), **values))  # type: ignore[arg-type]  # _coerce gives each its type
