"""Doubt a page that may have been changed or held back on the way, until it reads the same twice.

A bad line garbles a member, a cache hands out a page of yesterday: the reader sees a refusal, or
numbers that were left out, and its cursor moves on. Such a page is read again by the next run. If
it then reads as before, that is what its node says; if not, it is doubted once more.
"""

from collections.abc import Callable, Mapping, Sequence

from federation.harvest.pages import Member, Page
from federation.harvest.plan import STANDING, may_come
from federation.journal.progress import DOUBT, Gap
from federation.records import Refusal, Verdict
from federation.trust import Candidate


class Doubts:
    """Judges the pages of one run.

    Args:
        listed: addresses of the pages in the order of the root.
        known: page -> rule under which it was doubted before.
        lacking: says whether something that the peer's own head promises is not here.
    """

    def __init__(
        self, listed: Sequence[str], known: Mapping[str, str], lacking: Callable[[], bool]
    ) -> None:
        self._before = dict(zip(listed[1:], listed, strict=False))
        self._known = known
        self._lacking = lacking
        self._read: dict[str, tuple[int, str]] = {}

    def about(
        self, url: str, page: Page, judged: Sequence[tuple[Member, Candidate | Refusal]]
    ) -> list[Gap]:
        """Return the pages to read again because of this one: itself, or the one before it."""
        self._read[url] = page.last_number, page.mark
        doubted = []
        odd = not page.consistent or any(_is_odd(*one) for one in judged)
        if (odd and not self._is_known(url, page.mark)) or self._is_held_back(url):
            doubted.append(_doubt(url, page.mark))
        before = self._before.get(url, "")
        number, mark = self._read.get(before, (0, ""))
        if 0 < number < page.first_number - 1 and not self._is_known(before, mark):
            doubted.append(_doubt(before, mark))
        return doubted

    def _is_known(self, url: str, mark: str) -> bool:
        """Say whether a page reads as it did when it was doubted before."""
        return self._known.get(url) == DOUBT + mark

    def _is_held_back(self, url: str) -> bool:
        """Say whether a doubted page may still come from a cache that will be mended some day."""
        return url in self._known and self._lacking()


def gaps_on(
    url: str, members: Sequence[Member], verdicts: Sequence[Verdict | Refusal]
) -> list[Gap]:
    """Return the members of a page that were refused and may be accepted later."""
    return [
        Gap(one.version_uri, url, verdict.rule)
        for one, verdict in zip(members, verdicts, strict=True)
        if isinstance(verdict, Refusal) and may_come(one, verdict.rule)
    ]


def _doubt(url: str, mark: str) -> Gap:
    return Gap(url, url, DOUBT + mark)


def _is_odd(member: Member, judged: Candidate | Refusal) -> bool:
    """Say whether a member may have been spoilt; one of a stranger is as its relay has it."""
    if isinstance(judged, Candidate):
        return False
    return judged.rule not in STANDING or not may_come(member, judged.rule)
