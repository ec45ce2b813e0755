"""Pages that look at several practices at once: compared side by side, and counted."""

import csv
import io
from typing import Final

from flask import Blueprint, Response, abort, render_template, request

from node.services.compare import MOST, compared
from node.services.facets import Facet
from node.services.find import find
from node.services.labels import facet_name
from node.services.question import Question
from node.services.show import show
from node.web.current import absolute, runtime
from node.web.i18n import current_language
from search.api import Sort
from vocab import concepts

blueprint = Blueprint("overview", __name__)

_OFFERED: Final = 5
COUNTED: Final = (
    *("theme", "target_group", "settlement", "population", "country", "cost", "evidence"),
    *("maturity", "phase", "level", "sector", "adapted", "language", "sdg", "commitment"),
)
_SHOWN: Final = 40


@blueprint.get("/compare")
def compare() -> str:
    """Up to three practices side by side; everything is in the address."""
    language = current_language()
    chosen = compared(runtime(), request.args.getlist("uri"))
    views = [show(runtime(), entry, language) for entry in chosen]
    words = request.args.get("q", "")
    offered = find(runtime(), Question(text=words, size=_OFFERED, facets=()), language).cards
    return render_template(
        "compare.html",
        section="practices",
        views=views,
        words=words,
        more=len(views) < MOST,
        offered=[card for card in offered if card.uri not in {entry.uri for entry in chosen}],
    )


@blueprint.get("/statistics")
def statistics() -> str:
    """How many practices there are of what, and what nobody has shown yet."""
    total, facets = _counts()
    return render_template(
        "statistics.html",
        section="",
        canonical=absolute("/statistics"),
        total=total,
        facets=[facet for facet in facets if facet.name != "commitment" and facet.values],
        commitments=_commitments(facets),
        shown=_SHOWN,
    )


@blueprint.get("/statistics/<name>.csv")
def table(name: str) -> Response:
    """One of the tables, for a spreadsheet."""
    facets = _counts()[1]
    facet = next((one for one in facets if one.name == name), None)
    if facet is None:
        abort(404)
    rows = [(value.code, value.label, value.count) for value in facet.values]
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(["code", facet_name(name, current_language()), "practices"])
    writer.writerows(_commitments(facets) if name == "commitment" else rows)
    response = Response("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _commitments(facets: list[Facet]) -> list[tuple[str, str, int]]:
    """Return (code, label, practices) of every commitment, also of those that nobody answers."""
    facet = next((one for one in facets if one.name == "commitment"), None)
    counts = {value.code: value.count for value in facet.values} if facet else {}
    language = current_language()
    return [
        (code, concepts.label("commitment", code, language), counts.get(code, 0))
        for code in concepts.codes("commitment")
    ]


def _counts() -> tuple[int, list[Facet]]:
    question = Question(sort=Sort.NEWEST, size=1, facets=COUNTED)
    found = find(runtime(), question, current_language())
    return found.total, list(found.facets)
