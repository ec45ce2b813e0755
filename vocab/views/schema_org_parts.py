"""Parts of records in the words of schema.org: places, files, times, organisations."""

from vocab.terms import JsonObject
from vocab.views.reading import dated, filled, media_type, pick_text, plain, point, web


def place(value: object, language: str) -> JsonObject:
    """Return a place as schema:Place with its address and its point, {} if it is none."""
    if not isinstance(value, dict):
        return {}
    address = filled(
        {
            "addressCountry": plain(value.get("country") or value.get("countryName")),
            "addressRegion": plain(value.get("region")),
        }
    )
    known = filled({"name": pick_text(value, "name", language)})
    if address:
        known["address"] = {"@type": "PostalAddress", **address}
    at = point(value)
    if at:
        known["geo"] = {"@type": "GeoCoordinates", "latitude": at[1], "longitude": at[0]}
    return {"@type": "Place", **known} if known else {}


def media(value: JsonObject, language: str) -> JsonObject:
    """Return a file of a record as schema:MediaObject."""
    known = {
        "name": pick_text(value, "title", language),
        "contentUrl": web(value.get("url")),
        "encodingFormat": media_type(value.get("mediaType")),
        "license": web(value.get("license")),
    }
    return {"@type": "MediaObject", **filled(known)}


def period(document: JsonObject, first: str = "startDate", last: str = "endDate") -> str:
    """Return the time covered as an ISO 8601 interval, open where an end is unknown."""
    start, end = dated(document.get(first)), dated(document.get(last))
    return f"{start or '..'}/{end or '..'}" if start or end else ""


def reference(value: object) -> JsonObject:
    """Return an organisation that is known by its address only, {} if that is none of the web."""
    uri = web(value)
    return {"@type": "Organization", "@id": uri} if uri else {}
