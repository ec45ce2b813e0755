"""Files beside records: taken at the desk, given out once their record is published."""

from contextlib import closing
from typing import Final

from flask import Blueprint, Response, abort, flash, make_response, request, send_file
from flask_babel import gettext as _

from node.accounts.roles import Scope
from node.local.drafts import StaleDraftError
from node.services import attachments, drafts
from node.services.errors import ServiceError
from node.web.current import runtime
from node.web.desk import draft_or_404, to_draft
from node.web.editor import Kept, keep_typed
from node.web.session import holder, needs
from node.web.told import told

blueprint = Blueprint("attaching", __name__)

_SHOWN: Final = ("application/pdf", "image/png", "image/jpeg", "image/webp")
"""What a browser shows by itself; everything else is downloaded."""


@blueprint.before_request
def allow_files() -> None:
    """Let a whole file in, before the form is read."""
    request.max_content_length = attachments.MAX_BYTES + 100_000


@blueprint.post("/desk/drafts/<key>/files")
@needs(Scope.WRITE)
def attach(key: str) -> Response:
    """Keep a file beside a draft, and what was typed before it was chosen."""
    draft, me = draft_or_404(key, Scope.WRITE)
    if not drafts.may_edit(me, draft):
        abort(403)
    if "revision" in request.form:
        kept = keep_typed(draft, me)
        if not isinstance(kept, Kept):
            page, status = kept
            flash(_("The file was not added: choose it again once the draft is saved."))
            return make_response(page, status)
        draft = kept.draft
    sent = request.files.get("file")
    if sent is None:
        abort(400)
    with closing(sent):
        data: bytes = sent.read()
    try:
        attachments.attach(runtime(), draft, sent.filename or "", data)
    except ServiceError as error:
        flash(told(error))
    except StaleDraftError:
        flash(_("Somebody has changed the draft since this page was shown. Look at it again."))
    return to_draft(draft, "?step=proof#f-asset")  # type: ignore[return-value]  # Flask's own kind


@blueprint.get("/files/<digest>/<name>")
def give(digest: str, name: str) -> Response:
    """A file: what it is was checked when it came, and no browser runs anything of it."""
    found = attachments.open_file(runtime(), holder(), digest, name)
    if found is None:
        abort(404)
    one, path, is_public = found
    response = send_file(
        path.resolve(),
        mimetype=one.media_type,
        as_attachment=one.media_type not in _SHOWN,
        download_name=one.name,
        conditional=True,
        etag=one.digest,
    )
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "public, max-age=86400" if is_public else "no-store"
    return response
