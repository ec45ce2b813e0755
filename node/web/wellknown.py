"""Documents at fixed addresses: identity, catalogue of interfaces, what search engines read."""

from collections.abc import Iterator
from itertools import islice
from typing import Final
from xml.sax.saxutils import escape

import orjson
from flask import Blueprint, Response, request
from flask_babel import gettext as _

from federation.did_document import did_document
from federation.records import EntryState
from node.web.current import absolute, runtime
from node.web.i18n import current_language
from node.web.negotiate import JSON_LD
from vocab.glossary import conforms_to
from vocab.terms import COLLECTIONS, NAMESPACE, TRUST_TYPES

blueprint = Blueprint("wellknown", __name__)

_SITEMAP_URLS: Final = 50_000  # the limit of sitemaps.org
_LISTED: Final = frozenset(COLLECTIONS) - frozenset(TRUST_TYPES)
READS: Final = NAMESPACE + "reads"
WRITES: Final = NAMESPACE + "writes"
"""Link relations to the versions of the vocabulary that this node understands and writes."""
_CACHE: Final = "public, max-age=3600"
_API_CATALOG: Final = 'application/linkset+json; profile="https://www.rfc-editor.org/info/rfc9727"'


def _answer(body: str | bytes, content_type: str) -> Response:
    response = Response(body, content_type=content_type)
    response.headers["Cache-Control"] = _CACHE
    return response


@blueprint.get("/.well-known/did.json")
@blueprint.get("/did.json")
def identity() -> Response:
    """The node's DID document; /did.json serves nodes under a sub-path."""
    own, settings = runtime().identity, runtime().settings
    document = did_document(
        own.did,
        runtime().journal.published_keys(own.did),
        base=settings.base_url,
        name=settings.name,
        records=own.base if own.base != settings.base_url else "",
    )
    return _answer(orjson.dumps(document), "application/did+json")


@blueprint.get("/.well-known/api-catalog")
def api_catalog() -> Response:
    """What programs can talk to, as a linkset (RFC 9727, RFC 9264)."""
    linkset = {
        "linkset": [
            {
                "anchor": absolute("/api/v1/search"),
                "service-desc": [{"href": absolute("/openapi.json"), "type": "application/json"}],
                "service-doc": [{"href": absolute("/developers"), "type": "text/html"}],
            },
            {
                "anchor": absolute("/feed"),
                "service-doc": [
                    {"href": "https://w3id.org/ldes/specification", "type": "text/html"}
                ],
                "type": [{"href": absolute("/feed"), "type": JSON_LD}],
            },
            {
                "anchor": absolute("/"),
                "describedby": [{"href": absolute("/ns"), "type": "text/turtle"}],
                "author": [{"href": absolute("/.well-known/did.json")}],
                READS: [{"href": conforms_to()}],
                WRITES: [{"href": conforms_to()}],
            },
        ]
    }
    return _answer(orjson.dumps(linkset), _API_CATALOG)


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Crawlers may read everything; they find the records by the sitemap."""
    text = (
        f"User-agent: *\nDisallow: /api/\nDisallow: /admin\n\nSitemap: {absolute('/sitemap.xml')}\n"
    )
    return _answer(text, "text/plain; charset=utf-8")


@blueprint.get("/sitemap.xml")
def sitemap() -> Response:
    """The node's pages and own records; what others published is in their own sitemaps."""
    etag = str(runtime().journal.position())  # of what was listed at the latest
    if request.if_none_match.contains_weak(etag):
        response = _answer("", "application/xml")
        response.status_code = 304
    else:
        lines = ['<?xml version="1.0" encoding="UTF-8"?>']
        lines.append('<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">')
        for url, day in islice(_listed(), _SITEMAP_URLS):
            modified = f"<lastmod>{day}</lastmod>" if day else ""
            lines.append(f"<url><loc>{escape(url)}</loc>{modified}</url>")
        lines.append("</urlset>\n")
        response = _answer("\n".join(lines), "application/xml")
    response.set_etag(etag, weak=True)
    return response


def _listed() -> Iterator[tuple[str, str]]:
    """Yield the addresses of the node's pages and own records, each with the day it changed."""
    for path in ("/", "/practices", "/organisations", "/about"):
        yield absolute(path), ""
    for entry in runtime().journal.records(origin_did=runtime().identity.did):
        if entry.type in _LISTED and entry.state is EntryState.HELD:
            yield entry.uri, entry.received.date().isoformat()


@blueprint.get("/opensearch.xml")
def opensearch() -> Response:
    """How a browser adds this node to its search box (OpenSearch 1.1)."""
    name = runtime().settings.name or "Lonja"
    about = _("Urban practices: %(node)s", node=name)
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">'
        f"<ShortName>{escape(name[:16])}</ShortName>"
        f"<LongName>{escape(name[:48])}</LongName>"
        f"<Description>{escape(about)}</Description>"
        "<InputEncoding>UTF-8</InputEncoding>"
        f"<Language>{current_language()}</Language>"
        f'<Image width="16" height="16" type="image/svg+xml">'
        f"{escape(absolute('/static/icon.svg'))}</Image>"
        f'<Url type="text/html" template="{escape(absolute("/practices"))}?q={{searchTerms}}"/>'
        f'<Url type="application/json" '
        f'template="{escape(absolute("/api/v1/search"))}?q={{searchTerms}}"/>'
        f'<Url type="application/atom+xml" '
        f'template="{escape(absolute("/feed.atom"))}?q={{searchTerms}}"/>'
        "</OpenSearchDescription>\n"
    )
    response = _answer(text, "application/opensearchdescription+xml")
    response.vary.update(("Accept-Language", "Cookie"))
    return response
