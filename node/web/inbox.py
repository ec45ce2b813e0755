"""The inbox: entries that other nodes push (Linked Data Notifications, W3C 2017)."""

from collections.abc import Iterator
from typing import Final

import orjson
from flask import Blueprint, Response, abort, request

from federation.journal.requests import TooManyRequestsError
from federation.records import PeerState, Refusal
from node.services.join import take_request
from node.services.ledgers import ledger_as_json, refusal_as_json
from node.services.receive import (
    is_signed,
    lines_of,
    may_push,
    read_line,
    receive,
    receive_one,
    sender_of,
)
from node.services.sentences import SENTENCES
from node.web import errors, limits
from node.web.current import absolute, runtime
from node.web.i18n import current_language
from node.web.limits import (
    MAX_BODY_BYTES,
    BodyTooLargeError,
    BrokenBodyError,
    client,
    pace,
    read_body,
)
from node.web.negotiate import JSON, JSON_LD, conditional
from vocab.terms import JsonObject

blueprint = Blueprint("inbox", __name__)

NDJSON: Final = "application/x-ndjson"
_TYPES: Final = (JSON_LD, JSON, NDJSON)
_MOST: Final = 500  # characters of a DID that the journal keeps


@blueprint.get("/inbox")
def listing() -> Response:
    """An inbox shows nothing: what was accepted is in the feed (LDN, section 3.3.2)."""
    body = {
        "@context": "http://www.w3.org/ns/ldp",
        "@id": absolute("/inbox"),
        "@type": "ldp:Container",
        "ldp:contains": [],
    }
    response = Response(orjson.dumps(body), content_type=JSON_LD)
    response.headers["Accept-Post"] = ", ".join(_TYPES)
    return response


@blueprint.post("/inbox")
def push() -> Response:
    """Take in one entry (JSON-LD), or many (NDJSON): verbatim, signed, from accepted origins.

    Pushing again what is held already changes nothing. A node that is not accepted yet asks to
    join with the membership that it has signed for this hub.
    """
    lines = _lines()
    first = next(lines, b"")
    document = read_line(first)
    if isinstance(document, Refusal):
        return _refused(document)
    did = sender_of(document)
    known = may_push(runtime(), did)
    proven = known and is_signed(runtime(), document, did)
    if not _may_ask(did, proven=proven):
        return _problem(429, "inbox-often", later=60)
    if not known:
        return _asked(document) or _problem(403, "inbox-unknown", origin=did[:_MOST])
    if request.mimetype != NDJSON:
        return _one(document)
    received = receive(runtime(), first, lines, did, proven=proven)
    ledger = ledger_as_json(received.run, current_language())
    answer = orjson.dumps({**ledger, "origin": did, "contiguous": received.contiguous})
    return Response(answer, content_type=JSON)


def _may_ask(did: str, *, proven: bool) -> bool:
    if proven:
        return pace().allows(did, limits.MEMBER_A_MINUTE)
    return pace().allows(client(), limits.STRANGER_A_MINUTE)


def _lines() -> Iterator[bytes]:
    """Return the documents of the request; one that cannot be read ends in an answer."""
    if request.mimetype not in _TYPES:
        abort(_problem(415, "inbox-type", kind=request.mimetype[:100]))
    try:
        body = read_body()
    except BodyTooLargeError:
        abort(_problem(413, "inbox-large", limit=MAX_BODY_BYTES // 1_000_000))
    except BrokenBodyError:
        abort(_problem(400, "inbox-broken"))
    return lines_of(body) if request.mimetype == NDJSON else iter([body])


def _one(document: JsonObject) -> Response:
    """Take in one entry: 201 when it is held from now on, 200 when it was held before."""
    verdict = receive_one(runtime(), document)
    if isinstance(verdict, Refusal):
        return _refused(verdict)
    status = 200 if verdict == "unchanged" else 201
    response = Response(orjson.dumps({"verdict": str(verdict)}), status, content_type=JSON)
    response.headers["Location"] = str(document["id"])
    return response


def _asked(document: JsonObject) -> Response | None:
    """Keep a request to join; None when the document is none."""
    try:
        state = take_request(runtime(), document)
    except TooManyRequestsError:
        return _problem(503, "inbox-full", later=86_400)
    if isinstance(state, Refusal):
        return _refused(state)
    if state is None or state is PeerState.SUSPENDED:
        return None
    return Response(orjson.dumps({"state": str(state)}), 202, content_type=JSON)


@blueprint.get("/inbox/cursor")
def cursor() -> Response:
    """The number up to which every entry of an origin is held, and the digest of that entry.

    A publisher asks for it to learn whether an erasure has arrived, or what to push. Nothing
    else is told.
    """
    did = request.args.get("origin", "")
    held = runtime().journal.reached(did) if did and len(did) <= _MOST else None
    if held is None:
        return _problem(404, "inbox-origin", origin=did)
    body = {"origin": did, "contiguous": held.seq, "digest": held.digest}
    response = Response(orjson.dumps(body), content_type=JSON)
    response.headers["Cache-Control"] = "no-cache"
    response.set_etag(f"{held.seq}-{held.digest}")
    return conditional(response)


def _problem(status: int, rule: str, *, later: int = 0, **values: object) -> Response:
    """Return a problem with its way out, and after how many seconds to ask again."""
    language = current_language()
    message = SENTENCES.messages(rule, values)[language]
    response = errors.problem(status, message, SENTENCES.fixes(rule, values).get(language, ""))
    if later:
        response.headers["Retry-After"] = str(later)
    return response


def _refused(refused: Refusal) -> Response:
    said = refusal_as_json(refused, current_language())
    listed = {"rule": said["rule"], "pointer": said["pointer"], "detail": said["detail"]}
    return errors.problem(422, said["message"], said["fix"], errors=[listed])
