"""The peer as a source of pages: fetched ahead, read, or refused with the reason."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from federation.fetch import Fetcher, FetchError, FetchLimits, Response
from federation.harvest.pages import Page, PageError, read_page
from federation.records import Refusal
from federation.refusals import refusal

GONE = 410


class Source:
    """Fetches for one run, and counts.

    Attributes:
        requests: made so far.
        received: bytes of all answers, decompressed.
        wire: the same as they came, compressed.
    """

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher
        self.requests = 0
        self.received = 0
        self.wire = 0

    def fetch(self, url: str, limits: FetchLimits | None = None, etag: str = "") -> Response:
        """Return an answer.

        Raises:
            FetchError: there is none, or it is not taken.
        """
        self.requests += 1
        answer = self._fetcher.get(url, etag=etag, limits=limits)
        self.received += len(answer.body)
        self.wire += answer.wire
        return answer

    def pages(self, queue: list[str]) -> Iterator[tuple[str, Page | Refusal | None]]:
        """Yield pages, which may be added to the queue meanwhile.

        While one is worked on, the next is being fetched. A page that cannot be read is a
        refusal; one that its node has taken away for good is None.
        """
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="fetch-page") as ahead:
            following: Future[Response] | None = None
            for number, url in enumerate(queue):
                current = following or ahead.submit(self.fetch, url)
                following = None
                if number + 1 < len(queue):
                    following = ahead.submit(self.fetch, queue[number + 1])
                yield url, _page(url, current)


def _page(url: str, answer: "Future[Response]") -> Page | Refusal | None:
    try:
        return read_page(answer.result().body)
    except FetchError as error:
        if error.status == GONE:
            return None
        return Refusal(url, error.code, "", error.messages, error.fixes, error.detail)
    except PageError as error:
        return refusal(error.code, url, detail=str(error))
