"""Foreign JSON-LD as a graph of nodes: expanded by pyld, with bundled contexts only.

The file is expanded member by member, so that one broken record does not hide the others, and
nothing of it is ever looked up: pyld is told to resolve nothing, and keys that no context explains
come under a name of ours instead of vanishing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Final, TypeAlias

import orjson
from pyld import jsonld

from vocab.context import pyld_lock
from vocab.findings import Finding
from vocab.foreign.contexts import OF_CONTEXTS, load_context, refused, without_meaning
from vocab.foreign.rules import notice
from vocab.keys import MAX_DEPTH
from vocab.messages import finding, shorten

_UNKNOWN: Final = "urn:lonja:unknown:"
_PREFIXES: Final[Mapping[str, str]] = {
    "http://schema.org/": "s:",
    "https://schema.org/": "s:",
    "http://purl.org/dc/terms/": "dct:",
    "http://purl.org/dc/elements/1.1/": "dct:",
    "http://www.w3.org/ns/dcat#": "dcat:",
    "http://xmlns.com/foaf/0.1/": "foaf:",
    "http://www.w3.org/2004/02/skos/core#": "skos:",
    "http://www.w3.org/2000/01/rdf-schema#": "rdfs:",
    "http://www.w3.org/2006/vcard/ns#": "vcard:",
    "http://www.w3.org/2003/01/geo/wgs84_pos#": "geo:",
    "http://www.w3.org/ns/locn#": "locn:",
    "http://www.w3.org/ns/adms#": "adms:",
    "http://www.w3.org/ns/org#": "org:",
    "http://www.w3.org/ns/prov#": "prov:",
    _UNKNOWN: "",
}
_LICENCES: Final = ("s:license", "s:usageInfo", "dct:license", "dct:rights")


@dataclass(frozen=True, slots=True)
class Literal:
    """A text, number, date … of the file, as text.

    Attributes:
        text: what it says.
        language: its language tag as written, "" for none.
    """

    text: str
    language: str = ""


@dataclass(eq=False, slots=True)
class Node:
    """A thing of the file, with everything that the file says of it wherever it says it.

    Attributes:
        id: its address as written, "" for none; "_:…" holds in this file only.
        types: its types, with the short prefixes of this module.
        values: per property, with short prefixes, each value once and in order.
    """

    id: str = ""
    types: dict[str, None] = field(default_factory=dict)
    values: dict[str, dict[object, "Value"]] = field(default_factory=dict)

    def get(self, *properties: str) -> "Iterator[Value]":
        """Yield the values of the properties, in the order of the arguments."""
        for name in properties:
            yield from self.values.get(name, {}).values()


Value: TypeAlias = Literal | Node


@dataclass(slots=True)
class ForeignGraph:
    """What a file says.

    Attributes:
        roots: the things that stand at the top of the file, in its order.
        findings: why parts of it could not be read, and which keys were lost.
        inner: the things that another one refers to.
        licences: those that are somebody's licence.
    """

    roots: list[Node] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    inner: set[Node] = field(default_factory=set)
    licences: set[Node] = field(default_factory=set)
    _nodes: dict[str, Node] = field(default_factory=dict)

    def add(self, expanded: Mapping[str, Any]) -> Node:
        """Take in one object of the expanded form and return its node."""
        name = expanded.get("@id")
        node = self._nodes.setdefault(name, Node(name)) if name else Node()
        for kind in expanded.get("@type", ()):
            node.types[_short(kind)] = None
        for key, value in expanded.items():
            if key in ("@graph", "@included"):
                self.roots += [self.add(item) for item in _flat(value) if "@value" not in item]
            elif key == "@reverse":
                for inverse, items in value.items():
                    self._put(node, f"^{_short(inverse)}", items)
            elif not key.startswith("@"):
                self._put(node, _short(key), value)
        return node

    def _put(self, node: Node, name: str, items: list[Any]) -> None:
        values = node.values.setdefault(name, {})
        for item in _flat(items):
            value = _literal(item) if "@value" in item else self.add(item)
            if isinstance(value, Node):
                (self.licences if name in _LICENCES else self.inner).add(value)
            values.setdefault(value, value)  # a literal by what it says, a node by being itself


def read_graph(data: bytes | Mapping[str, Any], *, record: str = "") -> ForeignGraph:
    """Return what a JSON-LD file says; whatever is wrong with it becomes a finding.

    Args:
        data: the bytes of the file, or the JSON object that they hold.
        record: how findings name the file to its owner.
    """
    graph = ForeignGraph()
    document, wrong = _load(data) if isinstance(data, bytes) else (dict(data), None)
    if wrong is not None:
        graph.findings.append(replace(wrong, record=record))
        return graph
    unusable = None
    for number, (context, member) in enumerate(_members(document), start=1):
        place = f"{record}#{number}"
        if context is not None and context is unusable:
            continue  # said once for all members
        found = refused(context, member)
        if found is None:
            expanded, lost, found = _expand(context, member)
            graph.roots += [graph.add(item) for item in _flat(expanded) if "@value" not in item]
            if lost:
                keys = ", ".join(without_meaning(context, member) or ["?"])
                graph.findings.append(replace(notice("foreign-dropped", keys=keys), record=place))
        if found is not None:
            graph.findings.append(replace(found, record=place))
            unusable = context if found.rule in OF_CONTEXTS else unusable
    return graph


def _load(data: bytes) -> tuple[Any, Finding | None]:
    data = data.removeprefix(b"\xef\xbb\xbf")
    if data.lstrip()[:1] == b"<":
        return None, notice("foreign-page")
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        if "depth limit" in error.msg:
            return None, finding("too-deep", "", limit=MAX_DEPTH)
        try:
            data.decode("utf-8")
        except UnicodeDecodeError:
            return None, finding("not-utf8", "")
        return None, finding("not-json", "", line=error.lineno, column=error.colno)
    if not isinstance(value, dict | list):
        return None, finding("not-object", "")
    return value, None


def _members(document: Any, context: Any = None) -> Iterator[tuple[Any, Any]]:
    """Yield the records of a list or of an @graph one by one, each with the context around it."""
    if isinstance(document, list):
        for item in document:
            yield from _members(item, context) if isinstance(item, dict) else [(context, item)]
        return
    inner = document.get("@graph")
    if not isinstance(inner, list) or context is not None:
        yield context, document
        return
    around = document.get("@context", {})
    rest = {key: value for key, value in document.items() if key not in ("@graph", "@context")}
    if rest.keys() - {"@id"}:
        yield around, rest
    for item in inner:
        yield around, item


def _expand(context: Any, member: Any) -> tuple[list[Any], bool, Finding | None]:
    """Return the expanded form of a member, whether keys were lost, and what went wrong."""
    lost: list[str | None] = []
    document = {"@context": context or {}, "@graph": [member]}
    options = {"documentLoader": load_context, "base": None, "expandContext": {"@vocab": _UNKNOWN}}
    try:
        with pyld_lock:
            expanded = jsonld.expand(document, options, on_property_dropped=lost.append)
    except (jsonld.JsonLdError, ArithmeticError, LookupError, RecursionError) as error:
        return [], False, replace(notice("foreign-syntax"), detail=_said(error))
    except (AttributeError, TypeError, ValueError) as error:  # how pyld meets what it never expects
        return [], False, replace(notice("foreign-syntax"), detail=_said(error))
    return expanded, bool(lost), None


def _said(error: BaseException) -> str:
    """Return the innermost reason of a failure, in one line."""
    while error.__cause__ is not None:
        error = error.__cause__
    return shorten(str(error.args[0] if error.args else error), 300)


@lru_cache(maxsize=4096)
def _short(iri: str) -> str:
    for namespace, prefix in _PREFIXES.items():
        if iri.startswith(namespace):
            return prefix + iri.removeprefix(namespace)
    return iri


def _flat(items: Any) -> Iterator[dict[str, Any]]:
    """Yield the objects of a value of the expanded form, those of lists included.

    pyld lets through a few values that are no objects, such as `"@included": false`.
    """
    for item in items if isinstance(items, list) else [items]:
        if isinstance(item, dict) and "@list" in item:
            yield from _flat(item["@list"])
        elif isinstance(item, dict):
            yield item


def _literal(item: Mapping[str, Any]) -> Literal:
    value = item["@value"]
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return Literal(text, item.get("@language", ""))
