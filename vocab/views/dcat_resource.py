"""One record in the words of DCAT 3: the resource, its catalogue record, its open data."""

from collections.abc import Iterator
from typing import Any, Final

from vocab.concepts import concept_iri
from vocab.context import classes
from vocab.terms import JsonObject
from vocab.views.dcat_parts import contact, coverage, descriptions, files, spoken, typed
from vocab.views.reading import (
    codes,
    filled,
    lists,
    many,
    moment,
    parts,
    plain,
    shown_type,
    texts,
    titles,
    uri_of,
    web,
    webs,
    words,
)

SUBJECTS: Final = ("sdg", "commitment", "topic")
"""Keys of the concepts that become dct:subject; `theme` becomes dcat:theme."""

_RELATED: Final = (
    "about",
    "answers",
    "assessed",
    "credential",
    "evidence",
    "implementedAs",
    "openData",
    "procurementModel",
    "recipient",
    "seeAlso",
)


def resource(document: JsonObject) -> JsonObject:
    """Return a record as dcat:Resource (DCAT 3, section 6.4), {} for what has no view.

    A practice is no dataset, so its files hang on dct:relation: dcat:distribution, whose domain
    is dcat:Dataset, would make one of it. Organisations and clusters are foaf:Agent besides.
    """
    record_type, uri = shown_type(document), uri_of(document)
    if not record_type or not uri:
        return {}
    view: dict[str, Any] = {
        "id": uri,
        "type": ["Resource", classes()[record_type]],
        "title": titles(document),
        "description": descriptions(document),
        "keyword": lists(document.get("keyword")),
        "theme": [concept_iri(*concept) for concept in codes(document, "theme")],
        "subject": [concept_iri(*concept) for concept in codes(document, *SUBJECTS)],
        "issued": moment(document.get("issued")),
        "modified": moment(document.get("modified")),
        "version": plain(document.get("version")),
        "previousVersion": web(document.get("previousVersion")),
        "language": spoken(document),
        "license": typed(web(document.get("license")), "LicenseDocument"),
        "identifier": [uri, *words(document.get("identifier"))],
        "sameAs": webs(document.get("sameAs")),
        "landingPage": _pages(document, "landingPage", "url"),
        "source": webs(document.get("source")),
        "wasDerivedFrom": webs(document.get("adaptedFrom")),
        "relation": [*files(document), *_related(document)],
        "contactPoint": [
            known for part in parts(document.get("contact")) if (known := contact(part))
        ],
        **_people(document),
        **coverage(document),
    }
    if record_type in ("Organisation", "Cluster"):
        view |= _agent(document, record_type)
    return filled(view)


def catalog_record(document: JsonObject) -> JsonObject:
    """Return the dcat:CatalogRecord of a record (DCAT-AP 3.0.1, Catalogue Record).

    It is the signed version that says it. Its date of modification is mandatory: a draft that
    has no date yet gives {}.
    """
    changed = moment(document.get("modified")) or moment(document.get("issued"))
    uri, version = uri_of(document), web(document.get("id"))
    if not changed or not uri or not shown_type(document):
        return {}
    return filled(
        {
            "id": version if version.startswith(f"{uri}/v/") else "",
            "type": "CatalogRecord",
            "primaryTopic": uri,
            "issued": moment(document.get("issued")),
            "modified": changed,
        }
    )


def datasets(document: JsonObject) -> Iterator[JsonObject]:
    """Yield the open data of a record as dcat:Dataset (DCAT-AP 3.0.1, Dataset).

    Title and description are mandatory; where the data have none of their own, those of the
    record stand. Whose the data are and under which licence is not known, so it is not said.
    """
    uri = uri_of(document) if shown_type(document) else ""
    for item in many(document.get("openData")) if uri else ():
        part: JsonObject = item if isinstance(item, dict) else {"id": item}
        address = web(part.get("id"))
        title = texts(part.get("title")) or titles(document)
        told: dict[str, Any] = {**(descriptions(part) or descriptions(document) or title)}
        if address and title:
            yield {
                "id": address,
                "type": "Dataset",
                "title": {**title},
                "description": told,
                "isReferencedBy": uri,
            }


def _people(document: JsonObject) -> dict[str, Any]:
    return {
        "publisher": web(document.get("publisher")),
        "creator": web(document.get("lead")),
        "contributor": [
            *webs(document.get("partner")),
            *({"type": "Agent", "name": name} for name in words(document.get("organisationName"))),
        ],
    }


def _agent(document: JsonObject, record_type: str) -> dict[str, Any]:
    kinds = ["Resource", "Agent", "Organization"]
    own = [classes()[record_type]] if record_type == "Cluster" else []
    uri = uri_of(document)
    return {
        "type": [*kinds, *own],
        "name": texts(document.get("name")) or uri,
        "homepage": _pages(document, "homepage"),
        "memberOf": webs(document.get("memberOf")),
        "hasMember": webs(document.get("member")),
    }


def _pages(document: JsonObject, *keys: str) -> list[JsonObject]:
    return [typed(page, "Document") for key in keys for page in webs(document.get(key))]


def _related(document: JsonObject) -> Iterator[str]:
    for key in _RELATED:
        yield from webs(document.get(key))
