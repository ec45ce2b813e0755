"""Pushing the node's own logs to its hub: by command, and by the worker whenever they grow."""

import logging
from datetime import datetime, timedelta
from typing import Final

from federation.errors import FederationError
from federation.fetch import FetchError
from federation.identity import Identity
from federation.journal.restored import HUB
from federation.own_head import own_head
from federation.push import Pushed, push
from node.runtime import Runtime
from node.services.errors import ServiceError
from node.settings import load

log = logging.getLogger(__name__)

FIRST_PAUSE: Final = timedelta(seconds=10)
LONGEST_PAUSE: Final = timedelta(minutes=15)


def push_to(runtime: Runtime, target: str = "") -> Pushed:
    """Send what a hub lacks of this node's log, by default the hub that it has joined.

    Raises:
        ServiceError: the node has joined no hub.
        FederationError: the hub cannot be reached, or does not take this log in.
    """
    base = (target or runtime.settings.hub).rstrip("/")
    if not base:
        raise ServiceError("this node has joined no hub; name one, or: lonja join HUB")
    done = _push(runtime, runtime.identity, base)
    if runtime.journal.cursor(HUB):
        runtime.journal.set_cursor(HUB, 0)
    return done


def _push(runtime: Runtime, identity: Identity, base: str) -> Pushed:
    head = own_head(runtime.journal, identity, f"{identity.base}/feed", runtime.clock())
    return push(
        base, journal=runtime.journal, identity=identity, head=head, fetcher=runtime.fetcher
    )


class Pusher:
    """Pushes to the node's hub when there is something new; after failures it waits longer."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._failures = 0
        self._not_before: datetime | None = None

    def tick(self) -> Pushed | None:
        """Push once if the log has grown since the last time; None when nothing was to be done."""
        now = self._runtime.clock()
        if self._not_before and now < self._not_before:
            return None
        hub = load(self._runtime.settings.data).hub  # it may have been joined a moment ago
        reader = f"push:{hub}"[:60]
        last, _digest = self._runtime.journal.end_of_log(self._runtime.identity.did)
        if not hub or last <= self._runtime.journal.cursor(reader):
            return None
        try:
            done = push_to(self._runtime, hub)
        except FederationError as error:
            self._wait(hub, error, now)
            return None
        self._failures, self._not_before = 0, None
        self._runtime.journal.set_cursor(reader, last)
        return done

    def _wait(self, hub: str, error: FederationError, now: datetime) -> None:
        """Try again later: soon after the first failure, at most a quarter of an hour on."""
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(self._failures, 10))
        if isinstance(error, FetchError) and error.retry_after:
            pause = max(pause, timedelta(seconds=min(error.retry_after, 86_400)))
        self._failures += 1
        self._not_before = now + pause
        if self._failures == 1:
            log.warning("not pushed to %s: %s", hub, error)
