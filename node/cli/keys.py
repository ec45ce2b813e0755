"""Commands for the node's key."""

from pathlib import Path

import click

from node.cli.options import Options, json_option, node_options, pass_options
from node.cli.output import print_json, put, say


@click.group("key")
def key_command() -> None:
    """Show, replace, recover and export the key that this node signs with."""


@key_command.command("show")
@node_options
@json_option
@pass_options
def show_command(options: Options) -> None:
    """Print the fingerprint that peers compare, and the keys that signed before."""
    from federation.identity import fingerprint
    from federation.words import in_words

    with options.node() as runtime:
        did = runtime.identity.did
        keys = runtime.journal.published_keys(did)
    listed = [
        {
            "method": key.method,
            "key": key.multikey,
            "fingerprint": fingerprint(key.multikey),
            "words": in_words(key.multikey),
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
        put(f"{one['words']}")


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


@key_command.command("recover")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--last-good", type=int, help="Number of the last genuine entry (else the last).")
@click.option("--drop", is_flag=True, help="Entries after it are a thief's: do not publish them.")
@node_options
@json_option
@pass_options
def recover_command(options: Options, file: Path, last_good: int | None, drop: bool) -> None:
    """Take the log back with the offline key in FILE after the key was stolen or lost.

    Peers follow by themselves: what the old key signed after --last-good is disowned everywhere,
    also where the node was frozen. The node must be stopped.
    """
    from node.services.recovery import recover

    done = recover(options.settings(), file, last_good=last_good, reissue=not drop)
    if options.json:
        print_json({name: getattr(done, name) for name in done.__dataclass_fields__})
        return
    say(f"a new key signs after number {done.last_good}")
    if done.disowned:
        say(f"{done.reissued} own entries were published anew; as they were: {done.disowned}")
    say(f"{done.recovery_file} is the next recovery key; take it offline")
    put(done.new)
