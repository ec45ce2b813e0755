"""Commands for hubs and villages: join a hub; origins for which a hub signs."""

from pathlib import Path

import click

from node.cli.options import Options, json_option, node_options, pass_options
from node.cli.output import print_json, put, say, wait_until_searchable
from node.settings import SECTORS


@click.command("join")
@click.argument("hub")
@click.option("--name", help="The organisation that runs the node.")
@click.option("--sector", type=click.Choice(SECTORS), help="Its sector.")
@click.option("--accept", is_flag=True, help="You have compared the hub's fingerprint.")
@node_options
@json_option
@pass_options
def join_command(
    options: Options, hub: str, name: str | None, sector: str | None, accept: bool
) -> None:
    """Ask the node at HUB to take this one in; what is published here is then pushed to it.

    In an empty data folder it first makes a node without an address of its own: its records live
    under the hub's address, signed with a key that only this node has. Run it again to see
    whether the hub's operator has approved.
    """
    from node.services.join import ask

    settings = options.settings()
    if not settings.journal_path.exists():
        _make(options, hub, name, sector)
    with options.node() as runtime:
        asked = ask(runtime, hub, accept=accept)
        wait_until_searchable(runtime)
        base = runtime.identity.base
    if options.json:
        print_json(
            {
                "hub": asked.hub.url,
                "did": asked.hub.did,
                "hub_fingerprint": asked.hub_fingerprint,
                "fingerprint": asked.own_fingerprint,
                "base": base,
                "state": "joined" if asked.joined else "asked",
                "hub_state": str(asked.hub.state),
            }
        )
        return
    say(f"fingerprint of {asked.hub.url}: {asked.hub_fingerprint}")
    say("fingerprint of this node, which its operator compares:")
    put(asked.own_fingerprint)
    if asked.joined:
        say(f"{asked.hub.url} has taken this node in; serve pushes to it, or: lonja push")
    else:
        say(f"{asked.hub.url} has got the request; its operator types: lonja peer accept {base}")
    if not accept:
        say(f"to take in the hub's records: lonja peer accept {asked.hub.url}")


def _make(options: Options, hub: str, name: str | None, sector: str | None) -> None:
    from node.services.create import create_node
    from node.settings import check_base_url

    made = create_node(options.settings(hub=check_base_url(hub), name=name, sector=sector))
    say(f"made a node in {made.data}; start it with: lonja --data {made.data} serve")


@click.group("origin")
def origin_command() -> None:
    """Villages without a server, for which this hub signs."""


@origin_command.command("add")
@click.argument("name")
@click.option("--sector", type=click.Choice(SECTORS), help="Its sector.")
@node_options
@json_option
@pass_options
def add_command(options: Options, name: str, sector: str | None) -> None:
    """Make a place for the village NAME; publish for it with: lonja publish --as NAME FILE."""
    from node.services.hosted import add_origin

    with options.node() as runtime:
        made = add_origin(runtime, name, sector or "")
        wait_until_searchable(runtime)
    if options.json:
        print_json(made.as_json())
        return
    put(made.identity.base)
    say(f"publish for it with: lonja publish --as {made.place} FILE")


@origin_command.command("list")
@node_options
@json_option
@pass_options
def list_command(options: Options) -> None:
    """List the villages for which this node signs."""
    from node.services.hosted import hosted_origins

    with options.node() as runtime:
        known = hosted_origins(runtime)
    if options.json:
        print_json({"origins": [one.as_json() for one in known]})
        return
    for one in known:
        put(f"{one.identity.base}\t{one.name}\t{one.entries} entries")
    if not known:
        say("this node signs for itself only; add a village with: lonja origin add NAME")


@origin_command.command("export")
@click.argument("origin")
@click.argument("folder", type=click.Path(path_type=Path))
@node_options
@json_option
@pass_options
def export_command(options: Options, origin: str, folder: Path) -> None:
    """Write key and records of ORIGIN to FOLDER; this node goes on signing for it."""
    _export(options, origin, folder, leaves=False)


@origin_command.command("move")
@click.argument("origin")
@click.argument("folder", type=click.Path(path_type=Path))
@node_options
@json_option
@pass_options
def move_command(options: Options, origin: str, folder: Path) -> None:
    """Hand ORIGIN over: write its key and records to FOLDER, and never sign for it again.

    On its own machine: lonja --data DIR origin import FOLDER. Its addresses go on answering here.
    """
    _export(options, origin, folder, leaves=True)


def _export(options: Options, name: str, folder: Path, *, leaves: bool) -> None:
    from node.services.hosted import find_origin, let_go
    from node.services.moving import export_origin

    with options.node() as runtime:
        origin = find_origin(runtime, name)
        exported = export_origin(runtime, origin, folder)
        if leaves:
            let_go(runtime, origin)
    if options.json:
        print_json({**origin.as_json(), "folder": str(folder), "moved": leaves})
        return
    say(f"{exported} entries and the private key of {origin.name} are in {folder}; keep it safe")
    if leaves:
        say("this node signs for it no more; there: lonja --data DIR origin import FOLDER")


@origin_command.command("import")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--base-url", help="Public address of the new node, when it has one.")
@node_options
@json_option
@pass_options
def import_command(options: Options, folder: Path, base_url: str | None) -> None:
    """Make a node of an exported origin: same key, same records, same addresses."""
    from node.services.moving import import_origin

    made, count = import_origin(options.settings(base_url=base_url), folder)
    if options.json:
        print_json({"data": str(made.data), "base_url": made.base_url, "entries": count})
        return
    say(f"{count} entries are in {made.data}; start the node with: lonja --data {made.data} serve")
    say(f"it pushes to {made.hub} as soon as that has handed it over")
