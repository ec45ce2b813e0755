"""The authority: the SHACL shapes judge the graph of one record.

pyld expands the document with the bundled context, rdflib holds the graph, pyshacl judges. Each
record is judged in a graph of its own: in a common one, two records that describe the same
organisation would merge and break each other.

Importing this module loads all three libraries; vocab.validate does so only when it publishes.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote, unquote

import pyshacl
from pyld import jsonld
from rdflib import RDF, XSD, Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.term import BNode, Node

from vocab.context import loader, pyld_lock, terms
from vocab.findings import Finding, Severity
from vocab.keys import escape
from vocab.messages import finding, shorten
from vocab.shapes import SH as SHACL
from vocab.shapes import read_shapes
from vocab.terms import JsonObject

SH: Final = Namespace(SHACL)
_PART: Final = "urn:lonja:part:"  # stands before the JSON Pointer of an embedded object
_TARGETS: Final = (SH.targetClass, SH.targetObjectsOf, SH.targetSubjectsOf)


def judge(document: JsonObject) -> list[Finding]:
    """Return what the shapes say of a document that has passed the fast check.

    Args:
        document: a full entry, in the form that its canonical bytes have (no 1.0 for 1).
    """
    pointers: dict[str, str] = {}
    subject = _named(document, "", pointers)
    with pyld_lock:  # pyshacl too: it patches rdflib while it loads
        graph = _graph(jsonld.to_rdf(subject, {"documentLoader": loader}))
        shapes = _applicable(_what_is_there(graph))
        conforms, report, text = pyshacl.validate(graph, shacl_graph=shapes, inplace=True)
    if conforms:
        return []
    if not isinstance(report, Graph):
        raise RuntimeError(f"pyshacl could not judge the record: {text}")
    results = report.subjects(RDF.type, SH.ValidationResult)
    found = [_Result(report, result, pointers).finding() for result in results]
    return sorted(found, key=lambda item: (item.pointer, item.rule))


def _named(value: JsonObject, pointer: str, pointers: dict[str, str]) -> JsonObject:
    """Return the document about the record, with an address for every embedded object.

    The record URI takes the place of the version's, and the proof, which is about the bytes, is
    left out. `pointers` collects where each address comes from.
    """
    named: JsonObject = {}
    for key, item in value.items():
        place = f"{pointer}/{escape(key)}"
        if key == "proof" and not pointer:
            continue
        if isinstance(item, dict) and key in terms() and terms()[key].kind == "link":
            named[key] = _named(item, place, pointers)
        elif isinstance(item, list):
            named[key] = [
                _named(part, f"{place}/{index}", pointers) if isinstance(part, dict) else part
                for index, part in enumerate(item)
            ]
        else:
            named[key] = item
    if not pointer:
        named["id"] = value.get("isVersionOf", value.get("id"))
    else:
        named.setdefault("id", _PART + quote(pointer))
    pointers.setdefault(str(named["id"]), pointer)
    return named


def _graph(dataset: Mapping[str, Any]) -> Graph:
    """Return what pyld says as an rdflib graph, every literal exactly as it is written."""
    graph = Graph(bind_namespaces="none")
    for triple in dataset["@default"]:
        subject, predicate = _node(triple["subject"]), URIRef(triple["predicate"]["value"])
        graph.add((subject, predicate, _node(triple["object"])))
    return graph


def _node(term: Mapping[str, str]) -> Node:
    if term["type"] == "IRI":
        return URIRef(term["value"])
    if term["type"] == "blank node":
        return BNode(term["value"].removeprefix("_:"))
    if "language" in term:
        return Literal(term["value"], lang=term["language"])
    datatype = URIRef(term["datatype"])
    if datatype == XSD.string:
        return Literal(term["value"])  # the same term in RDF 1.1, but not to rdflib
    return Literal(term["value"], datatype=datatype, normalize=False)


def _what_is_there(graph: Graph) -> frozenset[str]:
    """Return the classes and the properties that a graph uses."""
    kinds = {str(kind) for kind in graph.objects(None, RDF.type)}
    return frozenset(kinds | {str(predicate) for predicate in graph.predicates()})


@lru_cache(maxsize=256)
def _applicable(present: frozenset[str]) -> Graph:
    """Return the node shapes that have a target in a graph with these classes and properties.

    The others could not find a focus node: leaving them out changes no verdict and saves most
    of the time.
    """
    names = frozenset(
        str(shape)
        for parameter in _TARGETS
        for shape, target in read_shapes().subject_objects(parameter)
        if str(target) in present
    )
    return _subgraph(names)


@lru_cache(maxsize=64)
def _subgraph(names: frozenset[str]) -> Graph:
    whole = read_shapes()
    part = Graph(bind_namespaces="none")
    for name in names:
        part += whole.cbd(URIRef(name))
    return part


@lru_cache(maxsize=1)
def _keys() -> Mapping[str, str]:
    return {term.iri: key for key, term in terms().items()}


class _Result:
    """One result of a validation report (SHACL, section 3.6.2)."""

    def __init__(self, report: Graph, node: Node, pointers: Mapping[str, str]) -> None:
        self._report = report
        self._node = node
        self._focus = pointers.get(str(self._value(SH.focusNode)), "")

    def finding(self) -> Finding:
        """Return the result in words for people."""
        component = str(self._value(SH.sourceConstraintComponent)).removeprefix(SHACL)
        severity = Severity(str(self._value(SH.resultSeverity)).removeprefix(SHACL).lower())
        keys = list(self._path(self._value(SH.resultPath)))
        if component == "OrConstraintComponent" and severity is not Severity.VIOLATION:
            component, keys = "MinCountConstraintComponent", list(self._asked())
        other = ""
        if component == "LessThanOrEqualsConstraintComponent":
            compared = self._report.value(self._value(SH.sourceShape), SH.lessThanOrEquals)
            other = _keys().get(str(compared), "")
        place = [*keys[:-1], other or keys[-1]] if keys else []
        value = self._value(SH.value)
        return finding(
            _rule(component, severity),
            "/".join([self._focus, *map(escape, place)]),
            severity,
            self._messages(),
            key=keys[-1] if keys else "",
            other=other,
            value="" if value is None else shorten(unquote(str(value))),
            wanted="https://",
            limit="…",
        )

    def _value(self, predicate: URIRef) -> Node | None:
        return self._report.value(self._node, predicate)

    def _asked(self) -> Iterator[str]:
        """Yield the keys that the last alternative of sh:or asks for."""
        shapes = read_shapes()
        (alternatives,) = shapes.objects(self._value(SH.sourceShape), SH["or"])
        *_, last = Collection(shapes, alternatives)
        yield from self._path(shapes.value(shapes.value(last, SH.property), SH.path))

    def _path(self, path: Node | None) -> Iterator[str]:
        """Yield the keys along a path of the report or of the shapes."""
        if isinstance(path, BNode):
            steps: list[Node] = list(Collection(self._report, path))
        else:
            steps = [] if path is None else [path]
        for step in steps:
            yield "type" if step == RDF.type else _keys().get(str(step), str(step))

    def _messages(self) -> dict[str, str]:
        found = {}
        for message in self._report.objects(self._node, SH.resultMessage):
            if isinstance(message, Literal) and message.language:
                found[message.language] = str(message)
        return found


def _rule(component: str, severity: Severity) -> str:
    name = component.removesuffix("ConstraintComponent")
    if name == "MinCount":
        return "required" if severity is Severity.VIOLATION else "recommended"
    return {
        "MaxCount": "too-many",
        "Or": "incomplete",
        "LessThanOrEquals": "end-before-start",
        "Disjoint": "self-lineage",
        "UniqueLang": "bad-texts",
        "MinInclusive": "out-of-range",
        "MaxInclusive": "out-of-range",
    }.get(name, "bad-value")
