"""One request on one state of an index, whatever the engine."""

from dataclasses import replace

from search.api import SearchRequest, SearchResult
from search.finder.attempt import Attempt
from search.finder.plan import Plan, planned
from search.finder.relax import relaxed
from search.finder.spelling import ViewDictionary
from search.query import parse
from search.query.messages import diagnostic
from search.query.tree import Node, leaves
from search.suggest import suggestion
from search.view import View


def find(view: View | None, request: SearchRequest) -> SearchResult:
    """Answer a request; `view` is None for an index that holds nothing.

    What finds nothing as it was typed is tried again with the nearest spelling of unknown words,
    and then with most of its words; the answer says so.
    """
    plan = planned(request, view.languages if view else ())
    if view is None:
        return SearchResult(0, (), {name: [] for name in plan.facets}, diagnostics=plan.diagnostics)
    result = Attempt(view, plan, plan.tree).result()
    if result.total or request.literal or not leaves(plan.tree):
        return result
    return _forgiven(view, plan) or result


def _forgiven(view: View, plan: Plan) -> SearchResult | None:
    """Return what is found when mistakes are forgiven, None when nothing is."""

    def hits(text: str) -> int:
        return Attempt(view, plan, parse(text)[0]).total()

    text, tree = plan.request.text, plan.tree
    better = suggestion(text, leaves(tree), ViewDictionary(view, plan.languages), hits)
    if better:
        found = Attempt(view, plan, parse(better)[0]).result()
        return replace(found, suggestion=better, corrected=True)
    return _most_words(view, plan, tree)


def _most_words(view: View, plan: Plan, tree: Node) -> SearchResult | None:
    fewer = None if " AND " in plan.request.text else relaxed(tree)
    if fewer is None:
        return None
    found = Attempt(view, plan, fewer).result()
    said = (*found.diagnostics, diagnostic("most-words"))
    return replace(found, diagnostics=said) if found.total else None
