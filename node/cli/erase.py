"""Command: erase a record for good, and see which peers have followed."""

import sys
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from node.cli.options import Options, json_option, node_options, pass_options
from node.cli.output import language, print_json, progress_bar, put, say, wait_until_searchable
from vocab.findings import Finding
from vocab.language import LANGUAGES

if TYPE_CHECKING:
    from node.runtime import Runtime
    from node.services.erase import Erasure, ErasureStatus


@click.command("erase")
@click.argument("uri", required=False)
@click.option("--reason", default="", help="Public reason, one sentence; it names nobody.")
@click.option("--lang", default="", help="Language code of the reason, and of what is printed.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--status", is_flag=True, help="Show which peers have erased URI, or all of it.")
@node_options
@json_option
@pass_options
def erase_command(
    options: Options, uri: str | None, reason: str, lang: str, yes: bool, status: bool
) -> None:
    """Erase the own record URI: the texts of all its versions, here and at every peer.

    Its address answers 410 from then on. On a terminal it asks before.
    """
    from node.services.hosted import acting_for

    if lang in LANGUAGES:
        options.language = lang
    with options.node() as runtime:
        if status:
            _show_status(options, runtime, uri or "")
        elif uri:
            _erase(options, acting_for(runtime, uri), uri, reason, lang, ask=not yes)
        else:
            raise click.UsageError("name the record: lonja erase URI, or: lonja erase --status")


def _erase(
    options: Options, runtime: "Runtime", uri: str, reason: str, lang: str, *, ask: bool
) -> None:
    from node.services.erase import erase, versions_to_erase
    from node.services.erasure_words import said

    numbers = versions_to_erase(runtime, uri)
    if ask and _is_terminal():
        question = said("erase-ask", uri=uri, count=len(numbers))
        say(question.message(language()))
        click.confirm(question.fix(language()), abort=True, err=True)
    with progress_bar() as bar:
        bar.add_task("erasing; the search index is built anew", total=None)
        done = erase(runtime, uri, reason, language=lang)
    wait_until_searchable(runtime)
    found = list(_outcome(done, reason=reason, now=runtime.clock()))
    if options.json:
        print_json(_erasure_json(done, found))
        return
    put(uri)
    for finding in found:
        _tell(finding)


def _outcome(done: "Erasure", *, reason: str, now: datetime) -> list[Finding]:
    """Return what happened, as sentences."""
    from node.services.erasure_words import said

    uri = done.entry.uri
    found = [said("erase-done", uri=uri, count=len(done.erases))]
    if reason:
        found.append(said("erase-reason", uri=uri))
    if not done.journal_clean:
        found.append(said("erase-journal-later"))
    if not done.files_clean:
        found.append(said("erase-index-later"))
    if done.backups:
        last = done.backups[-1]
        days = (now - datetime.fromisoformat(last.made)).days
        more = {"file": last.file, "made": last.made[:10], "days": days}
        found.append(said("erase-backup", count=len(done.backups), **more))
    else:
        found.append(said("erase-no-backup"))
    return [*found, said("erase-copies")]


def _erasure_json(done: "Erasure", found: list[Finding]) -> dict[str, Any]:
    return {
        "erased": done.entry.uri,
        "version": done.entry.version,
        "seq": done.entry.seq,
        "erases": list(done.erases),
        "journal_clean": done.journal_clean,
        "files_clean": done.files_clean,
        "backups": [
            {"file": one.file, "made": one.made, "position": one.position} for one in done.backups
        ],
        "messages": [finding.message(language()) for finding in found],
    }


def _show_status(options: Options, runtime: "Runtime", uri: str) -> None:
    from node.services.erase import status
    from node.services.erasure_words import answer_said, said

    found = list(status(runtime, uri))
    copies = said("erase-copies")
    if options.json:
        rows = [_status_json(one) for one in found]
        print_json({"erasures": rows, "note": copies.message(language())})
        return
    if not found:
        _tell(said("erase-none"))
        return
    for one in found:
        put(f"{one.entry.uri}\t{one.entry.seq}\t{one.erased:%Y-%m-%d %H:%M}")
        for answer in one.answers:
            _tell(answer_said(one, answer), indent="  ")
        if not one.answers:
            _tell(said("erase-no-peers"), indent="  ")
    _tell(copies)


def _status_json(one: "ErasureStatus") -> dict[str, Any]:
    from node.services.erasure_words import answer_said

    return {
        "record": one.entry.uri,
        "seq": one.entry.seq,
        "digest": one.entry.digest,
        "erased": one.erased.isoformat(timespec="seconds"),
        "peers": [
            {
                "peer": answer.peer.url,
                "did": answer.peer.did,
                "name": answer.peer.name,
                "state": str(answer.answer),
                "contiguous": answer.number,
                "message": answer_said(one, answer).message(language()),
            }
            for answer in one.answers
        ],
    }


def _is_terminal() -> bool:
    return sys.stdin.isatty()


def _tell(finding: Finding, *, indent: str = "") -> None:
    fix = finding.fix(language())
    say(indent + finding.message(language()) + (f" → {fix}" if fix else ""))
