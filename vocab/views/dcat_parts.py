"""Parts of records in the words of DCAT 3: places, times, contacts, files, languages."""

from collections.abc import Iterator
from typing import Any, Final

from vocab.rdf import address_of
from vocab.terms import JsonObject
from vocab.views.reading import (
    day,
    filled,
    languages,
    mail,
    media_type,
    parts,
    plain,
    point,
    texts,
    web,
)

_NUTS: Final = "http://data.europa.eu/nuts/code/"
_NUTS_LENGTHS: Final = range(2, 6)
_DESCRIBED: Final = (
    ("summary", "description"),
    ("solution", "problem"),
    ("text",),
    ("criteria",),
)


def typed(uri: str, kind: str) -> JsonObject:
    """Return a thing that is known by its address and its class only; {} without an address."""
    return {"id": uri, "type": kind} if uri else {}


def descriptions(document: JsonObject) -> dict[str, list[str]]:
    """Return summary and description per language, else what comes nearest to them."""
    for keys in _DESCRIBED:
        found: dict[str, list[str]] = {}
        for key in keys:
            for code, text in texts(document.get(key)).items():
                found.setdefault(code, []).append(text)
        if found:
            return found
    return {}


def spoken(document: JsonObject) -> list[JsonObject]:
    """Return the languages of a record as dct:LinguisticSystem.

    Their addresses are those of the EU's authority table, which DCAT-AP 3.0.1 asks for
    (Controlled vocabularies), as far as context v1 knows them.
    """
    bases = dict.fromkeys(code.partition("-")[0] for code in languages(document))
    return [
        typed(address_of("language", code), "LinguisticSystem") for code in bases if code != "und"
    ]


def contact(part: JsonObject) -> JsonObject:
    """Return a contact point as vcard:Kind; its mailbox is the one link that is not of the web."""
    known = filled(
        {
            "fn": plain(part.get("contactName")),
            "hasEmail": mail(part.get("email")),
            "hasURL": web(part.get("contactPage")),
        }
    )
    return {"type": "Kind", **known} if known else {}


def coverage(document: JsonObject) -> dict[str, Any]:
    """Return the place and the time that a record is about."""
    periods = []
    for first, last in (("startDate", "endDate"), ("opens", "closes")):
        dates = filled({"startDate": day(document.get(first)), "endDate": day(document.get(last))})
        if dates:
            periods.append({"type": "PeriodOfTime", **dates})
    places = [found for part in parts(document.get("place"))[:1] for found in _places(part)]
    return {"spatial": places, "temporal": periods}


def _places(place: JsonObject) -> Iterator[JsonObject]:
    """Yield a place as dct:Location, and the statistical region around it (NUTS)."""
    at = point(place)
    country = plain(place.get("country") or place.get("countryName"))
    address = filled({"adminUnitL1": country, "adminUnitL2": plain(place.get("region"))})
    known = filled(
        {
            "prefLabel": texts(place.get("name")),
            "centroid": f"POINT({at[0]} {at[1]})" if at else "",
        }
    )
    if address:
        known["address"] = {"type": "Address", **address}
    if known:
        yield {"type": "Location", **known}
    nuts = plain(place.get("nuts"))
    if nuts.isascii() and nuts.isalnum() and len(nuts) in _NUTS_LENGTHS:
        yield typed(_NUTS + nuts, "Location")


def files(document: JsonObject) -> Iterator[JsonObject]:
    """Yield the files of a record as dcat:Distribution (DCAT-AP 3.0.1: accessURL is mandatory)."""
    for part in parts(document.get("asset")):
        if web(part.get("url")):
            kind = media_type(part.get("mediaType"))
            known = {
                "title": texts(part.get("title")),
                "accessURL": web(part.get("url")),
                "mediaType": typed(kind and address_of("mediaType", kind), "MediaType"),
                "license": typed(web(part.get("license")), "LicenseDocument"),
            }
            yield {"type": "Distribution", **filled(known)}
