"""Choosing a representation by the Accept header (RFC 9110, section 12.5.1)."""

from collections.abc import Sequence
from typing import Final

from flask import Response, request
from werkzeug.datastructures import MIMEAccept

HTML: Final = "text/html"
JSON_LD: Final = "application/ld+json"
JSON: Final = "application/json"
TURTLE: Final = "text/turtle"
RDF_XML: Final = "application/rdf+xml"
N_TRIPLES: Final = "application/n-triples"
N_QUADS: Final = "application/n-quads"
CSV: Final = "text/csv"
GEO_JSON: Final = "application/geo+json"
XML: Final = "application/xml"
ATOM: Final = "application/atom+xml"

RECORD_TYPES: Final = (JSON_LD, JSON, HTML, TURTLE, RDF_XML, N_TRIPLES, CSV, GEO_JSON)
"""Representations of a record, the preferred ones first: a program that takes anything gets the
signed JSON-LD, a browser asks for HTML and gets it."""

SUFFIXES: Final = {
    ".jsonld": JSON_LD,
    ".ttl": TURTLE,
    ".rdf": RDF_XML,
    ".nt": N_TRIPLES,
    ".csv": CSV,
    ".geojson": GEO_JSON,
    ".dc.xml": XML,
}
"""Endings of a record's address that ask for one representation without any header."""


def choose(accept: MIMEAccept, offers: Sequence[str]) -> str | None:
    """Return the offer that fits best, None when the client takes none of them.

    The highest quality wins, then the more specific range, then the order of `offers`. No Accept
    header at all means that anything is fine.
    """
    if not accept:
        return offers[0]
    best: tuple[float, int, int] | None = None
    chosen: str | None = None
    for place, offer in enumerate(offers):
        quality, precision = _match(accept, offer)
        rank = (quality, precision, -place)
        if quality > 0 and (best is None or rank > best):
            best, chosen = rank, offer
    return chosen


def _match(accept: MIMEAccept, offer: str) -> tuple[float, int]:
    """Return quality and precision (0 any, 1 major type, 2 exact) of the closest range."""
    major = offer.split("/", 1)[0]
    found = (0.0, -1)
    for raw, quality in accept:
        media_range = raw.split(";", 1)[0].strip().lower()
        if media_range == offer:
            precision = 2
        elif media_range == f"{major}/*":
            precision = 1
        elif media_range in ("*/*", "*"):
            precision = 0
        else:
            continue
        if precision > found[1]:
            found = (float(quality), precision)
    return found


def split_suffix(path: str) -> tuple[str, str | None]:
    """Return a path without a known ending, and the media type that the ending asks for."""
    for suffix, media_type in SUFFIXES.items():
        if path.endswith(suffix) and len(path) > len(suffix):
            return path[: -len(suffix)], media_type
    return path, None


def conditional(response: Response) -> Response:
    """Return the answer, or 304 when the client already has it (RFC 9110, section 13)."""
    response.make_conditional(request)
    return response
