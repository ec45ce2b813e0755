"""Repeat a practice: a plan for the reader's town, and an adaptation to write."""

from collections.abc import Mapping
from typing import Final

from flask import Blueprint, abort, flash, redirect, render_template, request
from werkzeug.wrappers import Response

from node.accounts.roles import Scope
from node.forms.numbers import read_number
from node.services import drafts, repeat
from node.services.errors import ServiceError
from node.web.current import runtime
from node.web.desk import to_draft, writable_origins
from node.web.i18n import current_language
from node.web.session import demand, needs
from node.web.told import told

blueprint = Blueprint("repeat", __name__)

_MOST_PEOPLE: Final = 100_000_000


@blueprint.get("/repeat")
def plan() -> str:
    """What a practice takes, scaled to a town; to be printed and talked over."""
    writable = writable_origins()
    population = _people(request.args) or (
        drafts.inhabitants(runtime(), writable[0][0]) if writable else None
    )
    try:
        found = repeat.plan(runtime(), request.args.get("uri", ""), current_language(), population)
    except ServiceError:
        abort(404)
    return render_template(
        "repeat.html",
        section="practices",
        plan=found,
        view=found.view,
        population=population,
        writable=writable,
    )


@blueprint.post("/repeat")
@needs(Scope.WRITE)
def begin() -> Response:
    """Begin an adaptation."""
    origin, uri = request.form.get("origin", ""), request.form.get("uri", "")
    me = demand(Scope.WRITE, origin)
    try:
        return to_draft(repeat.begin(runtime(), me, uri, origin, _people(request.form)))
    except ServiceError as error:
        flash(told(error))
        return redirect(request.script_root + "/desk", 303)


def _people(given: Mapping[str, str]) -> int | None:
    """Return a number of inhabitants as people write it, None for what is none."""
    found = read_number(given.get("population", ""), current_language())
    return found if isinstance(found, int) and 0 < found <= _MOST_PEOPLE else None
