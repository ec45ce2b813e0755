"""When a peer is harvested next, and who does it: due peers are claimed by lease."""

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Final

from federation.journal.peers import Peers
from federation.records import Peer

JITTER: Final = 0.1
BACK_OFF_CAP_SECONDS: Final = 86_400
WAIT_STEP_SECONDS: Final = 0.2


def next_run(
    peer: Peer, now: datetime, *, failures: int, retry_after: float | None = None
) -> datetime:
    """Return when a peer is due again, by its APScheduler trigger.

    After failures the interval doubles, up to a day; a peer that asked for a pause gets it, up
    to a day. The time is spread by a tenth, so that nodes do not all ask at once.
    """
    # APScheduler reads time zones when it is imported; a command that harvests nothing needs none.
    from apscheduler.triggers.interval import IntervalTrigger

    seconds = peer.interval_seconds * 2 ** min(failures, 10)
    seconds = min(seconds, max(BACK_OFF_CAP_SECONDS, peer.interval_seconds))
    pause = int(min(max(retry_after or 0, 0), BACK_OFF_CAP_SECONDS))
    seconds = max(seconds, pause)
    trigger = IntervalTrigger(seconds=seconds, jitter=max(1, int(seconds * JITTER)), timezone="UTC")
    due = trigger.get_next_fire_time(now, now)
    earliest = now + timedelta(seconds=pause)
    moment: datetime = due if due is not None else now + timedelta(seconds=seconds)
    return max(moment, earliest)


def claim_due(peers: Peers, *, limit: int) -> Iterator[tuple[Peer, str]]:
    """Yield due peers with the lease taken for each, one at a time.

    Several workers may ask at once: each peer is handed to one of them.
    """
    for peer in peers.due(limit):
        owner = peers.claim(peer.id)
        if owner is None:
            continue
        fresh = peers.get(peer.id)
        if (fresh.state, fresh.next_at) == (peer.state, peer.next_at):
            yield fresh, owner
        else:  # another worker was faster, or a person stopped it
            peers.release(peer.id, owner, next_at=fresh.next_at, failures=fresh.failures)


def wait_for_lease(
    peers: Peers, peer: Peer, *, seconds: float, sleep: Callable[[float], None] = time.sleep
) -> str | None:
    """Return the lease of a peer once it is free, None when that takes longer than `seconds`."""
    until = time.monotonic() + seconds
    while True:
        owner = peers.claim(peer.id)
        if owner is not None or time.monotonic() > until:
            return owner
        sleep(WAIT_STEP_SECONDS)
