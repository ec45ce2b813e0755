"""What one run has to do, how far it is, and why it may break off."""

from dataclasses import dataclass

from federation.errors import FederationError
from federation.records import Peer


class Stopped(Exception):  # noqa: N818  # no error: the worker is being stopped
    """The run was asked to end."""


class Rewritten(Exception):  # noqa: N818  # no error: the feed is read again
    """A page that was read before holds other entries now."""


class RunTooLongError(FederationError):
    """The run has used up its time; the next one goes on from where it stopped."""

    code = "too-long"


class AllowanceUsedError(FederationError):
    """What a peer may cost in a day is used up; the next run goes on from where it stopped."""

    code = "allowance-used"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is.

    Attributes:
        done: members judged so far.
        total: members expected, None when the peer does not say.
    """

    done: int
    total: int | None


@dataclass(frozen=True, slots=True)
class Task:
    """What one run has to do.

    Attributes:
        peer: who is read, as it was when the lease was taken.
        run: number of the ledger.
        lease: token of the lease; nothing is written once it is lost.
        allowance: bytes on the wire that are left for today, None for no limit.
    """

    peer: Peer
    run: int
    lease: str
    allowance: int | None = None
