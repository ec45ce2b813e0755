"""Which things of a foreign file are records, and which are their lists, pages or licences."""

from collections import Counter
from typing import Final

from vocab.foreign.graph import ForeignGraph, Node
from vocab.foreign.note import TITLES, local

_TAKEN: Final = frozenset(
    (
        *("s:Thing", "s:CreativeWork", "s:Project", "s:ResearchProject", "s:HowTo", "s:Guide"),
        *("s:Article", "s:NewsArticle", "s:BlogPosting", "s:Report", "s:TechArticle"),
        *("s:ScholarlyArticle", "s:AnalysisNewsArticle", "s:BackgroundNewsArticle"),
        *("s:OpinionNewsArticle", "s:ReportageNewsArticle", "s:SocialMediaPosting"),
        *("s:Dataset", "s:LearningResource", "s:Course", "s:DigitalDocument"),
        *("s:TextDigitalDocument", "s:PresentationDigitalDocument"),
        *("dcat:Dataset", "dcat:Resource", "dcat:DatasetSeries", "dcat:DataService"),
    )
)
_PAGES: Final = frozenset(("s:WebPage", "s:AboutPage", "s:ItemPage", "s:FAQPage"))
"""Taken only when the file describes nothing else: mostly they are the page of an article."""
_LISTS: Final = frozenset(
    (
        *("s:ItemList", "s:DataCatalog", "s:Collection", "s:CollectionPage"),
        *("s:Blog", "s:SearchResultsPage", "dcat:Catalog"),
    )
)
_MEMBERS: Final = (
    *("s:itemListElement", "s:item", "s:dataset", "s:hasPart", "s:blogPost", "s:mainEntity"),
    *("dcat:dataset", "dcat:resource", "dcat:service", "dcat:catalog", "dcat:record"),
    "foaf:primaryTopic",
)


class Chosen:
    """The things of a file that are records, each with the list that it stands in.

    Attributes:
        records: the records, in the order of the file.
        others: lists and pages, of which only the members or the address are used.
        left: how many things of each type were left out.
    """

    def __init__(self, graph: ForeignGraph) -> None:
        self.records: list[tuple[Node, Node | None]] = []
        self.others: set[Node] = set()
        self.left: Counter[str] = Counter()
        self._graph = graph
        self._pages: list[tuple[Node, Node | None]] = []
        self._seen: set[Node] = set()
        waiting: list[tuple[Node, Node | None]] = [(root, None) for root in graph.roots[::-1]]
        while waiting:
            node, around = waiting.pop()
            if node not in self._seen:
                waiting += [(inner, node) for inner in self._visit(node, around)][::-1]
        if not self.records:
            self.records = self._pages
            return
        for page, _ in self._pages:
            self.others.add(page)
            self._leave(page)

    def left_types(self) -> str:
        """Return the types that were left out, with how many there are of each."""
        return ", ".join(f"{kind} ({count})" for kind, count in self.left.items())

    def _visit(self, node: Node, around: Node | None) -> list[Node]:
        """Sort a thing in, and return what else is to be looked at."""
        types, titled = node.types.keys(), any(node.get(*TITLES))
        members = [value for value in node.get(*_MEMBERS) if isinstance(value, Node)]
        if types == {"s:ListItem"} and members:
            self._seen.add(node)
            return members
        if types & _LISTS or (types & _PAGES and any(m.types.keys() & _TAKEN for m in members)):
            self.others.add(node)
            self._leave(node)
            return members
        inner = around is None and node in self._graph.inner
        if types & _TAKEN or (around is not None and titled and types <= {"s:ListItem"}):
            if node not in self._graph.licences and (titled or not inner):
                self._seen.add(node)
                self.records.append((node, around))
        elif types & _PAGES:
            self._seen.add(node)
            self._pages.append((node, around))
        elif not inner:
            self._leave(node)
        return []

    def _leave(self, node: Node) -> None:
        self._seen.add(node)
        self.left.update([local(kind) for kind in node.types] or ["no @type"])
