"""Where a foreign record took place: name, region, country and position."""

import re
from typing import Final

from vocab.foreign.graph import Literal, Node, Value
from vocab.foreign.making import Making, names
from vocab.foreign.note import NAMES, Reading, address_of, local, name_of
from vocab.foreign.text import one_line
from vocab.terms import JsonObject

_PLACES: Final = (
    *("s:spatialCoverage", "s:contentLocation", "s:location", "s:areaServed", "s:locationCreated"),
    "dct:spatial",
)
_POINT: Final = re.compile(
    r"(?:<[^>]*>\s*)?POINT\s*\(\s*(-?[0-9.]+)[\s,]+(-?[0-9.]+)\s*\)", re.IGNORECASE
)


def place(making: Making) -> None:
    """Fill `place` with the first place; the others are kept in the note."""
    for name, value in making.reading.take(*_PLACES):
        if "place" in making.document:
            making.note.add(name, [value])
            continue
        found = _place(making, name, value)
        if found:
            making.document["place"] = {"type": "Place", **found}


def _place(making: Making, name: str, value: Value) -> JsonObject:
    if isinstance(value, Literal):
        text = one_line(value.text)
        code = making.country(text)
        return (
            (_country(making, text) if code else {"name": {making.tag_of(value): text}})
            if (text)
            else {}
        )
    reading = Reading(value)
    found: JsonObject = {}
    called = names(making, reading, *NAMES, "locn:geographicName")
    if called and any(local(kind) == "Country" for kind in value.types):
        found.update(_country(making, str(next(iter(called.values())))))
    elif called:
        found["name"] = called
    _address(making, reading, found)
    _position(reading, found)
    making.note.add_rest(name, reading, address=True)
    return found


def _country(making: Making, written: str) -> JsonObject:
    code = making.country(written)
    if code is None:
        making.tell("foreign-country", "/place/countryName", value=written)
        return {"countryName": written}
    return {"country": code} if code == written else {"country": code, "countryName": written}


def _address(making: Making, reading: Reading, found: JsonObject) -> None:
    """Take locality, region and country from an address or from what contains the place."""
    for name, value in reading.take("s:address", "locn:address", "s:containedInPlace"):
        inner = Reading(value) if isinstance(value, Node) else None
        if inner is None or (name == "s:containedInPlace" and "Country" not in _kinds(inner)):
            making.note.add(name, [value])
            continue
        if "name" not in found:
            town = names(making, inner, "s:addressLocality", "locn:postName", "vcard:locality")
            found.update({"name": town} if town else {})
        region = names(making, inner, "s:addressRegion", "locn:adminUnitL2", "vcard:region")
        if region:
            found.setdefault("region", next(iter(region.values())))
        for _, nation in inner.take(
            *("s:addressCountry", "locn:adminUnitL1", "vcard:country-name"),
            *(NAMES if name == "s:containedInPlace" else ()),
        ):
            text = one_line(nation.text) if isinstance(nation, Literal) else _nation(nation)
            if text and "country" not in found and "countryName" not in found:
                found.update(_country(making, text))
            elif text:
                making.note.keep("addressCountry", text)
        making.note.add_rest(name, inner)


def _kinds(reading: Reading) -> list[str]:
    return [local(kind) for kind in reading.node.types]


def _nation(node: Node) -> str:
    codes = (v.text for v in node.get("s:identifier") if isinstance(v, Literal))
    return name_of(node) or next(codes, "") or address_of(node)


def _position(reading: Reading, found: JsonObject) -> None:
    """Take the position, where both numbers are possible ones."""
    for owner in (reading.node, *(v for v in reading.node.get("s:geo") if isinstance(v, Node))):
        pairs = (
            (_first(owner, "s:latitude", "geo:lat"), _first(owner, "s:longitude", "geo:long")),
            _point(_first(owner, "dcat:centroid")),
        )
        for north, east in pairs:
            lat, long = _degrees(north, 90), _degrees(east, 180)
            if lat is not None and long is not None and "lat" not in found:
                found["lat"], found["long"] = lat, long
                reading.drop("s:latitude", "s:longitude", "geo:lat", "geo:long", "dcat:centroid")
                if owner is not reading.node and _is_point(owner):
                    reading.drop("s:geo")


def _is_point(node: Node) -> bool:
    return not node.values.keys() - {"s:latitude", "s:longitude", "geo:lat", "geo:long"}


def _first(node: Node, *properties: str) -> str:
    return next((v.text for v in node.get(*properties) if isinstance(v, Literal)), "")


def _point(text: str) -> tuple[str, str]:
    match = _POINT.fullmatch(text.strip())
    return (match[2], match[1]) if match else ("", "")


def _degrees(text: str, limit: int) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if -limit <= number <= limit else None
