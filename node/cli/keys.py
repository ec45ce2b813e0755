"""Commands for the node's key."""

from pathlib import Path

import click

from node.cli.options import Options, json_option, node_options, pass_options
from node.cli.output import print_json, put, say


@click.group("key")
def key_command() -> None:
    """Show, replace and export the key that this node signs with."""


@key_command.command("show")
@node_options
@json_option
@pass_options
def show_command(options: Options) -> None:
    """Print the fingerprint that peers compare, and the keys that signed before."""
    from federation.identity import fingerprint

    with options.node() as runtime:
        did = runtime.identity.did
        keys = runtime.journal.published_keys(did)
    listed = [
        {
            "method": key.method,
            "key": key.multikey,
            "fingerprint": fingerprint(key.multikey),
            "revoked": key.revoked.isoformat() if key.revoked else None,
        }
        for key in keys
    ]
    if options.json:
        print_json({"did": did, "keys": listed})
        return
    for one in listed:
        since = f" (retired {str(one['revoked'])[:10]})" if one["revoked"] else ""
        put(f"{one['fingerprint']}  {one['method']}{since}")


@key_command.command("rotate")
@node_options
@json_option
@pass_options
def rotate_command(options: Options) -> None:
    """Replace the key; the log says so, signed by both keys, and peers follow by themselves.

    The node must be stopped. Do it once a year, or when somebody leaves who had access.
    """
    from node.services.keys import rotate

    done = rotate(options.settings())
    if options.json:
        print_json({"old": done.old, "new": done.new, "method": done.method})
        return
    say("the key was replaced; the old one is kept in the keys folder, for old backups")
    put(done.new)


@key_command.command("export")
@click.argument("file", type=click.Path(path_type=Path))
@node_options
@pass_options
def export_command(options: Options, file: Path) -> None:
    """Write the private key to FILE, to be kept offline: who has it can speak for this node."""
    from node.services.keys import export

    with options.node() as runtime:
        export(runtime, file)
    say(f"the private key is in {file}; keep it offline and out of reach of others")
