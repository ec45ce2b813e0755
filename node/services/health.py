"""Is a peer healthy: what its last harvests, its head and its log say, for both sides to see."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from federation.records import Peer, PeerState, Run, RunState
from node.runtime import Runtime
from node.services.shown import counts

_LOOKED_AT: Final = 50
_GOOD: Final = (RunState.DONE, RunState.UNCHANGED)


@dataclass(frozen=True, slots=True)
class Health:
    """How a peer is doing.

    Attributes:
        state: "healthy", "failing", "waiting" (never harvested), "pushes" or "stopped".
        last_success: when a harvest last ended well.
        last_failure: when one last failed, with its sentence per language in `failure`.
        failing_since: the first failure since the last success, None when it is not failing.
        next_at: when it is harvested next.
        held_seq: number up to which its log is held without a gap.
        head_seq: number that its newest signed head claims.
        head_valid_until: until when that head can be relied on.
        gaps: members and pages that were refused and are tried again.
        records: records of it, and of whom it introduces, that are held.
        shown: how many of them are shown.
        wire_today: bytes on the wire since midnight (UTC).
        wire_week: bytes on the wire in seven days.
    """

    state: str
    last_success: datetime | None
    last_failure: datetime | None
    failing_since: datetime | None
    failure: Mapping[str, str]
    next_at: datetime | None
    held_seq: int
    head_seq: int
    head_valid_until: datetime | None
    gaps: int
    records: int
    shown: int
    wire_today: int
    wire_week: int

    def as_json(self, language: str = "en") -> dict[str, Any]:
        """Return it as pages and commands give it to programs."""
        return {
            "health": self.state,
            "last_success": _moment(self.last_success),
            "last_failure": _moment(self.last_failure),
            "failing_since": _moment(self.failing_since),
            "failure": self.failure.get(language) or self.failure.get("en", ""),
            "next_at": _moment(self.next_at),
            "waiting_members": self.gaps,
            "held_seq": self.held_seq,
            "head_seq": self.head_seq,
            "head_valid_until": _moment(self.head_valid_until),
            "records": self.records,
            "shown_records": self.shown,
            "wire_bytes_today": self.wire_today,
            "wire_bytes_week": self.wire_week,
        }

    def summary(self) -> str:
        """Return it in one English line."""
        since = f" since {self.failing_since:%Y-%m-%d %H:%M}" if self.failing_since else ""
        return (
            f"{self.state}{since}: {self.shown} of {self.records} records shown; log held up to "
            f"{self.held_seq} of {max(self.head_seq, self.held_seq)}; "
            f"{self.wire_today / 1000:.0f} kB today, {self.wire_week / 1000:.0f} kB in seven days"
        )


def health_of(runtime: Runtime, peer: Peer) -> Health:
    """Return how a peer is doing."""
    runs = [run for run in runtime.runs.list(peer.id, limit=_LOOKED_AT) if run.ended]
    origin = runtime.journal.origin(peer.did) if peer.did else None
    streak = _streak(runs)
    failed = next((run for run in runs if run.state is RunState.FAILED), None)
    good = next((run for run in runs if run.state in _GOOD), None)
    now = runtime.clock()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    shown, records = counts(runtime, peer)
    return Health(
        state=_state(peer, good, streak),
        last_success=good.ended if good else None,
        last_failure=failed.ended if failed else None,
        failing_since=streak[-1].started if streak else None,
        failure=failed.messages if failed else {},
        next_at=peer.next_at,
        held_seq=origin.contiguous_seq if origin else 0,
        head_seq=origin.head_seq if origin else 0,
        head_valid_until=origin.head_valid_until if origin else None,
        gaps=len(runtime.peers.gaps(peer.id)),
        records=records,
        shown=shown,
        wire_today=runtime.runs.wire_bytes(peer.id, midnight),
        wire_week=runtime.runs.wire_bytes(peer.id, now - timedelta(days=7)),
    )


def _streak(runs: list[Run]) -> list[Run]:
    """Return the failures since the last success, newest first."""
    found = []
    for run in runs:
        if run.state in _GOOD:
            break
        if run.state is RunState.FAILED:
            found.append(run)
    return found


def _state(peer: Peer, good: Run | None, streak: list[Run]) -> str:
    if peer.state is not PeerState.ACCEPTED:
        return "stopped"
    if streak:
        return "failing"
    if peer.next_at is None:
        return "pushes"
    return "healthy" if good else "waiting"


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
