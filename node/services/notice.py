"""The privacy notice of a node: its version, whom to ask, and when it is looked at again."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from node.runtime import Runtime

VERSION: Final = "2"
"""Of the notice that the program ships; consent records name it."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What is said of the notice itself.

    Attributes:
        version: as consent records name it.
        contact: mailbox or page for questions, "" when only the organisation is named.
        review: day on which it is looked at again, None when none is set.
        overdue: whether that day is past.
    """

    version: str
    contact: str
    review: date | None
    overdue: bool


def notice(runtime: Runtime) -> Notice:
    """Return what a node says of its privacy notice."""
    settings = runtime.settings
    review = date.fromisoformat(settings.privacy_review) if settings.privacy_review else None
    overdue = review is not None and review < runtime.clock().date()
    return Notice(VERSION, settings.privacy_contact, review, overdue)
