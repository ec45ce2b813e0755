"""When something is due next: APScheduler's triggers, an interval or a cron expression."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from federation.errors import FederationError
from federation.records import Peer

JITTER: Final = 0.1
_WEEKDAYS: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
CRON_JITTER_SECONDS: Final = 300
"""Nodes that all harvest at three do not all ask in the same second."""


class ScheduleError(FederationError):
    """A cron expression cannot be understood."""

    code = "schedule"


def spread(now: datetime, seconds: float) -> datetime:
    """Return a moment about `seconds` from now, spread by a tenth."""
    # APScheduler reads time zones when it is imported; a command that harvests nothing needs none.
    from apscheduler.triggers.interval import IntervalTrigger

    wait = max(1, int(seconds))
    trigger = IntervalTrigger(seconds=wait, jitter=max(1, int(wait * JITTER)), timezone="UTC")
    due: datetime | None = trigger.get_next_fire_time(now, now)
    return due if due is not None else now + timedelta(seconds=wait)


def cron_time(expression: str, now: datetime) -> datetime:
    """Return the next moment of a cron expression (five fields, UTC), spread by some minutes.

    Raises:
        ScheduleError: it cannot be understood, or never comes.
    """
    from apscheduler.triggers.cron import CronTrigger

    try:
        trigger = CronTrigger.from_crontab(_with_names(expression), timezone=UTC)
    except ValueError as error:
        raise ScheduleError(
            f"'{expression}' is no schedule ({error}); write five fields, minute hour day month "
            'weekday, for example "0 3 * * *" for every night at three (UTC)'
        ) from error
    trigger.jitter = CRON_JITTER_SECONDS
    due: datetime | None = trigger.get_next_fire_time(None, now)
    if due is None:
        raise ScheduleError(f"'{expression}' never comes")
    return max(now, due)


def _with_names(expression: str) -> str:
    """Return a cron expression with weekdays by name: APScheduler counts from Monday, cron not."""
    fields = expression.split()
    if len(fields) == 5 and re.fullmatch(r"[0-9,/*-]+", fields[4]) and fields[4] != "*":
        days = {day % 7 for part in fields[4].split(",") for day in _days(part)}
        fields[4] = ",".join(_WEEKDAYS[day] for day in sorted(days))
    return " ".join(fields)


def _days(part: str) -> range:
    """Return the weekdays of one part of a cron field: 0 and 7 are Sunday."""
    span, _, step = part.partition("/")
    first, _, last = ("0", "-", "6") if span == "*" else span.partition("-")
    end = int(last or first)
    if not 0 <= int(first) <= end <= 7:
        raise ValueError(f"'{part}' is no weekday")
    return range(int(first), end + 1, int(step or 1))


def first_run(peer: Peer, now: datetime) -> datetime:
    """Return when a peer that was just accepted is harvested for the first time."""
    if peer.cron:
        return cron_time(peer.cron, now)
    return now + timedelta(seconds=peer.interval_seconds)
