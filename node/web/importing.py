"""The import wizard: a file, what would become of it, and the decision."""

from contextlib import closing
from typing import Final

from flask import Blueprint, Response, abort, flash, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as AnyResponse

from node.accounts.roles import Scope
from node.services import uploads
from node.services.accounts import audit, local_origins
from node.services.drafts import acting
from node.services.errors import ServiceError
from node.services.imports.run import ImportReport, run_import
from node.services.indexer import wait_until_own_searchable
from node.web.current import runtime
from node.web.desk import origin_name
from node.web.i18n import current_language
from node.web.session import demand, needs, somebody
from node.web.told import told
from vocab import glossary
from vocab.headline import headline_text

blueprint = Blueprint("importing", __name__, url_prefix="/desk/import")

_INDEX_SECONDS: Final = 5.0
_FINDINGS: Final = 200
TEMPLATE: Final = (
    "\ufefftitle_en;title_es;summary_en;summary_es;problem_en;solution_en;themes;target_groups;"
    "city;country;population;start;end;status;licence;url;credit;source;source_id\r\n"
    "Bus on demand between villages;Autobús a demanda entre aldeas;A bus that is booked by phone.;"
    "Un autobús que se pide por teléfono.;Nobody reached the health centre.;"
    "Shared taxis with a timetable.;mobility;older people;Lugo;ES;98000;2024-03-01;;operational;"
    "CC-BY-4.0;;;;\r\n"
)
"""A file to begin from: one row to be replaced, columns that may be left out."""


@blueprint.before_request
def allow_files() -> None:
    """Let a whole file in, before the form is read."""
    request.max_content_length = uploads.MAX_BYTES + 100_000


@blueprint.get("")
@needs(Scope.PUBLISH)
def choose() -> str:
    """Choose a file."""
    mine = [did for did in local_origins(runtime()) if somebody().may(Scope.PUBLISH, did)]
    if not mine:
        abort(403)
    origins = [(did, origin_name(did)) for did in mine]
    return render_template("import.html", section="desk", origins=origins)


@blueprint.get("/template.csv")
@needs(Scope.READ)
def template() -> Response:
    """A file to begin from; a spreadsheet program opens it as it is."""
    response = Response(TEMPLATE, content_type="text/csv; charset=utf-8; header=present")
    response.headers["Content-Disposition"] = 'attachment; filename="practices.csv"'
    return response


@blueprint.post("")
@needs(Scope.PUBLISH)
def look() -> AnyResponse | str:
    """Say what would become of a file; nothing is published."""
    origin = request.form.get("origin", "")
    demand(Scope.PUBLISH, origin)
    file = request.files.get("file")
    data = _bytes(file)
    try:
        form = uploads.form_of((file.filename or "") if file else "")
        name = uploads.keep(runtime().settings, data, form)
        report = _run(name, origin, dry_run=True)
    except ServiceError as error:
        flash(told(error))
        return redirect(request.script_root + "/desk/import", 303)
    return _page(report, name, origin, done=False)


@blueprint.post("/publish")
@needs(Scope.PUBLISH)
def publish() -> AnyResponse | str:
    """Publish what can be published of a file that was looked at."""
    name, origin = request.form.get("name", ""), request.form.get("origin", "")
    me = demand(Scope.PUBLISH, origin)
    try:
        report = _run(name, origin, dry_run=False)
        uploads.path_of(runtime().settings, name).unlink(missing_ok=True)
    except ServiceError as error:
        flash(told(error))
        return redirect(request.script_root + "/desk/import", 303)
    audit(runtime()).note(me.login, "imported", name, f"{report.published} published")
    wait_until_own_searchable(runtime(), _INDEX_SECONDS)
    flash(_("%(count)s records were published.", count=report.published))
    return _page(report, name, origin, done=True)


def _bytes(file: FileStorage | None) -> bytes:
    if file is None:
        return b""
    with closing(file):
        data: bytes = file.read()
    return data


def _run(name: str, origin: str, *, dry_run: bool) -> ImportReport:
    file = uploads.path_of(runtime().settings, name)
    form = file.suffix.removeprefix(".")
    return run_import(acting(runtime(), origin), file, form, dry_run=dry_run)


def _page(report: ImportReport, name: str, origin: str, *, done: bool) -> str:
    language = current_language()
    return render_template(
        "import_report.html",
        section="desk",
        report=report,
        name=name,
        origin=origin,
        origin_name=origin_name(origin),
        done=done,
        titles=[headline_text(one, language) for one in report.preview],
        findings=report.findings[:_FINDINGS],
        more=max(0, len(report.findings) - _FINDINGS),
        gaps=[(glossary.label(key, language), n) for key, n in report.gaps.most_common(12)],
        rows=[f"{one.record}: {one.field(language)}" for one in report.findings[:_FINDINGS]],
    )
