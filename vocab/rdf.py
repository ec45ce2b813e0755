"""RDF of records and feed pages, by pyoxigraph, with the bundled context written in.

Statements of a record are made about the record URI (what LDES calls version materialization);
the version URI keeps the provenance: origin, number, digest of the version before. N-Quads keep
the statements in a graph named by the version URI, and the proof; triples cannot hold a proof.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import orjson

from vocab.context import Kind, classes, definitions, expand, prefixes, terms
from vocab.terms import CONTEXT_URL, JsonObject

if TYPE_CHECKING:
    import pyoxigraph as ox

PROVENANCE_KEYS: Final = ("isVersionOf", "origin", "seq", "version", "previous")
"""Keys that speak of the version; all others speak of the record."""


def to_ntriples(document: JsonObject) -> bytes:
    """Return the record and its provenance as N-Triples."""
    return _triples(document, "N_TRIPLES")


def to_turtle(document: JsonObject) -> bytes:
    """Return the record and its provenance as Turtle."""
    return _triples(document, "TURTLE")


def to_rdfxml(document: JsonObject) -> bytes:
    """Return the record and its provenance as RDF/XML."""
    return _triples(document, "RDF_XML")


def to_nquads(document: JsonObject) -> bytes:
    """Return the record in the graph of its version, its provenance and proof beside it."""
    body, version = _split(document)
    if "proof" in document:
        version["proof"] = _inlined(document["proof"], known=True)
    if version:
        graph: Any = [{**version, "id": document["id"], "@graph": [body]}]
    else:
        graph = [body]
    return serialize(statements({"@context": _context(document), "@graph": graph}), "N_QUADS")


def page_to_nquads(page: JsonObject) -> bytes:
    """Return a feed page as N-Quads, for clients that cannot resolve the context's address.

    Args:
        page: the page as it is served, with its own context inline; its members carry the
            address of context v1, whose bundled content takes the place of the address.
    """
    context = page.get("@context")
    return serialize(statements({**_inlined(page), "@context": context}), "N_QUADS")


def _triples(document: JsonObject, form: str) -> bytes:
    body, version = _split(document)
    graph = [body, {**version, "id": document["id"]}] if version else [body]
    return serialize(statements({"@context": _context(document), "@graph": graph}), form)


def _split(document: JsonObject) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what is said of the record and what is said of the version ({} if there is none)."""
    apart = (*PROVENANCE_KEYS, "proof", "@context")
    body = {key: value for key, value in document.items() if key not in apart}
    body = _inlined(body, known=True)
    if "isVersionOf" not in document:
        return body, {}
    body["id"] = document["isVersionOf"]
    return body, {key: document[key] for key in PROVENANCE_KEYS if key in document}


def _context(document: Any) -> orjson.Fragment:
    """Return as much of context v1 as a document uses, as JSON to be put in as it is.

    The parser would read the whole context anew for each record, which takes longer than the
    record itself.
    """
    known = (name for name in _names_in(document) if name in terms() or name in classes())
    return _part_of_context(frozenset(known))


def _names_in(value: Any) -> Iterator[str]:
    """Yield the keys of a document and the texts that may be type names."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield key
            if key == "type":
                yield from item if isinstance(item, list) else [item]
            else:
                yield from _names_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from _names_in(item)


@lru_cache(maxsize=512)
def _part_of_context(used: frozenset[str]) -> orjson.Fragment:
    """Return the context of some names, written in full so that it needs no prefixes."""
    part: dict[str, Any] = {"@version": 1.1, "id": "@id", "type": "@type"}
    part["dpv"] = prefixes()["dpv"]  # the one prefix that values may use
    for name in sorted(used):
        if name in classes():
            part[name] = classes()[name]
        else:
            declared = {**definitions()[name], "@id": terms()[name].iri}
            if terms()[name].kind is Kind.CODE:
                declared["@type"] = "@id"  # `_inlined` writes codes as addresses
                declared.pop("@context", None)
            elif "@type" in declared:
                declared["@type"] = expand(declared["@type"])
            part[name] = declared
    return orjson.Fragment(orjson.dumps(part))


def _inlined(value: Any, *, known: bool = False) -> Any:
    """Return a copy in which context v1 stands where its address stood, and codes as addresses.

    Inside a document that has it already (`known`: the copy that a proof carries) the context is
    left out, which means the same.
    """
    if isinstance(value, list):
        return [_inlined(item, known=known) for item in value]
    if not isinstance(value, dict):
        return value
    has_v1 = value.get("@context") == CONTEXT_URL
    within = known or has_v1
    copy: dict[str, Any] = {}
    for key, item in value.items():
        term = terms().get(key) if within else None
        if term is not None and term.kind is Kind.CODE:
            copy[key] = _addresses(key, item)
        elif term is not None and term.kind is Kind.TEXTS:
            copy[key] = item  # its keys are languages, of which one may be spelt like a key
        elif key != "@context":
            copy[key] = _inlined(item, known=within)
    if has_v1 and not known:
        copy["@context"] = _context(copy)
    return copy


def _addresses(key: str, value: Any) -> Any:
    if isinstance(value, list):
        return [_addresses(key, item) for item in value]
    return address_of(key, value) if isinstance(value, str) else value


@lru_cache(maxsize=4096)
def address_of(key: str, code: str) -> str:
    """Return what JSON-LD expands a code to: the key's own list, then names, then its scheme.

    Scoped contexts do the same, and cost the parser most of its time.
    """
    own = definitions()[key].get("@context", {})
    if code in own:
        return str(own[code])
    if code in classes():
        return classes()[code]
    return terms()[key].vocabulary + code


def statements(document: dict[str, Any]) -> list["ox.Quad"]:
    """Return the statements of a JSON-LD document, blank nodes named by content and order.

    The parser names them at random, but the same record must give the same bytes each time; and
    an export writes many records into one file, where equal names would make them one node.
    """
    import pyoxigraph as ox  # loaded by what writes RDF only

    data = orjson.dumps(document)
    prefix = "b" + hashlib.sha256(data).hexdigest()[:12] + "n"
    return list(_renamed(ox.parse(data, format=ox.RdfFormat.JSON_LD), prefix))


def _renamed(quads: Iterable["ox.Quad"], prefix: str) -> Iterator["ox.Quad"]:
    import pyoxigraph as ox

    names: dict[ox.BlankNode, ox.BlankNode] = {}

    def name(term: Any) -> Any:
        if isinstance(term, ox.BlankNode):
            return names.setdefault(term, ox.BlankNode(f"{prefix}{len(names)}"))
        return term

    for quad in quads:
        yield ox.Quad(name(quad.subject), quad.predicate, name(quad.object), name(quad.graph_name))


def serialize(
    quads: list["ox.Quad"], form: str, namespaces: Mapping[str, str] | None = None
) -> bytes:
    """Return statements in a format, those about one subject together.

    Args:
        quads: what is to be said.
        form: name of a format of pyoxigraph ("TURTLE").
        namespaces: namespace of each prefix to write with; without it those of the context.
    """
    import pyoxigraph as ox

    place: dict[object, int] = {}
    for quad in quads:
        place.setdefault((quad.graph_name, quad.subject), len(place))
    ordered = sorted(quads, key=lambda quad: place[quad.graph_name, quad.subject])
    rdf_format: ox.RdfFormat = getattr(ox.RdfFormat, form)
    if form == "N_QUADS":
        written = ox.serialize(ordered, format=rdf_format)
    else:
        triples = [quad.triple for quad in ordered]
        known = prefixes() if namespaces is None else namespaces
        used = dict(known) if form in ("TURTLE", "RDF_XML") else None
        written = ox.serialize(triples, format=rdf_format, prefixes=used)
    return _with_steady_header(written or b"", form)


def _with_steady_header(data: bytes, form: str) -> bytes:
    """Return the bytes with the prefixes sorted: the serializer writes them in any order."""
    if form == "TURTLE":
        head, body = [], data.splitlines(keepends=True)
        while body and body[0].startswith(b"@prefix"):
            head.append(body.pop(0))
        return b"".join([*sorted(head), *body])
    if form == "RDF_XML":
        return re.sub(
            rb"(?<=<rdf:RDF )[^>]+",
            lambda found: b" ".join(sorted(found[0].split())),
            data,
            count=1,
        )
    return data
