"""Reading a peer's feed from its cursor on: fetch ahead, verify in order, append page by page."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from federation.fetch import Fetcher, FetchError, FetchLimits
from federation.harvest.doubt import Doubts, gaps_on
from federation.harvest.heads import Heads
from federation.harvest.pages import Member, Page, Root, read_root
from federation.harvest.plan import MAX_PAGES, STANDING, Gaps, Plan, is_page_of, plan
from federation.harvest.rewritten import is_rewritten, read_before
from federation.harvest.source import Source
from federation.harvest.task import (
    AllowanceUsedError,
    Progress,
    Rewritten,
    RunTooLongError,
    Stopped,
    Task,
)
from federation.journal.journal import Journal
from federation.journal.leases import hold_lease
from federation.journal.peers import Peers
from federation.journal.progress import Gap, note_cursor, note_gaps
from federation.journal.runs import note_verdicts
from federation.records import Peer, Refusal, Verdict
from federation.refusals import refusal
from federation.trust import Candidate

log = logging.getLogger(__name__)

MAX_IDLE_PAGES: Final = 10
MAX_REFUSALS: Final = 10_000
MAX_FAILED_PAGES: Final = 3
MAX_FOREIGN_PAGES: Final = 20
PASSES: Final = 12
RUN_SECONDS: Final = 3600.0
ROOT_LIMITS: Final = FetchLimits(max_bytes=16_000_000)


class Reading:
    """The state of one run while it reads.

    Attributes:
        source: counts requests and bytes.
        failed: what could not be read, as refusals: the run has failed, though not for the rest.
        etag: validator of the root to keep; the old one until everything was read.
    """

    def __init__(
        self,
        task: Task,
        *,
        journal: Journal,
        peers: Peers,
        fetcher: Fetcher,
        clock: Callable[[], datetime],
    ) -> None:
        self._task = task
        self._peer = peer = task.peer
        self._journal = journal
        self._peers = peers
        self._http_hosts = fetcher.allow_hosts
        self._clock = clock
        self._until = time.monotonic() + RUN_SECONDS
        self.source = Source(fetcher)
        self._heads = Heads(peer, journal, clock)
        self._refresh()
        self._floor = self._position = peer.feed_position
        self._expected: int | None = None
        self._done = 0
        self._refused = 0
        self._idle = 0
        self._foreign = False
        self._learned = False
        self.failed: list[Refusal] = []
        self.etag = peer.etag

    @property
    def warnings(self) -> list[str]:
        """Sentences for the ledger."""
        return self._heads.warnings

    def read(self, progress: Callable[[Progress], None], stop: threading.Event) -> bool:
        """Read everything new and say whether there was anything to read.

        Raises:
            FetchError: the root cannot be fetched.
            FederationError: the root is no feed, is not signed by the peer's key, or the run has
                used up its time.
            LeaseLostError: another process has taken over.
            Stopped: the run was asked to end.
        """
        self._hold_allowance()
        held = "" if self._gaps.pressing else self._peer.etag
        answer = self.source.fetch(f"{self._peer.url}/feed", ROOT_LIMITS, etag=held)
        if answer.status == 304:
            self._heads.note_staleness()
            return False
        root = read_root(answer.body)
        self._heads.check_own(root)
        wanted = self._plan(root, self._peer)
        try:
            self._read_pages(wanted.onward, progress, stop, moves=True)
        except Rewritten as page:
            self.warnings.append(
                f"the feed was rewritten: {page} holds other entries than when it was read; "
                "everything that came from it is kept, and it is read again from its beginning"
            )
            wanted = self._plan(root, replace(self._peer, page_url="", feed_position=0))
            self._read_pages(wanted.onward, progress, stop, moves=True)
        again = [] if self._gives_up else wanted.again
        for _pass in range(PASSES):
            self._read_pages(again, progress, stop, moves=False)
            # What a membership at the end of the feed introduces may stand at its beginning.
            self._refresh()
            ready = self._look_again()
            again = [url for url in root.pages if url in ready]
            if self.failed or not again:
                break
        if self._foreign and root.heads.startswith(f"{self._peer.url}/"):
            self._read_heads(root.heads)
        self._heads.check_postponed()
        self._heads.note_missing(self._peer.did)
        if not self.failed and not self._heads.is_ahead():
            self.etag = answer.headers.get("etag", "")
        return True

    def _refresh(self) -> None:
        """Look anew at who is trusted, and at what was refused because nobody was."""
        self._verifier = self._journal.verifier(http_hosts=self._http_hosts)
        self._gaps = Gaps(self._peers.gaps(self._peer.id), self._verifier.trusts)

    def _look_again(self) -> set[str]:
        """Return pages to read again in this run: somebody is trusted or a key is known now."""
        learned, self._learned = self._learned, False
        return self._gaps.ready | (self._gaps.refused_by("unknown-key") if learned else set())

    def _plan(self, root: Root, peer: Peer) -> Plan:
        wanted = plan(root, peer, self._gaps)
        if not wanted.shrunk and self._follow_moved(root.pages):
            wanted = plan(root, peer, self._gaps)
        self._doubts = Doubts(root.pages, self._gaps.doubts, self._heads.is_lacking)
        self._floor = self._position = wanted.floor
        if wanted.shrunk:
            self.warnings.append(
                f"the feed has shrunk: position {root.position} after "
                f"{self._peer.feed_position}; everything that came from it is kept, and it is "
                "read again from its beginning"
            )
        if root.position:
            self._expected = max(0, root.position - wanted.floor)
        if wanted.foreign:
            some = wanted.foreign[:MAX_FOREIGN_PAGES]
            self._refuse_pages(
                [refusal("foreign-page", url[:700]) for url in some],
                failed=not wanted.onward,
            )
        return wanted

    def _follow_moved(self, pages: list[str]) -> bool:
        """Forget what is missing of pages that are gone, or look for it where they are now."""
        gone = self._gaps.elsewhere(pages)
        moved = [one for some in gone.values() for one in some]
        if gone:
            self._journal.append_foreign(
                [], note_progress=lambda c, _v: note_gaps(c, self._peer.id, [*gone], moved)
            )
            self._refresh()
        return bool(moved)

    # -- pages -----------------------------------------------------------------------------

    def _read_pages(
        self,
        pages: list[str],
        progress: Callable[[Progress], None],
        stop: threading.Event,
        *,
        moves: bool,
    ) -> None:
        """Take in some pages, and what they lead to if they carry the cursor with them."""
        queue = list(pages)
        listed, seen = set(pages), set(pages)
        for url, page in self.source.pages(queue):
            if stop.is_set():
                raise Stopped
            if time.monotonic() > self._until:
                raise RunTooLongError("the run has used up its time")
            if isinstance(page, Page):
                if moves and url == pages[0] and self._is_rewritten(url, page):
                    raise Rewritten(url)
                useful = self._take(url, page, moves=moves)
                self._idle = 0 if useful or url in listed else self._idle + 1
                queue += self._further(page, seen) if moves else []
                total = None if self._expected is None else max(self._expected, self._done)
                progress(Progress(self._done, total))
            elif page is None:
                self.warnings.append(f"{url} is gone; what stood on it was erased")
            else:
                self._refuse_pages([page], missing=url)
            if self._gives_up or self._is_over(url, len(seen)):
                return
            self._hold_allowance()

    def _hold_allowance(self) -> None:
        """Go on only while the peer may cost something today; a page more than that can come."""
        allowance = self._task.allowance
        if allowance is not None and self.source.wire >= allowance:
            raise AllowanceUsedError("the daily allowance is used up")

    def _is_rewritten(self, url: str, page: Page) -> bool:
        """Say whether the page of the cursor holds other entries than when it was read."""
        known = [one for one in read_before(page, self._floor) if not self._gaps.holds(url, one)]
        return is_rewritten(known, self._journal, self._check)

    def _further(self, page: Page, seen: set[str]) -> list[str]:
        """Return the pages that a page leads to and that are not known yet."""
        fresh = [url for url in page.further if url not in seen and is_page_of(self._peer, url)]
        seen.update(fresh)
        return fresh

    @property
    def _gives_up(self) -> bool:
        return len(self.failed) >= MAX_FAILED_PAGES

    def _is_over(self, url: str, pages: int) -> bool:
        """Say, with its reason in the ledger, whether the feed leads nowhere."""
        if self._idle > MAX_IDLE_PAGES or pages > MAX_PAGES:
            self._refuse_pages([refusal("endless-pages", url)])
            return True
        if self._refused > MAX_REFUSALS:
            self._refuse_pages([refusal("too-many-refusals", url)])
            return True
        return False

    def _refuse_pages(
        self, refused: Sequence[Refusal], *, failed: bool = True, missing: str = ""
    ) -> None:
        """Put pages into the ledger; a `missing` one is read again by the next run."""
        if failed:
            self.failed += refused

        def note(connection: Connection, _verdicts: list[Verdict | Refusal]) -> None:
            self._note(connection, refused)
            if missing:
                gap = Gap(missing, missing, refused[0].rule)
                note_gaps(connection, self._peer.id, [], [gap])

        self._journal.append_foreign([], note_progress=note)

    # -- members ---------------------------------------------------------------------------

    def _take(self, url: str, page: Page, *, moves: bool) -> bool:
        """Append what is new on a page, with cursor and ledger; say whether anything was."""
        members = [
            one
            for one in page.members
            if self._gaps.holds(url, one) or (moves and self._is_beyond(one))
        ]
        checked = [self._check(one) for one in members]
        doubted = self._doubts.about(url, page, [*zip(members, checked, strict=True)])
        candidates = [one for one in checked if isinstance(one, Candidate)]
        whole: list[Verdict | Refusal] = []

        def note(connection: Connection, verdicts: list[Verdict | Refusal]) -> None:
            answers = iter(verdicts)
            whole.extend(next(answers) if isinstance(c, Candidate) else c for c in checked)
            self._note(connection, whole)
            note_gaps(connection, self._peer.id, [url], gaps_on(url, members, whole) + doubted)
            if moves and page.last_number >= self._position:
                self._position = page.last_number
                note_cursor(connection, self._peer.id, url, self._position)

        self._journal.append_foreign(candidates, note_progress=note)
        self._done += len(members)
        self._refused += sum(isinstance(one, Refusal) and one.rule not in STANDING for one in whole)
        return any(isinstance(one, Verdict) and one is not Verdict.UNCHANGED for one in whole)

    def _note(self, connection: Connection, verdicts: Sequence[Verdict | Refusal]) -> None:
        """Put verdicts into the ledger, in the transaction that appends what they are about."""
        hold_lease(connection, self._peer.id, self._task.lease)
        note_verdicts(connection, self._task.run, verdicts, self._clock())

    def _is_beyond(self, member: Member) -> bool:
        return member.number == 0 or member.number > self._floor

    def _check(self, member: Member) -> Candidate | Refusal:
        if member.problem:
            return refusal(member.problem, member.version_uri)
        try:
            checked = self._verifier.check_member(member.document)
        except Exception as error:  # one document must never keep the others out
            log.exception("a document could not be judged")
            return refusal("internal", member.version_uri, detail=repr(error)[:500])
        if isinstance(checked, Candidate) and checked.entry.origin != self._peer.did:
            self._foreign = True
        if isinstance(checked, Candidate) and checked.key_change is not None:
            self._learned = True
        return checked

    def _read_heads(self, url: str) -> None:
        """Take in the heads of relayed origins, when some of their entries have come along."""
        try:
            self._heads.take(self.source.fetch(url, ROOT_LIMITS).body)
        except FetchError as error:
            self.warnings.append(str(error))
