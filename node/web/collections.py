"""Lists of the records of one type that are known here: organisations, challenges and others."""

from typing import Final

from flask import Blueprint, render_template, request

from node.services import labels
from node.services.find import find
from node.services.hubs import known_clusters
from node.services.question import PAGE_SIZE, Question, read
from node.services.translate import N_, catalogue
from node.web.current import absolute, runtime
from node.web.i18n import PARAMETER, current_language
from search.api import Sort
from vocab import glossary
from vocab.terms import COLLECTIONS, PRACTICE_TYPES

blueprint = Blueprint("collections", __name__)

_HEADINGS: Final = {
    "Organisation": N_("Organisations"),
    "Cluster": N_("Clusters"),
    "CitizenObservation": N_("Observations"),
    "Challenge": N_("Challenges"),
    "Proposal": N_("Proposals"),
    "CoCreationProcess": N_("Co-creation processes"),
    "TrainingResource": N_("Training"),
    "ProcurementModel": N_("Procurement models"),
    "Recognition": N_("Recognitions"),
    "SelfAssessment": N_("Self-assessments"),
}
_PATHS: Final = {COLLECTIONS[kind]: kind for kind in _HEADINGS if kind != "Challenge"}
"""Challenges have a board of their own."""
_BY_NAME: Final = ("Organisation", "Cluster")  # the others are listed newest first


_ANY: Final = ", ".join(f'"{path}"' for path in _PATHS)


@blueprint.get(f"/<any({_ANY}):collection>")
def listing(collection: str) -> str:
    """The records of one collection; practices have a search page of their own."""
    kind, language = _PATHS[collection], current_language()
    asked, _problems = read(request.args.to_dict(flat=False), extra=(PARAMETER,))
    question = Question(
        filters={"type": (kind,)},
        sort=Sort.TITLE if kind in _BY_NAME else Sort.NEWEST,
        page=asked.page,
        size=2 * PAGE_SIZE,
        facets=(),
    )
    found = find(runtime(), question, language)
    hubs = known_clusters(runtime(), language) if kind == "Cluster" else []
    shown = {one.record for one in hubs}
    address = f"{request.script_root}/{collection}"
    return render_template(
        "collection.html",
        section="organisations" if kind in _BY_NAME else "",
        canonical=absolute(f"/{collection}") + (f"?page={asked.page}" if asked.page > 1 else ""),
        collection=collection,
        heading=heading(kind, language),
        introduction=glossary.entries()[kind].comment(language),
        others=other_collections(language),
        hubs=hubs if asked.page == 1 else [],
        cards=[card for card in found.cards if card.uri not in shown],
        previous_url=f"{address}?page={asked.page - 1}" if asked.page > 1 else "",
        next_url=f"{address}?page={asked.page + 1}" if asked.page < found.pages else "",
    )


def other_collections(language: str) -> list[tuple[str, str]]:
    """Return (path, heading) of the lists of records that are no practices."""
    return [(COLLECTIONS[kind], heading(kind, language)) for kind in _HEADINGS]


def heading(kind: str, language: str) -> str:
    """Return what the records of a type are called together."""
    if kind in PRACTICE_TYPES or kind not in _HEADINGS:
        return labels.type_name(kind, language)
    return catalogue(language).gettext(_HEADINGS[kind])
