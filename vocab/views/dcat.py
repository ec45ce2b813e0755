"""Records for data portals: DCAT 3 (W3C Recommendation) by the rules of DCAT-AP 3.0.1."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

import orjson

from vocab import concepts, rdf
from vocab.language import LANGUAGES
from vocab.terms import CONCEPTS, JsonObject
from vocab.views.dcat_context import CONTEXT, PREFIXES
from vocab.views.dcat_resource import SUBJECTS, catalog_record, datasets, resource
from vocab.views.reading import all_labels, clean, codes, filled, moment, shown_type, uri_of

_THEMES: Final = CONCEPTS + "theme"
_FORMS: Final[Mapping[str, str]] = {
    "turtle": "TURTLE",
    "rdfxml": "RDF_XML",
    "ntriples": "N_TRIPLES",
}
DCAT_FORMS: Final = ("jsonld", *_FORMS)
"""Formats in which `dcat_bytes` writes."""


def dcat(
    documents: Iterable[JsonObject],
    *,
    catalog_uri: str,
    title: str | Mapping[str, str],
    description: str | Mapping[str, str],
    publisher_uri: str,
    publisher_name: str,
) -> JsonObject:
    """Return records as a catalogue: JSON-LD 1.1 with a context of its own inline.

    DCAT-AP 3.0.1, Catalogue: each record is listed as dcat:resource with a dcat:CatalogRecord,
    its open data as dcat:dataset. Of two documents of one record only the first counts; what
    would say something of the catalogue or of its publisher is left out.

    Args:
        documents: records; tombstones, memberships and local records are passed over.
        catalog_uri: address of the catalogue.
        title: title of the catalogue, one text or a text per language.
        description: what the catalogue holds, likewise.
        publisher_uri: address of the organisation that runs the node.
        publisher_name: its name.
    """
    shown = _once(documents, catalog_uri)
    taken = {catalog_uri, publisher_uri, *shown}
    records = [_apart(catalog_record(held), taken) for held in shown.values()]
    open_data = _datasets(shown.values(), taken)
    dates = [text for record in records if (text := moment(record.get("modified")))]
    catalog: JsonObject = {
        "id": catalog_uri,
        "type": "Catalog",
        "title": _told(title),
        "description": _told(description),
        "publisher": {
            "id": publisher_uri,
            "type": "Agent",
            "name": clean(publisher_name) or publisher_uri,
        },
        "modified": max(dates, key=datetime.fromisoformat, default=""),
        "themeTaxonomy": _taxonomy(),
        "record": [record for record in records if record],
        "resource": [*shown],
        "dataset": [*open_data],
    }
    return _document(
        [
            filled(catalog),
            *map(resource, shown.values()),
            *open_data.values(),
            *_concepts(shown.values()),
        ]
    )


def record_as_dcat(document: JsonObject) -> JsonObject:
    """Return one record with its dcat:CatalogRecord, as `dcat` would list it; {} if it would not.

    JSON-LD 1.1 with a context of its own inline (DCAT 3, DCAT-AP 3.0.1).
    """
    shown = resource(document)
    if not shown:
        return {}
    uri = str(shown["id"])
    record = _apart(catalog_record(document), {uri})
    open_data = _datasets([document], {uri}).values()
    found = [record, shown, *open_data, *_concepts([document])]
    return _document([node for node in found if node])


def dcat_bytes(view: JsonObject, form: str) -> bytes:
    """Return what `dcat` or `record_as_dcat` gave as a file.

    Args:
        view: the JSON-LD document; {} gives b"".
        form: one of `DCAT_FORMS`.

    Raises:
        ValueError: the format does not exist.
    """
    if form not in DCAT_FORMS:
        raise ValueError(f"'{form}' is no format; choose one of {', '.join(DCAT_FORMS)}")
    if not view:
        return b""
    if form == "jsonld":
        return orjson.dumps(view)
    said_once = dict.fromkeys(rdf.statements(view))
    return rdf.serialize([*said_once], _FORMS[form], PREFIXES)


def _document(nodes: list[JsonObject]) -> JsonObject:
    return {"@context": dict(CONTEXT), "@graph": [*nodes]}


def _once(documents: Iterable[JsonObject], catalog_uri: str) -> dict[str, JsonObject]:
    """Return the documents that can be listed by their record's address."""
    shown: dict[str, JsonObject] = {}
    for document in documents:
        uri = uri_of(document) if shown_type(document) else ""
        if uri and uri != catalog_uri:
            shown.setdefault(uri, document)
    return shown


def _apart(record: JsonObject, taken: set[str]) -> JsonObject:
    """Return a catalogue record, without its address if that already means something else."""
    if record.get("id") in taken:
        return {key: value for key, value in record.items() if key != "id"}
    return record


def _datasets(documents: Iterable[JsonObject], taken: set[str]) -> dict[str, JsonObject]:
    """Return the open data by address, each once and none that is something else already."""
    found: dict[str, JsonObject] = {}
    for document in documents:
        for dataset in datasets(document):
            if dataset["id"] not in taken:
                found.setdefault(str(dataset["id"]), dataset)
    return found


def _concepts(documents: Iterable[JsonObject]) -> list[JsonObject]:
    """Return the known concepts that records name, each once, with its labels."""
    named = {concept for held in documents for concept in codes(held, "theme", *SUBJECTS)}
    found: list[JsonObject] = []
    for scheme, code in sorted(named):
        labels = all_labels(scheme, code)
        if labels:
            concept: JsonObject = {
                "id": concepts.concept_iri(scheme, code),
                "type": "Concept",
                "prefLabel": {**labels},
            }
            found.append({**concept, "inScheme": _THEMES} if scheme == "theme" else concept)
    return found


def _taxonomy() -> JsonObject:
    title = {language: concepts.scheme_label("theme", language) for language in LANGUAGES}
    return {"id": _THEMES, "type": "ConceptScheme", "title": {**title}}


def _told(text: str | Mapping[str, str]) -> JsonObject | str:
    if isinstance(text, str):
        return clean(text)
    return {language: clean(held) for language, held in text.items() if held}
