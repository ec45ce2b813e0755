"""The commitments of the manifesto: which of them one answers, and how far one says to be.

A self-assessment is a record like any other (`SelfAssessment`): written as a draft, looked at,
published, and read by others beside what they find.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from node.accounts.roles import Holder
from node.local.drafts import Draft
from node.runtime import Runtime
from node.services import drafts
from node.services.errors import UserError
from search.api import SearchRequest, SearchUnavailableError
from search.values import strings
from vocab import concepts
from vocab.terms import PRACTICE_TYPES, JsonObject, JsonValue

DEGREES: Final = range(5)
"""From 0 (not begun) to 4 (fulfilled)."""
_EVIDENCE: Final = 5
_SCHEME: Final = "commitment"


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand with one commitment.

    Attributes:
        code: of the commitment.
        label: what it asks.
        own: URIs of one's practices that answer it.
        known: how many practices that are known here answer it, one's own included.
        degree: how far one says to be, None where nothing was said.
    """

    code: str
    label: str
    own: tuple[str, ...]
    known: int
    degree: int | None

    @property
    def gap(self) -> bool:
        """Say whether nothing of one's own answers it."""
        return not self.own


def standings(runtime: Runtime, origin: str, language: str) -> list[Standing]:
    """Return how an origin of this node stands with every commitment."""
    own = _own(runtime, origin)
    known = _known(runtime)
    degrees = _degrees(_assessment(runtime, origin)[1])
    return [
        Standing(
            code,
            concepts.label(_SCHEME, code, language),
            tuple(own.get(code, ())),
            known.get(code, 0),
            degrees.get(code),
        )
        for code in concepts.codes(_SCHEME)
    ]


def assess(runtime: Runtime, holder: Holder, origin: str, degrees: Mapping[str, int]) -> Draft:
    """Return the draft of a self-assessment with these degrees.

    It goes on from the published one or the draft of one. What was said of a commitment stays;
    practices of one's own that answer it become its evidence where none was given.

    Raises:
        ServiceError: nothing is rated, or the origin has no organisation to be assessed.
    """
    if not degrees:
        raise UserError("rate at least one commitment")
    organisation = drafts.acting(runtime, origin).settings.organisation_uri
    if not organisation:
        raise UserError("publish the record of your organisation first: it is what is assessed")
    uri, _body = _assessment(runtime, origin)
    held = _begun(runtime, origin)
    if held is None:
        held = (
            drafts.change(runtime, holder, uri)
            if uri
            else drafts.begin(runtime, holder, "SelfAssessment", origin)
        )
    before = {_code(one): one for one in _ratings(held.body)}
    own = _own(runtime, origin)
    rated: list[JsonValue] = [
        _rating(code, degrees[code], before.get(code, {}), own.get(code, []))
        for code in concepts.codes(_SCHEME)
        if code in degrees
    ]
    body: JsonObject = {**held.body, "assessed": organisation, "commitmentRating": rated}
    return drafts.drafts(runtime).save(held.key, held.revision, body=body)


def _rating(code: str, degree: int, before: JsonObject, own: list[str]) -> JsonObject:
    rating: JsonObject = {**before, "type": "CommitmentRating", "commitment": [code]}
    rating["degree"] = degree
    if not before.get("evidence") and own:
        rating["evidence"] = [*own[:_EVIDENCE]]
    return rating


def _begun(runtime: Runtime, origin: str) -> Draft | None:
    listed = drafts.drafts(runtime).list([origin])
    return next((one for one in listed if one.type == "SelfAssessment"), None)


def _assessment(runtime: Runtime, origin: str) -> tuple[str, JsonObject]:
    """Return the newest self-assessment of an origin, ("", {}) for none."""
    found = [
        (entry.uri, body)
        for entry, body in drafts.own_records(runtime, origin)
        if entry.type == "SelfAssessment"
    ]
    return found[-1] if found else ("", {})


def _own(runtime: Runtime, origin: str) -> dict[str, list[str]]:
    """Return the practices of an origin by the commitments that they answer."""
    found: dict[str, list[str]] = {}
    for entry, body in drafts.own_records(runtime, origin):
        if entry.type in PRACTICE_TYPES:
            for code in strings(body.get(_SCHEME)):
                found.setdefault(code, []).append(entry.uri)
    return found


def _known(runtime: Runtime) -> dict[str, int]:
    request = SearchRequest(filters={"type": PRACTICE_TYPES}, limit=1, facets=(_SCHEME,))
    try:
        return dict(runtime.engine.search(request).facets.get(_SCHEME, ()))
    except SearchUnavailableError:
        return {}


def _ratings(body: JsonObject) -> list[JsonObject]:
    held = body.get("commitmentRating")
    return [one for one in held if isinstance(one, dict)] if isinstance(held, list) else []


def _code(rating: JsonObject) -> str:
    return next(iter(strings(rating.get(_SCHEME))), "")


def _degrees(body: JsonObject) -> dict[str, int]:
    rated = ((_code(one), one.get("degree")) for one in _ratings(body))
    return {code: degree for code, degree in rated if isinstance(degree, int)}
