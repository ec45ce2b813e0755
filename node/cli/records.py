"""Commands for records: validate, publish, import, retract, replicate, show, export."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from node.cli.options import (
    Options,
    json_option,
    language_option,
    node_options,
    pass_options,
)
from node.cli.output import (
    findings_json,
    gaps_json,
    print_findings,
    print_gaps,
    print_json,
    print_missing,
    progress_bar,
    put,
    say,
    wait_until_searchable,
)

if TYPE_CHECKING:
    from vocab.findings import Finding
    from vocab.replicability import Answer


@click.command("validate")
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@click.option("--gaps", is_flag=True, help="Say also what would make each practice repeatable.")
@language_option
@node_options
@json_option
@pass_options
def validate_command(options: Options, files: tuple[str, ...], gaps: bool) -> None:
    """Check records in FILE… (- for standard input); exit code 1 when one fails.

    Takes authoring documents and signed entries; needs no node.
    """
    from node.services.publish import check
    from node.services.submissions import read_submissions
    from vocab.findings import violations
    from vocab.replicability import answers
    from vocab.terms import PRACTICE_TYPES, type_of

    settings = options.settings()
    findings: list[Finding] = []
    described: dict[str, tuple[Answer, ...]] = {}
    checked = valid = 0
    for submission in read_submissions(files):
        said = check(submission, settings)
        findings += said
        checked += 1
        valid += not violations(list(said))
        document = submission.document
        if gaps and document is not None and type_of(document) in PRACTICE_TYPES:
            described[submission.label] = answers(document)
    if options.json:
        report = {"checked": checked, "valid": valid, "findings": findings_json(findings)}
        print_json({**report, **({"gaps": gaps_json(described)} if gaps else {})})
    else:
        print_findings(findings)
        print_gaps(described)
        say(f"{valid} of {checked} records are valid")
    sys.exit(0 if valid == checked else 1)


@click.command("publish")
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@click.option("--as", "origin", help="Publish for a village that this hub signs for.")
@language_option
@node_options
@json_option
@pass_options
def publish_command(options: Options, files: tuple[str, ...], origin: str | None) -> None:
    """Publish .jsonld, .json or .jsonl FILE… (- for standard input); prints the record URIs."""
    from node.services.hosted import acting_as
    from node.services.publish import publish
    from node.services.submissions import read_submissions

    published: list[str] = []
    unchanged: list[str] = []
    findings: list[Finding] = []
    refused = 0
    with options.node() as runtime:
        acting = acting_as(runtime, origin) if origin else runtime
        for outcome in publish(acting, read_submissions(files)):
            findings += outcome.findings
            if outcome.refused:
                refused += 1
                continue
            (published if outcome.entry else unchanged).append(outcome.uri)
            if not options.json:
                put(outcome.uri)
        wait_until_searchable(runtime, own=True)
    if options.json:
        report = {"published": published, "unchanged": unchanged, "refused": refused}
        print_json({**report, "findings": findings_json(findings)})
    else:
        print_findings(findings)
        say(f"published {len(published)}, unchanged {len(unchanged)}, refused {refused}")
    sys.exit(1 if refused else 0)


@click.command("import")
@click.argument("source", type=click.Path(path_type=Path), metavar="SOURCE")
@click.option("--format", "form", type=click.Choice(["jsonl", "csv", "jsonld"]), required=True)
@click.option("--dry-run", is_flag=True, help="Publish nothing; show the first 20 documents.")
@language_option
@node_options
@json_option
@pass_options
def import_command(options: Options, source: Path, form: str, dry_run: bool) -> None:
    """Import a catalogue of others: its rows enter as listed practices.

    Records in Lonja's own JSON-LD are published as they are. What was imported before becomes a
    new version of its record, or nothing when it has not changed. Exit code 1 when something was
    refused.
    """
    from node.services.imports.run import ImportReport, run_import
    from vocab.findings import Severity

    with options.node() as runtime, progress_bar() as bar:
        task = bar.add_task("importing", total=None)

        def show(report: ImportReport) -> None:
            bar.update(task, completed=report.read)

        report = run_import(runtime, source, form, dry_run=dry_run, progress=show)
        if not dry_run:
            bar.update(task, description="waiting for the index")
            wait_until_searchable(runtime, own=True)
    preview = [one.document for one in report.preview]
    if options.json:
        print_json(
            {
                "read": report.read,
                "published": report.published,
                "updated": report.updated,
                "unchanged": report.unchanged,
                "refused": report.refused,
                "findings": findings_json(report.findings),
                "gaps": dict(report.gaps.most_common()),
                **({"preview": preview} if dry_run else {}),
            }
        )
    else:
        weights = list(Severity)  # what refuses a row is never hidden by hints
        print_findings(sorted(report.findings, key=lambda one: weights.index(one.severity)))
        print_missing(report.gaps, report.read)
        if dry_run:
            print_json(preview)
        say(
            f"read {report.read} = published {report.published} + unchanged "
            f"{report.unchanged} + refused {report.refused}"
            + (" (dry run: nothing was published)" if dry_run else "")
        )
    sys.exit(1 if report.refused else 0)


@click.command("retract")
@click.argument("uri")
@click.option("--reason", default="", help="Public reason, one sentence.")
@click.option("--lang", default="", help="Language code of the reason.")
@node_options
@json_option
@pass_options
def retract_command(options: Options, uri: str, reason: str, lang: str) -> None:
    """Withdraw the own record URI; a stub with the public reason stays."""
    from node.services.hosted import acting_for
    from node.services.publish import retract

    with options.node() as runtime:
        entry = retract(acting_for(runtime, uri), uri, reason, language=lang)
        wait_until_searchable(runtime, own=True)
    if options.json:
        print_json({"retracted": entry.uri, "version": entry.version, "seq": entry.seq})
    else:
        put(entry.uri)
        say("withdrawn; peers learn of it at their next harvest")


@click.command("replicate")
@click.argument("uri")
@click.option("--out", type=click.Path(path_type=Path), help="File to write; else standard output.")
@node_options
@pass_options
def replicate_command(options: Options, uri: str, out: Path | None) -> None:
    """Write the draft of an own adaptation of the practice URI, to be filled in and published."""
    import orjson

    from node.services.replicate import adaptation_draft

    with options.node() as runtime:
        draft = adaptation_draft(runtime, uri)
    text = orjson.dumps(draft, option=orjson.OPT_INDENT_2).decode()
    if out is None:
        put(text)
        return
    if out.exists():
        raise click.UsageError(f"{out} exists already; choose another name")
    out.write_text(text + "\n", "utf-8")
    say(f"fill in {out}, then: lonja publish {out}")


@click.command("show")
@click.argument("uri")
@click.option(
    "--format",
    "form",
    default="jsonld",
    help="jsonld, turtle, rdfxml, ntriples, nquads, csv, geojson, oai_dc, dcat, schema.org.",
)
@node_options
@pass_options
def show_command(options: Options, uri: str, form: str) -> None:
    """Print the record URI (or one version of it)."""
    from node.services.export import show

    with options.node() as runtime:
        sys.stdout.buffer.write(show(runtime, uri, form))


@click.command("export")
@click.option(
    "--format",
    "form",
    type=click.Choice(["ndjson", "nquads", "csv", "geojson", "dcat"]),
    default="ndjson",
    show_default=True,
    help="ndjson: every signed entry.",
)
@click.option("--out", type=click.Path(path_type=Path), help="File to write; else standard output.")
@node_options
@pass_options
def export_command(options: Options, form: str, out: Path | None) -> None:
    """Print everything this node holds; ndjson is every signed entry, verbatim, with history."""
    from node.services.export import export

    with options.node() as runtime:
        if out is None:
            for piece in export(runtime, form):
                sys.stdout.buffer.write(piece)
            return
        with out.open("wb") as file:
            for piece in export(runtime, form):
                file.write(piece)
