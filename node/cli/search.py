"""The command that searches, with the same questions and answers as the API."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from node.cli.options import Options, json_option, node_options, pass_options
from node.cli.output import language, print_json, put, say, wait_until_searchable
from node.services.question import CLUSTER
from search.api import CHOICES

if TYPE_CHECKING:
    from node.services.find import Found


def facet_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let a command take an option for every facet."""
    for name in (CLUSTER, *reversed(CHOICES)):
        option = f"--{name.replace('_', '-')}"
        function = click.option(option, name, multiple=True, help=f"Only this {name}; repeatable.")(
            function
        )
    return function


@click.command("search")
@click.argument("query", nargs=-1, metavar="[QUERY]")
@facet_options
@click.option("--scope", type=click.Choice(["all", "cluster", "mine"]), default="all")
@click.option("--sort", type=click.Choice(["relevance", "newest", "oldest", "title"]))
@click.option("--bbox", help="west,south,east,north in degrees.")
@click.option("--near", help="latitude,longitude,kilometres.")
@click.option("--lang", help="Language of labels.")
@click.option("--limit", type=int, default=10, show_default=True)
@click.option("--cursor", help="Go on from the answer before.")
@click.option("--like", metavar="URI", help="Only records that resemble this one.")
@click.option("--explain", is_flag=True, help="Say what each score is made of.")
@click.option("--literal", is_flag=True, help="Forgive no mistake in the words.")
@node_options
@json_option
@pass_options
def search_command(options: Options, /, query: tuple[str, ...], **given: Any) -> None:
    """Search everything this node holds: words, "phrases", title:word, theme:mobility."""
    from node.services.find import as_json, find
    from node.services.question import read

    parameters = {"q": [" ".join(query)]}
    for name, value in given.items():
        if value and name != "lang":
            one = "1" if value is True else str(value)
            parameters[name] = list(value) if isinstance(value, tuple) else [one]
    if not options.json:
        parameters["highlight"] = ["1"]  # also says by which other names records were found
    question, problems = read(parameters)
    if problems:
        said = [p.messages.get(language()) or p.messages["en"] for p in problems]
        raise click.UsageError("; ".join(said))
    tongue = given["lang"] or language()
    with options.node() as runtime:
        wait_until_searchable(runtime)
        found = find(runtime, question, tongue)
    if options.json:
        print_json(as_json(found))
        return
    _print(found, tongue)


def _print(found: "Found", tongue: str) -> None:
    for diagnostic in found.diagnostics:
        say(f"! {diagnostic.messages.get(tongue) or diagnostic.messages['en']}")
    if found.corrected:
        say(f"! nothing has these words; searched for: {found.suggestion}")
    for card in found.cards:
        put(f"{card.title.text}\n    {card.uri}")
        for name in card.through:
            say(f"    found through: {name.label} ({name.language})")
        for reason in card.reasons:
            say(f"    {reason.score:6.2f}  {reason.kind}: {reason.text}")
    say(f"{found.total} found")
