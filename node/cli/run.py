"""Commands that make and run a node: init, serve, demo."""

import os
import secrets
import subprocess
import sys
from pathlib import Path

import click

from node.cli.options import Options, json_option, node_options, pass_options
from node.cli.output import print_json, put, say
from node.orphan import SUPERVISOR, end_with_parent
from node.settings import SECTORS, Settings, check_base_url


@click.command("init")
@click.option("--base-url", help="Public address, for example https://node.example.org")
@click.option("--name", help="The organisation that runs the node.")
@click.option("--sector", type=click.Choice(SECTORS), help="Its sector.")
@click.option("--language", "languages", multiple=True, help="Language of the pages; repeatable.")
@click.option("--search", type=click.Choice(["tantivy", "whoosh"]), help="Search engine.")
@click.option(
    "--recovery", type=click.Path(path_type=Path), help="Where to write the recovery key."
)
@node_options
@json_option
@pass_options
def init_command(
    options: Options,
    base_url: str | None,
    name: str | None,
    sector: str | None,
    languages: tuple[str, ...],
    search: str | None,
    recovery: Path | None,
) -> None:
    """Make the data folder, the key and the first settings.

    Without a public address the node is a trial, reachable from this machine only. Run again
    with --base-url, a trial becomes a real node: its records are published anew.
    """
    from node.services.create import create_node

    current = options.settings()
    if current.journal_path.exists():
        _give_address(options, current, base_url)
        return
    asking = sys.stdin.isatty() and not options.json and "LONJA_BASE_URL" not in os.environ
    if asking and base_url is None:
        base_url = click.prompt("Public address (leave empty for a trial)", default="", err=True)
    if asking and name is None:
        name = click.prompt("Name of the organisation", default="", err=True)
    if asking and sector is None:
        sector = click.prompt("Sector", type=click.Choice(["", *SECTORS]), default="", err=True)
    settings = options.settings(
        base_url=base_url or None,
        name=name or None,
        sector=sector or None,
        languages=",".join(languages) or None,
        search=search,
    )
    made = create_node(settings, recovery)
    if not made.sector:
        say("! the sector is not said yet; lonja doctor tells how to add it")
    _tell(options, made)


def _give_address(options: Options, current: Settings, base_url: str | None) -> None:
    from federation.identity import load as load_identity
    from federation.places import is_did_key
    from node.services.create import publish_anew
    from node.services.errors import ServiceError
    from node.services.moving import readdress

    # The file says what the node is; the environment may already name the new address.
    held = _as_on_disk(current)
    wanted = base_url or (current.base_url if current.base_url != held.base_url else None)
    if wanted is None or check_base_url(wanted) == held.base_url:
        raise ServiceError(f"{held.data} already holds a node; start it with: lonja serve")
    if is_did_key(load_identity(held.keys_folder).did):
        _tell(options, readdress(held, check_base_url(wanted)))
        return
    made, count = publish_anew(held, check_base_url(wanted))
    say(f"{count} records of the trial were published anew; the trial is kept in {held.data}.trial")
    _tell(options, made)


def _as_on_disk(settings: Settings) -> Settings:
    from node.settings import load

    return load(settings.data, environment={})


def _tell(options: Options, made: Settings) -> None:
    from federation.identity import fingerprint, load
    from node.services.recovery import FILE as RECOVERY_FILE

    identity = load(made.keys_folder)
    shown = fingerprint(identity.key.public_multikey)
    if options.json:
        print_json(
            {
                "data": str(made.data),
                "base_url": made.base_url,
                "did": identity.did,
                "key": identity.key.public_multikey,
                "fingerprint": shown,
                "trial": made.trial,
                "organisation": made.organisation_uri,
            }
        )
        return
    put(identity.did)
    say(f"key fingerprint: {shown}")
    if (made.data / RECOVERY_FILE).exists():
        say(
            f"take {made.data / RECOVERY_FILE} offline (a USB stick in a drawer): it brings the "
            "node back if its key is ever stolen"
        )
    if made.trial:
        say(f"this is a trial at {made.base_url}: only this machine can reach it")
    say(f"start it with: lonja --data {made.data} serve")


@click.command("upgrade")
@node_options
@pass_options
def upgrade_command(options: Options) -> None:
    """Bring the data folder up to date after an upgrade; `serve` does it by itself."""
    with options.node():
        pass


@click.command("serve")
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=int, help="Port to listen on.")
@node_options
@pass_options
def serve_command(options: Options, host: str | None, port: int | None) -> None:
    """Run the node: web server and worker, until Ctrl-C."""
    from node.services.serve import serve

    settings = options.settings(host=host, port=port)
    if not settings.journal_path.exists():
        first = [sys.executable, "-m", "node", "--data", str(settings.data), "setup"]
        flags = [*(("--host", host) if host else ()), *(("--port", str(port)) if port else ())]
        own = {**os.environ, SUPERVISOR: str(os.getpid())}
        if subprocess.call([*first, *flags], stdin=subprocess.DEVNULL, env=own) != 0:  # noqa: S603  # our own module
            sys.exit(2)
        settings = options.settings(host=host, port=port)
    # In a child, because this process stays for as long as the node runs and should stay small.
    upgrade = [sys.executable, "-m", "node", "--data", str(settings.data), "upgrade"]
    if subprocess.call(upgrade, stdin=subprocess.DEVNULL) != 0:  # noqa: S603  # our own module
        sys.exit(2)

    def ready(address: str) -> None:
        say(f"{settings.name} at {address} (Ctrl-C to stop)")
        if settings.trial and settings.base_url + "/" != address:
            say(f"! the node signs as {settings.base_url}; others reach it only at that address")

    serve(settings, ready=ready)


@click.command("setup")
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=int, help="Port to listen on.")
@node_options
@pass_options
def setup_command(options: Options, host: str | None, port: int | None) -> None:
    """Make a node in the browser, by a link that is printed; `serve` begins with it."""
    from node.services.errors import ServiceError
    from node.web.setup import run_setup

    end_with_parent()
    settings = options.settings(host=host, port=port)
    if settings.journal_path.exists():
        raise ServiceError(f"{settings.data} already holds a node; start it with: lonja serve")

    def ready(link: str) -> None:
        say(f"there is no node in {settings.data} yet; describe yours in the browser:")
        say(f"  {link}")
        say("(without a browser: lonja init)")

    run_setup(settings, secrets.token_urlsafe(24), ready)


@click.command("demo")
@click.option("--port", type=int, default=8101, show_default=True, help="First of five ports.")
@click.option("--fresh", is_flag=True, help="Forget an earlier demo and start anew.")
@click.option(
    "--folder", type=click.Path(path_type=Path), default=Path("lonja-demo"), show_default=True
)
@click.option("--debug", is_flag=True, hidden=True, expose_value=False)
def demo_command(port: int, fresh: bool, folder: Path) -> None:
    """Run a federation of five nodes on this machine with sample records, until Ctrl-C."""
    from node.demo.federation import run_demo

    run_demo(folder, first_port=port, fresh=fresh, tell=say, announce=put)
