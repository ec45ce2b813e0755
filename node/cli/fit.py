"""The command that says which practices fit a town."""

from typing import TYPE_CHECKING, Any

import click

from node.cli.options import Options, json_option, node_options, pass_options
from node.cli.output import language, print_json, put, say, wait_until_searchable

if TYPE_CHECKING:
    from node.services.fit import Fits, Match
    from node.services.town import Asked
    from search.fit import Town


@click.command("fit")
@click.argument("query", nargs=-1, metavar="[QUERY]")
@click.option("--place", help="Name of your town, to fill in its size and country.")
@click.option("--population", help="Inhabitants of your town.")
@click.option("--settlement", help="Kind of place: city, town-suburb, village, dispersed-rural …")
@click.option("--country", help="Two letters, for example PT.")
@click.option("--budget", help="What you can spend on setting up, in whole units.")
@click.option("--currency", help="Three letters; EUR unless said otherwise.")
@click.option("--theme", multiple=True, help="A theme you need; repeatable.")
@click.option("--target-group", "target_group", multiple=True, help="Who it should be for.")
@click.option("--has", multiple=True, help="A condition you have: legal, political, technical …")
@click.option("--lacks", multiple=True, help="A condition you lack; repeatable.")
@click.option("--language", "spoken", multiple=True, help="A language you read, for example pt.")
@click.option("--lang", help="Language of the answer.")
@click.option("--limit", type=click.IntRange(1, 100), default=5, show_default=True)
@node_options
@json_option
@pass_options
def fit_command(options: Options, /, query: tuple[str, ...], **given: Any) -> None:
    """Say which practices fit a town, and why; what is not known is said to be unknown."""
    from node.services.fit import which_fit
    from node.services.fit_words import as_json
    from node.services.town import read_town

    tongue, limit = given.pop("lang") or language(), given.pop("limit")
    given["language"] = given.pop("spoken")
    parameters = {"q": [" ".join(query)]} if query else {}
    for name, value in given.items():
        if value:
            parameters[name] = list(value) if isinstance(value, tuple) else [str(value)]
    asked, problems = read_town(parameters)
    if problems:
        said = [one.messages.get(tongue) or one.messages["en"] for one in problems]
        raise click.UsageError("; ".join(said))
    with options.node() as runtime:
        wait_until_searchable(runtime)
        found = which_fit(runtime, asked, tongue, limit)
    if options.json:
        print_json(as_json(found, asked.town, tongue))
        return
    _print_all(asked, found, tongue)


def _print_all(asked: "Asked", found: "Fits", tongue: str) -> None:
    if asked.found is not None:
        place = asked.found
        say(f"{place.name}, {place.country}: {place.population} inhabitants, kind of place guessed")
    for match in found.fitting:
        _print(match, asked.town, tongue)
    if found.blocked:
        put("\nBlocked: they need something that you lack")
        for match in found.blocked:
            _print(match, asked.town, tongue)
    if found.unknown:
        put("\nToo little known to be ranked")
        for match in found.unknown:
            put(f"  {match.card.title.text}\n    {match.card.uri}")
    say(f"{found.compared} of {found.total} practices compared")


def _print(match: "Match", town: "Town", tongue: str) -> None:
    from node.services.fit_words import factor_name, lacking, reason

    put(f"{match.fit.fit:4.0%} fit, {match.fit.known:4.0%} known  {match.card.title.text}")
    put(f"    {match.card.uri}")
    for name, text in lacking(match, tongue):
        put(f"    ! {name}{': ' if text else ''}{text}")
    for factor in match.fit.factors:
        mark = "?" if factor.value is None else f"{factor.value:.1f}"
        put(f"    {mark:>3}  {factor_name(factor.name, tongue)}: "
            f"{reason(factor, match, town, tongue)}")  # fmt: skip
