"""Areas on the globe: what every engine needs to filter by them."""

import math
from dataclasses import dataclass
from typing import Final

from search.api import BoundingBox, Circle

EARTH_KM: Final = 6371.0088
POINT_DECIMALS: Final = 3
"""Decimals of a degree (about 100 m) to which distances are judged."""

_BANDS: Final = 8
_AT_A_POLE: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Range:
    """A box that does not cross the antimeridian; bounds included."""

    south: float
    north: float
    west: float
    east: float


def ranges(area: BoundingBox | Circle) -> list[Range]:
    """Return one or two boxes that together cover the area; a circle needs a second look."""
    if isinstance(area, Circle):
        return _around(area)
    south, north = max(area.south, -90.0), min(area.north, 90.0)
    if area.east - area.west >= 360:
        return [Range(south, north, -180.0, 180.0)]
    return _split(south, north, area.west, area.east)


def inner_ranges(circle: Circle) -> list[Range]:
    """Return boxes that lie wholly inside a circle and fill most of it.

    The half width of a circle, parallel by parallel, rises to one maximum and falls again, so in a
    band between two parallels it is nowhere smaller than at one of the two.
    """
    reach = math.degrees(circle.radius_km / EARTH_KM)
    south, north = max(circle.latitude - reach, -90.0), min(circle.latitude + reach, 90.0)
    edges = [south + (north - south) * step / _BANDS for step in range(_BANDS + 1)]
    widths = [_half_width(circle, edge) for edge in edges]
    found: list[Range] = []
    for index in range(_BANDS):
        half = min(widths[index], widths[index + 1])
        if half >= 180:
            found.append(Range(edges[index], edges[index + 1], -180.0, 180.0))
        elif half > 0:
            west, east = circle.longitude - half, circle.longitude + half
            found += _split(edges[index], edges[index + 1], west, east)
    return found


def _half_width(circle: Circle, latitude: float) -> float:
    """Return how many degrees of longitude a circle reaches from its middle at a latitude."""
    angle = circle.radius_km / EARTH_KM
    if angle >= math.pi:
        return 180.0
    phi0, phi = math.radians(circle.latitude), math.radians(latitude)
    scale = math.cos(phi0) * math.cos(phi)
    if scale < _AT_A_POLE:
        return 180.0 if inside(circle, latitude, circle.longitude) else 0.0
    ratio = (math.cos(angle) - math.sin(phi0) * math.sin(phi)) / scale
    return math.degrees(math.acos(min(1.0, max(-1.0, ratio))))


def inside(circle: Circle, latitude: float, longitude: float) -> bool:
    """Say whether a point lies within a circle, by great-circle distance."""
    return distance_km(circle.latitude, circle.longitude, latitude, longitude) <= circle.radius_km


def distance_km(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Return the great-circle distance of two points in kilometres (haversine formula)."""
    phi1, phi2 = math.radians(lat1), math.radians(lat2)
    half_lat, half_lon = (phi2 - phi1) / 2, math.radians(lon2 - lon1) / 2
    chord = math.sin(half_lat) ** 2 + math.cos(phi1) * math.cos(phi2) * math.sin(half_lon) ** 2
    return 2 * EARTH_KM * math.asin(min(1.0, math.sqrt(chord)))


def point_key(latitude: float, longitude: float) -> str:
    """Return a place as one text, rounded: places are many, distinct places are few."""
    return f"{latitude:.{POINT_DECIMALS}f} {longitude:.{POINT_DECIMALS}f}"


def point_of(key: str) -> tuple[float, float]:
    """Return latitude and longitude of a `point_key`."""
    latitude, longitude = key.split(" ")
    return float(latitude), float(longitude)


def _around(circle: Circle) -> list[Range]:
    margin = 10.0**-POINT_DECIMALS
    angle = circle.radius_km / EARTH_KM
    reach = math.degrees(angle) + margin
    south, north = circle.latitude - reach, circle.latitude + reach
    if south <= -90 or north >= 90 or angle >= math.pi / 2:
        return [Range(max(south, -90.0), min(north, 90.0), -180.0, 180.0)]
    ratio = math.sin(angle) / math.cos(math.radians(circle.latitude))
    wide = math.degrees(math.asin(min(1.0, ratio))) + margin
    return _split(south, north, circle.longitude - wide, circle.longitude + wide)


def _split(south: float, north: float, west: float, east: float) -> list[Range]:
    west, east = _wrapped(west), _wrapped(east)
    if west <= east:
        return [Range(south, north, west, east)]
    return [Range(south, north, west, 180.0), Range(south, north, -180.0, east)]


def _wrapped(longitude: float) -> float:
    if -180 <= longitude <= 180:
        return longitude
    return (longitude + 180) % 360 - 180
