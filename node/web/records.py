"""Pages and formats of one record, its versions, and records of other nodes."""

from collections.abc import Iterator
from typing import Any, Final

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from federation.records import Entry, EntryState
from node.runtime import Runtime
from node.services import labels
from node.services.addresses import foreign_uris, page_path
from node.services.challenges import challenge
from node.services.export import render
from node.services.fields import Field, fields
from node.services.hubs import cluster_of_record, clusters_of
from node.services.recognitions import recognitions
from node.services.show import (
    RecordView,
    Reference,
    reference_to,
    references,
    show,
    show_stub,
)
from node.web import assets, clusters, errors
from node.web.current import absolute, runtime
from node.web.desk import writable_origins
from node.web.i18n import current_language
from node.web.negotiate import (
    CSV,
    GEO_JSON,
    HTML,
    JSON,
    JSON_LD,
    N_TRIPLES,
    RDF_XML,
    RECORD_TYPES,
    SUFFIXES,
    TURTLE,
    XML,
    choose,
    conditional,
    split_suffix,
)
from node.web.session import holder
from node.web.words import challenge_standings, degrees, merit_criteria, merit_names
from search.api import SearchUnavailableError
from vocab import views
from vocab.terms import COLLECTIONS, PRACTICE_TYPES, collection_of

blueprint = Blueprint("records", __name__)

_COLLECTIONS: Final = ", ".join(f'"{path}"' for path in sorted(set(COLLECTIONS.values())))
_ANY: Final = f"any({_COLLECTIONS})"
_GONE: Final = 410
_IMMUTABLE: Final = "public, max-age=31536000, immutable"
_FORMS: Final = {
    TURTLE: "turtle",
    RDF_XML: "rdfxml",
    N_TRIPLES: "ntriples",
    CSV: "csv",
    GEO_JSON: "geojson",
    XML: "oai_dc",
}


@blueprint.get(f"/<{_ANY}:collection>/<name>")
def own(collection: str, name: str) -> AnyResponse:
    """A record of this node."""
    return at_path(f"/{collection}/{name}")


@blueprint.get(f"/<{_ANY}:collection>/<name>/v/<int(max=2000000000):number>")
def own_version(collection: str, name: str, number: int) -> Response:
    """One signed version of a record of this node."""
    return version_at_path(f"/{collection}/{name}", number)


def at_path(path: str) -> Response:
    """Return the record whose address is a path of this node."""
    return _record(path, (absolute(path),))


def version_at_path(path: str, number: int) -> Response:
    """Return one signed version of the record whose address is a path of this node."""
    return _version((absolute(path),), number)


@blueprint.get("/at/<authority>/<path:path>")
def foreign(authority: str, path: str) -> AnyResponse:
    """A record that was harvested from another node."""
    uris = foreign_uris(authority, path)
    base = runtime().settings.base_url
    own = next((uri for uri in uris if uri.startswith(base + "/")), "")
    if own:
        return redirect(request.script_root + page_path(own, base), 308)
    return _record(f"/at/{authority}/{path}", uris)


@blueprint.get("/at/<authority>/<path:path>/v/<int(max=2000000000):number>")
def foreign_version(authority: str, path: str, number: int) -> Response:
    """One signed version of a record that was harvested from another node."""
    return _version(foreign_uris(authority, path), number)


def _held(uris: tuple[str, ...]) -> Entry | None:
    for uri in uris:
        entry = runtime().journal.current(uri)
        if entry is not None and entry.state is EntryState.HELD:
            return entry
    return None


def _record(path: str, uris: tuple[str, ...]) -> Response:
    entry = _held(uris)
    wanted: str | None = None
    if entry is None:
        _shorter, wanted = split_suffix(path)
        if wanted:
            entry = _held(tuple(split_suffix(uri)[0] for uri in uris))
    if entry is None:
        abort(404)
    media_type = wanted or choose(request.accept_mimetypes, RECORD_TYPES)
    if media_type is None:
        return errors.answer(406, choices=_choices(entry))
    if media_type == HTML:
        return _page(entry)
    return _machine(entry, media_type)


def _choices(entry: Entry) -> list[tuple[str, str]]:
    url = absolute(page_path(entry.uri, runtime().settings.base_url))
    return [(HTML, url)] + [(kind, url + suffix) for suffix, kind in SUFFIXES.items()]


def _machine(entry: Entry, media_type: str) -> Response:
    """Return a record in a format for programs; JSON-LD is the signed document, byte for byte."""
    exact = media_type in (JSON_LD, JSON)
    gone = entry.type == "Tombstone"
    if gone and not exact:
        abort(_GONE)
    response = Response(status=_GONE if gone else 200)
    response.headers["Content-Type"] = media_type if exact else f"{media_type}; charset=utf-8"
    response.headers["Cache-Control"] = "public, no-cache"
    response.headers["Content-Location"] = entry.version_uri
    response.last_modified = entry.received
    response.vary.update(("Accept", "Accept-Language"))
    response.set_etag(entry.digest if exact else f"{entry.digest}-{media_type.split('/')[1]}")
    _add_links(response, entry)
    if not gone and request.if_none_match.contains_weak(response.get_etag()[0] or ""):
        response.status_code = 304
        return response
    response.set_data(entry.body if exact else render(entry, _FORMS[media_type]))
    return response


def _version(uris: tuple[str, ...], number: int) -> Response:
    found = (runtime().journal.version(uri, number) for uri in uris)
    entry = next((one for one in found if one is not None), None)
    if entry is None or entry.state is EntryState.STUB:
        abort(404)
    if entry.state is EntryState.ERASED:
        abort(_GONE)
    response = Response(entry.body, content_type=JSON_LD)
    response.set_etag(entry.digest)
    response.headers["Cache-Control"] = _IMMUTABLE
    response.last_modified = entry.received
    if entry.uri.isascii():  # a header holds no other letters
        response.headers["Link"] = f'<{entry.uri}>; rel="latest-version"'
    return conditional(response)


def _add_links(response: Response, entry: Entry) -> None:
    """Add Link headers (RFC 8288): the other formats, the signed version, the licence."""
    url = absolute(page_path(entry.uri, runtime().settings.base_url))
    links = [f'<{entry.uri}>; rel="canonical"', f'<{url}>; rel="alternate"; type="{HTML}"']
    links += [
        f'<{url}{suffix}>; rel="alternate"; type="{kind}"' for suffix, kind in SUFFIXES.items()
    ]
    links.append(f'<{url}/v/{entry.version}>; rel="describedby"; type="{JSON_LD}"')
    links.append('<https://w3id.org/lonja/context/v1>; rel="profile"')
    # A header holds ASCII letters only.
    response.headers["Link"] = ", ".join(link for link in links if link.isascii())


def _searched(parts: Runtime) -> str:
    """Return the state of the search, which the page asks for what belongs to the record."""
    try:
        return str(parts.engine.position())
    except SearchUnavailableError:
        return "away"


def _page(entry: Entry) -> Response:
    """Return the page of a record; its validator covers everything that the page shows."""
    parts = runtime()
    gone = entry.type == "Tombstone"
    origin = parts.journal.origin(entry.origin)
    standing = origin.standing if origin else "unknown"
    today = parts.clock().date()  # memberships and challenges end
    state = f"{_searched(parts)}-{standing}-{assets.version()}-{today}"
    etag = f"{entry.digest}-{state}-{current_language()}"
    mine = holder() is not None  # the page has links that are for nobody else
    if not gone and not mine and request.if_none_match.contains_weak(etag):
        response = Response(status=304)
    elif gone:
        response = make_response(_stub(entry), _GONE)
    else:
        response = make_response(_rendered(show(parts, entry, current_language())))
    if not gone and not mine:
        response.set_etag(etag, weak=True)
    response.headers["Content-Type"] = "text/html; charset=utf-8"
    response.headers["Cache-Control"] = "private, no-store" if mine else "no-cache"
    _add_links(response, entry)
    return response


def _stub(entry: Entry) -> str:
    language = current_language()
    view = show_stub(runtime(), entry, language)
    kind = labels.type_name(view.former_type, language)
    return render_template("stub.html", view=view, former_type=kind, section="practices")


def _rendered(view: RecordView) -> str:
    language = current_language()
    shared = {
        "view": view,
        "type_name": labels.type_name(view.type, language),
        "canonical": view.uri,
        "alternates": [(kind, absolute(view.path) + end) for end, kind in SUFFIXES.items()],
    }
    if view.type in PRACTICE_TYPES and request.args.get("view") == "plain":
        return render_template("record_plain.html", section="practices", view=view)
    if view.type in PRACTICE_TYPES:
        return render_template(
            "record.html",
            section="practices",
            schema_org=views.schema_org(view.record.document, language),
            degrees=degrees(),
            **shared,
        )
    if view.type in ("Organisation", "Cluster"):
        return _organisation(view, shared)
    found = fields(view.record, language)
    asked = challenge(runtime(), view.uri, language) if view.type == "Challenge" else None
    return render_template(
        "challenge.html" if asked else "other.html",
        section="challenges" if view.type in ("Challenge", "Proposal") else "",
        challenge=asked,
        words=challenge_standings(),
        writable=writable_origins() if asked else [],
        fields=found,
        named=dict(_named(found)),
        collection=collection_of(view.type),
        **shared,
    )


def _organisation(view: RecordView, shared: dict[str, Any]) -> str:
    """Return the page of an organisation, or of a cluster: with its hub where that says so."""
    parts, language, did = runtime(), current_language(), view.provenance.origin
    if view.type == "Cluster":
        found = cluster_of_record(parts, view.uri, did, language)
        if found is not None:
            return clusters.rendered(found, **shared)
    is_organisation = view.type == "Organisation"
    return render_template(
        "organisation.html",
        section="organisations",
        members=references(parts, view.record, "member"),
        inside=clusters_of(parts, view.uri, did, language) if is_organisation else (),
        recognised=recognitions(parts, {view.uri: did}, language).get(view.uri, ())
        if is_organisation
        else (),
        merits=merit_names(),
        criteria=merit_criteria(),
        **shared,
    )


def _named(found: tuple[Field, ...]) -> Iterator[tuple[str, Reference]]:
    """Yield the records and addresses that fields and their parts lead to."""
    for field in found:
        for uri in field.uris:
            yield uri, reference_to(runtime(), uri, current_language())
        for part in field.parts:
            yield from _named(part)
