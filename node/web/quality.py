"""How good one's own records are, and how one stands with the commitments of the manifesto."""

from flask import Blueprint, flash, redirect, render_template, request
from werkzeug.wrappers import Response

from node.accounts.roles import Scope
from node.services import commitments
from node.services.errors import ServiceError
from node.services.quality import quality
from node.web.current import runtime
from node.web.desk import origin_name, readable, to_draft
from node.web.i18n import current_language
from node.web.session import demand, needs, somebody
from node.web.told import told
from node.web.words import commitment_degrees
from vocab import concepts

blueprint = Blueprint("quality", __name__, url_prefix="/desk")


@blueprint.get("/quality")
@needs(Scope.READ)
def own_quality() -> str:
    """The ten questions and one's own practices, those with most gaps first."""
    me = somebody()
    found = quality(runtime(), readable(me), current_language())
    return render_template(
        "quality.html", section="desk", found=found, may_write=me.may_somewhere(Scope.WRITE)
    )


@blueprint.get("/commitments")
@needs(Scope.READ)
def standings() -> str:
    """Every commitment: one's own practices, what others show, how far one says to be."""
    me = somebody()
    origins = readable(me)
    origin = request.args.get("origin") or next(iter(origins), "")
    demand(Scope.READ, origin)
    return render_template(
        "commitments.html",
        section="desk",
        origin=origin,
        origins=[(did, origin_name(did)) for did in origins],
        rows=commitments.standings(runtime(), origin, current_language()),
        degrees=commitment_degrees(),
        may_write=me.may(Scope.WRITE, origin),
    )


@blueprint.post("/commitments")
@needs(Scope.WRITE)
def assess() -> Response:
    """Put the degrees into the draft of a self-assessment and lead there."""
    origin = request.form.get("origin", "")
    me = demand(Scope.WRITE, origin)
    asked = {code: request.form.get(code, "") for code in concepts.codes("commitment")}
    degrees = {code: int(one) for code, one in asked.items() if one in commitment_degrees()}
    try:
        return to_draft(commitments.assess(runtime(), me, origin, degrees))
    except ServiceError as error:
        flash(told(error))
        return redirect(request.script_root + "/desk/commitments", 303)
