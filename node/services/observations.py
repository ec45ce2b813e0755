"""Observations: a citizen says something of a practice, and the body that runs it answers.

What is published has no author, names a month and no day, and was looked at by somebody first. The
consent, the mail address and the receipt never leave this node.
"""

import logging
import secrets
import smtplib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import orjson

from federation.records import Entry, EntryState, OriginStanding
from node.accounts.keys import digest_of
from node.accounts.roles import Holder
from node.local.observations import Observation, Observations, ObservationState, Said
from node.runtime import Runtime
from node.services.accounts import audit, local_origins
from node.services.drafts import acting
from node.services.erase import sign_erasure
from node.services.errors import ServiceError, UserError
from node.services.mail import new_mail, send_mail
from node.services.notice import VERSION
from node.services.publish import MINTED_KEYS, Submission, publish_one
from node.services.sentences import SENTENCES
from vocab.findings import violations
from vocab.language import LANGUAGES
from vocab.licences import licence_address
from vocab.terms import CONTEXT_URL, PRACTICE_TYPES, JsonObject
from vocab.validate import check_local

log = logging.getLogger(__name__)

LATE: Final = timedelta(days=30)
"""After which an observation counts as unanswered."""
KEPT: Final = timedelta(days=365)
"""How long an observation that has ended can be looked up by its receipt."""
LONGEST: Final = 5000  # characters of a text
_ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that is misread on paper
_ENDED: Final = (
    ObservationState.ANSWERED,
    ObservationState.REFUSED,
    ObservationState.WITHDRAWN,
)


@dataclass(frozen=True, slots=True)
class Counter:
    """Where observations on a practice are taken.

    Attributes:
        entry: the practice, None when it is not known here.
        here: whether this node takes them.
        elsewhere: address of the form on the practice's home node, "" for none.
    """

    entry: Entry | None
    here: bool
    elsewhere: str


def observations(runtime: Runtime) -> Observations:
    """Return the observations of a node."""
    return Observations(runtime.store, runtime.clock)


def counter(runtime: Runtime, uri: str) -> Counter:
    """Return where observations on a practice are taken.

    A listing of somebody else's practice takes none: the body that could answer does not take part.
    """
    entry = runtime.journal.current(uri)
    if entry is None or entry.state is not EntryState.HELD or entry.type not in PRACTICE_TYPES:
        return Counter(None, False, "")
    if orjson.loads(entry.body).get("source"):
        return Counter(entry, False, "")
    if entry.origin in local_origins(runtime):
        return Counter(entry, True, "")
    held = runtime.journal.origin(entry.origin)
    trusted = held is not None and held.standing in (
        OriginStanding.PINNED,
        OriginStanding.INTRODUCED,
    )
    home = f"{held.base}/observe?uri={uri}" if held is not None and trusted else ""
    return Counter(entry, False, home)


def receive(runtime: Runtime, said: Said) -> str:
    """Keep what somebody sent with their consent, and return the receipt code.

    Raises:
        ServiceError: there is no text, or it is too long.
    """
    text = said.text.strip()
    if not text:
        raise UserError("say what you have seen")
    if len(text) > LONGEST:
        raise UserError(
            "the text has %(number)s characters; %(most)s are the most",
            number=len(text),
            most=LONGEST,
        )
    code = "".join(secrets.choice(_ALPHABET) for _ in range(16))
    observations(runtime).add(said, digest_of(code), _consent(runtime))
    return "-".join(code[start : start + 4] for start in range(0, 16, 4))


def _consent(runtime: Runtime) -> JsonObject:
    record: JsonObject = {
        "@context": CONTEXT_URL,
        "id": uuid.uuid4().urn,
        "type": "ConsentRecord",
        "conformsTo": "https://w3id.org/dpv/schema/iso-27560",
        "subjectRef": uuid.uuid4().urn,
        "purpose": "dpv:ServiceProvision",
        "consentStatus": "dpv:ConsentGiven",
        "given": _moment(runtime.clock()),
        "noticeVersion": VERSION,
        "notice": f"{runtime.settings.base_url}/privacy",
        "visibility": "private",
    }
    wrong = violations(check_local(record))
    if wrong:
        raise ServiceError(f"the consent cannot be recorded: {wrong[0].message()}")
    return record


def by_code(runtime: Runtime, code: str) -> Observation | None:
    """Return an observation by its receipt code, as somebody typed it from paper."""
    plain = "".join(letter for letter in code.upper() if letter.isalnum())
    return observations(runtime).by_receipt(digest_of(plain)) if len(plain) == 16 else None


def withdraw(runtime: Runtime, held: Observation) -> None:
    """Take an observation back: its text goes, here and wherever it has been harvested."""
    if held.published:
        entry = runtime.journal.current(held.published)
        if entry is not None and entry.type != "Tombstone":
            sign_erasure(acting(runtime, held.said.origin), held.published)
    consent: JsonObject = {
        **held.consent,
        "consentStatus": "dpv:ConsentWithdrawn",
        "withdrawn": _moment(runtime.clock()),
    }
    _end(runtime, held, ObservationState.WITHDRAWN, consent=consent)


def publish(runtime: Runtime, holder: Holder, held: Observation, text: str) -> str:
    """Publish an observation with its text as the moderator left it, and return its URI.

    Raises:
        ServiceError: it is not waiting, the text is empty, or the checks refuse it.
    """
    if held.state is not ObservationState.RECEIVED:
        raise UserError("this observation is not waiting any more")
    if not text.strip():
        raise UserError("say what you have seen")
    said = held.said
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
    if said.rating is not None:
        body["rating"] = said.rating
    uri = _published(runtime, said.origin, body)
    changes = {"published": uri, "text": "", "rating": None}
    observations(runtime).change(held.id, state=str(ObservationState.PUBLISHED), **changes)
    audit(runtime).note(holder.login, "observation-published", uri)
    return uri


def refuse(runtime: Runtime, holder: Holder, held: Observation, reason: str) -> None:
    """Refuse an observation with a reason that its author reads at the receipt; the text goes.

    Raises:
        ServiceError: it is not waiting, or no reason is given.
    """
    if held.state is not ObservationState.RECEIVED:
        raise UserError("this observation is not waiting any more")
    if not reason.strip():
        raise UserError("say why, so that whoever sent it can read it")
    _end(runtime, held, ObservationState.REFUSED, reason=reason.strip()[:LONGEST])
    audit(runtime).note(holder.login, "observation-refused", str(held.id))


@dataclass(frozen=True, slots=True)
class Reply:
    """What a body answers: a code of the scheme "response", words, and the version it led to."""

    status: str
    text: str
    language: str
    resulted_in: str = ""


def answer(runtime: Runtime, holder: Holder, held: Observation, reply: Reply) -> None:
    """Answer a published observation: "you said, we did".

    Raises:
        ServiceError: it is not published, or the checks refuse the answer.
    """
    entry = runtime.journal.current(held.published) if held.published else None
    if entry is None or entry.type != "CitizenObservation":
        raise UserError("only an observation that is published can be answered")
    if not reply.text.strip():
        raise UserError("say what you did, or why not")
    document = orjson.loads(entry.body)
    body: JsonObject = {key: one for key, one in document.items() if key not in MINTED_KEYS}
    response: JsonObject = {
        "type": "Response",
        "responseStatus": reply.status,
        "description": {reply.language: reply.text.strip()[:LONGEST]},
        "issued": _moment(runtime.clock()),
    }
    organisation = acting(runtime, held.said.origin).settings.organisation_uri
    if organisation:
        response["publisher"] = organisation
    if reply.resulted_in:
        response["resultedIn"] = reply.resulted_in
    _published(runtime, held.said.origin, {**body, "id": held.published, "response": response})
    _end(runtime, held, ObservationState.ANSWERED)
    audit(runtime).note(holder.login, "observation-answered", held.published)


def _published(runtime: Runtime, origin: str, body: JsonObject) -> str:
    outcome = publish_one(acting(runtime, origin), Submission("observation", body))
    if outcome.refused:
        wrong = violations(list(outcome.findings))
        said = {code: "; ".join(one.message(code) for one in wrong) for code in LANGUAGES}
        raise UserError("this cannot be published: %(said)s", said=said)
    return outcome.uri


def _end(runtime: Runtime, held: Observation, state: ObservationState, **values: object) -> None:
    """Note what became of an observation, tell whoever wanted to know, and forget their address."""
    observations(runtime).change(
        held.id, state=str(state), text="", mail="", target_groups="", rating=None, **values
    )
    if held.said.mail and state is not ObservationState.WITHDRAWN:
        _tell(runtime, held.said.mail, held.said.language)


def _tell(runtime: Runtime, to: str, language: str) -> None:
    """Say by mail that there is an answer, without saying what about."""
    words = SENTENCES.messages("observation-answered", {"node": runtime.settings.name})
    more = SENTENCES.fixes("observation-answered", {"node": runtime.settings.name})
    mail = new_mail(runtime.settings, to, words.get(language) or words["en"])
    address = f"{runtime.settings.base_url}/observe/receipt"
    mail.set_content(f"{more.get(language) or more['en']}\n\n{address}\n")
    try:
        send_mail(runtime.settings, mail)
    except (OSError, smtplib.SMTPException, ServiceError) as error:
        log.warning("whoever sent an observation could not be told of the answer: %s", error)


def waiting(held: Observation) -> bool:
    """Say whether somebody still waits for the body."""
    return held.state in (ObservationState.RECEIVED, ObservationState.PUBLISHED)


def is_late(runtime: Runtime, held: Observation) -> bool:
    """Say whether an observation has waited for an answer for thirty days."""
    return waiting(held) and held.created + LATE < runtime.clock()


@dataclass(frozen=True, slots=True)
class Diligence:
    """How observations are answered: how many came, and how many were answered in thirty days."""

    came: int
    in_time: int
    late: int


def diligence(runtime: Runtime, listed: Sequence[Observation]) -> Diligence:
    """Return how the observations of some origins are answered."""
    told = [one for one in listed if one.state is not ObservationState.WITHDRAWN]
    ended = [one for one in told if one.state in _ENDED]
    in_time = sum(one.modified - one.created <= LATE for one in ended)
    return Diligence(len(told), in_time, sum(is_late(runtime, one) for one in told))


def forget_old(runtime: Runtime) -> int:
    """Delete what has ended a year ago, consent records included; return how many."""
    return observations(runtime).forget(runtime.clock() - KEPT, _ENDED)


def _moment(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
