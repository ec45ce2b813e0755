"""Options that many commands share, and opening the node they name."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from node.settings import Settings, load
from vocab.language import LANGUAGES

if TYPE_CHECKING:
    from node.runtime import Runtime

_ADMINISTRATIVE: Final = frozenset(
    (
        *(f"peer {act}" for act in ("add", "accept", "suspend", "remove", "schedule", "filter")),
        *(f"peer {act}" for act in ("pin", "unpin")),
        *(f"origin {act}" for act in ("add", "export", "move", "import")),
        *(f"key {act}" for act in ("rotate", "export", "recover")),
        *(f"alert {act}" for act in ("add", "remove")),
        *("publish", "import", "retract", "erase", "backup", "reindex", "alerts"),
        *("join", "bundle import", "bundle export", "notify test", "admin link"),
    )
)
"""Commands that the audit log tells of; accounts and tokens tell of themselves."""

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(slots=True)
class Options:
    """What was given before and after the command's name."""

    data: str | None = None
    debug: bool = False
    json: bool = False
    language: str = ""

    def settings(self, **flags: Any) -> Settings:
        """Return the settings of the chosen data folder."""
        return load(Path(self.data).expanduser() if self.data else None, **flags)

    @contextmanager
    def node(self) -> Iterator["Runtime"]:
        """Open the node of the chosen data folder; its parts are released afterwards."""
        from node.runtime import running  # slow to import, and --help needs none of it

        with running(self.settings()) as runtime:
            yield runtime
            _note(runtime)


def _note(runtime: "Runtime") -> None:
    """Write an administrative command that went well to the audit log."""
    context = click.get_current_context(silent=True)
    path = context.command_path.partition(" ")[2] if context is not None else ""
    if context is not None and path in _ADMINISTRATIVE:
        from node.services.accounts import COMMAND, audit

        given = [f"{name}={value}" for name, value in context.params.items() if value]
        audit(runtime).note(COMMAND.login, path, ", ".join(given))


def _remember(name: str) -> Callable[[click.Context, click.Parameter, Any], Any]:
    def keep(context: click.Context, _parameter: click.Parameter, value: Any) -> Any:
        if value:
            setattr(context.find_root().obj, name, value)
        return value

    return keep


def node_options(function: Command) -> Command:
    """Let a command take --data and --debug after its name as well."""
    data = click.option(
        "--data",
        type=click.Path(),
        expose_value=False,
        callback=_remember("data"),
        help="Data folder (else LONJA_DATA, else ./lonja-data).",
    )
    debug = click.option(
        "--debug",
        is_flag=True,
        expose_value=False,
        callback=_remember("debug"),
        hidden=True,
    )
    return debug(data(function))


def json_option(function: Command) -> Command:
    """Let a command print one JSON object on standard output."""
    return click.option(
        "--json",
        is_flag=True,
        expose_value=False,
        callback=_remember("json"),
        help="Print one JSON object; messages go to standard error.",
    )(function)


def language_option(function: Command) -> Command:
    """Let a command say its findings in another language than the terminal's."""
    return click.option(
        "--lang",
        type=click.Choice(LANGUAGES),
        expose_value=False,
        callback=_remember("language"),
        help="Language of the findings (else that of the terminal).",
    )(function)


pass_options = click.make_pass_decorator(Options)
