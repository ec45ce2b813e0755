"""Writing by programs: publish, change and withdraw records with a token."""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Final, ParamSpec

import orjson
from flask import Blueprint, Response, request

from federation.errors import ChangedError
from federation.records import Entry
from node.accounts.keys import digest_of
from node.accounts.roles import Holder, Scope
from node.local.idempotency import Repeats
from node.services import drafts
from node.services.accounts import audit, local_origins, token_holder
from node.services.addresses import page_path
from node.services.errors import ServiceError
from node.services.hosted import acting_for
from node.services.indexer import wait_until_own_searchable
from node.services.publish import Outcome, Submission, publish_one, retract
from node.services.submissions import read_document
from node.web.api import findings_language
from node.web.current import runtime
from node.web.errors import problem
from node.web.limits import pace
from node.web.negotiate import JSON, JSON_LD
from node.web.told import told
from vocab.findings import violations
from vocab.terms import COLLECTIONS, SIGNED_BY_THE_NODE, TRUST_TYPES, JsonObject

blueprint = Blueprint("writing", __name__, url_prefix="/api/v1/records")

WRITES_A_MINUTE: Final = 300
"""Of one token."""
MAX_KEY: Final = 200
_INDEX_SECONDS: Final = 3.0
_TYPES: Final = (JSON, JSON_LD)
_REPEATED: Final = ("Location", "ETag", "Content-Type", "Content-Language")

Arguments = ParamSpec("Arguments")
View = Callable[Arguments, Response]


class _RefusedError(Exception):
    """The request is answered with a problem document."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


def _refuse(status: int, title: str, detail: str = "", **headers: str) -> _RefusedError:
    response = problem(status, title, detail)
    for name, value in headers.items():
        response.headers[name.replace("_", "-")] = value
    return _RefusedError(response)


def _writing(view: View[Arguments]) -> View[Arguments]:
    """Answer refusals, and a repeated request as it was answered before."""

    @wraps(view)
    def answered(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Response:
        key = request.headers.get("Idempotency-Key", "")
        try:
            _holder()
            if not key:
                return view(*args, **kwargs)
            return _once(key, lambda: view(*args, **kwargs))
        except _RefusedError as refused:
            return refused.response

    return answered


def _once(key: str, act: Callable[[], Response]) -> Response:
    if len(key) > MAX_KEY:
        raise _refuse(400, "Bad Idempotency-Key", f"It may have {MAX_KEY} characters at most.")
    who = digest_of(_presented())
    asked = hashlib.sha256(
        b"\n".join((request.method.encode(), request.full_path.encode(), request.get_data()))
    ).hexdigest()
    repeats = Repeats(runtime().store, runtime().clock)
    kept = repeats.begin(who, key, asked)
    if kept is not None and kept.request != asked:
        raise _refuse(422, "Idempotency-Key was used for another request", "Choose a new key.")
    if kept is not None and not kept.status:
        raise _refuse(
            409, "This request is being worked out", "Ask again in a moment.", Retry_After="1"
        )
    if kept is not None:
        return Response(kept.body, kept.status, kept.headers)
    done = False
    try:
        response = act()
        done = True
    finally:
        if not done:  # what was refused for its state may be asked again
            repeats.forget(who, key)
    headers = {name: response.headers[name] for name in _REPEATED if name in response.headers}
    repeats.finish(who, key, response.status_code, headers, response.get_data())
    return response


def _presented() -> str:
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _holder() -> Holder:
    """Return who the token acts for (RFC 6750)."""
    presented = _presented()
    found = token_holder(runtime(), presented)
    if found is None:
        challenge = 'Bearer realm="lonja"' + (', error="invalid_token"' if presented else "")
        raise _refuse(
            401,
            "A token is needed",
            "Make one on your account page, and send it as Authorization: Bearer TOKEN.",
            WWW_Authenticate=challenge,
        )
    if not pace().allows(f"write {digest_of(presented)}", WRITES_A_MINUTE):
        raise _refuse(429, "Too many requests", "Wait a minute.", Retry_After="60")
    return found


def _demand(origin: str) -> Holder:
    found = _holder()
    if not found.may(Scope.PUBLISH, origin):
        raise _refuse(
            403,
            "This token may not publish here",
            f"It needs the scope publish for {origin}.",
            WWW_Authenticate='Bearer realm="lonja", error="insufficient_scope", scope="publish"',
        )
    return found


def _document() -> bytes:
    if request.mimetype not in _TYPES:
        raise _refuse(415, "Send JSON", f"Content-Type: {' or '.join(_TYPES)}.")
    return request.get_data()


@blueprint.post("")
@_writing
def publish() -> Response:
    """Publish a new record; `origin` names a hosted origin by its DID."""
    origin = request.args.get("origin", runtime().identity.did)
    if origin not in local_origins(runtime()):
        raise _refuse(404, "No such origin", f"{origin} is no origin of this node.")
    holder = _demand(origin)
    submission = read_document(_document(), "")
    document = _content(submission)
    given = document.get("isVersionOf") or document.get("id")
    if isinstance(given, str) and runtime().journal.current(given) is not None:
        raise _refuse(409, "This record exists", "Change it with PUT at its own address.")
    done = publish_one(drafts.acting(runtime(), origin), submission)
    return _answer(holder, done, 201)


@blueprint.put("/<name>")
@_writing
def change(name: str) -> Response:
    """Publish a new version of a record, if it is still the one that was seen."""
    held = _seen(name)
    holder = _demand(held.origin)
    submission = read_document(_document(), "")
    document = _content(submission)
    if document:
        given = document.get("isVersionOf") or document.get("id") or held.uri
        if given != held.uri:
            raise _refuse(422, "Another record", f"The document says it is {given}.")
        replaces = "" if request.headers["If-Match"].strip() == "*" else held.digest
        submission = Submission("", {**document, "id": held.uri}, replaces=replaces)
    try:
        done = publish_one(acting_for(runtime(), held.uri), submission)
    except ChangedError as error:  # between the look and the transaction
        raise _changed(_own(name) or held) from error
    return _answer(holder, done, 200, held)


@blueprint.delete("/<name>")
@_writing
def withdraw(name: str) -> Response:
    """Withdraw a record with a public reason (`reason`)."""
    held = _seen(name)
    holder = _demand(held.origin)
    try:
        reason = request.args.get("reason", "")
        entry = retract(acting_for(runtime(), held.uri), held.uri, reason)
    except ServiceError as error:
        raise _refuse(409, "It cannot be withdrawn", told(error)) from error
    audit(runtime()).note(holder.login, "retracted", held.uri)
    return _told(entry, 200, [])


def _content(submission: Submission) -> JsonObject:
    """Return the document that was sent; what only the node itself signs is refused."""
    document = submission.document or {}
    declared = document.get("type")
    names = declared if isinstance(declared, list) else [declared]
    if any(name in SIGNED_BY_THE_NODE for name in names):
        raise _refuse(
            403,
            "The node signs this itself",
            "Owners accept members with lonja peer accept; a record is withdrawn with DELETE.",
        )
    return document


def _seen(name: str) -> Entry:
    """Return the newest version of an own record, as long as it is the one that was seen."""
    _holder()
    held = _own(name)
    if held is None or held.type in TRUST_TYPES:
        raise _refuse(404, "No such record", "It is not one of this node's own.")
    said = request.headers.get("If-Match", "")
    if not said:
        raise _refuse(
            428,
            "Say which version you saw",
            'Send If-Match with the ETag of the version that you read, or "*".',
        )
    if not (request.if_match.contains(held.digest) or said.strip() == "*"):
        raise _changed(held)
    return held


def _changed(held: Entry) -> _RefusedError:
    said = "Read it again and decide anew."
    return _refuse(412, "It was changed meanwhile", said, ETag=f'"{held.digest}"')


def _own(name: str) -> Entry | None:
    bases = [runtime().settings.base_url]
    origins = (runtime().journal.origin(did) for did in local_origins(runtime()))
    bases += [one.base for one in origins if one is not None]
    for base in dict.fromkeys(bases):
        for collection in dict.fromkeys(COLLECTIONS.values()):
            found = runtime().journal.current(f"{base}/{collection}/{name}")
            if found is not None and found.origin in local_origins(runtime()):
                return found
    return None


def _answer(holder: Holder, done: Outcome, status: int, held: Entry | None = None) -> Response:
    language = findings_language()
    listed = [item.as_json(language) for item in done.findings]
    if done.refused:
        wrong = violations(list(done.findings))
        first = wrong[0] if wrong else done.findings[0]
        response = problem(422, first.message(language), first.fix(language), errors=listed)
        response.headers["Content-Language"] = language
        return response
    entry = done.entry or held or runtime().journal.current(done.uri)
    if entry is None:
        raise _refuse(500, "It is published but cannot be read", "Look at it with lonja show.")
    if done.entry is not None:
        audit(runtime()).note(holder.login, "published", entry.uri)
    wait_until_own_searchable(runtime(), _INDEX_SECONDS)
    return _told(entry, status, listed, changed=done.entry is not None)


def _told(
    entry: Entry, status: int, findings: list[dict[str, str]], *, changed: bool = True
) -> Response:
    body = {
        "uri": entry.uri,
        "version": entry.version,
        "seq": entry.seq,
        "digest": entry.digest,
        "changed": changed,
        "page": runtime().settings.base_url + page_path(entry.uri, runtime().settings.base_url),
        "findings": findings,
    }
    response = Response(orjson.dumps(body), status, content_type=JSON)
    response.set_etag(entry.digest)
    response.headers["Cache-Control"] = "no-store"
    if status == 201:
        response.headers["Location"] = entry.uri
    return response
