"""When a peer is harvested next, and waiting for whoever is at it."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from federation.journal.peers import Peers
from federation.records import Peer
from federation.triggers import cron_time, spread

BACK_OFF_CAP_SECONDS: Final = 86_400
RETRY_SECONDS: Final = 600
NEW_DAY_SECONDS: Final = 600
WAIT_STEP_SECONDS: Final = 0.2


def next_run(
    peer: Peer, now: datetime, *, failures: int, retry_after: float | None = None
) -> datetime:
    """Return when a peer is due again, by its APScheduler trigger.

    After failures an interval doubles, up to a day; by a cron schedule it is tried again after
    ten minutes, then less and less. A peer that asked for a pause gets it, up to a day. The time
    is spread, so that nodes do not all ask at once.
    """
    pause = int(min(max(retry_after or 0, 0), BACK_OFF_CAP_SECONDS))
    earliest = now + timedelta(seconds=pause)
    if not peer.cron:
        seconds = peer.interval_seconds * 2 ** min(failures, 10)
        seconds = min(seconds, max(BACK_OFF_CAP_SECONDS, peer.interval_seconds))
        return max(spread(now, max(seconds, pause)), earliest)
    if not failures:
        return max(cron_time(peer.cron, earliest), earliest)
    wait = min(RETRY_SECONDS * 2 ** min(failures - 1, 10), BACK_OFF_CAP_SECONDS)
    return max(spread(now, max(wait, pause)), earliest)


def next_day(now: datetime) -> datetime:
    """Return a moment soon after midnight (UTC), when a daily allowance begins anew."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return spread(midnight, NEW_DAY_SECONDS)


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
