"""Observations: a citizen says something of a practice, looks up the answer, and takes it back.

The consent, the mail address, the rating and the receipt never leave this node.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Final

import orjson

from federation.records import Entry, EntryState, OriginStanding
from node.local.observations import Observation, Observations, ObservationState, Said
from node.runtime import Runtime
from node.services.accounts import local_origins
from node.services.drafts import acting
from node.services.erase import sign_erasure
from node.services.errors import ServiceError, UserError
from node.services.notice import VERSION
from node.services.receipts import code_of_form, digest_of_code, new_code
from vocab.findings import violations
from vocab.terms import CONTEXT_URL, PRACTICE_TYPES, JsonObject
from vocab.validate import check_local

LATE: Final = timedelta(days=30)
"""After which an observation counts as unanswered."""
KEPT: Final = timedelta(days=365)
"""How long an observation that has ended can be looked up by its receipt."""
LONGEST: Final = 5000  # characters of a text
GONE: Final[Mapping[str, object]] = MappingProxyType(
    {"text": "", "mail": "", "target_groups": "", "rating": None}
)
"""What is forgotten of an observation that is refused or withdrawn."""
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


def receive(runtime: Runtime, said: Said, form: str = "") -> str:
    """Keep what somebody sent with their consent, and return the receipt code.

    Args:
        runtime: of the node.
        said: what was sent.
        form: random word of the form, "" for none. The same form sent again with the same text
            is one observation.

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
    code = code_of_form(runtime.settings, form) if form else new_code()
    held = by_code(runtime, code)
    if held is not None and held.said.text == said.text:
        return code
    if held is not None:  # changed and sent again from the same page: another observation
        code = new_code()
    kept = observations(runtime).add(said, digest_of_code(code), _consent(runtime))
    if kept.said.text != said.text:  # another text of the same form came in this very moment
        code = new_code()
        observations(runtime).add(said, digest_of_code(code), _consent(runtime))
    return code


def _consent(runtime: Runtime) -> JsonObject:
    record: JsonObject = {
        "@context": CONTEXT_URL,
        "id": uuid.uuid4().urn,
        "type": "ConsentRecord",
        "conformsTo": "https://w3id.org/dpv/schema/iso-27560",
        "subjectRef": uuid.uuid4().urn,
        "purpose": "dpv:ServiceProvision",
        "consentStatus": "dpv:ConsentGiven",
        "given": moment(runtime.clock()),
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
    digest = digest_of_code(code)
    return observations(runtime).by_receipt(digest) if digest else None


def withdraw(runtime: Runtime, held: Observation) -> None:
    """Take an observation back: its text goes, here and wherever it has been harvested."""
    consent: JsonObject = {
        **held.consent,
        "consentStatus": "dpv:ConsentWithdrawn",
        "withdrawn": moment(runtime.clock()),
    }
    kept, seen = observations(runtime), held
    while seen.state is not ObservationState.WITHDRAWN:
        unpublish(runtime, seen.said.origin, seen.published)
        ended = kept.change(seen, state=str(ObservationState.WITHDRAWN), consent=consent, **GONE)
        found = ended or kept.find(seen.id)  # a moderator may just have done something with it
        if found is None:
            return
        seen = found


def unpublish(runtime: Runtime, origin: str, uri: str) -> None:
    """Erase a published observation, if there is one."""
    entry = runtime.journal.current(uri) if uri else None
    if entry is not None and entry.type != "Tombstone":
        sign_erasure(acting(runtime, origin), uri)


def waiting(held: Observation) -> bool:
    """Say whether somebody still waits for the body."""
    return held.state in (ObservationState.RECEIVED, ObservationState.PUBLISHED)


def due(held: Observation) -> date | None:
    """Return the day until which an observation is to be answered, None once it is."""
    return (held.created + LATE).date() if waiting(held) else None


def days_late(runtime: Runtime, held: Observation) -> int:
    """Return for how many days an observation has waited beyond thirty, 0 when it is not late."""
    beyond = runtime.clock() - held.created - LATE
    return max(0, -(-beyond // timedelta(days=1))) if waiting(held) else 0


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
    return Diligence(len(told), in_time, sum(days_late(runtime, one) > 0 for one in told))


def forget_old(runtime: Runtime) -> int:
    """Delete what has ended a year ago, consent records included; return how many."""
    return observations(runtime).forget(runtime.clock() - KEPT, _ENDED)


def moment(at: datetime) -> str:
    """Return a moment as records write it."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
