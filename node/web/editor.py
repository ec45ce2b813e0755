"""The editor: a draft, step by step, with what is still missing beside it."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from flask import Blueprint, abort, flash, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from node.accounts.roles import Holder, Scope
from node.forms.inputs import Writing, identifier, inputs, text_languages, texts_languages
from node.forms.merge import merge, seen
from node.forms.read import Sent, read_fields
from node.forms.steps import Step, step_of, steps_of
from node.gazetteer.lookup import Town, places, settlement_guess
from node.local.drafts import Draft, DraftState, StaleDraftError
from node.services import attachments, drafts, labels, repeat
from node.services.differences import differences
from node.web.current import runtime
from node.web.desk import draft_or_404, origin_name, to_draft
from node.web.i18n import current_language
from node.web.review import publish_now, return_now, schedule_now, submit_now
from node.web.session import needs, somebody
from node.web.words import draft_states, note_kinds, step_names
from vocab.findings import Severity
from vocab.headline import headline_text
from vocab.language import LANGUAGES
from vocab.terms import JsonObject

blueprint = Blueprint("editor", __name__, url_prefix="/desk/drafts")

_LANGUAGES_SHOWN: Final = 6
_DECISIVE: Final = frozenset({"publish", "schedule", "return", "submit"})
"""Acts by which a draft goes to somebody else as it was seen."""


@blueprint.get("/<key>")
@needs(Scope.READ)
def edit(key: str) -> str:
    """One step of a draft."""
    draft, _me = draft_or_404(key)
    return _page(draft, _step(draft, request.args.get("step", "")), draft.body)


@blueprint.post("/<key>")
@needs(Scope.WRITE)
def save(key: str) -> Response | str | tuple[str, int]:
    """Keep what was typed, whatever is missing and whoever saved meanwhile, and go on."""
    draft, me = draft_or_404(key, Scope.WRITE)
    act, _colon, target = request.form.get("act", "save").partition(":")
    if act == "check":  # what is typed so far, kept by nobody yet
        return _list(draft, _typed(draft))
    if not drafts.may_edit(me, draft):
        abort(403)
    said = request.form.get("comment", "") if act == "comment" else ""
    if said:
        drafts.comment(runtime(), me, draft, said)
    kept = keep_typed(draft, me, act, target)
    if not isinstance(kept, Kept):
        return kept
    if kept.merged and act in _DECISIVE:  # of something that nobody has seen as a whole yet
        return _page(kept.draft, _step(kept.draft, request.form.get("step", "")), kept.draft.body)
    return _go_on(kept.draft, me, act, target)


@dataclass(frozen=True, slots=True)
class Kept:
    """A draft as it is now, and whether what somebody else had saved meanwhile is in it."""

    draft: Draft
    merged: bool = False


def keep_typed(draft: Draft, me: Holder, act: str = "", target: str = "") -> Kept | tuple[str, int]:
    """Keep what the form of a draft holds.

    Returns:
        What was kept; or, when somebody else has changed the same fields meanwhile, the page that
        shows both: whoever typed last decides.
    """
    if not drafts.may_edit(me, draft):
        abort(403)
    step = _step(draft, request.form.get("step", ""))
    body = _typed(draft, target if act == "remove" else "")
    if act == "take":
        body = _with_place(body, target)
    revision, held = request.form.get("revision", 0, int), drafts.drafts(runtime())
    try:
        return Kept(held.save(draft.key, revision, body=body))
    except StaleDraftError as error:
        theirs = error.held
    merged, both = merge(step.fields, request.form.get("seen", ""), body, theirs.body)
    if both:
        return _page(theirs, step, merged, clash=both), 409
    try:
        saved = held.save(draft.key, theirs.revision, body=merged)
    except StaleDraftError as error:  # a third person, in this very moment
        return _page(error.held, step, body, clash=[one.key for one in step.fields]), 409
    flash(_("Somebody else has saved this draft meanwhile; the changes of both are kept."))
    return Kept(saved, merged=True)


def _typed(draft: Draft, removed: str = "") -> JsonObject:
    """Return the record as the form says it."""
    step = _step(draft, request.form.get("step", ""))
    written = request.form.get("written", "")
    language = written if written in LANGUAGES else current_language()
    sent = _addressed(step, _sent(removed), language)
    return read_fields(step.fields, sent, draft.body, language)


def _addressed(step: Step, sent: Sent, language: str) -> Sent:
    """Return what was sent with the address of an organisation in the place of its name."""
    names = [f"/{field.key}" for field in step.fields if field.organisation]
    lines = {
        name: [line.strip() for text in sent.get(name, ()) for line in text.splitlines()]
        for name in names
    }
    if not any(line and "://" not in line for listed in lines.values() for line in listed):
        return sent
    known = [(name.casefold(), uri) for uri, name in drafts.organisations(runtime(), language)]
    times = Counter(name for name, _uri in known)
    unique = {name: uri for name, uri in known if times[name] == 1}
    found = {
        name: ["\n".join(unique.get(line.casefold(), line) for line in listed)]
        for name, listed in lines.items()
        if listed
    }
    return {**sent, **found}


def _go_on(draft: Draft, me: Holder, act: str, target: str) -> Response | tuple[str, int]:
    """Do what somebody wants once what they typed is kept."""
    form = request.form
    acts: dict[str, Callable[[], Response | tuple[str, int]]] = {
        "submit": lambda: submit_now(draft, me, form.get("note", "")),
        "preview": lambda: to_draft(draft, "/preview"),
    }
    if me.may(Scope.PUBLISH, draft.origin):
        acts |= {
            "publish": lambda: publish_now(draft, me),
            "schedule": lambda: schedule_now(draft, me, form.get("at", "")),
            "return": lambda: return_now(draft, me, form.get("note", "")),
        }
    chosen = acts.get(act)
    return chosen() if chosen else to_draft(draft, _after(draft, act, target))


def _after(draft: Draft, act: str, target: str) -> str:
    """Return where an act leads, as the end of an address."""
    code, tail = _step(draft, request.form.get("step", "")).code, ""
    steps = [one.code for one in _steps(draft)]
    match act:
        case "next":
            code = steps[min(steps.index(code) + 1, len(steps) - 1)]
        case "goto":
            wanted, _hash, pointer = target.partition("#")
            code = wanted if wanted in steps else steps[0]
            tail = f"&checked=1#{identifier(pointer)}" if pointer else ""
        case "add" if target.startswith("/"):
            tail = f"&more={target}#{identifier(target)}"
        case "remove":
            tail = f"#{identifier(target.rpartition('/')[0])}"
        case "find":
            tail = f"&find=place#{identifier('/place')}"
        case "language":
            also = request.form.get("language", "")
            tail = f"&also={also}" if also.isalpha() else ""
    return f"?step={code}{tail}" if tail.isascii() and tail.isprintable() else f"?step={code}"


def _sent(removed: str) -> Sent:
    """Return the values of the form's own inputs, without those of a removed part."""
    return {
        name: values
        for name, values in request.form.lists()
        if name.startswith("/") and not (removed and f"{name}/".startswith(f"{removed}/"))
    }


def _steps(draft: Draft) -> tuple[Step, ...]:
    return steps_of(draft.type, under_way=bool(draft.record))


def _step(draft: Draft, code: str) -> Step:
    steps = _steps(draft)
    return next((one for one in steps if one.code == code), steps[0])


def _page(draft: Draft, step: Step, body: JsonObject, clash: Sequence[str] = ()) -> str:
    language = current_language()
    checked = drafts.check(runtime(), replace(draft, body=body))
    also = request.args.getlist("also")
    known = {code for code, _name in text_languages(language)}
    languages = [*texts_languages(body), *(code for code in also if code in known)]
    writing = Writing(
        language,
        tuple(dict.fromkeys(languages or [language]))[:_LANGUAGES_SHOWN],
        checked.findings if request.args.get("checked") or draft.revision > 1 else (),
        frozenset(request.args.getlist("more")),
    )
    steps, organisations = _steps(draft), drafts.organisations(runtime(), language)
    theirs, mine = ({key: one.get(key) for key in clash} for one in (draft.body, body))
    return render_template(
        "editor.html",
        section="desk",
        draft=draft,
        title=headline_text(body, language),
        type_name=labels.type_name(draft.type, language),
        origin=origin_name(draft.origin),
        steps=[(one.code, step_names()[one.code]) for one in steps],
        step=step.code,
        last=step is steps[-1],
        inputs=inputs(step.fields, body, writing),
        writing=writing,
        add_languages=[one for one in text_languages(language) if one[0] not in writing.languages],
        todo=_todo(draft, checked, language),
        missing=checked.missing,
        towns=_towns(body) if request.args.get("find") == "place" else None,
        clash=differences(theirs, mine, language) if clash else (),
        seen=seen(step.fields, draft.body),
        organisations=organisations,
        organisation_names=dict(organisations),
        notes=drafts.drafts(runtime()).notes(draft.key),
        note_kinds=note_kinds(),
        states=draft_states(),
        may_edit=drafts.may_edit(somebody(), draft),
        may_publish=somebody().may(Scope.PUBLISH, draft.origin),
        submitted=draft.state is DraftState.SUBMITTED,
        source=repeat.source_of(runtime(), body, language),
        takes_files=any(field.key == "asset" for field in step.fields),
        endings=",".join(attachments.TYPES),
    )


def _list(draft: Draft, body: JsonObject) -> str:
    """Return what a draft still lacks, without the page around it."""
    checked = drafts.check(runtime(), replace(draft, body=body))
    return render_template(
        "editor_todo.html",
        todo=_todo(draft, checked, current_language()),
        missing=checked.missing,
        may_edit=True,
    )


def _todo(
    draft: Draft, checked: drafts.Checked, language: str
) -> list[tuple[str, list[tuple[str, str, str, str]]]]:
    """Return per weight: (where, field, what is wrong, how to mend it)."""
    names = {
        Severity.VIOLATION: _("Needed to publish"),
        Severity.WARNING: _("Should be looked at"),
        Severity.INFO: _("Would help others"),
    }
    found = []
    for severity, name in names.items():
        rows = [
            (
                f"{step_of(draft.type, one.pointer)}#{one.pointer}",
                one.field(language),
                one.message(language),
                one.fix(language),
            )
            for one in checked.findings
            if one.severity is severity
        ]
        if rows:
            found.append((str(name), rows))
    return found


def _towns(body: JsonObject) -> list[Town]:
    place = body.get("place")
    held = place if isinstance(place, dict) else {}
    names = held.get("name")
    country = held.get("country")
    listed = names.values() if isinstance(names, dict) else ()
    for name in listed:
        found = places(str(name), country if isinstance(country, str) else "")
        if found:
            return found
    return []


def _with_place(body: JsonObject, number: str) -> JsonObject:
    """Return the record with what the gazetteer knows of its place, where nothing was said."""
    town = next((one for one in _towns(body) if str(one.number) == number), None)
    place = body.get("place")
    if town is None or not isinstance(place, dict):
        return body
    known: JsonObject = {"country": town.country, "lat": town.latitude, "long": town.longitude}
    if town.population:
        known |= {"population": town.population, "settlement": settlement_guess(town.population)}
    return {**body, "place": {**known, **place}}
