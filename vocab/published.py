"""The vocabulary as RDF at its own addresses: all of it, one term, one list of values."""

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from vocab.concepts import concept_iri, scheme_names
from vocab.context import ONTOLOGY_FOLDER
from vocab.glossary import ONTOLOGY, entries
from vocab.rdf import serialize
from vocab.terms import CONCEPTS

if TYPE_CHECKING:
    import pyoxigraph as ox

FORMS: Final = {"turtle": "TURTLE", "rdfxml": "RDF_XML", "ntriples": "N_TRIPLES"}


def file(name: str, form: str) -> bytes:
    """Return a bundled file: "ontology", "shapes" or "schemes".

    Args:
        name: its name without ending.
        form: a key of `FORMS`.
    """
    if form == "turtle":
        return (ONTOLOGY_FOLDER / f"{name}.ttl").read_bytes()
    return serialize(_quads(name), FORMS[form])


def term(key: str, form: str) -> bytes:
    """Return what the ontology says of one key or type, b"" for an unknown one."""
    entry = entries().get(key)
    return _about("ontology", lambda iri: entry is not None and iri in (entry.iri, ONTOLOGY), form)


def scheme(name: str, form: str) -> bytes:
    """Return one concept scheme with its concepts, b"" for an unknown one."""
    if name not in scheme_names():
        return b""
    start = concept_iri(name, "")
    own = {CONCEPTS + name, CONCEPTS + f"{name}/"}
    return _about("schemes", lambda iri: iri in own or iri.startswith(start), form)


def _about(name: str, wanted: Callable[[str], bool], form: str) -> bytes:
    """Return the statements about some subjects; the files hold no blank nodes."""
    return serialize([quad for quad in _quads(name) if wanted(_address(quad))], FORMS[form])


def _address(quad: "ox.Quad") -> str:
    return str(getattr(quad.subject, "value", ""))


@lru_cache(maxsize=4)
def _quads(name: str) -> list["ox.Quad"]:
    import pyoxigraph as ox  # loaded by what writes RDF only

    data = (ONTOLOGY_FOLDER / f"{name}.ttl").read_bytes()
    return list(ox.parse(data, format=ox.RdfFormat.TURTLE))
