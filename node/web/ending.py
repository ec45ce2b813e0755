"""What was: the differences between versions; and what is to end: withdrawing and erasing."""

from urllib.parse import urlencode

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from federation.errors import FederationError
from federation.records import Entry, EntryState
from node.accounts.roles import Scope
from node.services import drafts
from node.services.accounts import audit
from node.services.addresses import page_path
from node.services.differences import differences
from node.services.drafts import acting
from node.services.erase import sign_erasure
from node.services.errors import ServiceError
from node.services.indexer import wait_until_own_searchable
from node.services.moderation import end_with_record
from node.services.publish import retract
from node.web.current import runtime
from node.web.i18n import current_language
from node.web.session import demand, needs
from node.web.told import told
from vocab.headline import headline_text
from vocab.terms import SIGNED_BY_THE_NODE

blueprint = Blueprint("ending", __name__)

_LONGEST = 500
_INDEX_SECONDS = 3.0


@blueprint.get("/history")
def history() -> str:
    """What changed from one version of a record to another, field by field."""
    uri, language = request.args.get("uri", ""), current_language()
    newest = runtime().journal.current(uri)
    if newest is None or newest.type == "Tombstone" or newest.state is not EntryState.HELD:
        abort(404)
    after = _version(uri, request.args.get("to", newest.version, int)) or newest
    before = _version(uri, request.args.get("from", after.version - 1, int))
    return render_template(
        "history.html",
        section="practices",
        uri=uri,
        path=page_path(uri, runtime().settings.base_url),
        title=headline_text(drafts.document_of(newest), language),
        versions=_held_versions(newest),
        before=before,
        after=after,
        changes=differences(drafts.document_of(before), drafts.document_of(after), language)
        if before is not None
        else (),
    )


def _version(uri: str, number: int) -> Entry | None:
    found = runtime().journal.version(uri, number) if 0 < number < 2**31 else None
    held = found is not None and found.state is EntryState.HELD and found.type != "Tombstone"
    return found if held else None


def _held_versions(newest: Entry) -> list[int]:
    numbers = range(newest.version, max(0, newest.version - 20), -1)
    return [number for number in numbers if _version(newest.uri, number) is not None]


@blueprint.get("/desk/end")
@needs(Scope.PUBLISH)
def ask() -> str:
    """Say what withdrawing and erasing mean, and ask which it is to be."""
    entry = _own(request.args.get("uri", ""))
    title = headline_text(drafts.document_of(entry), current_language())
    return render_template("end.html", section="desk", entry=entry, title=title)


@blueprint.post("/desk/end")
@needs(Scope.PUBLISH)
def end() -> Response:
    """Withdraw a record with a public reason, or erase it."""
    entry = _own(request.form.get("uri", ""))
    me = demand(Scope.PUBLISH, entry.origin)
    reason = " ".join(request.form.get("reason", "").split())[:_LONGEST]
    act = request.form.get("act")
    if act not in ("retract", "erase") or (act == "erase" and not request.form.get("sure")):
        if act == "erase":
            flash(_("Nothing is erased yet: say that you are sure."))
        return redirect(f"{request.script_root}/desk/end?{urlencode({'uri': entry.uri})}", 303)
    erases = act == "erase"
    language = current_language()
    try:
        where = acting(runtime(), entry.origin)
        if erases:
            sign_erasure(where, entry.uri, reason, language=language)
        else:
            retract(where, entry.uri, reason, language=language)
    except (ServiceError, FederationError) as error:
        flash(told(error))
        return redirect(request.script_root + "/desk", 303)
    end_with_record(runtime(), entry.uri, reason)
    audit(runtime()).note(me.login, "erased" if erases else "retracted", entry.uri, reason)
    wait_until_own_searchable(runtime(), _INDEX_SECONDS)
    flash(
        _("It is erased here; other nodes follow at their next harvest.")
        if erases
        else _("It is withdrawn. Its page stays as a stub with the reason.")
    )
    return redirect(request.script_root + "/desk", 303)


def _own(uri: str) -> Entry:
    entry = runtime().journal.current(uri)
    if entry is None or entry.type in SIGNED_BY_THE_NODE:
        abort(404)
    demand(Scope.PUBLISH, entry.origin)
    return entry
