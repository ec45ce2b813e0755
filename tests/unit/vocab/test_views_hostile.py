"""Views of records that were made to break them: nothing raises, and only web links come out."""

import re
from collections.abc import Iterator
from typing import Any, Final
from xml.etree import ElementTree as ET

import orjson
import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.vocab.view_cases import FULL_PRACTICE, RECORDS, SILENT, VALUES, spoilt, strings
from vocab.context import Kind, terms
from vocab.views import (
    CSV_COLUMNS,
    csv_row,
    dcat,
    dcat_bytes,
    geojson,
    oai_dc,
    record_as_dcat,
    schema_org,
)

pytestmark = pytest.mark.unit

Record = dict[str, Any]

WEB: Final = re.compile(r"https?://[^\s<>\"{}|\\^`]+")
OURS: Final = (
    "http://www.w3.org/",
    "http://purl.org/dc/terms/",
    "http://xmlns.com/foaf/0.1/",
    "https://w3id.org/lonja/",
    "https://metadata.un.org/sdg/",
    "http://publications.europa.eu/resource/authority/language/",
    "http://id.loc.gov/vocabulary/iso639-1/",
    "https://www.iana.org/assignments/media-types/",
    "http://data.europa.eu/nuts/code/",
    "https://schema.org",
    "https://node.example/",
)
LINK_KEYS: Final = ("@id", "url", "contentUrl", "license", "sameAs", "isBasedOn", "citation")
CATALOG: Final[Record] = {
    "catalog_uri": "https://node.example/catalog",
    "title": "Catalogue",
    "description": "All of it",
    "publisher_uri": "https://node.example/organisations/1",
    "publisher_name": "Node",
}


def links(view: Any, key: str = "") -> Iterator[str]:
    """Yield what stands where schema.org reads an address."""
    if isinstance(view, dict):
        for name, item in view.items():
            yield from links(item, name)
    elif isinstance(view, list):
        for item in view:
            yield from links(item, key)
    elif key in LINK_KEYS:
        yield view


def addresses(data: bytes) -> Iterator[str]:
    """Yield every address in a graph; of mailboxes, those of contacts only."""
    for triple in ox.parse(data, format=ox.RdfFormat.TURTLE):
        if triple.predicate.value.endswith("#hasEmail"):
            assert isinstance(triple.object, ox.NamedNode)
            assert triple.object.value.startswith("mailto:")
            continue
        for term in (triple.subject, triple.predicate, triple.object):
            if isinstance(term, ox.NamedNode):
                yield term.value


def judge(document: Record) -> None:
    """Make every view of a document and look at all that comes out."""
    given_out = set(strings(document))

    def fine(address: Any) -> bool:
        assert isinstance(address, str)
        assert WEB.fullmatch(address), address
        return address in given_out or address.startswith(OURS)

    view = schema_org(document, "es")
    orjson.dumps(view)
    assert all(map(fine, links(view)))
    assert len(csv_row(document)) == len(CSV_COLUMNS)
    "".join(csv_row(document)).encode()
    element = oai_dc(document)
    if element:
        ET.fromstring(element)
    orjson.dumps(geojson([document]))
    for tree in (record_as_dcat(document), dcat([document, FULL_PRACTICE], **CATALOG)):
        turtle = dcat_bytes(tree, "turtle")
        assert all(map(fine_or_full(fine), addresses(turtle)))
        xml = dcat_bytes(tree, "rdfxml")
        assert not tree or len(ET.fromstring(xml))


def fine_or_full(fine: Any) -> Any:
    others = set(strings(FULL_PRACTICE))
    return lambda address: address in others or fine(address)


@settings(deadline=None, max_examples=250, suppress_health_check=[HealthCheck.too_slow])
@given(spoilt())
def test_no_record_breaks_a_view_and_only_web_links_come_out(document: Record) -> None:
    judge(document)


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(RECORDS), st.data())
def test_every_key_may_hold_anything(document: Record, data: st.DataObject) -> None:
    value = data.draw(st.sampled_from(VALUES))
    judge({key: value if key != "type" else held for key, held in document.items()})


@pytest.mark.parametrize("document", SILENT)
def test_what_is_no_content_has_no_view(document: Record) -> None:
    assert schema_org(document, "en") == {}
    assert oai_dc(document) == b""
    assert record_as_dcat(document) == {}
    assert geojson([document])["features"] == []
    assert "resource" not in dcat([document], **CATALOG)["@graph"][0]  # type: ignore[index, operator, call-overload]
    judge(document)


def test_every_link_of_a_practice_comes_out_as_a_link() -> None:
    shown = (
        *("isVersionOf", "publisher", "lead", "partner", "license", "source", "sameAs"),
        "adaptedFrom",
    )
    wanted = {text for key in shown for text in strings(FULL_PRACTICE[key])}
    wanted |= {"https://lugo.example/files/pliego.pdf", "https://licence.example/asset"}
    assert wanted <= set(links(schema_org(FULL_PRACTICE, "en")))
    everywhere = {
        *wanted,
        *(FULL_PRACTICE["landingPage"], FULL_PRACTICE["openData"], *FULL_PRACTICE["seeAlso"]),
    }
    assert everywhere <= set(addresses(dcat_bytes(record_as_dcat(FULL_PRACTICE), "turtle")))
    elements = {element.text for element in ET.fromstring(oai_dc(FULL_PRACTICE))}
    assert everywhere - {"https://licence.example/asset"} <= elements


@pytest.mark.parametrize("bad", ["javascript:alert(1)", "data:text/html,x", "ftp://a.example/"])
def test_what_is_no_web_link_goes_nowhere(bad: str) -> None:
    kept = ("id", "isVersionOf", "origin")
    document = {
        key: bad if key in terms() and terms()[key].kind is Kind.LINK and key not in kept else held
        for key, held in FULL_PRACTICE.items()
    }
    assert list(document.values()).count(bad) > 10
    judge(document)
    for parts in ({}, {"asset": [{"url": bad}], "partner": [bad], "openData": {"id": bad}}):
        spoilt_one = {**document, **parts}
        views: list[Any] = [schema_org(spoilt_one, "en"), geojson([spoilt_one])]
        views += [csv_row(spoilt_one), record_as_dcat(spoilt_one)]
        assert all(bad not in text for view in views for text in strings(view))
        assert bad.encode() not in oai_dc(spoilt_one)
