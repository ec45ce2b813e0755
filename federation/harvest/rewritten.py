"""Notice a feed that was rewritten: its numbers mean something else than when they were read.

A node that was restored from a backup goes on numbering from there. Once its feed is as long as
before, nothing but the entries themselves tells that some numbers stand for others now; a reader
that only looked beyond its cursor would never see them.
"""

from collections.abc import Callable

from federation.harvest.pages import Member, Page
from federation.journal.journal import Journal
from federation.records import Refusal
from federation.trust import Candidate


def is_rewritten(
    members: list[Member], journal: Journal, check: Callable[[Member], Candidate | Refusal]
) -> bool:
    """Say whether members that were read before are genuine entries that are not held.

    Entries that are held are recognised by their signature, without checking it again.
    """
    named = {(one.record, one.version) for one in members}
    held = journal.bodies_of(named)
    unknown = (one for one in members if not _is_held(one, held.get((one.record, one.version))))
    return any(isinstance(check(one), Candidate) for one in unknown)


def read_before(page: Page, floor: int) -> list[Member]:
    """Return the members of a page up to a number, those that cannot be looked at left out."""
    return [one for one in page.members if 0 < one.number <= floor and not one.problem]


def _is_held(member: Member, body: bytes | None) -> bool:
    if body is None:
        return False
    if not body:  # erased: it is known, and is not taken in again
        return True
    proof = member.document.get("proof")
    value = proof.get("proofValue") if isinstance(proof, dict) else None
    return isinstance(value, str) and value.encode(errors="replace") in body
