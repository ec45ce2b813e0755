"""Foreign JSON-LD: pages and catalogues of others become honest drafts, and nothing is fetched."""

import json
import threading
import time
from typing import Any

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from vocab.context import pyld_lock
from vocab.document import MAX_BYTES
from vocab.findings import Finding, Severity, violations
from vocab.foreign import Draft, drafts
from vocab.foreign.contexts import SCHEMA_ORG
from vocab.foreign.text import day, language_code, plain, tag, web
from vocab.shacl import judge
from vocab.validate import check

pytestmark = pytest.mark.unit

LICENCE = "https://creativecommons.org/licenses/by/4.0/"
PREFIXES = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
}


def read(document: object, **more: Any) -> list[Draft]:
    data = document if isinstance(document, bytes) else orjson.dumps(document)
    return list(drafts(data, name="file.jsonld", **more))


def page(**values: object) -> dict[str, object]:
    return {"@context": "https://schema.org", "@type": "Article", "name": "Bus", **values}


def one(document: object, **more: Any) -> tuple[dict[str, Any], Draft]:
    (draft,) = read(document, **more)
    assert draft.document is not None
    return draft.document, draft


def rules(draft: Draft) -> set[str]:
    return {item.rule for item in draft.findings}


def keys(draft: Draft, rule: str) -> str:
    return next(item.message() for item in draft.findings if item.rule == rule)


def accepted(document: dict[str, Any]) -> list[Finding]:
    """Return what keeps a draft from being published by a node."""
    published = {**document, "publisher": "https://node.example/organisations/a"}
    envelope = {
        **published,
        "id": "https://node.example/practices/x/v/1",
        "isVersionOf": "https://node.example/practices/x",
        "origin": "did:web:node.example",
        "seq": 1,
        "version": 1,
        "issued": "2026-11-23T08:00:00Z",
    }
    return violations([*check(published, authoring=True), *judge(envelope)])


# ------------------------------------------------------------------ pages as the web has them

GARDENS = {
    "@context": "https://schema.org",
    "@graph": [
        {
            "@type": "Article",
            "@id": "https://www.vilanova.example/huertos/#article",
            "isPartOf": {"@id": "https://www.vilanova.example/huertos/"},
            "author": {
                "name": "Ana Pérez",
                "@id": "https://www.vilanova.example/#/schema/person/81",
            },
            "headline": "Huertos escolares en red",
            "datePublished": "2023-05-04T08:00:00+02:00",
            "mainEntityOfPage": {"@id": "https://www.vilanova.example/huertos/"},
            "publisher": {"@id": "https://www.vilanova.example/#organization"},
            "image": {"@id": "https://www.vilanova.example/huertos/#primaryimage"},
            "articleSection": ["Educación", "Medio ambiente"],
            "keywords": "huertos, escuelas , compost",
            "inLanguage": "es",
            "license": LICENCE,
            "description": "<p>Doce escuelas &amp; un <b>vivero</b>.</p>"
            "<script>alert(1)</script><ul><li>Riego</li><li>Compost</li></ul>",
        },
        {
            "@type": ["WebPage"],
            "@id": "https://www.vilanova.example/huertos/",
            "url": "https://www.vilanova.example/huertos/",
            "name": "Huertos escolares - Vilanova",
            "breadcrumb": {"@id": "https://www.vilanova.example/huertos/#breadcrumb"},
            "isPartOf": {"@id": "https://www.vilanova.example/#website"},
        },
        {
            "@type": "ImageObject",
            "@id": "https://www.vilanova.example/huertos/#primaryimage",
            "contentUrl": "https://www.vilanova.example/huertos.jpg",
        },
        {
            "@type": "BreadcrumbList",
            "@id": "https://www.vilanova.example/huertos/#breadcrumb",
            "itemListElement": [{"@type": "ListItem", "position": 1, "name": "Portada"}],
        },
        {
            "@type": "WebSite",
            "@id": "https://www.vilanova.example/#website",
            "name": "Concello de Vilanova",
        },
        {
            "@type": "Organization",
            "@id": "https://www.vilanova.example/#organization",
            "name": "Concello de Vilanova",
        },
        {
            "@type": "Person",
            "@id": "https://www.vilanova.example/#/schema/person/81",
            "name": "Ana Pérez",
            "email": "ana@vilanova.example",
        },
    ],
}


def test_the_article_of_a_content_management_system_becomes_one_practice() -> None:
    document, draft = one(GARDENS)
    assert accepted(document) == []
    assert document["title"] == {"es": "Huertos escolares en red"}
    assert document["description"] == {"es": "Doce escuelas & un vivero.\n\nRiego\nCompost"}
    assert document["keyword"] == {
        "es": ["huertos", "escuelas", "compost", "Educación", "Medio ambiente"]
    }
    assert document["language"] == ["es"]
    assert document["source"] == "https://www.vilanova.example/huertos/"
    assert document["identifier"] == "https://www.vilanova.example/huertos/#article"
    assert document["credit"] == "Concello de Vilanova"
    assert document["license"] == LICENCE
    assert "2023-05-04" in document["importNote"]
    assert "https://www.vilanova.example/huertos.jpg" in document["importNote"]
    assert "WebPage" in keys(draft, "foreign-left-out")


def test_no_person_of_the_page_is_in_the_record() -> None:
    document, draft = one(GARDENS)
    assert "Ana" not in json.dumps(document, ensure_ascii=False)
    assert "ana@" not in json.dumps(document)
    assert "author" in keys(draft, "foreign-person")


def test_a_how_to_brings_its_steps_and_its_place() -> None:
    document, draft = one(
        {
            "@context": "http://schema.org/",
            "@type": "HowTo",
            "name": {"@value": "Start a repair café", "@language": "en-gb"},
            "url": "https://repair.example/start",
            "license": "CC BY 4.0",
            "inLanguage": "en",
            "supply": {"@type": "HowToSupply", "name": "Tables"},
            "step": [
                {
                    "@type": "HowToSection",
                    "name": "Before",
                    "itemListElement": [
                        {"@type": "HowToStep", "position": 1, "text": "Find a room."},
                        {
                            "@type": "HowToStep",
                            "name": "Ask around",
                            "itemListElement": {
                                "@type": "HowToDirection",
                                "text": "Put up <b>a</b> poster.",
                            },
                        },
                    ],
                },
                "Open the doors",
            ],
            "contentLocation": {
                "@type": "Place",
                "name": "Gent",
                "address": {
                    "@type": "PostalAddress",
                    "streetAddress": "Kouter 1",
                    "addressRegion": "Vlaanderen",
                    "addressCountry": {"@type": "Country", "name": "BE"},
                },
                "geo": {"@type": "GeoCoordinates", "latitude": "51.05", "longitude": 3.72},
            },
            "temporalCoverage": "2018-01-01/..",
            "author": {"@type": "Organization", "name": "Repair Net"},
        },
        licence={"CC BY 4.0": LICENCE}.get,
    )
    assert accepted(document) == []
    assert document["title"] == {"en-GB": "Start a repair café"}
    assert [step["order"] for step in document["step"]] == [1, 2, 3]
    assert document["step"][1]["title"] == {"en": "Ask around"}
    assert document["step"][1]["description"] == {"en": "Put up a poster."}
    assert document["place"] == {
        "type": "Place",
        "name": {"en": "Gent"},
        "region": "Vlaanderen",
        "country": "BE",
        "lat": 51.05,
        "long": 3.72,
    }
    assert document["startDate"] == "2018-01-01"
    assert "endDate" not in document
    assert document["license"] == LICENCE
    assert document["credit"] == "Repair Net"
    for kept in ("Before", "Tables", "Kouter 1"):
        assert kept in document["importNote"]
    assert "supply" in keys(draft, "foreign-note")


def test_two_languages_stay_two_languages() -> None:
    document, _ = one(
        page(
            name=[
                {"@value": "Autobús a demanda", "@language": "es-es"},
                {"@value": "Bus à la demande", "@language": "FR"},
            ],
            description={"@value": "Llame y viene.", "@language": "spa"},
            keywords=[{"@value": "bus", "@language": "fr"}, "rural"],
        )
    )
    assert document["title"] == {"es-ES": "Autobús a demanda", "fr": "Bus à la demande"}
    assert document["description"] == {"es": "Llame y viene."}
    assert document["keyword"] == {"fr": ["bus"], "und": ["rural"]}
    assert document["language"] == ["es", "fr"]


def test_the_language_of_a_context_counts() -> None:
    document, _ = one({**page(), "@context": ["https://schema.org", {"@language": "pt-BR"}]})
    assert document["title"] == {"pt-BR": "Bus"}


def test_a_text_without_a_language_says_so() -> None:
    assert one(page())[0]["title"] == {"und": "Bus"}
    assert "language" not in one(page())[0]
    assert one(page(inLanguage=["es", "ca"]))[0]["title"] == {"und": "Bus"}


@pytest.mark.parametrize("address", sorted(SCHEMA_ORG))
def test_every_spelling_of_schema_org_is_the_bundled_context(address: str) -> None:
    document, _ = one({**page(url="https://town.example/bus"), "@context": address})
    assert document["source"] == "https://town.example/bus"


@pytest.mark.parametrize("namespace", ["http://schema.org/", "https://schema.org/"])
def test_both_namespaces_of_schema_org_mean_the_same(namespace: str) -> None:
    expanded = {"@type": [f"{namespace}Project"], f"{namespace}name": [{"@value": "Bus"}]}
    assert one([expanded])[0]["title"] == {"und": "Bus"}
    inline = {"@context": {"@vocab": namespace}, "@type": "Project", "name": "Bus"}
    assert one(inline)[0]["title"] == {"und": "Bus"}


def test_an_item_list_gives_its_items_in_order() -> None:
    found = read(
        {
            "@context": "https://schema.org",
            "@type": "ItemList",
            "name": "Good practice of the year",
            "itemListElement": [
                {
                    "@type": "ListItem",
                    "position": 1,
                    "item": {"@type": "Project", "name": "A", "url": "https://x.example/a"},
                },
                {"@type": "ListItem", "position": 2, "url": "https://x.example/b", "name": "B"},
                {"@type": "ListItem", "position": 3, "url": "https://x.example/c"},
            ],
        }
    )
    documents = [draft.document or {} for draft in found]
    assert [document["title"] for document in documents] == [{"und": "A"}, {"und": "B"}]
    assert [document["identifier"] for document in documents] == [
        "https://x.example/a",
        "https://x.example/b",
    ]
    assert "ItemList (1), ListItem (1)" in keys(found[0], "foreign-left-out")


def test_a_page_alone_is_a_record_and_the_page_of_an_article_is_none() -> None:
    alone = {"@context": "https://schema.org", "@type": "WebPage", "name": "Bus"}
    assert one(alone)[0]["title"] == {"und": "Bus"}
    inside = {**alone, "mainEntity": {"@type": "Article", "name": "Bus on demand"}}
    assert one(inside)[0]["title"] == {"und": "Bus on demand"}


def test_a_licence_that_is_a_thing_of_its_own_is_no_record() -> None:
    graph = [
        {"@type": "Article", "name": "Bus", "license": {"@id": "https://x.example/licence"}},
        {"@id": "https://x.example/licence", "@type": "CreativeWork", "name": "Our terms"},
    ]
    document, _ = one({"@context": "https://schema.org", "@graph": graph})
    assert document["license"] == "https://x.example/licence"
    assert "Our terms" in document["importNote"]


# ------------------------------------------------------------------------------------- DCAT

CATALOGUE = {
    "@context": PREFIXES,
    "@graph": [
        {
            "@id": "https://data.town.example/catalog",
            "@type": "dcat:Catalog",
            "dct:title": "Open data of Town",
            "dct:publisher": {"@id": "_:town"},
            "dcat:dataset": [
                {"@id": "https://data.town.example/d/1"},
                {"@id": "https://data.town.example/d/2"},
            ],
        },
        {"@id": "_:town", "@type": ["foaf:Agent", "foaf:Organization"], "foaf:name": "Town"},
        {
            "@id": "https://data.town.example/d/1",
            "@type": "dcat:Dataset",
            "dct:title": [
                {"@value": "Bike counts", "@language": "en"},
                {"@value": "Aforos ciclistas", "@language": "es"},
            ],
            "dct:description": {"@value": "By hour", "@language": "en"},
            "dct:identifier": "BC-1",
            "dct:language": {
                "@id": "http://publications.europa.eu/resource/authority/language/ENG"
            },
            "dcat:keyword": ["bike", {"@value": "bici", "@language": "es"}],
            "dcat:theme": [
                {
                    "@id": "http://publications.europa.eu/resource/authority/data-theme/TRAN",
                    "skos:prefLabel": {"@value": "Transport", "@language": "en"},
                }
            ],
            "dct:temporal": {
                "@type": "dct:PeriodOfTime",
                "dcat:startDate": {"@type": "xsd:date", "@value": "2019-01-01"},
                "dcat:endDate": {"@type": "xsd:gYear", "@value": "2021"},
            },
            "dct:spatial": {
                "@type": "dct:Location",
                "rdfs:label": "Town",
                "dcat:centroid": "POINT(-3.70 40.41)",
            },
            "dct:publisher": {"@id": "_:town"},
            "dct:creator": {"@type": "foaf:Person", "foaf:name": "Jo Bloggs"},
            "dcat:contactPoint": {
                "@type": "vcard:Kind",
                "vcard:fn": "Jo Bloggs",
                "vcard:hasEmail": {"@id": "mailto:jo@town.example"},
            },
            "dcat:landingPage": {"@id": "https://town.example/bikes"},
            "titel": "a key that no context explains",
            "dcat:distribution": [
                {
                    "@type": "dcat:Distribution",
                    "dcat:downloadURL": {"@id": "https://town.example/bikes.csv"},
                    "dct:license": {"@id": LICENCE},
                }
            ],
        },
        {
            "@id": "https://data.town.example/d/2",
            "dct:title": "Trees",
            "dct:license": "as the law says",
        },
    ],
}


def test_a_catalogue_gives_its_datasets() -> None:
    bikes, trees = read(CATALOGUE)
    document = bikes.document
    assert document is not None
    assert accepted(document) == []
    assert document["title"] == {"en": "Bike counts", "es": "Aforos ciclistas"}
    assert document["keyword"] == {"en": ["bike", "Transport"], "es": ["bici"]}
    assert document["place"] == {
        "type": "Place",
        "name": {"en": "Town"},
        "lat": 40.41,
        "long": -3.7,
    }
    assert document["startDate"] == "2019-01-01"
    assert document["credit"] == "Town"
    assert document["landingPage"] == document["source"] == "https://town.example/bikes"
    assert document["identifier"] == "town.example:BC-1"
    assert document["license"] == LICENCE
    assert "foreign-licence-of-files" in rules(bikes)
    assert document["seeAlso"] == [
        "https://data.town.example/d/1",
        "https://town.example/bikes.csv",
    ]
    note = str(document["importNote"])
    assert "endDate: 2021" in note
    assert "titel: a key that no context explains" in note
    assert "data-theme/TRAN" in note
    assert "foreign-date" in rules(bikes)
    assert "Bloggs" not in json.dumps(document)
    assert "jo@" not in json.dumps(document)
    said = keys(bikes, "foreign-person")
    assert "creator" in said
    assert "contactPoint" in said
    assert trees.document is not None
    assert trees.document["credit"] == "Town"  # of the catalogue: the dataset names nobody
    assert "license" not in trees.document
    assert "license: as the law says" in str(trees.document["importNote"])
    assert "foreign-licence" in rules(trees)


def test_datasets_nested_in_their_catalogue_are_the_same() -> None:
    catalogue, town, *datasets = CATALOGUE["@graph"]
    nested = {
        "@context": PREFIXES,
        **catalogue,  # type: ignore[dict-item]  # a dictionary, whatever else the list holds
        "dct:publisher": town,
        "dcat:dataset": datasets,
    }
    assert [draft.document for draft in read(nested)] == [d.document for d in read(CATALOGUE)]


def test_files_with_different_licences_give_the_dataset_none() -> None:
    files = [{"dct:license": {"@id": LICENCE}}, {"dct:license": {"@id": "https://x.example/l"}}]
    document, _ = one(
        {
            "@context": PREFIXES,
            "@type": "dcat:Dataset",
            "dct:title": "A",
            "dcat:distribution": files,
        }
    )
    assert "license" not in document
    assert "https://x.example/l" in document["importNote"]


# ------------------------------------------------------------------------ persons and credit


@pytest.mark.parametrize(
    "author",
    [
        "Jane Doe",
        {"name": "Jane Doe"},
        {"@type": "Person", "name": "Jane Doe", "email": "jane@x.example"},
        {"@type": ["Organization", "Person"], "name": "Jane Doe"},
        {"@id": "https://x.example/jane-doe"},
        {"@type": "http://xmlns.com/foaf/0.1/Person", "name": "Jane Doe"},
    ],
)
@pytest.mark.parametrize("role", ["author", "creator", "editor", "contributor"])
def test_authors_who_may_be_persons_are_left_out(role: str, author: object) -> None:
    document, draft = one(page(**{role: author}))
    assert "jane" not in json.dumps(document).lower()
    assert role in keys(draft, "foreign-person")
    assert next(f for f in draft.findings if f.rule == "foreign-person").severity is Severity.INFO


def test_persons_deep_inside_are_left_out_too() -> None:
    person = {"@type": "Person", "name": "Jane Doe"}
    document, draft = one(
        page(
            review={"@type": "Review", "author": person, "reviewBody": "Jane said so"},
            image={"@type": "ImageObject", "creator": person, "caption": "A bus"},
            about=person,
            publisher=person,
            workExample={"@type": "Thing", "mentions": [person, {"name": "Town"}]},
            telephone="+34 600 000 000",
        )
    )
    text = json.dumps(document)
    assert "Jane" not in text
    assert "600" not in text
    assert "A bus" in text
    assert "Town" in text
    for key in ("review", "creator", "about", "publisher", "mentions", "telephone"):
        assert key in keys(draft, "foreign-person")


def test_organisations_are_named_and_credited() -> None:
    document, _ = one(
        page(
            publisher={
                "@type": "GovernmentOrganization",
                "name": "Town",
                "url": "https://t.example",
            },
            author=[{"@type": "Organization", "name": "Lab"}, {"@type": "Person", "name": "Jo"}],
            funder={"@type": "Organization", "name": "Fund"},
        )
    )
    assert document["organisationName"] == ["Town", "Fund", "Lab"]
    assert document["credit"] == "Town; Lab"
    assert "publisher: url: https://t.example" in document["importNote"]


# --------------------------------------------------------------- nothing is lost or invented


def test_what_has_no_place_is_kept_as_text() -> None:
    document, draft = one(
        page(
            headline="Another title",
            wordCount=800,
            audience={"@type": "Audience", "audienceType": "Older people"},
            sameAs=["https://x.example/a", "see the town hall", "javascript:alert(1)"],
            url="/relative",
            location=["Lugo", "Vigo"],
            startDate="2019",
            endDate="2020-02-30",
            inLanguage="Klingon (Qo'noS)",
            identifier=["1", "2"],
        )
    )
    note = document["importNote"]
    for kept in (
        "headline: Another title",
        "wordCount: 800",
        "Older people",
        "see the town hall",
        "javascript:alert(1)",
        "/relative",
        "Vigo",
        "startDate: 2019",
        "endDate: 2020-02-30",
        "Klingon",
        "identifier: 2",
    ):
        assert kept in note, kept
    assert document["seeAlso"] == ["https://x.example/a"]
    assert document["place"] == {"type": "Place", "name": {"und": "Lugo"}}
    assert "source" not in document
    assert document["identifier"] == "1"
    assert "foreign-note" in rules(draft)


def test_a_country_is_a_code_only_where_it_is_certain() -> None:
    address = {"@type": "PostalAddress", "addressCountry": "España"}
    where = {"@type": "Place", "address": address}
    found, draft = one(page(location=where))
    assert found["place"] == {"type": "Place", "countryName": "España"}
    assert "foreign-country" in rules(draft)
    known, draft = one(page(location=where), country={"España": "ES"}.get)
    assert known["place"] == {"type": "Place", "country": "ES", "countryName": "España"}
    assert "foreign-country" not in rules(draft)


def test_a_day_with_a_time_keeps_the_time_in_the_note() -> None:
    document, _ = one(page(startDate="2020-05-01T10:30:00Z", endDate="2020-06-01T00:00:00Z"))
    assert (document["startDate"], document["endDate"]) == ("2020-05-01", "2020-06-01")
    assert "10:30" in document["importNote"]
    assert "2020-06-01" not in document["importNote"]


def test_several_licences_are_told() -> None:
    document, draft = one(page(license=[LICENCE, "https://x.example/terms"]))
    assert document["license"] == LICENCE
    assert "https://x.example/terms" in document["importNote"]
    assert "foreign-licences" in rules(draft)


def test_two_records_never_share_an_identifier() -> None:
    pages = [page(name=name, url="https://x.example/p") for name in ("A", "B", "C")]
    found = read(pages)
    names = [draft.document["identifier"] for draft in found if draft.document]
    assert names == ["https://x.example/p", "https://x.example/p#2", "https://x.example/p#3"]
    assert ["foreign-same-identifier" in rules(draft) for draft in found] == [False, True, True]


def test_keys_that_json_ld_drops_are_named() -> None:
    context = ["https://schema.org", {"secret": None}]
    _, draft = one({**page(secret="x"), "@context": context})
    assert "secret" in keys(draft, "foreign-dropped")


def test_a_note_without_end_is_cut_and_says_so() -> None:
    document, draft = one(page(mentions=[f"thing number {n}" for n in range(5000)]))
    assert len(document["importNote"]) <= 20_000
    assert "foreign-shortened" in rules(draft)


# ------------------------------------------------------------------------------ what is wrong


@pytest.mark.parametrize(
    ("document", "rule"),
    [
        (b"<html><script type='application/ld+json'>{}</script>", "foreign-page"),
        (b'{"@context": "https://schema.org",', "not-json"),
        (b"\xff\xfe{", "not-utf8"),
        (b"3", "not-object"),
        (b"[" * 100_000, "too-deep"),
        (b'{"name": "\\ud800"}', "not-json"),
        (b'{"lat": NaN}', "not-json"),
        ([], "foreign-nothing"),
        ({"name": "no context"}, "foreign-nothing"),
        ({"@context": "https://schema.org", "@type": "Person", "name": "A"}, "foreign-nothing"),
        (page(**{"@context": "https://evil.example/c.jsonld"}), "foreign-context"),
        (page(**{"@context": ["https://schema.org", "c.jsonld"]}), "foreign-context"),
        (page(about={"@context": "http://10.0.0.1/", "name": "x"}), "foreign-context"),
        (page(**{"@context": {"@import": "https://schema.org"}}), "foreign-context-keyword"),
        (page(**{"@context": {"@base": "https://x.example/"}}), "foreign-context-keyword"),
        (page(**{"@context": {"T": {"@context": {"a": "b:"}}}}), "foreign-context-keyword"),
        (page(**{"@context": {f"k{n}": "urn:x" for n in range(5000)}}), "foreign-context-large"),
        (page(**{"@context": [{}] * 1000}), "foreign-context-large"),
        (page(**{"@context": {"a": "b:x", "b": "a:y"}, "a:z": 1}), "foreign-syntax"),
        (page(**{"@context": 5}), "foreign-syntax"),
        (page(**{"@id": 5}), "foreign-syntax"),
        (page(about={"@value": {"a": 1}, "@type": 5}), "foreign-syntax"),
    ],
)
def test_what_cannot_be_read_is_a_finding(document: object, rule: str) -> None:
    (draft,) = read(document)
    assert draft.document is None
    assert draft.findings[0].rule == rule
    assert draft.findings[0].severity is Severity.VIOLATION
    assert draft.findings[0].record.startswith("file.jsonld")


def test_an_unknown_context_says_which_and_what_to_do() -> None:
    address = "https://project-open-data.cio.gov/v1.1/schema/catalog.jsonld"
    (draft,) = read({"@context": address, "@graph": [{"title": "a"}, {"title": "b"}]})
    (found,) = draft.findings
    assert address in found.message()
    assert address in found.message("es")
    assert "Expand" in found.fix()


def test_one_broken_record_hides_no_other() -> None:
    broken, good = read([page(**{"@id": 5}), page(name="Good", url="https://x.example/g")])
    assert broken.document is None
    assert broken.label == "file.jsonld#1"
    assert good.document is not None
    assert good.document["title"] == {"und": "Good"}


def test_a_deep_record_is_refused_alone() -> None:
    deep: dict[str, object] = {"name": "x"}
    for _ in range(60):
        deep = {"mentions": deep}
    refused, good = read([page(about=deep), page(name="Good")])
    assert refused.findings[0].rule == "too-deep"
    assert good.document is not None


def test_a_record_larger_than_records_may_be_is_refused() -> None:
    (draft,) = read(page(articleBody="word " * (MAX_BYTES // 4)))
    assert draft.document is None
    assert draft.findings[0].rule == "too-large"


def test_things_that_refer_to_each_other_end() -> None:
    size = 150
    graph = [
        {
            "@id": f"urn:x:{n}",
            "@type": "Article" if n < 3 else "Foo",
            "name": f"thing {n}",
            "mentions": [{"@id": f"urn:x:{m}"} for m in range(size)],
            "isPartOf": {"@id": f"urn:x:{n}"},
        }
        for n in range(size)
    ]
    found = read({"@context": "https://schema.org", "@graph": graph})
    assert len(found) == 3
    lists = [
        {"@id": f"urn:l:{n}", "@type": "ItemList", "itemListElement": {"@id": f"urn:l:{1 - n}"}}
        for n in range(2)
    ]
    (nothing,) = read({"@context": "https://schema.org", "@graph": lists})
    assert nothing.findings[0].rule == "foreign-nothing"


@pytest.mark.parametrize(
    "document",
    [
        page(keywords=[f"k{n}" for n in range(50_000)]),
        page(name=[f"n{n}" for n in range(50_000)]),
        page(description="<p " * 300_000),
        page(description="<!--" * 300_000),
        page(identifier=[str(n) for n in range(50_000)]),
        [page(url="https://x.example/") for _ in range(2000)],
        {"@context": {f"k{n}": "urn:x" for n in range(1900)}, "@graph": [{"k1": 1}] * 300},
        {"@context": "https://schema.org", "@reverse": {"hasPart": [page()] * 2000}},
    ],
    ids=["words", "names", "tags", "comments", "numbers", "clashes", "contexts", "reverse"],
)
def test_hostile_files_take_no_long_time(document: object) -> None:
    began = time.process_time()
    read(document)
    assert time.process_time() - began < 20  # about one second; the bound is for slow machines


def test_pyld_is_called_by_one_thread_at_a_time() -> None:
    done = threading.Event()

    def work() -> None:
        read(page())
        done.set()

    with pyld_lock:
        thread = threading.Thread(target=work)
        thread.start()
        assert not done.wait(0.2)
    thread.join(10)
    assert done.is_set()


_json = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    *("@context", "@id", "@type", "@value", "@language", "@list", "@set", "@graph"),
                    *("@reverse", "@index", "@included", "@nest", "name", "license", "author"),
                    *("location", "address", "geo", "step", "url", "temporalCoverage", "keywords"),
                    *("itemListElement", "identifier", "sameAs", "publisher", "startDate"),
                ]
            ),
            inner | st.sampled_from(["https://schema.org", "Article", "ItemList", "es", "_:b"]),
            max_size=5,
        )
    ),
    max_leaves=25,
)


@settings(max_examples=300, deadline=None)
@given(_json)
@example({"@type": "Article", "license": "\x1f", "@id": "urn:x:\x1f", "\x1f": "\x1f"})
@example({"@context": [], "@included": False})
@example({"@context": [], "@included": "https://schema.org"})
def test_whatever_the_file_holds_it_never_raises(value: object) -> None:
    for document in (value, {"@context": "https://schema.org", "@graph": [value]}):
        for draft in read(document):
            if draft.document is not None:
                assert all(f.rule in ("required", "incomplete") for f in accepted(draft.document))


# ------------------------------------------------------------------------------------- texts


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("<P>One<br/>two</P>\n\n<p>three &lt;3</p>", "One\ntwo\n\nthree <3"),
        ("<style>p{}</style><!-- no -->kept<!-- open", "kept"),
        ("write to <info@x.example>, a < b > c", "write to <info@x.example>, a < b > c"),
        ("<a href='x>y' title=\"a>b\">link</a>", "link"),
        ("a\x00b\r\nc\n\n\n\nd", "a b\nc\n\nd"),
        ("<em>1</em> <em>2</em>", "1 2"),
        ("https://x.example/?a=1&copy=2&amp;b=&#51;", "https://x.example/?a=1&copy=2&b=3"),
        ("<script>never closed", ""),
    ],
)
def test_html_becomes_plain_text(written: str, text: str) -> None:
    assert plain(written) == text


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("ES", "es"),
        ("en_gb", "en-GB"),
        ("zh-hans-cn", "zh-Hans-CN"),
        ("spa", "es"),
        ("ca-valencia", "ca"),
        ("es-419", "es-419"),
        ("de-x-private", "de"),
        ("", "und"),
        ("Spanish", "und"),
        ("1", "und"),
    ],
)
def test_language_tags_have_one_spelling(written: str, code: str) -> None:
    assert tag(written) == code


def test_languages_are_known_by_code_and_by_address() -> None:
    assert language_code("es-ES") == "es"
    assert language_code("http://id.loc.gov/vocabulary/iso639-1/gl") == "gl"
    assert language_code("http://publications.europa.eu/resource/authority/language/EUS") == "eu"
    assert language_code("http://lexvo.org/id/iso639-3/spa") == "es"
    assert language_code("Spanish") == ""
    assert language_code("https://x.example/es") == ""


def test_addresses_and_days_are_whole_or_nothing() -> None:
    assert web(" https://x.example/a ") == "https://x.example/a"
    for wrong in ("//x.example", "x.example", "http://[::::]/", "https://a b", "javascript:1"):
        assert web(wrong) == ""
    assert day("2024-02-29") == day("2024-02-29T10:00:00Z") == "2024-02-29"
    for wrong in ("2023-02-29", "2024", "2024-02", "0024-01-01", "2024-01-01x"):
        assert day(wrong) == ""
