"""What programs can ask of a node, as data: the OpenAPI document is made of it.

Names of facets, choices and sizes are those of the code that reads them, so that the document
cannot say anything else than the program does; a test demands that no route is left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from node.accounts.roles import Scope
from node.services.question import MAX_SIZE, MAX_TEXT, SCOPES
from search.api import CHOICES, Sort
from vocab.language import LANGUAGES
from vocab.terms import COLLECTIONS

Schema = dict[str, Any]

JSON: Final = "application/json"
JSON_LD: Final = "application/ld+json"
TEXT: Final[Schema] = {"type": "string"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an operation: where it stands ("query", "path", "header") and its schema."""

    name: str
    text: str
    schema: Schema
    place: str = "query"
    required: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that a program can ask.

    Attributes:
        id: its name, unique.
        method: "get", "post", "put" or "delete".
        path: with {parameters}.
        group: what it belongs to.
        text: what it does, one sentence.
        parameters: what it takes.
        answers: media type to schema name, by status; a name of "" is any content.
        refusals: statuses that come as problem documents.
        body: media type to schema name of what is sent, None for nothing.
        scope: what a token must allow, None where none is needed.
        example: query string of a request that always works, None where there is none.
    """

    id: str
    method: str
    path: str
    group: str
    text: str
    parameters: Sequence[Parameter] = ()
    answers: Mapping[int, Mapping[str, str]] | None = None
    refusals: Sequence[int] = ()
    body: Mapping[str, str] | None = None
    scope: Scope | None = None
    example: str | None = None


def _text(name: str, text: str, **schema: Any) -> Parameter:
    return Parameter(name, text, {"type": "string", **schema})


def _flag(name: str, text: str) -> Parameter:
    return Parameter(name, text, {"type": "string", "enum": ["0", "1", "false", "true"]})


def _several(name: str, text: str) -> Parameter:
    return Parameter(name, text, {"type": "array", "items": TEXT})


def _whole(name: str, text: str, least: int, most: int) -> Parameter:
    return Parameter(name, text, {"type": "integer", "minimum": least, "maximum": most})


_LANG: Final = Parameter(
    "lang", "language of labels and texts in the answer", {"type": "string", "enum": [*LANGUAGES]}
)
_ID: Final = Parameter("id", "last part of the record's address", TEXT, "path", True)
_COLLECTION: Final = Parameter(
    "collection",
    "kind of record",
    {"type": "string", "enum": sorted(set(COLLECTIONS.values()))},
    "path",
    True,
)
_IF_MATCH: Final = Parameter(
    "If-Match", 'ETag of the version that was seen, or "*"', TEXT, "header", True
)
_IDEMPOTENCY: Final = Parameter(
    "Idempotency-Key",
    "a key of one's own: repeating the request within a day gives the same answer",
    {"type": "string", "minLength": 1, "maxLength": 200},
    "header",
)
_FACETS: Final = [_several(name, f"only records with one of these: {name}") for name in CHOICES]
_SEARCH: Final = [
    _text("q", "words, in the query language", maxLength=MAX_TEXT),
    *_FACETS,
    _several("cluster", "only what these hubs and their members publish"),
    Parameter("scope", "whose records", {"type": "string", "enum": [*SCOPES]}),
    Parameter("sort", "order", {"type": "string", "enum": [str(one) for one in Sort]}),
    _text("bbox", "west,south,east,north in degrees"),
    _text("near", "latitude,longitude,kilometres"),
    _text("like", "URI of a record: only others that resemble it"),
    _whole("limit", "records in one answer", 1, MAX_SIZE),
    _whole("page", "page number, where no cursor is given", 1, 50),
    _text("cursor", "the value of next, to go on without an end"),
    _text("facets", "facets to count, separated by commas; empty for none"),
    _flag("highlight", "mark what was found"),
    _flag("collapse", "list adaptations under the first of their family"),
    _flag("explain", "say what each score is made of"),
    _flag("literal", "forgive no mistakes"),
    _LANG,
]
_TOWN: Final = [
    _text("place", "name of the town: fills in what the gazetteer knows", maxLength=200),
    _whole("population", "inhabitants", 0, 10**9),
    _text("country", "ISO 3166-1 alpha-2 code", pattern="^[A-Za-z]{2}$"),
    _text("settlement", "kind of place, a code of the scheme settlement"),
    _whole("budget", "what can be spent to set it up, in whole units", 0, 10**12),
    _text("currency", "ISO 4217 code", pattern="^[A-Za-z]{3}$"),
    _several("language", "languages that are read there"),
    _several("theme", "what is needed, codes of the scheme theme"),
    _several("target_group", "whom it is for, codes of the scheme target-group"),
    _several("has", "conditions that are met, codes of the scheme condition"),
    _several("lacks", "conditions that are not met"),
    _text("q", "words that the practices must have", maxLength=200),
    _LANG,
]
_LISTS: Final = {200: {JSON: "SearchResult", "text/csv": "", "application/geo+json": ""}}

OPERATIONS: Final[tuple[Operation, ...]] = (
    Operation(
        "search", "get", "/api/v1/search", "Search", "Search all records that this node holds.",
        [*_SEARCH, Parameter("format", "one page as JSON, or all of it as a file",
                             {"type": "string", "enum": ["json", "geojson", "csv"]})],
        _LISTS, (400, 406, 429, 503), example="?q=transport&theme=mobility&limit=3",
    ),
    Operation(
        "complete", "get", "/api/v1/complete", "Search", "Say how what was typed may go on.",
        [_text("q", "what was typed so far"), _whole("limit", "most completions", 1, 8), _LANG],
        {200: {JSON: "Completions"}}, (503,), example="?q=mob",
    ),
    Operation(
        "fit", "get", "/api/v1/fit", "Search", "Say which practices fit a town, and why.",
        [*_TOWN, _whole("limit", "practices in the answer", 1, 100)],
        {200: {JSON: "Fit"}}, (400, 406, 503), example="?population=1900&country=PT&budget=20000",
    ),
    Operation(
        "family", "get", "/api/v1/family", "Search",
        "Say what a practice was adapted from and what was adapted from it.",
        [Parameter("uri", "URI of the practice", TEXT, required=True), _LANG],
        {200: {JSON: "Family"}}, (404,),
    ),
    Operation(
        "cluster", "get", "/api/v1/cluster", "Search",
        "Say who takes part in the cluster of a hub, and what they have published.",
        [Parameter("hub", "DID of the hub", TEXT, required=True), _LANG],
        {200: {JSON: "Cluster"}}, (404,),
    ),
    Operation(
        "places", "get", "/api/v1/places", "Search", "Find places by name in the gazetteer.",
        [_text("q", "name, or how it begins"), _text("country", "two letters", maxLength=10),
         _whole("limit", "most places", 1, 20)],
        {200: {JSON: "Places"}}, example="?q=Teruel",
    ),
    Operation(
        "check", "post", "/api/v1/check", "Write", "Check a record without publishing it.",
        [_LANG], {200: {JSON: "Checked"}}, (413, 422), {JSON_LD: "Record", JSON: "Record"},
    ),
    Operation(
        "publish", "post", "/api/v1/records", "Write", "Publish a new record.",
        [_text("origin", "DID of a hosted origin, this node itself by default"), _LANG,
         _IDEMPOTENCY],
        {201: {JSON: "Written"}}, (400, 401, 403, 404, 409, 413, 415, 422, 429),
        {JSON_LD: "Record", JSON: "Record"}, Scope.PUBLISH,
    ),
    Operation(
        "change", "put", "/api/v1/records/{id}", "Write", "Publish a new version of a record.",
        [_ID, _IF_MATCH, _LANG, _IDEMPOTENCY], {200: {JSON: "Written"}},
        (400, 401, 403, 404, 409, 412, 413, 415, 422, 428, 429),
        {JSON_LD: "Record", JSON: "Record"}, Scope.PUBLISH,
    ),
    Operation(
        "withdraw", "delete", "/api/v1/records/{id}", "Write", "Withdraw a record.",
        [_ID, _IF_MATCH, _IDEMPOTENCY, _text("reason", "the public reason")],
        {200: {JSON: "Written"}}, (400, 401, 403, 404, 409, 412, 422, 428, 429),
        scope=Scope.PUBLISH,
    ),
    Operation(
        "record", "get", "/{collection}/{id}", "Records",
        "Read a record: the signed document, or another format by Accept or by an ending.",
        [_COLLECTION, _ID],
        {200: {JSON_LD: "", JSON: "", "text/html": "", "text/turtle": "", "application/rdf+xml": "",
               "application/n-triples": "", "text/csv": "", "application/geo+json": "",
               "application/xml": ""}},
        (404, 406, 410),
    ),
    Operation(
        "version", "get", "/{collection}/{id}/v/{number}", "Records",
        "Read one signed version, which never changes.",
        [_COLLECTION, _ID, Parameter("number", "version", {"type": "integer", "minimum": 1,
                                     "maximum": 2_000_000_000}, "path", True)],
        {200: {JSON_LD: ""}}, (404, 410),
    ),
    Operation(
        "feed", "get", "/feed", "Federation", "The root of the event stream (LDES).",
        answers={200: {JSON_LD: "", "application/n-quads": ""}}, refusals=(406,), example="",
    ),
    Operation(
        "feed_page", "get", "/feed/{page}", "Federation", "A page of the event stream.",
        [Parameter("page", "number of the page", {"type": "integer", "minimum": 0,
                   "maximum": 2_000_000_000}, "path", True)],
        {200: {JSON_LD: "", "application/n-quads": ""}}, (404, 406, 410),
    ),
    Operation(
        "feed_page_again", "get", "/feed/{page}-{revision}", "Federation",
        "A page that was written anew after an erasure.",
        [Parameter("page", "number of the page", {"type": "integer", "minimum": 0,
                   "maximum": 2_000_000_000}, "path", True),
         Parameter("revision", "how often it was written anew", {"type": "integer", "minimum": 1,
                   "maximum": 100}, "path", True)],
        {200: {JSON_LD: "", "application/n-quads": ""}}, (404, 406, 410),
    ),
    Operation(
        "feed_head", "get", "/feed/head", "Federation", "The signed head of this node's log.",
        answers={200: {JSON_LD: ""}}, refusals=(406,), example="",
    ),
    Operation(
        "feed_heads", "get", "/feed/heads", "Federation", "The heads of all logs held here.",
        answers={200: {JSON: ""}}, refusals=(406,), example="",
    ),
    Operation(
        "atom", "get", "/feed.atom", "Search", "A search as a feed, the newest first.", _SEARCH,
        {200: {"application/atom+xml": ""}}, (400, 406, 503), example="?q=transport",
    ),
    Operation(
        "inbox", "get", "/inbox", "Federation", "What this inbox takes (LDN).",
        answers={200: {JSON_LD: ""}}, refusals=(406,), example="",
    ),
    Operation(
        "push", "post", "/inbox", "Federation", "Push signed entries, one a line.",
        answers={200: {JSON: ""}, 201: {JSON: ""}, 202: {JSON: ""}},
        refusals=(400, 403, 409, 413, 415, 422, 429),
        body={JSON_LD: "", "application/x-ndjson": ""},
    ),
    Operation(
        "cursor", "get", "/inbox/cursor", "Federation", "How far an origin's log is held here.",
        [_text("origin", "DID")], {200: {JSON: ""}}, (400, 404),
    ),
    Operation(
        "identity", "get", "/.well-known/did.json", "Federation", "The node's DID document.",
        answers={200: {"application/did+json": ""}}, example="",
    ),
    Operation(
        "catalog", "get", "/.well-known/api-catalog", "Service",
        "What programs can talk to (RFC 9727).",
        answers={200: {"application/linkset+json": ""}}, example="",
    ),
    Operation(
        "openapi", "get", "/openapi.json", "Service", "This description.",
        answers={200: {JSON: ""}}, example="",
    ),
    Operation(
        "alive", "get", "/healthz", "Service", "Whether the process answers.",
        answers={200: {JSON: "Health"}}, example="",
    ),
    Operation(
        "ready", "get", "/readyz", "Service", "Whether the node is fit for work.",
        answers={200: {JSON: "Health"}, 503: {JSON: "Health"}}, example="",
    ),
)  # fmt: skip
