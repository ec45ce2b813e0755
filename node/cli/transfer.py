"""Commands that carry entries by other ways than a harvest: push, and bundles as files."""

import sys
from dataclasses import asdict
from pathlib import Path

import click

from node.cli.options import Options, json_option, node_options, pass_options
from node.cli.output import print_json, print_ledger, run_json, say, wait_until_searchable


@click.command("push")
@click.argument("hub", required=False)
@node_options
@json_option
@pass_options
def push_command(options: Options, hub: str | None) -> None:
    """Send what HUB (by default the one that was joined) lacks of this node's log.

    A running node does it by itself. Exit code 1 when the hub refused something.
    """
    from node.services.pushing import push_to

    with options.node() as runtime:
        done = push_to(runtime, hub or "")
    if options.json:
        print_json(asdict(done))
    else:
        say(
            f"{done.target}: sent {done.sent}, new there {done.taken}, refused "
            f"{len(done.refused)}; it holds everything up to number {done.reached}; "
            f"{done.requests} requests, {done.sent_bytes / 1000:.0f} kB, {done.seconds:.2f} s"
        )
        for refused in done.refused[:20]:
            say(f"  ✗ {refused.get('record')} [{refused.get('rule')}] {refused.get('message')}")
    sys.exit(1 if done.refused else 0)


@click.group("bundle")
def bundle_command() -> None:
    """Entries in a file, for a place without a line."""


@bundle_command.command("export")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--origin", "origins", multiple=True, help="DID of a publisher; repeatable.")
@click.option("--since", type=int, default=0, help="Journal position that an earlier one reached.")
@node_options
@json_option
@pass_options
def export_command(options: Options, file: Path, origins: tuple[str, ...], since: int) -> None:
    """Write everything that this node relays to FILE (- for standard output).

    It is compressed when the name ends in .gz.
    """
    from node.services.bundle import STANDARD, export_bundle

    with options.node() as runtime:
        position = runtime.journal.position()
        count = export_bundle(runtime, file, origins=origins, since=since)
    if options.json and file != STANDARD:
        print_json({"file": str(file), "entries": count, "position": position})
    else:
        say(f"{count} entries are in {file}; the next bundle can begin with --since {position}")


@bundle_command.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@node_options
@json_option
@pass_options
def import_command(options: Options, file: Path) -> None:
    """Take in FILE (- for standard input) and print the ledger; needs no network.

    Only origins that are accepted here are taken in: lonja peer accept, lonja peer pin. Exit
    code 1 when the file is not whole.
    """
    from node.services.bundle import import_bundle

    with options.node() as runtime:
        run = import_bundle(runtime, file)
        wait_until_searchable(runtime)
    if options.json:
        print_json(run_json(run))
    else:
        print_ledger(run)
    sys.exit(1 if run.error else 0)
