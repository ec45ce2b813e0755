"""Writing the settings of a node to its lonja.toml."""

import tomllib
from pathlib import Path
from typing import Final

from node.settings import ENGINES, FILE_NAME, Settings

_OPTIONAL: Final = ("opensearch_index", "notify_from", "smtp", "notify_webhook")


def save(settings: Settings) -> Path:
    """Write what makes this node itself to its lonja.toml and return the file."""
    file = settings.data / FILE_NAME
    url = _written_url(settings, file)
    engine = settings.search if url or settings.search != "opensearch" else ENGINES[0]
    lines = [
        "# Settings of this Lonja node. Environment variables LONJA_* and flags win over them.",
        f"base_url = {_quoted(settings.base_url)}",
        f"hub = {_quoted(settings.hub)}",
        f"name = {_quoted(settings.name)}",
        f"sector = {_quoted(settings.sector)}",
        f"organisation_uri = {_quoted(settings.organisation_uri)}",
        f"languages = [{', '.join(_quoted(code) for code in settings.languages)}]",
        f"search = {_quoted(engine)}",
        f"allow_hosts = [{', '.join(_quoted(host) for host in sorted(settings.allow_hosts))}]",
        f"harvest_minutes = {settings.harvest_minutes}",
        f"harvest_workers = {settings.harvest_workers}",
    ]
    if url:
        lines.append(f"opensearch_url = {_quoted(url)}")
    lines += [
        f"{name} = {_quoted(str(getattr(settings, name)))}"
        for name in _OPTIONAL
        if getattr(settings, name)
    ]
    if settings.notify_mail:
        addresses = ", ".join(map(_quoted, settings.notify_mail))
        lines.append(f"notify_mail = [{addresses}]")
    if settings.host:
        lines.append(f"host = {_quoted(settings.host)}")
    if settings.port:
        lines.append(f"port = {settings.port}")
    settings.data.mkdir(parents=True, exist_ok=True)
    temporary = file.with_suffix(".new")
    temporary.write_text("\n".join(lines) + "\n", "utf-8")
    temporary.replace(file)
    return file


def _written_url(settings: Settings, file: Path) -> str:
    """Return the address of the cluster to be written down.

    A password that came from the environment was kept out of files for a reason.
    """
    if settings.search != "opensearch":
        return ""
    if "@" not in settings.opensearch_url:
        return settings.opensearch_url
    written = tomllib.loads(file.read_text("utf-8")) if file.exists() else {}
    return str(written.get("opensearch_url", ""))


def _quoted(text: str) -> str:
    """Return a TOML basic string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return (
        '"' + "".join(c if c >= " " and c != "\x7f" else f"\\u{ord(c):04x}" for c in escaped) + '"'
    )
