"""Reading a peer's feed from its cursor on: fetch ahead, verify in order, append page by page."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from federation.errors import HeadError, ProofError
from federation.fetch import Fetcher, FetchError, FetchLimits, Response
from federation.harvest.heads import missing, note_head, verified_head
from federation.harvest.pages import Member, Page, PageError, Root, read_heads, read_page, read_root
from federation.journal.journal import Journal
from federation.journal.peers import Peers, close_gaps, note_cursor, note_gaps
from federation.journal.runs import note_verdicts
from federation.records import Peer, Refusal, Verdict
from federation.refusals import refusal
from federation.trust import Candidate, Verifier

MAX_PAGES: Final = 100_000
MAX_EMPTY_PAGES: Final = 5
MAX_REFUSALS: Final = 10_000
MAX_GAP_PAGES: Final = 20
MAX_FAILED_PAGES: Final = 3
ROOT_LIMITS: Final = FetchLimits(max_bytes=16_000_000)
RETRIED: Final = frozenset(
    (
        "unknown-origin",
        "introduction-ended",
        "origin-quarantined",
        "origin-frozen",
        "bad-proof",
        "foreign-key",
        "broken-chain",
    )
)
"""Rules that a member may stop breaking: its page is read again when the feed has changed."""


class Stopped(Exception):  # noqa: N818  # no error: the worker is being stopped
    """The run was asked to end."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is.

    Attributes:
        done: members judged so far.
        total: members expected, None when the peer does not say.
    """

    done: int
    total: int | None


class Reading:
    """The state of one run while it reads.

    Attributes:
        requests: made so far.
        received: bytes of all answers, decompressed.
        warnings: sentences for the ledger.
        failed_pages: pages that could not be read, as refusals.
        etag: validator of the root to keep; the old one until everything was read.
    """

    def __init__(
        self,
        peer: Peer,
        journal: Journal,
        peers: Peers,
        fetcher: Fetcher,
        run: int,
        clock: Callable[[], datetime],
    ) -> None:
        self._peer = peer
        self._journal = journal
        self._fetcher = fetcher
        self._run = run
        self._clock = clock
        self._gaps = peers.gaps(peer.id)
        self._verifier = self._new_verifier()
        self._done = 0
        self._refused = 0
        self._empty = 0
        self._foreign = False
        self.requests = 0
        self.received = 0
        self.warnings: list[str] = []
        self.failed_pages: list[Refusal] = []
        self.etag = peer.etag

    def read(self, progress: Callable[[Progress], None], stop: threading.Event) -> bool:
        """Read everything new and say whether the feed had changed.

        Raises:
            FetchError: the root cannot be fetched.
            FederationError: the root is no feed, or is not signed by the peer's key.
            Stopped: the run was asked to end.
        """
        answer = self._fetch(f"{self._peer.url}/feed", ROOT_LIMITS, etag=self._peer.etag)
        if answer.status == 304:
            self._note_staleness()
            return False
        root = read_root(answer.body)
        self._check_head(root)
        if 0 < root.position < self._peer.feed_position:
            self.warnings.append(
                f"the feed has shrunk: position {root.position} after "
                f"{self._peer.feed_position}; everything that came from it is kept"
            )
        expected = max(0, root.position - self._peer.feed_position) if root.position else None
        for url, page in self._pages(root):
            if stop.is_set():
                raise Stopped
            self._take(url, page)
            progress(Progress(self._done, max(expected, self._done) if expected else None))
        self._read_heads(root)
        warning = missing(self._journal, self._peer.did)
        if warning:
            self.warnings.append(warning)
        if not self.failed_pages:
            self.etag = answer.headers.get("etag", "")
        return True

    # -- pages -----------------------------------------------------------------------------

    def _pages(self, root: Root) -> Iterator[tuple[str, Page]]:
        """Yield pages from the cursor on; while one is worked on, the next is being fetched."""
        queue = self._wanted(root)
        seen = set(queue)
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="fetch-page") as ahead:
            following: Future[Response] | None = None
            for number, url in enumerate(queue):
                current = following or ahead.submit(self._fetch, url)
                following = None
                if number + 1 < len(queue):
                    following = ahead.submit(self._fetch, queue[number + 1])
                page = self._page(url, current)
                if page is None:
                    if len(self.failed_pages) >= MAX_FAILED_PAGES:
                        return
                    continue
                yield url, page
                if self._is_over(url, len(seen)):
                    return
                for further in page.further:
                    if further not in seen and self._is_own(further):
                        seen.add(further)
                        queue.append(further)

    def _wanted(self, root: Root) -> list[str]:
        """Return the pages to read: those with gaps that may close now, then from the cursor on."""
        pages = []
        for url in root.pages[:MAX_PAGES]:
            if self._is_own(url):
                pages.append(url)
            else:
                self._refuse_page(refusal("foreign-page", url))
        start = pages.index(self._peer.page_url) if self._peer.page_url in pages else 0
        again = {page for uri, page in self._gaps.items() if self._verifier.trusts(uri)}
        before = [url for url in pages[:start] if url in again]
        return before[:MAX_GAP_PAGES] + pages[start:]

    def _is_own(self, url: str) -> bool:
        return url.startswith(f"{self._peer.url}/feed/") and len(url) < 700

    def _is_over(self, url: str, pages: int) -> bool:
        """Say, with its reason in the ledger, whether the feed leads nowhere."""
        if self._empty > MAX_EMPTY_PAGES or pages > MAX_PAGES:
            self._refuse_page(refusal("endless-pages", url))
            return True
        if self._refused > MAX_REFUSALS:
            self._refuse_page(refusal("too-many-refusals", url))
            return True
        return False

    def _page(self, url: str, answer: "Future[Response]") -> Page | None:
        try:
            return read_page(answer.result().body)
        except FetchError as error:
            self._refuse_page(Refusal(url, error.code, "", error.messages, detail=error.detail))
        except PageError as error:
            self._refuse_page(refusal(error.code, url, detail=str(error)))
        return None

    def _refuse_page(self, one: Refusal) -> None:
        """Put a page that cannot be read into the ledger; the cursor stays before it."""
        self.failed_pages.append(one)
        self._journal.append_foreign([], note_progress=lambda c, _v: self._note(c, [one]))

    # -- members ---------------------------------------------------------------------------

    def _take(self, url: str, page: Page) -> None:
        """Verify the new members of a page and append them together with cursor and ledger."""
        members = [one for one in page.members if self._is_new(one)]
        self._empty = 0 if members else self._empty + 1
        checked = [self._check(one) for one in members]
        candidates = [one for one in checked if isinstance(one, Candidate)]
        position = max((one.number for one in page.members), default=0)

        def note(connection: Connection, verdicts: list[Verdict | Refusal]) -> None:
            answers = iter(verdicts)
            whole = [next(answers) if isinstance(one, Candidate) else one for one in checked]
            self._note(connection, whole)
            self._note_gaps(connection, url, members, whole)
            if not self.failed_pages:
                note_cursor(connection, self._peer.id, url, position)

        self._journal.append_foreign(candidates, note_progress=note)
        self._done += len(members)

    def _is_new(self, member: Member) -> bool:
        return (
            member.number == 0
            or member.number > self._peer.feed_position
            or member.version_uri in self._gaps
        )

    def _check(self, member: Member) -> Candidate | Refusal:
        if not isinstance(member.document, dict):
            return refusal("not-a-document", "")
        checked = self._verifier.check_member(member.document)
        if isinstance(checked, Candidate) and checked.entry.origin != self._peer.did:
            self._foreign = True
        return checked

    def _note(self, connection: Connection, verdicts: list[Verdict | Refusal]) -> None:
        self._refused += sum(isinstance(one, Refusal) for one in verdicts)
        note_verdicts(connection, self._run, verdicts, self._clock())

    def _note_gaps(
        self,
        connection: Connection,
        url: str,
        members: list[Member],
        verdicts: list[Verdict | Refusal],
    ) -> None:
        pairs = list(zip(members, verdicts, strict=True))
        held = [one.version_uri for one, verdict in pairs if not isinstance(verdict, Refusal)]
        close_gaps(connection, self._peer.id, [uri for uri in held if uri in self._gaps])
        open_ones = [
            (one.version_uri, verdict.rule)
            for one, verdict in pairs
            if isinstance(verdict, Refusal) and verdict.rule in RETRIED
        ]
        note_gaps(connection, self._peer.id, url, open_ones)

    # -- heads -----------------------------------------------------------------------------

    def _check_head(self, root: Root) -> None:
        """Verify the peer's own head.

        Raises:
            FederationError: it is absent or not signed by the accepted key.
        """
        try:
            if root.head is None:
                raise ProofError("the feed carries no head")
            head = verified_head(root.head, self._journal)
            if head.origin != self._peer.did:
                raise ProofError(f"the head is of {head.origin}")
        except (ProofError, ValueError) as error:
            raise HeadError(f"{self._peer.url}/feed: {error}") from error
        self.warnings += note_head(head, self._journal, self._clock())

    def _read_heads(self, root: Root) -> None:
        """Take in the heads of relayed origins, when some of their entries have come along."""
        if not self._foreign or not root.heads.startswith(f"{self._peer.url}/"):
            return
        try:
            answer = self._fetch(root.heads, ROOT_LIMITS)
        except FetchError as error:
            self.warnings.append(str(error))
            return
        for document in read_heads(answer.body):
            try:
                head = verified_head(document, self._journal)
            except (ProofError, ValueError):
                continue  # of an origin that is not known here, or forged: it says nothing
            self.warnings += note_head(head, self._journal, self._clock())
            warning = missing(self._journal, head.origin)
            if warning:
                self.warnings.append(warning)

    def _note_staleness(self) -> None:
        held = self._journal.origin(self._peer.did)
        valid = None if held is None else held.head_valid_until
        if valid is not None and valid < self._clock():
            self.warnings.append(
                f"nothing has changed, but the head expired on {valid:%Y-%m-%d}: newer records "
                "may be withheld"
            )

    def _fetch(self, url: str, limits: FetchLimits | None = None, etag: str = "") -> Response:
        self.requests += 1
        answer = self._fetcher.get(url, etag=etag, limits=limits)
        self.received += len(answer.body)
        return answer

    def _new_verifier(self) -> Verifier:
        return self._journal.verifier(http_hosts=self._fetcher.allow_hosts)
