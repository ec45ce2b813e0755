"""The SHACL shapes, parsed and ready to be asked."""

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from vocab.context import ONTOLOGY_FOLDER, terms

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

SH: Final = "http://www.w3.org/ns/shacl#"


class ShapeError(ValueError):
    """A shape uses something that the generator does not know how to say in JSON Schema."""


class Shapes:
    """The shapes graph, read by what the generator asks of it."""

    def __init__(self, graph: "Graph") -> None:
        from rdflib import URIRef

        self._graph = graph
        self._ref = URIRef
        self.key_of = {term.iri: key for key, term in terms().items()}
        self.embedded = {
            str(path): self.name(shape)
            for shape, path in graph.subject_objects(URIRef(SH + "targetObjectsOf"))
        }

    def name(self, shape: "Node") -> str:
        """Return the local name of a named shape."""
        return str(shape).rsplit("#", 1)[-1]

    def values(self, node: "Node", parameter: str) -> list["Node"]:
        """Return the values of a SHACL parameter."""
        return list(self._graph.objects(node, self._ref(SH + parameter)))

    def value(self, node: "Node", parameter: str) -> "Node | None":
        """Return the one value of a SHACL parameter, None if it is not used."""
        return next(iter(self.values(node, parameter)), None)

    def items(self, node: "Node") -> list["Node"]:
        """Return the members of an RDF list."""
        return list(self._graph.items(node))

    def node_shapes(self) -> list["Node"]:
        """Return the named node shapes in the order of their names."""
        kind = self._ref("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
        return sorted(self._graph.subjects(kind, self._ref(SH + "NodeShape")), key=str)

    def path(self, shape: "Node") -> list[str]:
        """Return the keys along the path of a property shape."""
        path = self.value(shape, "path")
        if path is None:
            raise ShapeError(f"a property shape without a path: {shape}")
        steps = [str(path)] if isinstance(path, self._ref) else list(map(str, self.items(path)))
        return [self._key(step) for step in steps]

    def _key(self, iri: str) -> str:
        if iri not in self.key_of:
            raise ShapeError(f"no key of the context means {iri}")
        return self.key_of[iri]

    def mend(self, shape: "Node") -> dict[str, str]:
        """Return the messages of a shape per language."""
        found = {}
        for message in self.values(shape, "message"):
            found[getattr(message, "language", None) or "en"] = str(message)
        return dict(sorted(found.items()))

    def severity(self, shape: "Node") -> str:
        """Return the severity of a shape in lower case."""
        return self.name(self.value(shape, "severity") or self._ref(SH + "Violation")).lower()

    def number(self, shape: "Node", parameter: str) -> int | None:
        """Return a whole-number parameter, None if it is not used."""
        value = self.value(shape, parameter)
        return None if value is None else int(str(value))


@lru_cache(maxsize=1)
def read_shapes() -> "Graph":
    """Return the graph of ontology/shapes.ttl; nobody may change it."""
    from rdflib import Graph  # slow to import, and needed only to publish

    graph = Graph(bind_namespaces="none")
    return graph.parse(ONTOLOGY_FOLDER / "shapes.ttl", format="turtle")
