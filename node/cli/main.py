"""Entry of the command: which commands there are, and how errors reach people."""

import importlib
import sys
from typing import Final

import click
from typing_extensions import override

from node import __version__
from node.cli.options import Options

COMMANDS: Final[dict[str, str]] = {
    "demo": "node.cli.run",
    "init": "node.cli.run",
    "setup": "node.cli.run",
    "serve": "node.cli.run",
    "upgrade": "node.cli.run",
    "validate": "node.cli.records",
    "publish": "node.cli.records",
    "import": "node.cli.records",
    "retract": "node.cli.records",
    "erase": "node.cli.erase",
    "replicate": "node.cli.records",
    "show": "node.cli.records",
    "export": "node.cli.records",
    "peer": "node.cli.peer_terms",
    "harvest": "node.cli.peers",
    "push": "node.cli.transfer",
    "bundle": "node.cli.transfer",
    "join": "node.cli.join",
    "origin": "node.cli.join",
    "key": "node.cli.keys",
    "search": "node.cli.search",
    "fit": "node.cli.fit",
    "alert": "node.cli.alert",
    "verify": "node.cli.admin",
    "reindex": "node.cli.admin",
    "doctor": "node.cli.admin",
    "alerts": "node.cli.admin",
    "notify": "node.cli.admin",
    "admin": "node.cli.admin",
    "user": "node.cli.user",
    "token": "node.cli.user",
    "backup": "node.cli.admin",
    "restore": "node.cli.admin",
    "bench": "node.cli.admin",
    "openapi": "node.cli.admin",
}
"""Name of each command and the module that holds it, in the order of the help."""


class LonjaCommands(click.Group):
    """Loads a command's module only when it is called: the program starts quickly."""

    @override
    def list_commands(self, ctx: click.Context) -> list[str]:  # click's signature
        """Return all names in the order of the help."""
        return list(COMMANDS)

    @override
    def get_command(
        self,
        ctx: click.Context,  # click's signature
        cmd_name: str,
    ) -> click.Command | None:
        """Return a command, None for an unknown name."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(COMMANDS[cmd_name])
        command = getattr(module, f"{cmd_name}_command")
        return command if isinstance(command, click.Command) else None


@click.group(cls=LonjaCommands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--data", type=click.Path(), help="Data folder (else LONJA_DATA, else ./lonja-data).")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.version_option(__version__, prog_name="lonja")
@click.pass_context
def cli(context: click.Context, data: str | None, debug: bool) -> None:
    """Lonja: publish good urban practice, harvest that of others, search all of it."""
    context.obj = Options(data=data, debug=debug)


def main() -> None:
    """Run the command; every error becomes one readable line, exit code 2."""
    try:
        cli.main(standalone_mode=False)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.Abort:
        print("stopped", file=sys.stderr)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except BrokenPipeError:
        sys.exit(0)
    except Exception as error:
        if "--debug" in sys.argv:
            raise
        print(f"lonja: {_sentence(error)}", file=sys.stderr)
        sys.exit(2)


def _sentence(error: Exception) -> str:
    """Return an error as one line with the way out."""
    # Imported here because the command should start quickly when nothing goes wrong.
    from federation.errors import FederationError
    from node.migrations import SchemaTooNewError
    from node.services.errors import ServiceError
    from node.settings import SettingsError
    from search.api import IndexBusyError, SearchUnavailableError

    plain = (FederationError, ServiceError, SettingsError, SchemaTooNewError)
    if isinstance(error, (*plain, SearchUnavailableError, IndexBusyError)):
        return " ".join(str(error).split())
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}"
    return (
        f"something unexpected happened ({type(error).__name__}: {error}); "
        "run it again with --debug before the command and report what it prints"
    )
