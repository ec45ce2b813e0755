"""The OpenAPI 3.1 document, made of the operations and of the schemas of their answers."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import orjson
from flask import Blueprint, Response

from node import __version__
from node.web.current import runtime
from node.web.operations import OPERATIONS, Operation, Parameter, Schema
from search.api import CHOICES

blueprint = Blueprint("openapi", __name__)

PROBLEM: Final = "application/problem+json"
_TEXT: Final[Schema] = {"type": "string"}
_MAYBE: Final[Schema] = {"type": ["string", "null"]}
_COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
_REFUSALS: Final = {
    400: "The request cannot be understood",
    401: "A token is needed",
    403: "Not allowed",
    404: "Not here",
    406: "Not in that form",
    409: "It contradicts what is held",
    410: "Withdrawn",
    412: "It was changed meanwhile",
    413: "Too large",
    415: "Not this media type",
    422: "The record is refused",
    428: "If-Match is missing",
    429: "Too many requests",
    503: "The search does not answer just now",
}


def _object(required: tuple[str, ...] = (), **properties: Schema) -> Schema:
    found: Schema = {"type": "object", "properties": properties}
    return {**found, "required": [*required]} if required else found


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


_HIT: Final = _object(
    ("uri", "type", "title", "origin", "score"),
    uri=_TEXT, type=_TEXT, title=_TEXT, language=_TEXT, summary=_TEXT, origin=_TEXT,
    score={"type": "number"}, themes=_list(_TEXT), place=_TEXT, country=_TEXT,
    latitude={"type": ["number", "null"]}, longitude={"type": ["number", "null"]}, modified=_MAYBE,
)  # fmt: skip
_VALUE: Final = _object(("value", "label", "count"), value=_TEXT, label=_TEXT, count=_COUNT)
SCHEMAS: Final[Mapping[str, Schema]] = {
    "Record": {
        "type": "object",
        "description": "An authoring document: a record without its envelope, in JSON-LD with the "
        "context https://w3id.org/lonja/context/v1. What it may say is described by the shapes.",
        "required": ["type"],
        "properties": {"@context": _TEXT, "type": {"type": ["string", "array"]}},
    },
    "Finding": _object(
        ("pointer", "severity", "rule", "message"),
        record=_TEXT, pointer=_TEXT, field=_TEXT, rule=_TEXT, message=_TEXT, fix=_TEXT,
        detail=_TEXT, severity={"type": "string", "enum": ["violation", "warning", "info"]},
    ),
    "Problem": _object(
        ("title", "status"),
        type=_TEXT, title=_TEXT, status={"type": "integer"}, detail=_TEXT,
        errors=_list({"type": "object"}),
    ),
    "SearchResult": _object(
        ("total", "hits", "facets", "suggestion", "diagnostics", "next"),
        total=_COUNT, hits=_list(_HIT), suggestion=_MAYBE, next=_MAYBE,
        corrected={"type": "boolean"}, diagnostics=_list({"type": "object"}),
        facets={"type": "object", "additionalProperties": _list(_VALUE),
                "propertyNames": {"enum": [*CHOICES, "cluster"]}},
    ),
    "Completions": _object(
        ("completions",),
        completions=_list(_object(("text", "kind"), text=_TEXT, kind=_TEXT, uri=_TEXT)),
    ),
    "Family": _object(
        ("total", "countries", "stages", "hits", "family"),
        total=_COUNT, countries=_COUNT, stages={"type": "object"},
        hits=_list({"type": "object", "required": ["uri", "title"]}), family={"type": "object"},
    ),
    "Cluster": _object(
        ("hub", "name", "url", "hits", "practices", "newest", "themes", "challenges", "allied"),
        hub=_TEXT, name=_TEXT, url=_TEXT, practices=_COUNT,
        hits=_list({"type": "object", "required": ["did", "title"]}),
        newest=_list({"type": "object"}), themes=_list({"type": "object"}),
        challenges=_list({"type": "object"}), allied=_list({"type": "object"}),
        observations={"type": "object"},
    ),
    "Fit": _object((), hits=_list({"type": "object"})),
    "Places": _object(
        ("places",),
        places=_list(_object(
            ("name", "country", "latitude", "longitude"),
            name=_TEXT, country=_TEXT, population=_COUNT, latitude={"type": "number"},
            longitude={"type": "number"}, settlement_guess=_TEXT, geonames={"type": "integer"},
        )),
    ),
    "Checked": _object(
        ("valid", "findings", "gaps"),
        valid={"type": "boolean"}, findings=_list({"$ref": "#/components/schemas/Finding"}),
        gaps=_list({"type": "object"}),
    ),
    "Written": _object(
        ("uri", "version", "seq", "digest", "changed", "findings"),
        uri=_TEXT, version={"type": "integer", "minimum": 1},
        seq={"type": "integer", "minimum": 1}, digest=_TEXT, page=_TEXT,
        changed={"type": "boolean"}, findings=_list({"$ref": "#/components/schemas/Finding"}),
    ),
    "Health": _object(("status",), status=_TEXT, checks={"type": "object"}),
}  # fmt: skip


@lru_cache(maxsize=8)
def document(base_url: str) -> bytes:
    """Return the OpenAPI document of a node at an address."""
    paths: dict[str, dict[str, Any]] = {}
    for one in OPERATIONS:
        paths.setdefault(one.path, {})[one.method] = _operation(one)
    whole = {
        "openapi": "3.1.0",
        "info": {
            "title": "Lonja",
            "version": __version__,
            "description": "Good urban practice: search it, read it, publish it, harvest it.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": base_url}],
        "tags": [{"name": name} for name in dict.fromkeys(one.group for one in OPERATIONS)],
        "paths": paths,
        "components": {
            "schemas": dict(SCHEMAS),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }
    return orjson.dumps(whole, option=orjson.OPT_INDENT_2)


def _operation(one: Operation) -> Schema:
    responses: dict[str, Schema] = {
        str(status): {"description": one.text, "content": _contents(forms)}
        for status, forms in (one.answers or {}).items()
    }
    for status in one.refusals:
        content = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        responses[str(status)] = {"description": _REFUSALS[status], "content": content}
    found: Schema = {
        "operationId": one.id,
        "tags": [one.group],
        "summary": one.text,
        "parameters": [_parameter(item) for item in one.parameters],
        "responses": responses,
    }
    if one.body is not None:
        found["requestBody"] = {"required": True, "content": _contents(one.body)}
    if one.scope is not None:
        found["security"] = [{"token": []}]
        found["description"] = f"The token needs the scope {one.scope}."
    return found


def _contents(forms: Mapping[str, str]) -> Schema:
    return {
        media_type: {"schema": {"$ref": f"#/components/schemas/{name}"} if name else {}}
        for media_type, name in forms.items()
    }


def _parameter(one: Parameter) -> Schema:
    return {
        "name": one.name,
        "in": one.place,
        "description": one.text,
        "required": one.required,
        "schema": one.schema,
    }


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """The description of the interface for programs."""
    response = Response(document(runtime().settings.base_url), content_type="application/json")
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response
