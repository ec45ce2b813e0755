"""Records as points on a map: GeoJSON (RFC 7946)."""

from collections.abc import Iterable

from vocab.language import pick
from vocab.terms import JsonObject
from vocab.views.reading import (
    filled,
    pick_text,
    plain,
    point,
    shown_type,
    titles,
    uri_of,
    web,
    words,
)


def geojson(documents_or_cards: Iterable[JsonObject], language: str = "en") -> JsonObject:
    """Return a FeatureCollection with a Feature for each record that has a point.

    RFC 7946, sections 3.1.2 (a point is longitude, then latitude, WGS 84) and 3.3. A record
    without a point is left out: a map could not show it. What a record does not say is left out
    of its `properties`.

    Args:
        documents_or_cards: records, or the cards that the search index keeps of them, each with
            the key `uri` added.
        language: preferred language of title, summary and place.
    """
    found = (_feature(item, language) for item in documents_or_cards)
    return {
        "type": "FeatureCollection",
        "features": [feature for feature in found if feature is not None],
    }


def _feature(item: JsonObject, language: str) -> JsonObject | None:
    record_type = shown_type(item)
    place = item.get("place")
    where: JsonObject = place if isinstance(place, dict) else {}
    at = point(where) or point({"long": item.get("lon"), "lat": item.get("lat")})
    if not record_type or at is None:
        return None
    uri = web(item.get("uri")) or uri_of(item)
    title, _ = pick(titles(item), [language])
    properties = {
        "uri": uri,
        "type": record_type,
        "title": title,
        "summary": pick_text(item, "summary", language),
        "place": pick_text(where, "name", language),
        "country": plain(where.get("country") or where.get("countryName")),
        "theme": words(item.get("theme") or item.get("themes")),
        "settlement": plain(where.get("settlement")),
        "publisher": web(item.get("publisher")),
        "license": web(item.get("license")),
    }
    feature: JsonObject = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": list(at)},
        "properties": filled(properties),
    }
    return {"id": uri, **feature} if uri else feature
