"""What happens to a draft: comments, submission, review, publication, and its end."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from node.accounts.roles import Holder, Scope
from node.local.drafts import Draft, StaleDraftError
from node.services import drafts, labels
from node.services.addresses import page_path
from node.services.differences import differences
from node.services.drafts import ChangedRecordError
from node.services.errors import ServiceError
from node.services.fields import fields
from node.services.indexer import wait_until_own_searchable
from node.services.reading import Reader
from node.services.show import show_draft
from node.web.current import runtime
from node.web.desk import draft_or_404, to_draft
from node.web.filters import worded
from node.web.i18n import current_language
from node.web.session import needs
from node.web.told import told
from node.web.words import degrees
from vocab.findings import violations
from vocab.headline import headline_text
from vocab.terms import PRACTICE_TYPES

blueprint = Blueprint("review", __name__, url_prefix="/desk/drafts")

_INDEX_SECONDS: Final = 3.0  # somebody looks at the page that follows


@blueprint.get("/<key>/preview")
@needs(Scope.READ)
def preview(key: str) -> str:
    """The draft as a reader will see its fields, and what it changes in the record."""
    draft, _me = draft_or_404(key)
    language = current_language()
    held = drafts.current(runtime(), draft.record) if draft.record else None
    shared = {
        "section": "desk",
        "preview": True,
        "draft": draft,
        "changes": differences(drafts.document_of(held), draft.body, language) if held else (),
    }
    if draft.type in PRACTICE_TYPES:
        view = show_draft(runtime(), draft, language)
        name = labels.type_name(view.type, language)
        return render_template(
            "record.html", view=view, type_name=name, degrees=degrees(), alternates=(), **shared
        )
    return render_template(
        "draft_preview.html",
        title=headline_text(draft.body, language),
        fields=fields(Reader(draft.body, (language,)), language),
        named={},
        **shared,
    )


@blueprint.post("/<key>/comment")
@needs(Scope.READ)
def comment(key: str) -> Response:
    """Say something of a draft that one may not write on."""
    draft, me = draft_or_404(key)
    text = request.form.get("text", "")
    return _told(draft, lambda: drafts.comment(runtime(), me, draft, text))


def submit_now(draft: Draft, me: Holder, text: str) -> Response:
    """Hand in a draft as it was seen, and show it."""
    return _told(draft, lambda: drafts.submit(runtime(), me, draft, text))


@blueprint.post("/<key>/recall")
@needs(Scope.WRITE)
def recall(key: str) -> Response:
    """Take a draft back to go on writing."""
    draft, me = draft_or_404(key, Scope.WRITE)
    return _told(draft, lambda: drafts.recall(runtime(), me, draft))


def return_now(draft: Draft, me: Holder, text: str) -> Response:
    """Return a draft to its author as it was seen."""
    return _told(draft, lambda: drafts.give_back(runtime(), me, draft, text))


def schedule_now(draft: Draft, me: Holder, text: str) -> Response:
    """Let a draft be published as it was seen, at a time in UTC."""
    try:
        at = datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        flash(_("Write the time as 2026-12-31T09:00."))
        return to_draft(draft)
    return _told(draft, lambda: drafts.schedule(runtime(), me, draft, at))


@blueprint.post("/<key>/publish")
@needs(Scope.PUBLISH)
def publish(key: str) -> Response | tuple[str, int]:
    """Publish a draft and lead to the record."""
    draft, me = draft_or_404(key, Scope.PUBLISH)
    if request.form.get("revision", 0, int) != draft.revision:
        flash(_("Somebody has changed the draft since this page was shown. Look at it again."))
        return to_draft(draft)
    return publish_now(draft, me, over=request.form.get("over", ""))


def publish_now(draft: Draft, me: Holder, *, over: str = "") -> Response | tuple[str, int]:
    """Publish a draft as it was seen and lead to the record, or to what is missing."""
    try:
        uri, findings = drafts.publish(runtime(), me, draft, over=over)
    except ChangedRecordError:
        return _changed(draft), 409
    except StaleDraftError:
        flash(_("Somebody has changed the draft since this page was shown. Look at it again."))
        return to_draft(draft)
    except ServiceError as error:
        flash(told(error))
        return to_draft(draft)
    if not uri:
        language = current_language()
        for one in violations(list(findings))[:5]:
            flash(f"{one.field(language)}: {worded(one.fix(language) or one.message(language))}")
        return to_draft(draft, "?checked=1")
    wait_until_own_searchable(runtime(), _INDEX_SECONDS)
    flash(_("Published. Other nodes get it when they harvest next."))
    return redirect(request.script_root + page_path(uri, runtime().settings.base_url), 303)


@blueprint.post("/<key>/discard")
@needs(Scope.WRITE)
def discard(key: str) -> Response:
    """Throw a draft away."""
    draft, me = draft_or_404(key, Scope.WRITE)
    if not drafts.may_edit(me, draft):
        abort(403)
    drafts.discard(runtime(), me, draft)
    flash(_("The draft was thrown away."))
    return redirect(request.script_root + "/desk", 303)


def _changed(draft: Draft) -> str:
    """Show what publishing would undo."""
    language = current_language()
    held = drafts.current(runtime(), draft.record)
    return render_template(
        "draft_changed.html",
        section="desk",
        draft=draft,
        title=headline_text(draft.body, language),
        over=held.digest if held else "",
        changes=differences(drafts.document_of(held), draft.body, language),
    )


def _told(draft: Draft, act: Callable[[], object]) -> Response:
    """Do something and show the draft; what went wrong is told on its page."""
    try:
        act()
    except StaleDraftError:
        flash(_("Somebody has changed the draft since this page was shown. Look at it again."))
    except ServiceError as error:
        flash(told(error))
    return to_draft(draft)
