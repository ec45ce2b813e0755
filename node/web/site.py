"""Home and the few pages that say what this node is."""

from datetime import date
from typing import Final

from flask import Blueprint, render_template

from node.services.facets import Facet
from node.services.find import find
from node.services.question import Question
from node.web.current import absolute, runtime
from node.web.i18n import current_language
from search.api import Sort

blueprint = Blueprint("site", __name__)

_LATEST: Final = 6
_FACETS: Final = ("theme", "country", "origin", "settlement")
_EXAMPLES: Final = 4
_STATEMENT_OF: Final = date(2026, 11, 28)
"""When the accessibility statement was last compared with the pages."""


@blueprint.get("/")
def home() -> str:
    """The home page: search, themes, the latest practices."""
    question = Question(sort=Sort.NEWEST, size=_LATEST, facets=_FACETS)
    found = find(runtime(), question, current_language())
    facets = {facet.name: facet for facet in found.facets}
    return render_template(
        "home.html",
        section="",
        canonical=absolute("/"),
        total=found.total,
        cards=found.cards,
        themes=sorted(facets["theme"].values, key=lambda value: value.label.casefold()),
        examples=facets["settlement"].values[:_EXAMPLES],
        countries=_known(facets["country"]),
        nodes=_known(facets["origin"]),
    )


def _known(facet: Facet) -> int:
    return sum(value.count > 0 for value in facet.values)


@blueprint.get("/about")
def about() -> str:
    """What the exchange is and who runs this node."""
    parts = runtime()
    return render_template(
        "about.html",
        section="about",
        canonical=absolute("/about"),
        organisation_uri=parts.settings.organisation_uri,
    )


@blueprint.get("/accessibility")
def accessibility() -> str:
    """The accessibility statement."""
    return render_template(
        "accessibility.html",
        section="",
        canonical=absolute("/accessibility"),
        looked_at=_STATEMENT_OF,
    )
