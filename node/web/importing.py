"""The import wizard: a file, what would become of it, and the decision."""

import re
from contextlib import closing
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, Response, abort, flash, redirect, render_template, request
from flask_babel import ngettext
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as AnyResponse

from node.accounts.roles import Scope
from node.services import uploads
from node.services.accounts import audit, local_origins
from node.services.drafts import acting
from node.services.errors import ServiceError
from node.services.fields import Field, fields
from node.services.imports.as_drafts import MOST, keep_as_drafts
from node.services.imports.causes import causes, findings_table, row_of
from node.services.imports.run import (
    PREVIEW,
    Fate,
    ImportReport,
    Preview,
    run_import,
)
from node.services.indexer import wait_until_own_searchable
from node.services.reading import Reader
from node.services.show import reference_to
from node.services.text import one_line
from node.web.current import runtime
from node.web.desk import origin_name
from node.web.i18n import current_language
from node.web.import_template import template_csv
from node.web.session import demand, needs, somebody
from node.web.told import told
from vocab import glossary
from vocab.headline import headline_text

blueprint = Blueprint("importing", __name__, url_prefix="/desk/import")

_INDEX_SECONDS: Final = 5.0
_GAPS: Final = 12
_FILE_NAME: Final = 100
_OF_PLACES: Final = frozenset(("place", "settlement", "population"))
_LAST: Final = frozenset(
    ("source", "credit", "identifier", "license", "publisher", "seeAlso", "importNote")
)
"""What is shown of a record after what it is about."""


@dataclass(frozen=True, slots=True)
class _Row:
    """One of the first rows as it would be published."""

    row: str
    title: str
    fate: Fate
    fields: tuple[Field, ...]


@blueprint.before_request
def allow_files() -> None:
    """Let a whole file in, before the form is read."""
    request.max_content_length = uploads.MAX_BYTES + 100_000


@blueprint.get("")
@needs(Scope.WRITE)
def choose() -> str:
    """Choose a file."""
    mine = [did for did in local_origins(runtime()) if somebody().may(Scope.WRITE, did)]
    if not mine:
        abort(403)
    origins = [(did, origin_name(did)) for did in mine]
    return render_template("import.html", section="desk", origins=origins)


@blueprint.get("/template.csv")
@needs(Scope.READ)
def template() -> Response:
    """A file to begin from; a spreadsheet program opens it as it is."""
    return _table(template_csv(current_language()), "practices.csv")


@blueprint.get("/findings.csv")
@needs(Scope.WRITE)
def findings() -> AnyResponse:
    """Everything that was noticed of a file, for a spreadsheet."""
    demand(Scope.WRITE, request.args.get("origin", ""))
    try:
        data = uploads.findings_of(runtime().settings, request.args.get("name", ""))
    except ServiceError as error:
        flash(told(error))
        return redirect(request.script_root + "/desk/import", 303)
    return _table(data, "findings.csv")


@blueprint.post("")
@needs(Scope.WRITE)
def look() -> AnyResponse | str:
    """Say what would become of a file; nothing is published."""
    origin = request.form.get("origin", "")
    demand(Scope.WRITE, origin)
    file = request.files.get("file")
    called = _called((file.filename or "") if file else "")
    data = _bytes(file)
    try:
        name = uploads.keep(runtime().settings, data, uploads.form_of(called))
        report = _run(name, called, origin, dry_run=True)
    except ServiceError as error:
        flash(told(error))
        return redirect(request.script_root + "/desk/import", 303)
    return _page(report, name, called, origin, done=False)


@blueprint.post("/publish")
@needs(Scope.PUBLISH)
def publish() -> AnyResponse | str:
    """Publish what can be published of a file that was looked at."""
    name, origin = request.form.get("name", ""), request.form.get("origin", "")
    called = _called(request.form.get("called", ""))
    me = demand(Scope.PUBLISH, origin)
    try:
        report = _run(name, called, origin, dry_run=False)
        uploads.path_of(runtime().settings, name).unlink(missing_ok=True)
    except ServiceError as error:
        flash(told(error))
        return redirect(request.script_root + "/desk/import", 303)
    audit(runtime()).note(me.login, "imported", called or name, f"{report.published} published")
    wait_until_own_searchable(runtime(), _INDEX_SECONDS)
    flash(
        ngettext(
            "%(num)s record was published.", "%(num)s records were published.", report.published
        )
    )
    return _page(report, name, called, origin, done=True)


@blueprint.post("/drafts")
@needs(Scope.WRITE)
def keep_drafts() -> AnyResponse:
    """Keep the rows of a file that was looked at as drafts, to be completed and reviewed."""
    name, origin = request.form.get("name", ""), request.form.get("origin", "")
    me = demand(Scope.WRITE, origin)
    try:
        file = uploads.path_of(runtime().settings, name)
        kept = keep_as_drafts(acting(runtime(), origin), me, file, file.suffix.removeprefix("."))
        file.unlink(missing_ok=True)
    except ServiceError as error:
        flash(told(error))
        return redirect(request.script_root + "/desk/import", 303)
    audit(runtime()).note(me.login, "drafts-kept", name, str(kept))
    flash(ngettext("%(num)s draft was kept.", "%(num)s drafts were kept.", kept))
    return redirect(request.script_root + "/desk", 303)


def _bytes(file: FileStorage | None) -> bytes:
    if file is None:
        return b""
    with closing(file):
        data: bytes = file.read()
    return data


def _called(name: str) -> str:
    """Return what a file is called on the machine it comes from, without folders."""
    return one_line(re.split(r"[/\\]", name)[-1])[-_FILE_NAME:]


def _table(data: bytes | str, name: str) -> Response:
    response = Response(data, content_type="text/csv; charset=utf-8; header=present")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _run(name: str, called: str, origin: str, *, dry_run: bool) -> ImportReport:
    """Import a kept file, or look what would become of it, and keep what was noticed."""
    settings = runtime().settings
    file = uploads.path_of(settings, name)
    form = file.suffix.removeprefix(".")
    report = run_import(acting(runtime(), origin), file, form, name=called, dry_run=dry_run)
    if report.findings:
        said = findings_table(report.findings, called, current_language())
        uploads.keep_findings(settings, name, said)
    return report


def _page(report: ImportReport, name: str, called: str, origin: str, *, done: bool) -> str:
    language = current_language()
    found = causes(report.findings, called)
    return render_template(
        "import_report.html",
        section="desk",
        report=report,
        name=name,
        called=called,
        origin=origin,
        origin_name=origin_name(origin),
        done=done,
        made=[reference_to(runtime(), uri, language) for uri in report.uris[:PREVIEW]],
        may_publish=somebody().may(Scope.PUBLISH, origin),
        drafts=min(report.read - report.unchanged, MOST),
        rows=[_row(one, called, language) for one in report.preview],
        causes=[(one, one.first.field(language)) for one in found],
        gaps=[(glossary.label(key, language), n) for key, n in report.gaps.most_common(_GAPS)],
        named={},
    )


def _row(preview: Preview, called: str, language: str) -> _Row:
    document = preview.document
    return _Row(
        row=row_of(preview.label, called),
        title=headline_text(document, language),
        fate=preview.fate,
        fields=_fields(Reader(document, (language,)), language),
    )


def _fields(record: Reader, language: str) -> tuple[Field, ...]:
    """Return all fields: what it is about, then where it comes from; the whole of its place."""
    place = fields(record.one("place"), language, whole=False)
    found = [one for one in fields(record, language, whole=False) if one.key not in _OF_PLACES]
    if place:
        found.append(Field("place", glossary.label("place", language), "", parts=(place,)))
    found.sort(key=lambda one: (one.key in _LAST, one.key != "title"))
    return tuple(found)
