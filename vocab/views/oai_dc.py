"""Records as unqualified Dublin Core, the format that every OAI-PMH repository must give."""

from collections.abc import Iterator
from typing import Final
from xml.etree import ElementTree as ET

from vocab.terms import JsonObject
from vocab.views.reading import (
    all_labels,
    codes,
    dated,
    languages,
    lists,
    media_type,
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

OAI_DC: Final = "http://www.openarchives.org/OAI/2.0/oai_dc/"
OAI_DC_SCHEMA: Final = "http://www.openarchives.org/OAI/2.0/oai_dc.xsd"
DC: Final = "http://purl.org/dc/elements/1.1/"
_XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"

_Statement = tuple[str, str, str]
"""Name of the element, its text, the language of the text ("" if it has none)."""

for _prefix, _namespace in (("oai_dc", OAI_DC), ("dc", DC), ("xsi", _XSI)):
    ET.register_namespace(_prefix, _namespace)


def oai_dc(document: JsonObject) -> bytes:
    """Return a record as one `oai_dc:dc` element in UTF-8, without an XML declaration.

    OAI-PMH 2.0, section 3.4 (the metadata format that all repositories share) with the schema
    oai_dc.xsd, and the fifteen elements of the Dublin Core Metadata Element Set 1.1. A text in
    several languages becomes an element in each; a concept becomes its labels in every language
    of the vocabulary, its code where the vocabulary does not know it.

    Args:
        document: a record; a tombstone, a membership or a local record gives b"".
    """
    record_type = shown_type(document)
    if not record_type:
        return b""
    root = ET.Element(f"{{{OAI_DC}}}dc", {f"{{{_XSI}}}schemaLocation": f"{OAI_DC} {OAI_DC_SCHEMA}"})
    statements = [*_content(document), *_makers(document), *_instance(document, record_type)]
    for name, text, language in dict.fromkeys(statements):
        if text:
            element = ET.SubElement(root, f"{{{DC}}}{name}", {_LANG: language} if language else {})
            element.text = text
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=False)
    return written


def _content(document: JsonObject) -> Iterator[_Statement]:
    """Yield what a record is about: title, subject, description, coverage, source, relation."""
    yield from (("title", text, code) for code, text in titles(document).items())
    for scheme, code in codes(document, "theme", "sdg", "commitment", "topic"):
        named = all_labels(scheme, code)
        yield from (("subject", label, language) for language, label in named.items())
        if not named:
            yield "subject", code, ""
    for language, keywords in lists(document.get("keyword")).items():
        yield from (("subject", word, language) for word in keywords)
    told = list(_each("description", document, "summary", "description"))
    yield from told or _each("description", document, "solution", "problem", "text", "criteria")
    yield from _coverage(document)
    for key in ("adaptedFrom", "source"):
        yield from (("source", uri, "") for uri in webs(document.get(key)))
    for key in _RELATED:
        yield from (("relation", uri, "") for uri in webs(document.get(key)))


_RELATED: Final = (
    "previousVersion",
    "seeAlso",
    "about",
    "answers",
    "implementedAs",
    "recipient",
    "assessed",
    "evidence",
    "openData",
    "procurementModel",
    "memberOf",
)


def _coverage(document: JsonObject) -> Iterator[_Statement]:
    for place in parts(document.get("place"))[:1]:
        yield from _each("coverage", place, "name")
        for key in ("region", "country", "countryName"):
            yield "coverage", plain(place.get(key)), ""
    for first, last in (("startDate", "endDate"), ("opens", "closes")):
        start, end = dated(document.get(first)), dated(document.get(last))
        if start or end:
            yield "coverage", f"{start}/{end}", ""
    yield "coverage", dated(document.get("observed")), ""


def _makers(document: JsonObject) -> Iterator[_Statement]:
    """Yield who made a record and on what terms: creator, publisher, contributor, rights."""
    yield "creator", web(document.get("lead")), ""
    yield "publisher", web(document.get("publisher")), ""
    yield from (("contributor", uri, "") for uri in webs(document.get("partner")))
    yield from (("contributor", name, "") for name in words(document.get("organisationName")))
    yield "rights", web(document.get("license")), ""
    yield "rights", plain(document.get("credit")), ""


def _instance(document: JsonObject, record_type: str) -> Iterator[_Statement]:
    """Yield what a record is as a thing of its own: date, type, format, identifier, language."""
    for key in ("issued", "modified"):
        yield "date", dated(document.get(key)), ""
    yield "type", record_type, ""
    for asset in parts(document.get("asset")):
        yield "format", media_type(asset.get("mediaType")), ""
        yield "relation", web(asset.get("url")), ""
    yield "identifier", uri_of(document), ""
    yield "identifier", plain(document.get("identifier")), ""
    for key in ("sameAs", "landingPage", "homepage", "url"):
        yield from (("identifier", uri, "") for uri in webs(document.get(key)))
    yield from (("language", code, "") for code in languages(document))


def _each(name: str, document: JsonObject, *keys: str) -> Iterator[_Statement]:
    """Yield the texts under some keys, one for each language."""
    for key in keys:
        yield from ((name, text, code) for code, text in texts(document.get(key)).items())
