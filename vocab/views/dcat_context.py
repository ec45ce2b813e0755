"""The JSON-LD context of the DCAT view: only terms of DCAT 3 and of what DCAT-AP 3 builds on."""

from types import MappingProxyType
from typing import Any, Final

PREFIXES: Final = MappingProxyType(
    {
        "dcat": "http://www.w3.org/ns/dcat#",
        "dct": "http://purl.org/dc/terms/",
        "foaf": "http://xmlns.com/foaf/0.1/",
        "geosparql": "http://www.opengis.net/ont/geosparql#",
        "locn": "http://www.w3.org/ns/locn#",
        "org": "http://www.w3.org/ns/org#",
        "owl": "http://www.w3.org/2002/07/owl#",
        "prov": "http://www.w3.org/ns/prov#",
        "skos": "http://www.w3.org/2004/02/skos/core#",
        "vcard": "http://www.w3.org/2006/vcard/ns#",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
    }
)
"""Namespace of each prefix."""


def _texts(term: str) -> dict[str, str]:
    return {"@id": term, "@container": "@language"}


def _link(term: str) -> dict[str, str]:
    return {"@id": term, "@type": "@id"}


def _typed(term: str, datatype: str) -> dict[str, str]:
    return {"@id": term, "@type": datatype}


CONTEXT: Final[MappingProxyType[str, Any]] = MappingProxyType(
    {
        **PREFIXES,
        "id": "@id",
        "type": "@type",
        "Catalog": "dcat:Catalog",
        "CatalogRecord": "dcat:CatalogRecord",
        "Resource": "dcat:Resource",
        "Dataset": "dcat:Dataset",
        "Distribution": "dcat:Distribution",
        "Agent": "foaf:Agent",
        "Organization": "org:Organization",
        "Document": "foaf:Document",
        "Concept": "skos:Concept",
        "ConceptScheme": "skos:ConceptScheme",
        "LicenseDocument": "dct:LicenseDocument",
        "LinguisticSystem": "dct:LinguisticSystem",
        "Location": "dct:Location",
        "Address": "locn:Address",
        "MediaType": "dct:MediaType",
        "PeriodOfTime": "dct:PeriodOfTime",
        "Kind": "vcard:Kind",
        "title": _texts("dct:title"),
        "description": _texts("dct:description"),
        "keyword": _texts("dcat:keyword"),
        "name": _texts("foaf:name"),
        "prefLabel": _texts("skos:prefLabel"),
        "inScheme": _link("skos:inScheme"),
        "themeTaxonomy": _link("dcat:themeTaxonomy"),
        "record": _link("dcat:record"),
        "resource": _link("dcat:resource"),
        "dataset": _link("dcat:dataset"),
        "primaryTopic": _link("foaf:primaryTopic"),
        "theme": _link("dcat:theme"),
        "subject": _link("dct:subject"),
        "publisher": _link("dct:publisher"),
        "creator": _link("dct:creator"),
        "contributor": _link("dct:contributor"),
        "contactPoint": _link("dcat:contactPoint"),
        "fn": "vcard:fn",
        "hasEmail": _link("vcard:hasEmail"),
        "hasURL": _link("vcard:hasURL"),
        "spatial": _link("dct:spatial"),
        "centroid": _typed("dcat:centroid", "geosparql:wktLiteral"),
        "address": _link("locn:address"),
        "adminUnitL1": "locn:adminUnitL1",
        "adminUnitL2": "locn:adminUnitL2",
        "temporal": _link("dct:temporal"),
        "startDate": _typed("dcat:startDate", "xsd:date"),
        "endDate": _typed("dcat:endDate", "xsd:date"),
        "issued": _typed("dct:issued", "xsd:dateTime"),
        "modified": _typed("dct:modified", "xsd:dateTime"),
        "version": "dcat:version",
        "previousVersion": _link("dcat:previousVersion"),
        "language": _link("dct:language"),
        "license": _link("dct:license"),
        "identifier": "dct:identifier",
        "sameAs": _link("owl:sameAs"),
        "landingPage": _link("dcat:landingPage"),
        "homepage": _link("foaf:homepage"),
        "memberOf": _link("org:memberOf"),
        "hasMember": _link("org:hasMember"),
        "source": _link("dct:source"),
        "relation": _link("dct:relation"),
        "isReferencedBy": _link("dct:isReferencedBy"),
        "wasDerivedFrom": _link("prov:wasDerivedFrom"),
        "accessURL": _link("dcat:accessURL"),
        "mediaType": _link("dcat:mediaType"),
    }
)
"""Stands inline in every DCAT view, so that nobody has to fetch anything to read one."""
