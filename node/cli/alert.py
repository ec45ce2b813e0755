"""Commands to follow a search: a digest by mail or webhook of what is new in it."""

import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import click

from node.cli.options import Options, json_option, node_options, pass_options
from node.cli.output import language, print_json, put, say, wait_until_searchable
from node.cli.search import facet_options

if TYPE_CHECKING:
    from node.local.alerts import Alert
    from node.runtime import Runtime


@click.group("alert")
def alert_command() -> None:
    """Follow a search: what is new in it comes by mail or webhook."""


@alert_command.command("add")
@click.argument("query", nargs=-1, metavar="[QUERY]")
@facet_options
@click.option("--scope", type=click.Choice(["all", "cluster", "mine"]))
@click.option("--bbox", help="west,south,east,north in degrees.")
@click.option("--near", help="latitude,longitude,kilometres.")
@click.option("--mail", metavar="ADDRESS", help="E-mail address that gets the digests.")
@click.option("--webhook", metavar="URL", help="Address that gets them as JSON.")
@click.option(
    "--every", type=click.Choice(["hourly", "daily", "weekly"]), default="daily", show_default=True
)
@click.option("--lang", help="Language of the digests (else that of the search or the terminal).")
@node_options
@json_option
@pass_options
def add_command(options: Options, /, query: tuple[str, ...], **given: Any) -> None:
    """Follow QUERY: words, or the address of a results page as it stands in the browser."""
    from node.local.alerts import Every, Wanted
    from node.services.alerts import follow, parameters_of
    from node.services.notify import MAIL, WEBHOOK

    mail, webhook = given.pop("mail"), given.pop("webhook")
    if bool(mail) == bool(webhook):
        raise click.UsageError("say where the digests go: --mail ADDRESS or --webhook URL")
    every, lang = Every(given.pop("every")), given.pop("lang")
    parameters = parameters_of(" ".join(query))
    for name, value in given.items():
        if value:
            more = list(value) if isinstance(value, tuple) else [str(value)]
            parameters[name] = [*parameters.get(name, ()), *more]
    said = next(iter(parameters.pop("lang", [])), "")
    wanted = Wanted(
        query=urlencode(parameters, doseq=True),
        language=lang or said or language(),
        channel=MAIL if mail else WEBHOOK,
        target=mail or webhook,
        every=every,
    )
    with options.node() as runtime:
        alert = follow(runtime, wanted)
        row = _row(runtime, alert)
    if options.json:
        print_json(row)
        return
    put(str(alert.id))
    say(f"{row['words']}: {every}, first at {alert.next_at:%Y-%m-%d %H:%M} UTC if anything is new")
    say(f"what would be sent now: lonja alert send {alert.id} --dry-run")


@alert_command.command("list")
@node_options
@json_option
@pass_options
def list_command(options: Options) -> None:
    """List the searches that are followed."""
    from node.services.alerts import followed

    with options.node() as runtime:
        rows = [_row(runtime, alert) for alert in followed(runtime).list()]
    if options.json:
        print_json({"alerts": rows})
        return
    for row in rows:
        failed = f", {row['failures']} failures" if row["failures"] else ""
        said = f"{row['every']}, {row['state']}{failed}"
        put(f"{row['id']}\t{said}\t{row['mail'] or row['webhook']}\t{row['words']}")
    if not rows:
        say('nobody follows a search; begin with: lonja alert add "WORDS" --mail ADDRESS')


@alert_command.command("remove")
@click.argument("number", type=int, metavar="ID")
@node_options
@json_option
@pass_options
def remove_command(options: Options, number: int) -> None:
    """Stop following the search ID and forget it."""
    from node.services.alerts import forget

    with options.node() as runtime:
        _find(runtime, number)
        forget(runtime, number)
    if options.json:
        print_json({"removed": number})
    else:
        say(f"search {number} is no longer followed")


@alert_command.command("send")
@click.argument("number", type=int, required=False, metavar="[ID]")
@click.option("--dry-run", is_flag=True, help="Print what would be sent; send and change nothing.")
@node_options
@json_option
@pass_options
def send_command(options: Options, number: int | None, dry_run: bool) -> None:
    """Send what is new now, due or not: of the search ID, or of all; a paused one goes on."""
    from node.local.alerts import AlertState
    from node.services.alerts import followed, preview, send_now
    from node.services.digest import as_json, as_text
    from node.services.errors import ServiceError

    digests, refused = [], False
    with options.node() as runtime:
        alerts = followed(runtime).list() if number is None else [_find(runtime, number)]
        wait_until_searchable(runtime)
        for alert in alerts:
            if number is None and alert.state is AlertState.WAITING:
                continue
            try:
                digest = preview(runtime, alert) if dry_run else send_now(runtime, alert)
            except ServiceError as error:
                say(f"✗ {error}")  # the others are sent all the same
                refused = True
                continue
            if digest is None or not digest.total:
                say(f"{alert.id}: nothing new")
                continue
            digests.append(as_json(runtime, digest))
            if not options.json:
                verb = "would be sent" if dry_run else "sent"
                say(f"{alert.id}: {digest.total} {verb} to {alert.wanted.target}")
                if dry_run:
                    put(as_text(runtime, digest))
    if options.json:
        print_json({"sent": not dry_run, "digests": digests})
    sys.exit(1 if refused else 0)


def _find(runtime: "Runtime", number: int) -> "Alert":
    from node.services.alerts import followed

    found = followed(runtime).get(number)
    if found is None:
        raise click.UsageError(f"there is no followed search {number}; see: lonja alert list")
    return found


def _row(runtime: "Runtime", alert: "Alert") -> dict[str, Any]:
    from node.services.digest import search_url, stop_url, words_of
    from node.services.notify import MAIL

    wanted = alert.wanted
    return {
        "id": alert.id,
        "owner": wanted.owner,
        "query": wanted.query,
        "words": words_of(runtime, alert),
        "search": search_url(runtime, alert),
        "language": wanted.language,
        "mail": wanted.target if wanted.channel == MAIL else None,
        "webhook": None if wanted.channel == MAIL else wanted.target,
        "every": str(wanted.every),
        "state": str(alert.state),
        "created": alert.created.isoformat(timespec="seconds"),
        "next_at": alert.next_at.isoformat(timespec="seconds") if alert.next_at else None,
        "sent": alert.sent.isoformat(timespec="seconds") if alert.sent else None,
        "failures": alert.failures,
        "stop": stop_url(runtime, alert),
    }
