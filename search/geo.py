"""Areas on the globe: what every engine needs to filter by them."""

import math
from dataclasses import dataclass
from typing import Final

from search.api import BoundingBox, Circle

EARTH_KM: Final = 6371.0088
POINT_DECIMALS: Final = 3
"""Decimals of a degree (about 100 m) to which distances are judged."""


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
