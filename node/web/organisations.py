"""Lists of the organisations and clusters that are known here."""

from flask import Blueprint, render_template, request
from flask_babel import gettext as _

from node.services.find import find
from node.services.question import PAGE_SIZE, Question, read
from node.web.current import absolute, runtime
from node.web.i18n import PARAMETER, current_language
from search.api import Sort

blueprint = Blueprint("organisations", __name__)


@blueprint.get("/organisations")
def organisations() -> str:
    """Organisations by name."""
    return _list(
        "/organisations",
        "Organisation",
        _("Organisations"),
        _("Town halls, universities, companies and associations that publish or take part."),
    )


@blueprint.get("/clusters")
def clusters() -> str:
    """Clusters by name."""
    return _list(
        "/clusters", "Cluster", _("Clusters"), _("Groups of organisations around a shared hub.")
    )


def _list(path: str, kind: str, heading: str, introduction: str) -> str:
    asked, _problems = read(request.args.to_dict(flat=False), extra=(PARAMETER,))
    question = Question(
        filters={"type": (kind,)}, sort=Sort.TITLE, page=asked.page, size=2 * PAGE_SIZE, facets=()
    )
    found = find(runtime(), question, current_language())
    address = f"{request.script_root}{path}"
    return render_template(
        "organisations.html",
        section="organisations",
        canonical=absolute(path) + (f"?page={asked.page}" if asked.page > 1 else ""),
        kind=kind,
        heading=heading,
        introduction=introduction,
        cards=found.cards,
        previous_url=f"{address}?page={asked.page - 1}" if asked.page > 1 else "",
        next_url=f"{address}?page={asked.page + 1}" if asked.page < found.pages else "",
    )
