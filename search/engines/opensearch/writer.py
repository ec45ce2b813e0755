"""Writing to the cluster: changes are gathered, and sent and made visible by a commit."""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

import orjson

from search.api import SearchEntry, SearchUnavailableError
from search.document import family_number, prepared, tongues
from search.engines.opensearch import schema as names
from search.engines.opensearch.keys import key_of
from search.engines.opensearch.lease import Lease
from search.engines.opensearch.server import WRITE_SECONDS, Server
from search.finder.lower import facet_field
from search.geo import point_key, point_of
from search.paging import time_key, title_key, title_number
from search.query.terms import twin

log = logging.getLogger(__name__)

CHUNK_BYTES: Final = 5_000_000
"""About the most that is sent at once."""

_TRIES: Final = 6
_BUSY: Final = (429, 503)
_GONE: Final = 404


class OpenSearchWriter:
    """The writer of an index; it holds the lease until it is closed.

    The cluster would keep what was sent even if it were never committed. So changes wait in memory,
    the last one for each record, until they are committed: callers commit every thousand or so.
    The position is the last thing sent, and nothing is visible before all of it is there.
    """

    def __init__(
        self, server: Server, indexes: names.Names, lease: Lease, committed: Callable[[int], None]
    ) -> None:
        """Begin.

        Args:
            server: the cluster.
            indexes: what the index is called.
            lease: the right to write it.
            committed: is told each position that has become visible.
        """
        self._server = server
        self._names = indexes
        self._lease = lease
        self._committed = committed
        self._pending: dict[str, bytes | None] = {}

    def upsert(self, entries: Iterable[SearchEntry]) -> None:
        """Add entries, each replacing an earlier one with the same URI."""
        for entry in entries:
            self._pending[key_of(entry.uri)] = orjson.dumps(document(entry))

    def delete(self, uris: Iterable[str]) -> None:
        """Remove records."""
        self._pending.update((key_of(uri), None) for uri in uris)

    def commit(self, position: int) -> None:
        """Make everything so far durable and visible, together with the position.

        Raises:
            IndexBusyError: another process has taken over the index.
            SearchUnavailableError: the cluster is away; nothing is lost, commit again.
        """
        mark = orjson.dumps({names.POSITION: position})
        for chunk in _chunks([*self._pending.items(), (names.POSITION_ID, mark)]):
            self._lease.check()
            self._send(chunk)
        self._server.send("POST", f"/{self._names.write}/_refresh", seconds=WRITE_SECONDS)
        self._pending.clear()
        self._committed(position)

    def close(self) -> None:
        """Give up the writer; what was not committed is lost."""
        self._pending.clear()
        self._lease.release()

    def _send(self, chunk: list[bytes]) -> None:
        """Send some changes; those for which the cluster is too busy just now again."""
        for again in range(_TRIES):
            if again:
                time.sleep(min(0.1 * 2**again, 2.0))
                self._lease.check()
            answer = self._server.send(
                "POST",
                f"/{self._names.write}/_bulk",
                b"".join(chunk),
                seconds=WRITE_SECONDS,
                require_alias="true",
                filter_path="errors,items.*.status,items.*.error",
            )
            if not answer["errors"]:
                return
            chunk = [
                lines
                for lines, item in zip(chunk, answer["items"], strict=True)
                if _is_to_be_sent_again(item, lines)
            ]
            if not chunk:
                return
        raise SearchUnavailableError("the search server is too busy to take what was published")


def document(entry: SearchEntry) -> dict[str, Any]:
    """Return the cluster's document of an entry."""
    ready = prepared(entry)
    title = title_key(ready.title_key, entry.uri)
    made: dict[str, Any] = {
        names.URI: entry.uri,
        names.KEY: key_of(entry.uri),
        names.LINKS: ready.links,
        names.TITLE_KEY: title,
        names.TITLE_NUMBER: title_number(title),
        names.WHEN: time_key(entry.modified, entry.uri),
        names.STARTED: entry.started,
        names.POPULATION: entry.population,
        names.FAMILY: family_number(entry.family),
        names.TONGUES: tongues(entry.title),
        names.STORED: ready.stored.decode(),
    }
    for field, text in ready.exact.items():
        if text:
            made[field] = text
            made[twin(field)] = ready.stems[field]
            made[names.words_field(field)] = list(dict.fromkeys(text.split(" ")))
    for facet, codes in entry.facets.items():
        made[facet_field(facet)] = list(codes)
    if entry.latitude is not None and entry.longitude is not None:
        latitude, longitude = point_of(point_key(entry.latitude, entry.longitude))
        made[names.LATITUDE], made[names.LONGITUDE] = entry.latitude, entry.longitude
        made[names.POINT] = {"lat": latitude, "lon": longitude}
    return made


def _chunks(changes: Iterable[tuple[str, bytes | None]]) -> Iterator[list[bytes]]:
    chunk: list[bytes] = []
    size = 0
    for key, made in changes:
        action = orjson.dumps({"delete" if made is None else "index": {"_id": key}})
        lines = action + b"\n" if made is None else b"%b\n%b\n" % (action, made)
        if chunk and size + len(lines) > CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
        chunk.append(lines)
        size += len(lines)
    if chunk:
        yield chunk


def _is_to_be_sent_again(item: dict[str, Any], lines: bytes) -> bool:
    """Say whether a change must be sent again.

    One that the cluster will never take is left out of the search: a strange record of a stranger
    must not stop it for all others.
    """
    (result,) = item.values()
    status = result.get("status", 200)
    if status in _BUSY:
        return True
    if status >= 400 and status != _GONE:
        log.error("the search server refused %s: %s", lines[:100], result.get("error"))
    return False
