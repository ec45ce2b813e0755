"""Commands for the operator: verify, reindex, doctor, backup, restore, bench."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import click

from node.cli.options import Options, json_option, node_options, pass_options
from node.cli.output import print_json, progress_bar, put, say


@click.command("verify")
@node_options
@json_option
@pass_options
def verify_command(options: Options) -> None:
    """Check every signature and every chain in the journal; exit code 1 when one is at fault."""
    with options.node() as runtime, progress_bar() as bar:
        task = bar.add_task("verifying", total=runtime.journal.position())
        report = runtime.journal.verify_all(progress=lambda done: bar.update(task, completed=done))
    faults = [
        {"origin": f.origin, "seq": f.seq, "record": f.uri, "rule": f.rule, "detail": f.detail}
        for f in report.faults
    ]
    if options.json:
        print_json(
            {
                "entries": report.entries,
                "origins": report.origins,
                "faults": faults,
                "gaps": {did: list(numbers) for did, numbers in report.gaps.items()},
            }
        )
    else:
        for fault in faults:
            say(f"✗ {fault['origin']} number {fault['seq']} {fault['record']}: {fault['rule']}")
        for did, numbers in report.gaps.items():
            say(f"! {did}: {len(numbers)} entries are not here yet")
        say(f"{report.entries} entries of {report.origins} origins, {len(faults)} faults")
    sys.exit(1 if faults else 0)


@click.command("reindex")
@node_options
@json_option
@pass_options
def reindex_command(options: Options) -> None:
    """Rebuild the search index from the journal."""
    from node.services.indexer import rebuild

    with options.node() as runtime:
        count = rebuild(runtime)
    if options.json:
        print_json({"indexed": count})
    else:
        say(f"indexed {count} records")


@click.command("doctor")
@node_options
@json_option
@pass_options
def doctor_command(options: Options) -> None:
    """Look the node over and say what to mend; exit code 1 when something is at fault."""
    from node.services.doctor import examine

    with options.node() as runtime:
        found = list(examine(runtime))
    if options.json:
        rows = [
            {"check": d.name, "level": d.level, "message": d.message, "fix": d.fix} for d in found
        ]
        print_json({"checks": rows})
    else:
        marks = {"ok": "✓", "warning": "!", "fault": "✗"}
        for item in found:
            put(f"{marks[item.level]} {item.name}: {item.message}")
            if item.fix:
                put(f"    → {item.fix}")
    sys.exit(1 if any(item.level == "fault" for item in found) else 0)


@click.command("alerts")
@click.option("--settle", type=int, multiple=True, metavar="NUMBER", help="Mark as looked at.")
@node_options
@json_option
@pass_options
def alerts_command(options: Options, settle: tuple[int, ...]) -> None:
    """Show what a person should look at: forked logs, second keys, old heads."""
    with options.node() as runtime:
        runtime.journal.settle(settle)
        alerts = runtime.journal.alerts()
    if options.json:
        rows = [
            {
                "number": alert.id,
                "at": alert.at.isoformat(timespec="seconds"),
                "kind": alert.kind,
                "origin": alert.origin,
                "detail": alert.detail,
            }
            for alert in alerts
        ]
        print_json({"alerts": rows})
        return
    for alert in alerts:
        put(f"{alert.id}\t{alert.at:%Y-%m-%d %H:%M}\t{alert.kind}\t{alert.origin}\t{alert.detail}")
    if not alerts:
        say("nothing to look at")


@click.command("backup")
@click.argument("target", type=click.Path(path_type=Path), metavar="FILE")
@node_options
@json_option
@pass_options
def backup_command(options: Options, target: Path) -> None:
    """Write the whole node, keys included, to FILE (for example node.tar.zst)."""
    from node.services.backup import backup, describe

    with options.node() as runtime:
        size = backup(runtime, target)
        note = describe(runtime.settings)
    if options.json:
        print_json({"file": str(target), "bytes": size})
    else:
        put(str(target))
        say(f"{size / 1e6:.1f} MB. {note}" if size >= 1e6 else f"{size / 1e3:.0f} kB. {note}")


@click.command("restore")
@click.argument("source", type=click.Path(path_type=Path, exists=True), metavar="FILE")
@node_options
@json_option
@pass_options
def restore_command(options: Options, source: Path) -> None:
    """Bring a node back from FILE into an empty data folder, and check every signature."""
    from node.services.backup import restore
    from node.services.indexer import follow_once

    did = restore(source, options.settings().data)
    with options.node() as runtime:
        report = runtime.journal.verify_all()
        follow_once(runtime)
    if options.json:
        print_json({"origin": did, "entries": report.entries, "faults": len(report.faults)})
    else:
        say(f"{did} is back: {report.entries} entries, {len(report.faults)} faults")
        say("it publishes again once its peers are harvested, which may hold newer entries of it")
    sys.exit(1 if report.faults else 0)


@click.command("bench")
def bench_command() -> None:
    """Measure this machine with the project's own benchmarks (needs the source checkout)."""
    root = Path(__file__).parents[2]
    if not (root / "tests" / "bench").is_dir() or find_spec("psutil") is None:
        raise click.ClickException(
            "the benchmarks need the source checkout and its test packages; run there: make bench"
        )
    sys.exit(subprocess.call([sys.executable, "-m", "tests.bench"], cwd=root))  # our own module


@click.group("notify")
def notify_command() -> None:
    """Mail and webhook: the first failure of a peer, its recovery, and alerts."""


@notify_command.command("test")
@node_options
@json_option
@pass_options
def notify_test_command(options: Options) -> None:
    """Send a test by every channel that is set (notify_mail with smtp, notify_webhook)."""
    from node.services.notify import send_test

    with options.node() as runtime:
        sent = send_test(runtime)
    if options.json:
        print_json({"sent": list(sent)})
    else:
        say(f"a test was sent by {' and '.join(sent)}")


@click.group("admin")
def admin_command() -> None:
    """Administer the node in a browser."""


@admin_command.command("link")
@node_options
@json_option
@pass_options
def admin_link_command(options: Options) -> None:
    """Print an address by which one browser may administer this node, for a quarter of an hour.

    It is good once. Whoever has it can accept peers: do not send it to anybody.
    """
    from node.services.operator import new_link

    with options.node() as runtime:
        link = new_link(runtime.settings)
    if options.json:
        print_json({"link": link})
    else:
        put(link)


@click.command("openapi")
@node_options
@pass_options
def openapi_command(options: Options) -> None:
    """Print the description of the interface for programs (OpenAPI 3.1)."""
    from node.web.openapi import document

    put(document(options.settings().base_url).decode())
