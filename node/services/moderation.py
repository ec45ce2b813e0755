"""Observations at the desk: publish, refuse, answer.

What is published has no author and no rating, names a month and no day, and was looked at by
somebody first. Two people may have the same observation before them: who comes second is told.
"""

import logging
import smtplib
from dataclasses import dataclass

import orjson

from federation.errors import ChangedError
from federation.records import Entry
from node.accounts.roles import Holder
from node.local.observations import Observation, ObservationState
from node.runtime import Runtime
from node.services.accounts import audit
from node.services.drafts import acting
from node.services.errors import ServiceError, UserError
from node.services.mail import new_mail, send_mail
from node.services.observations import GONE, LONGEST, moment, observations, unpublish
from node.services.publish import MINTED_KEYS, Submission, publish_one
from node.services.receipts import digest_of_code, new_code, receipt_link
from node.services.sentences import SENTENCES
from node.services.translate import N_
from vocab.findings import violations
from vocab.language import LANGUAGES
from vocab.licences import licence_address
from vocab.terms import CONTEXT_URL, JsonObject

log = logging.getLogger(__name__)


class SettledError(UserError):
    """Somebody else has settled it since it was read: nothing was done."""

    def __init__(self) -> None:
        super().__init__(
            N_("somebody else has settled this meanwhile; what you wrote was not used")
        )


def publish(runtime: Runtime, holder: Holder, held: Observation, text: str) -> str:
    """Publish an observation with its text as the moderator left it, and return its URI.

    It is marked before it is published, so that two who do it at once publish it once.

    Raises:
        SettledError: it is not waiting any more.
        ServiceError: the text is empty, or the checks refuse it.
    """
    if held.state is not ObservationState.RECEIVED:
        raise SettledError
    if not text.strip():
        raise UserError("say what you have seen")
    if len(text) > LONGEST:
        raise UserError(
            "the text has %(number)s characters; %(most)s are the most",
            number=len(text),
            most=LONGEST,
        )
    said, kept = held.said, observations(runtime)
    body: JsonObject = {
        "@context": CONTEXT_URL,
        "type": "CitizenObservation",
        "about": said.record,
        "observation": said.kind,
        "text": {said.language: text.strip()},
        "language": [said.language],
        "observed": said.month,
        "license": licence_address("CC-BY-4.0"),
        "response": {"type": "Response", "responseStatus": "received"},
    }
    if said.groups:
        body["targetGroup"] = [*said.groups]
    marked = kept.change(held, state=str(ObservationState.PUBLISHED))
    if marked is None:
        raise SettledError
    try:
        uri = _published(runtime, said.origin, body)
    except Exception:
        kept.change(marked, state=str(ObservationState.RECEIVED))
        raise
    if kept.change(marked, published=uri, text="") is None:  # its author took it back just now
        unpublish(runtime, said.origin, uri)
        raise SettledError
    audit(runtime).note(holder.login, "observation-published", uri)
    return uri


def refuse(runtime: Runtime, holder: Holder, held: Observation, reason: str) -> None:
    """Refuse an observation with a reason that its author reads at the receipt; the text goes.

    Raises:
        SettledError: it is not waiting any more.
        ServiceError: no reason is given.
    """
    if held.state is not ObservationState.RECEIVED:
        raise SettledError
    if not reason.strip():
        raise UserError("say why, so that whoever sent it can read it")
    said = reason.strip()[:LONGEST]
    refused = str(ObservationState.REFUSED)
    ended = observations(runtime).change(held, state=refused, reason=said, **GONE)
    if ended is None:
        raise SettledError
    audit(runtime).note(holder.login, "observation-refused", str(held.id))
    _tell(runtime, held, ended)


def end_with_record(runtime: Runtime, uri: str, reason: str) -> None:
    """End the case of an observation whose record was withdrawn or erased at the desk."""
    kept = observations(runtime)
    held = kept.of_record(uri)
    if held is not None and held.state is not ObservationState.WITHDRAWN:
        kept.change(held, state=str(ObservationState.REFUSED), reason=reason, **GONE)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a body answers.

    Attributes:
        status: a code of the scheme "response".
        text: its words.
        language: they are written in.
        seen: digest of the version that it answers.
        resulted_in: version of the practice that it led to, "" for none.
    """

    status: str
    text: str
    language: str
    seen: str
    resulted_in: str = ""


def answer(runtime: Runtime, holder: Holder, held: Observation, reply: Reply) -> None:
    """Answer a published observation: "you said, we did".

    Raises:
        SettledError: the observation has another version than the one that the reply has seen.
        ServiceError: it is not published, or the checks refuse the answer.
    """
    entry = runtime.journal.current(held.published) if held.published else None
    if entry is None or entry.type != "CitizenObservation":
        raise UserError("only an observation that is published can be answered")
    if not reply.text.strip():
        raise UserError("say what you did, or why not")
    if entry.digest != reply.seen:
        raise SettledError
    body, rating = _answered(runtime, held, entry, reply)
    try:
        _published(runtime, held.said.origin, body, replaces=entry.digest)
    except ChangedError as error:  # between the look above and the transaction
        raise SettledError from error
    values: dict[str, object] = {"mail": "", "target_groups": "", "text": ""}
    if held.said.rating is None and isinstance(rating, int):
        values["rating"] = rating
    ended = observations(runtime).change(held, state=str(ObservationState.ANSWERED), **values)
    audit(runtime).note(holder.login, "observation-answered", held.published)
    if ended is not None:
        _tell(runtime, held, ended)


def _answered(
    runtime: Runtime, held: Observation, entry: Entry, reply: Reply
) -> tuple[JsonObject, object]:
    """Return an observation with its answer, and the rating that older records still hold."""
    document = orjson.loads(entry.body)
    body: JsonObject = {key: one for key, one in document.items() if key not in MINTED_KEYS}
    rating = body.pop("rating", None)
    response: JsonObject = {
        "type": "Response",
        "responseStatus": reply.status,
        "description": {reply.language: reply.text.strip()[:LONGEST]},
        "issued": moment(runtime.clock()),
    }
    organisation = acting(runtime, held.said.origin).settings.organisation_uri
    if organisation:
        response["publisher"] = organisation
    if reply.resulted_in:
        response["resultedIn"] = reply.resulted_in
    return {**body, "id": held.published, "response": response}, rating


def _published(runtime: Runtime, origin: str, body: JsonObject, *, replaces: str = "") -> str:
    submission = Submission("observation", body, replaces=replaces)
    outcome = publish_one(acting(runtime, origin), submission)
    if outcome.refused:
        wrong = violations(list(outcome.findings))
        said = {code: "; ".join(one.message(code) for one in wrong) for code in LANGUAGES}
        raise UserError("this cannot be published: %(said)s", said=said)
    return outcome.uri


def _tell(runtime: Runtime, held: Observation, ended: Observation) -> None:
    """Say by mail that there is an answer, without saying what about, to whoever left an address.

    The mail has a code of its own: of the first one the node knows the digest only.
    """
    if not held.said.mail:
        return
    settings, language, code = runtime.settings, held.said.language, new_code()
    observations(runtime).change(ended, mailed=digest_of_code(code))
    words = SENTENCES.messages("observation-answered", {"node": settings.name})
    more = SENTENCES.fixes("observation-answered"), SENTENCES.messages("observation-link")
    first, last = (said.get(language) or said["en"] for said in more)
    mail = new_mail(settings, held.said.mail, words.get(language) or words["en"])
    mail.set_content(f"{first}\n\n{receipt_link(settings, code)}\n\n{last}\n")
    try:
        send_mail(settings, mail)
    except (OSError, smtplib.SMTPException, ServiceError) as error:
        log.warning("whoever sent an observation could not be told of the answer: %s", error)
