"""One run: claim the peer, read what is new, verify, append page by page, close the ledger."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, TypedDict

from federation.errors import FederationError, LeaseLostError, PeerGoneError
from federation.fetch import Fetcher, FetchError
from federation.harvest.reading import Reading
from federation.harvest.task import AllowanceUsedError, Progress, Stopped, Task
from federation.journal.journal import Journal
from federation.journal.leases import LEASE_SECONDS
from federation.journal.peers import PeerError, Peers
from federation.journal.progress import note_etag
from federation.journal.runs import Runs
from federation.records import Peer, PeerState, Run, RunState
from federation.refusals import RULES, refusal
from federation.schedule import next_day, next_run, wait_for_lease

log = logging.getLogger(__name__)

WAIT_SECONDS: Final = 120.0
RENEW_SECONDS: Final = LEASE_SECONDS / 3

__all__ = ["Progress", "harvest"]


class _Told(TypedDict):
    error: str
    messages: dict[str, str]


_NOTHING: Final[_Told] = {"error": "", "messages": {}}


@dataclass(slots=True)
class _Outcome:
    """How a run ends."""

    state: RunState
    error: str = ""
    messages: dict[str, str] = field(default_factory=dict)
    retry_after: float | None = None


def harvest(  # noqa: PLR0913  # the collaborators of a run; it is called in two places
    peer: Peer,
    *,
    journal: Journal,
    peers: Peers,
    runs: Runs,
    fetcher: Fetcher,
    clock: Callable[[], datetime],
    lease: str | None = None,
    progress: Callable[[Progress], None] | None = None,
    stop: threading.Event | None = None,
) -> Run:
    """Harvest a peer and return the ledger; whatever the peer does, nothing is raised.

    Args:
        peer: who is harvested.
        journal: where accepted entries go.
        peers: keeps cursor and lease.
        runs: keeps the ledger.
        fetcher: the door out.
        clock: returns the present moment, aware.
        lease: token of the lease when the caller has claimed it; else it is waited for.
        progress: told after every page.
        stop: when set, the run ends after the page at hand.
    """
    began = time.monotonic()
    try:
        owner = lease or wait_for_lease(peers, peer, seconds=WAIT_SECONDS)
        number = runs.start(peer.id)
        fresh = peers.get(peer.id)  # another process may have moved the cursor while we waited
        if owner is None or fresh.state is not PeerState.ACCEPTED:
            rule = "lease-held" if owner is None else "not-accepted"
            if owner is not None:
                peers.release(peer.id, owner, next_at=fresh.next_at, failures=fresh.failures)
            return runs.finish(number, RunState.FAILED, seconds=_since(began), **_told(rule))
        task = Task(fresh, number, owner, _allowance(fresh, runs, clock()))
        reading = Reading(task, journal=journal, peers=peers, fetcher=fetcher, clock=clock)
        with _kept_alive(peers, peer.id, owner):
            outcome = _read(reading, progress, stop)
        run = runs.finish(
            number,
            outcome.state,
            requests=reading.source.requests,
            received=reading.source.received,
            wire=reading.source.wire,
            seconds=_since(began),
            error=outcome.error,
            messages=outcome.messages,
            warnings=reading.warnings,
            note=lambda connection: note_etag(connection, peer.id, owner, reading.etag),
        )
        _release(fresh, peers, owner, outcome, clock())
        return run
    except Exception as error:  # the boundary of one run: whatever happens, it ends in a ledger
        gone = isinstance(error, PeerGoneError | PeerError)
        if not gone:
            log.exception("the run broke off")
        rule = "peer-gone" if gone else "internal"
        now = clock()
        return Run(0, peer.url, RunState.FAILED, now, now, seconds=_since(began), **_told(rule))


def _allowance(peer: Peer, runs: Runs, now: datetime) -> int | None:
    """Return the bytes that are left for today, None for no limit."""
    if not peer.daily_bytes:
        return None
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return max(0, peer.daily_bytes - runs.wire_bytes(peer.id, midnight))


def _since(began: float) -> float:
    return time.monotonic() - began


def _told(rule: str) -> _Told:
    """Return a rule as the error of a run, with its sentences."""
    return {"error": rule, "messages": dict(refusal(rule, "").messages)}


def _release(peer: Peer, peers: Peers, owner: str, outcome: _Outcome, now: datetime) -> None:
    """Give the lease back and say when the peer is due again."""
    failures = peer.failures
    if outcome.state is not RunState.INTERRUPTED:
        failures = failures + 1 if outcome.state is RunState.FAILED else 0
    due = now  # a run that was stopped goes on as soon as there is somebody to do it
    if outcome.error == AllowanceUsedError.code:
        due = next_day(now)
    elif outcome.state is not RunState.INTERRUPTED:
        due = next_run(peer, now, failures=failures, retry_after=outcome.retry_after)
    peers.release(peer.id, owner, next_at=due, failures=failures)


def _read(
    reading: Reading, progress: Callable[[Progress], None] | None, stop: threading.Event | None
) -> _Outcome:
    try:
        changed = reading.read(progress or (lambda _progress: None), stop or threading.Event())
    except FetchError as error:
        return _Outcome(RunState.FAILED, error.code, dict(error.messages), error.retry_after)
    except (Stopped, LeaseLostError, AllowanceUsedError) as error:
        told = _NOTHING if isinstance(error, Stopped) else _told(error.code)
        return _Outcome(RunState.INTERRUPTED, **told)
    except FederationError as error:
        return _Outcome(RunState.FAILED, **_told(error.code if error.code in RULES else "internal"))
    except Exception:  # the boundary of one run: it must always end in a ledger
        log.exception("the run broke off")
        return _Outcome(RunState.FAILED, **_told("internal"))
    if reading.failed:
        first = reading.failed[0]
        return _Outcome(RunState.FAILED, first.rule, dict(first.messages))
    return _Outcome(RunState.DONE if changed else RunState.UNCHANGED)


class _kept_alive:  # noqa: N801  # used as a with-statement, like a function
    """Renews a lease from a thread for as long as the block runs."""

    def __init__(self, peers: Peers, peer_id: int, owner: str) -> None:
        self._done = threading.Event()
        self._thread = threading.Thread(
            target=self._renew, args=(peers, peer_id, owner), name="renew-lease", daemon=True
        )

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_error: object) -> None:
        self._done.set()
        self._thread.join()

    def _renew(self, peers: Peers, peer_id: int, owner: str) -> None:
        while not self._done.wait(RENEW_SECONDS):
            try:
                peers.renew(peer_id, owner)
            except Exception:  # a busy database: the next renewal comes before the lease lapses
                log.exception("the lease of a harvest was not renewed")
