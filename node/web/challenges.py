"""The board of challenges and proposals, and the way to answer one."""

from flask import Blueprint, flash, redirect, render_template, request
from werkzeug.wrappers import Response

from node.accounts.roles import Scope
from node.services import challenges
from node.services.challenges import Standing
from node.services.errors import ServiceError
from node.web.collections import other_collections
from node.web.current import absolute, runtime
from node.web.desk import to_draft
from node.web.i18n import current_language
from node.web.session import demand, needs
from node.web.told import told
from node.web.words import challenge_standings

blueprint = Blueprint("challenges", __name__)


@blueprint.get("/challenges")
def board() -> str:
    """Show what others ask for, until when, and what became of the proposals."""
    asked = request.args.get("standing", "")
    wanted = Standing(asked) if asked in [*Standing] else None
    page = request.args.get("page", 1, int)
    found = challenges.board(runtime(), current_language(), wanted, page)
    return render_template(
        "challenges.html",
        section="challenges",
        canonical=absolute("/challenges"),
        board=found,
        wanted=wanted,
        words=challenge_standings(),
        others=other_collections(current_language()),
        page_query=f"standing={wanted}&" if wanted else "",
    )


@blueprint.post("/desk/answer")
@needs(Scope.WRITE)
def answer() -> Response:
    """Begin a proposal for a challenge."""
    origin, uri = request.form.get("origin", ""), request.form.get("uri", "")
    me = demand(Scope.WRITE, origin)
    try:
        return to_draft(challenges.answer(runtime(), me, uri, origin))
    except ServiceError as error:
        flash(told(error))
        return redirect(request.script_root + "/desk", 303)
