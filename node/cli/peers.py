"""Commands for peers: add, list, show, accept, suspend, remove, vouch; harvest."""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import click

from node.cli.options import Options, json_option, node_options, pass_options
from node.cli.output import (
    print_json,
    print_ledger,
    progress_bar,
    put,
    run_json,
    say,
    wait_until_searchable,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from federation.harvest import Progress
    from federation.records import Peer, Run
    from node.runtime import Runtime


@click.group("peer")
def peer_command() -> None:
    """Other nodes that this one harvests."""


def peer_json(peer: "Peer") -> dict[str, Any]:
    """Return a peer as commands print it."""
    return {
        "url": peer.url,
        "did": peer.did,
        "key": peer.key,
        "name": peer.name,
        "state": str(peer.state),
        "interval_seconds": peer.interval_seconds,
        "cron": peer.cron,
        "daily_bytes": peer.daily_bytes,
        "filter": dict(peer.shown),
        "next_at": peer.next_at.isoformat() if peer.next_at else None,
        "failures": peer.failures,
    }


@peer_command.command("add")
@click.argument("url")
@click.option("--accept", is_flag=True, help="Accept at once: you have compared the fingerprint.")
@click.option("--now", is_flag=True, help="Harvest at once instead of after one interval.")
@click.option("--as", "role", help="Vouch for it as this hub's member or allied-hub.")
@click.option("--every", type=int, metavar="MINUTES", help="Time between automatic harvests.")
@click.option("--cron", help='When to harvest: five fields in UTC, for example "0 3 * * *".')
@node_options
@json_option
@pass_options
def add(  # one argument for each option
    options: Options,
    url: str,
    accept: bool,
    now: bool,
    role: str | None,
    every: int | None,
    cron: str | None,
) -> None:
    """Add the node at URL and print the fingerprint of its key."""
    from federation.words import in_words
    from node.services.federate import accept_peer, add_peer, harvest_peer, vouch

    with options.node() as runtime:
        added = add_peer(runtime, url, interval_minutes=every)
        peer = added.peer
        if cron is not None:
            peer = runtime.peers.schedule(peer.id, cron=cron)
        if accept:
            peer = accept_peer(runtime, peer, now=now)
        if role:
            vouch(runtime, peer, role)
        if options.json:
            shown = {"fingerprint": added.fingerprint, "words": in_words(peer.key)}
            print_json({**peer_json(peer), **shown})
        else:
            put(added.fingerprint)
            put(in_words(peer.key))
            say(f"{peer.url} is {peer.did}, {peer.state}")
            if not accept:
                say(f"compare the fingerprint with its operator, then: lonja peer accept {url}")
        if now and accept:
            print_ledger(harvest_peer(runtime, peer))


@peer_command.command("accept")
@click.argument("peer")
@click.option("--as", "role", help="Vouch for it as this hub's member or allied-hub.")
@click.option("--now", is_flag=True, help="Make its first automatic harvest due at once.")
@click.option("--fingerprint", "said", help="What its operator has read out, words or digits.")
@node_options
@json_option
@pass_options
def accept(options: Options, peer: str, role: str | None, now: bool, said: str | None) -> None:
    """Accept PEER after its fingerprint was compared.

    A peer that has asked to join this hub becomes its member.
    """
    from node.services.federate import compare, find_peer
    from node.services.join import approve

    with options.node() as runtime:
        found = find_peer(runtime, peer)
        compare(found, said)
        accepted = approve(runtime, found, role or "", now=now)
        wait_until_searchable(runtime)
    _told(options, accepted)


@peer_command.command("suspend")
@click.argument("peer")
@click.option("--hide", is_flag=True, help="Show nothing of it either until it is accepted again.")
@node_options
@json_option
@pass_options
def suspend(options: Options, peer: str, hide: bool) -> None:
    """Stop harvesting PEER; its records stay."""
    from node.services.federate import find_peer
    from node.services.shown import hide as hide_records

    with options.node() as runtime:
        suspended = runtime.peers.suspend(find_peer(runtime, peer).id)
        if hide:
            suspended = hide_records(runtime, suspended, hidden=True)
            wait_until_searchable(runtime)
    _told(options, suspended)


@peer_command.command("remove")
@click.argument("peer")
@node_options
@json_option
@pass_options
def remove(options: Options, peer: str) -> None:
    """Forget PEER and its ledgers; its records stay."""
    from node.services.federate import find_peer
    from node.services.shown import forget

    with options.node() as runtime:
        found = find_peer(runtime, peer)
        forget(runtime, found)
        wait_until_searchable(runtime)
    if options.json:
        print_json({"removed": found.url, "did": found.did})
    else:
        say(f"{found.url} is no longer a peer; the records it published stay here")


@peer_command.command("list")
@node_options
@json_option
@pass_options
def list_peers(options: Options) -> None:
    """List all peers, and the origins that are trusted without being peers."""
    from node.services.federate import pinned

    with options.node() as runtime:
        peers, others = runtime.peers.list(), pinned(runtime)
    if options.json:
        listed = [{"did": one.did, "base": one.base, "name": one.name} for one in others]
        print_json({"peers": [peer_json(peer) for peer in peers], "pinned": listed})
        return
    for peer in peers:
        due = peer.next_at.isoformat(timespec="minutes") if peer.next_at else "-"
        put(f"{peer.url}\t{peer.state}\t{peer.name or peer.did}\tnext {due}")
    for one in others:
        put(f"{one.base}\tpinned\t{one.name or one.did}\tno peer")
    if not peers:
        say("no peers yet; add one with: lonja peer add URL")


@peer_command.command("show")
@click.argument("peer")
@node_options
@json_option
@pass_options
def show(options: Options, peer: str) -> None:
    """Show PEER, its fingerprint and its last ledgers."""
    from federation.identity import fingerprint
    from federation.words import in_words
    from node.services.federate import find_peer
    from node.services.health import health_of

    with options.node() as runtime:
        found = find_peer(runtime, peer)
        health = health_of(runtime, found)
        runs = [runtime.runs.get(run.id) for run in runtime.runs.list(peer_id=found.id, limit=5)]
    known = [run for run in runs if run is not None]
    if options.json:
        about = {**peer_json(found), **health.as_json()}
        about |= {"fingerprint": fingerprint(found.key), "words": in_words(found.key)}
        print_json({**about, "runs": [run_json(run) for run in known]})
        return
    put(f"{found.url}\n{found.did}\n{fingerprint(found.key)}\n{in_words(found.key)}")
    put(f"{found.state}, {health.summary()}")
    for run in known:
        print_ledger(run)


def _told(options: Options, peer: "Peer") -> None:
    if options.json:
        print_json(peer_json(peer))
    else:
        say(f"{peer.url} is {peer.state}")


@click.command("harvest")
@click.argument("peers", nargs=-1, metavar="[PEER…]")
@node_options
@json_option
@pass_options
def harvest_command(options: Options, peers: tuple[str, ...]) -> None:
    """Harvest PEER… (URL, DID or name; all accepted peers by default) now, print the ledgers.

    Exit code 1 when a peer failed.
    """
    from federation.records import RunState
    from node.services.federate import accepted_peers, find_accepted_peer, waiting_peers

    with options.node() as runtime:
        chosen = [find_accepted_peer(runtime, n) for n in peers] or accepted_peers(runtime)
        waiting = waiting_peers(runtime)
        runs = _harvest_all(runtime, chosen)
    if options.json:
        print_json({"runs": [run_json(run) for run in runs]})
    else:
        for run in runs:
            print_ledger(run)
        if not runs and waiting:
            say(f"no accepted peers; accept one with: lonja peer accept {waiting[0].url}")
        elif not runs:
            say("no accepted peers; add one with: lonja peer add URL --accept")
    sys.exit(1 if any(run.state is RunState.FAILED for run in runs) else 0)


def _harvest_all(runtime: "Runtime", peers: "list[Peer]") -> "list[Run]":
    """Harvest several at a time while the index follows; return when all is searchable."""
    from node.services.federate import harvest_peer
    from node.services.indexer import Indexer

    indexer, stop = Indexer(runtime), threading.Event()
    indexer.start()
    try:
        with progress_bar() as bar, _harvesters(runtime, peers) as pool:

            def harvest(peer: "Peer") -> "Run":
                task = bar.add_task(peer.url, total=None)

                def show(progress: "Progress") -> None:
                    bar.update(task, completed=progress.done, total=progress.total)

                run = harvest_peer(runtime, peer, progress=show, stop=stop)
                bar.remove_task(task)
                return run

            runs = _together(pool, harvest, peers, stop)
            if indexer.owns:
                indexer.drain()
    finally:
        indexer.stop()
    wait_until_searchable(runtime)
    return runs


def _harvesters(runtime: "Runtime", peers: "list[Peer]") -> ThreadPoolExecutor:
    workers = min(runtime.settings.harvest_workers, max(1, len(peers)))
    return ThreadPoolExecutor(workers, thread_name_prefix="harvest")


def _together(
    pool: ThreadPoolExecutor,
    harvest: "Callable[[Peer], Run]",
    peers: "list[Peer]",
    stop: threading.Event,
) -> "list[Run]":
    """Return the ledgers in the order of the peers; Ctrl-C ends each after its page."""
    try:
        return list(pool.map(harvest, peers))
    except KeyboardInterrupt:
        stop.set()
        raise
