"""The editor: a draft, step by step, with what is still missing beside it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from flask import Blueprint, abort, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from node.accounts.roles import Scope
from node.forms.inputs import Writing, identifier, inputs, text_languages, texts_languages
from node.forms.read import Sent, read_fields
from node.forms.steps import Step, step_of, steps_of
from node.gazetteer.lookup import Town, places, settlement_guess
from node.local.drafts import Draft, DraftState, StaleDraftError
from node.services import attachments, drafts, labels
from node.web.current import runtime
from node.web.desk import draft_or_404, origin_name, to_draft
from node.web.i18n import current_language
from node.web.review import publish_now, submit_now
from node.web.session import needs, somebody
from node.web.words import draft_states, note_kinds, step_names
from vocab import glossary
from vocab.findings import Severity
from vocab.headline import headline_text
from vocab.terms import JsonObject

blueprint = Blueprint("editor", __name__, url_prefix="/desk/drafts")

_LANGUAGES_SHOWN: Final = 6


@blueprint.get("/<key>")
@needs(Scope.READ)
def edit(key: str) -> str:
    """One step of a draft."""
    draft, _me = draft_or_404(key)
    return _page(draft, _step(draft, request.args.get("step", "")), draft.body)


@blueprint.post("/<key>")
@needs(Scope.WRITE)
def save(key: str) -> Response | str | tuple[str, int]:
    """Keep what was typed, whatever is missing and whoever saved meanwhile."""
    draft, me = draft_or_404(key, Scope.WRITE)
    if not drafts.may_edit(me, draft):
        abort(403)
    step = _step(draft, request.form.get("step", ""))
    act, _colon, target = request.form.get("act", "save").partition(":")
    sent = _sent(target if act == "remove" else "")
    body = read_fields(step.fields, sent, draft.body)
    if act == "check":  # what is typed so far, kept by nobody yet
        return _page(draft, step, body)
    if act == "take":
        body = _with_place(body, target)
    try:
        revision = request.form.get("revision", 0, int)
        saved = drafts.drafts(runtime()).save(draft.key, revision, body=body)
    except StaleDraftError as error:
        return _page(error.held, step, body, clash=_differing(error.held.body, body)), 409
    if act == "publish" and me.may(Scope.PUBLISH, saved.origin):
        return publish_now(saved, me)
    if act == "submit":
        return submit_now(saved, me, request.form.get("note", ""))
    return to_draft(saved, _after(saved, step, act, target))


def _after(draft: Draft, step: Step, act: str, target: str) -> str:
    """Return where an act leads, as the end of an address."""
    steps = [one.code for one in _steps(draft)]
    match act:
        case "next":
            following = steps[min(steps.index(step.code) + 1, len(steps) - 1)]
            return f"?step={following}"
        case "add" if target.startswith("/") and target.isascii():
            return f"?step={step.code}&more={target}#{identifier(target)}"
        case "remove":
            return f"?step={step.code}#{identifier(target.rpartition('/')[0])}"
        case "find":
            return f"?step={step.code}&find=place#{identifier('/place')}"
        case "language":
            code = request.form.get("language", "")
            return f"?step={step.code}&also={code if code.isalpha() else ''}"
        case _:
            return f"?step={step.code}"


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
        clash=[glossary.label(key, language) for key in clash],
        organisations=organisations,
        organisation_names=dict(organisations),
        notes=drafts.drafts(runtime()).notes(draft.key),
        note_kinds=note_kinds(),
        states=draft_states(),
        may_edit=drafts.may_edit(somebody(), draft),
        may_publish=somebody().may(Scope.PUBLISH, draft.origin),
        submitted=draft.state is DraftState.SUBMITTED,
        takes_files=any(field.key == "asset" for field in step.fields),
        endings=",".join(attachments.TYPES),
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
                f"?step={step_of(draft.type, one.pointer)}&checked=1#{identifier(one.pointer)}",
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


def _differing(held: JsonObject, mine: JsonObject) -> list[str]:
    """Return the keys that two people have written differently."""
    keys = sorted({*held, *mine})
    return [key for key in keys if held.get(key) != mine.get(key) and key in glossary.entries()]


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
