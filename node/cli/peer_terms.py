"""Commands for the terms with a peer: schedule, what is shown, origins without a network."""

from dataclasses import replace
from typing import Any

import click

from node.cli.options import Options, json_option, node_options, pass_options
from node.cli.output import print_json, put, say, wait_until_searchable
from node.cli.peers import peer_command, peer_json

__all__ = ["peer_command"]


@peer_command.command("schedule")
@click.argument("peer")
@click.option("--every", type=int, metavar="MINUTES", help="Time between automatic harvests.")
@click.option("--cron", help='Five fields in UTC, for example "0 3 * * *".')
@click.option("--daily-mb", type=float, help="Megabytes a day it may cost; 0 for no limit.")
@node_options
@json_option
@pass_options
def schedule(
    options: Options, peer: str, every: int | None, cron: str | None, daily_mb: float | None
) -> None:
    """Say when PEER is harvested, and what that may cost in a day."""
    from node.services.federate import find_peer

    if every is not None and cron is not None:
        raise click.UsageError("give --every or --cron, not both")
    with options.node() as runtime:
        changed = runtime.peers.schedule(
            find_peer(runtime, peer).id,
            interval_seconds=None if every is None else every * 60,
            cron=cron,
            daily_bytes=None if daily_mb is None else int(daily_mb * 1_000_000),
        )
    if options.json:
        print_json(peer_json(changed))
        return
    due = changed.next_at.isoformat(timespec="minutes") if changed.next_at else "not while it waits"
    say(f"{changed.url}: next harvest {due}")


@peer_command.command("filter")
@click.argument("peer")
@click.option("--lang", "languages", multiple=True, help="Language of practices; repeatable.")
@click.option("--theme", "themes", multiple=True, help="Theme; repeatable.")
@click.option("--country", "countries", multiple=True, help="Country, for example ES; repeatable.")
@click.option("--settlement", "settlements", multiple=True, help="Kind of place; repeatable.")
@click.option("--quota", type=int, help="At most so many records; 0 for no limit.")
@click.option("--clear", is_flag=True, help="Show everything again.")
@node_options
@json_option
@pass_options
def choose_shown(  # one argument for each option
    options: Options,
    peer: str,
    languages: tuple[str, ...],
    themes: tuple[str, ...],
    countries: tuple[str, ...],
    settlements: tuple[str, ...],
    quota: int | None,
    clear: bool,
) -> None:
    """Choose which records of PEER, and of whom it introduces, are shown here.

    All of them are still taken in and relayed. What is not named stays as it was; --clear begins
    anew. Without options it says what is shown now.
    """
    from node.services.federate import find_peer
    from node.services.shown import Shown, choose, counts, shown_of

    said: dict[str, Any] = {
        "language": languages,
        "theme": themes,
        "country": countries,
        "settlement": settlements,
    }
    given = {name: value for name, value in said.items() if value}
    if quota is not None:
        given["quota"] = quota
    with options.node() as runtime:
        found = find_peer(runtime, peer)
        if clear or given:
            before = Shown() if clear else shown_of(found)
            found = choose(runtime, found, replace(before, **given))
            wait_until_searchable(runtime)
        shown, held = counts(runtime, found)
        chosen: dict[str, Any] = shown_of(found).as_json()
    if options.json:
        print_json({"peer": found.url, "filter": chosen, "shown": shown, "held": held})
    else:
        which = ", ".join(f"{name} {value}" for name, value in chosen.items()) or "everything"
        say(f"{found.url}: {shown} of {held} records are shown ({which})")


@peer_command.command("pin")
@click.argument("did")
@click.option("--key", required=True, help="Its public key (z6Mk…), as its operator gives it.")
@click.option("--base", help="Where its records live; needed for did:key.")
@click.option("--name", default="", help="How to call it.")
@node_options
@json_option
@pass_options
def pin(options: Options, did: str, key: str, base: str | None, name: str) -> None:
    """Trust the origin DID without a network, for bundles and pushes: its key was compared."""
    from federation.words import in_words
    from node.services.federate import pin_origin

    with options.node() as runtime:
        origin = pin_origin(runtime, did, key, base or "", name)
    if options.json:
        print_json({"did": origin.did, "base": origin.base, "key": origin.key})
        return
    put(in_words(origin.key))
    say(f"what {origin.did} signs under {origin.base} is accepted now")


@peer_command.command("unpin")
@click.argument("did")
@node_options
@json_option
@pass_options
def unpin(options: Options, did: str) -> None:
    """Trust the origin DID no longer; its records stay, new ones come only if a hub vouches."""
    with options.node() as runtime:
        runtime.journal.unpin(did)
    if options.json:
        print_json({"unpinned": did})
    else:
        say(f"{did} is no longer pinned; the records it published stay here")


@peer_command.command("suggestions")
@node_options
@json_option
@pass_options
def suggestions(options: Options) -> None:
    """List nodes that accepted hubs vouch for and that are no peers; nothing is asked of them."""
    from node.services.federate import suggested

    with options.node() as runtime:
        found = suggested(runtime)
    if options.json:
        print_json({"suggestions": found})
        return
    for one in found:
        put(f"{one['url']}\t{one['name'] or one['did']}\tnamed by {one['introduced_by']}")
    if not found:
        say("no hub names a node that is no peer already")
