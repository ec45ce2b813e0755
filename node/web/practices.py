"""The results page: a search form, facets, a map and a list from one GET address."""

from dataclasses import replace
from typing import Final
from urllib.parse import urlencode

from flask import Blueprint, render_template, request

from node.services.atom import feed_path
from node.services.compare import MOST, compared
from node.services.facets import Facet
from node.services.find import Found, find
from node.services.question import CLUSTER, MAX_SIZE, PAGE_SIZE, Question, read
from node.services.show import Reference, reference_to
from node.web.current import absolute, runtime
from node.web.i18n import PARAMETER, current_language
from node.web.session import holder
from node.web.words import rhythms
from vocab.terms import PRACTICE_TYPES

blueprint = Blueprint("practices", __name__)

SHOWN_VALUES: Final = 8
OPEN_FACETS: Final = 4
_COMPARE: Final = "compare"
_NEIGHBOURS: Final = 2
_EVERYWHERE: Final = "-180,-90,180,90"
_FILES: Final = (("CSV", "csv"), ("GeoJSON", "geojson"))


@blueprint.get("/practices")
def results() -> str:
    """Answer a search; what is not understood in the address is left out of it."""
    asked, _problems = read(request.args.to_dict(flat=False), extra=(PARAMETER, _COMPARE))
    question = replace(
        asked,
        size=PAGE_SIZE,
        cursor="",
        highlight=bool(asked.text),
        collapse=True,
        facets=(*asked.facets, CLUSTER),
        compare=tuple(one.uri for one in compared(runtime(), request.args.getlist(_COMPARE))),
    )
    found = find(runtime(), question, current_language())
    if question.page > found.pages:  # an old link past the last page still shows something
        question = replace(question, page=found.pages)
        found = find(runtime(), question, current_language())
    alone = replace(question, compare=())  # what is asked, whatever was chosen to be compared
    query = alone.query()
    answered = replace(alone, text=found.suggestion) if found.corrected else alone
    return render_template(
        "results.html",
        section="practices",
        found=found,
        facets=_shown(found),
        open_facets=OPEN_FACETS,
        shown_values=SHOWN_VALUES,
        first_number=(question.page - 1) * question.size + 1,
        canonical=absolute("/practices") + (f"?{query}" if query else ""),
        points_url=points_url(alone),
        by_mail=_has_address() and bool(runtime().settings.smtp),
        by_mail_query=query,
        rhythms=rhythms(),
        feed_url=request.script_root + feed_path(answered, current_language()),
        files=[(name, _file_url(answered, form)) for name, form in _FILES],
        compared=[_compared(question, uri) for uri in question.compare],
        compare_url=f"{request.script_root}/compare?"
        + urlencode([("uri", uri) for uri in question.compare]),
        compare_more=len(question.compare) < MOST,
        here_query=question.query(),
        cleared_query=Question(text=question.text, compare=question.compare).query(),
        all_query=Question(compare=question.compare).query(),
        everywhere_query=replace(question, scope="all", page=1).query(),
        like=reference_to(runtime(), question.like, current_language()) if question.like else None,
        literal_query=replace(question, literal=True, page=1).query(),
        suggestion_query=replace(question, text=found.suggestion, page=1).query(),
        page_links=_page_links(found),
        previous_url=_page_url(question, question.page - 1) if question.page > 1 else "",
        next_url=_page_url(question, question.page + 1) if question.page < found.pages else "",
    )


def _has_address() -> bool:
    """Say whether whoever asks has an account, and so an address that may be written to."""
    me = holder()
    return me is not None and me.account is not None


def _compared(question: Question, uri: str) -> tuple[Reference, str]:
    """Return a practice that was chosen to be compared, and the results without it."""
    rest = tuple(other for other in question.compare if other != uri)
    url = _page_url(replace(question, compare=rest), question.page)
    return reference_to(runtime(), uri, current_language()), url


def _page_url(question: Question, number: int) -> str:
    query = replace(question, page=number).query()
    return f"{request.script_root}/practices{'?' if query else ''}{query}"


def points_url(question: Question) -> str:
    """Return where the map finds the records: the same question, as many as one answer gives."""
    pairs = [*replace(question, page=1).pairs(), ("limit", str(MAX_SIZE)), ("facets", "")]
    if question.area is None:
        pairs.append(("bbox", _EVERYWHERE))  # only records that have a place on a map
    query = urlencode([*pairs, (PARAMETER, current_language())])
    return f"{request.script_root}/api/v1/search?{query}"


def _file_url(question: Question, form: str) -> str:
    pairs = [*replace(question, page=1).pairs(), ("format", form), (PARAMETER, current_language())]
    return f"{request.script_root}/api/v1/search?{urlencode(pairs)}"


def _shown(found: Found) -> list[Facet]:
    """Return the facets that offer a choice, with practices only among the kinds of record."""
    shown = []
    for facet in found.facets:
        values = tuple(
            value
            for value in facet.values
            if facet.name != "type" or value.code in PRACTICE_TYPES or value.chosen
        )
        if values:
            shown.append(replace(facet, values=values))
    return shown


def _page_links(found: Found) -> list[tuple[int, str]]:
    """Return (number, address) of the pages worth a link; an empty address is a gap."""
    if found.pages < 2:
        return []
    here, last = found.question.page, found.pages
    near = range(max(1, here - _NEIGHBOURS), min(last, here + _NEIGHBOURS) + 1)
    links: list[tuple[int, str]] = []
    for number in sorted({1, last, *near}):
        if links and number - links[-1][0] > 1:
            links.append((0, ""))
        links.append((number, _page_url(found.question, number)))
    return links
