"""What the cluster makes visible, as the engines' interface wants it."""

import hashlib
import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import orjson

from search.api import Sort
from search.engines.opensearch import schema as names
from search.engines.opensearch.compile import EVERYTHING, LARGEST, compiled
from search.engines.opensearch.server import AnsweredError, Server
from search.finder.lower import facet_field
from search.view import Answer, Ask, Row

_COUNTED_VALUES: Final = 5_000
"""Values counted per facet, more than are shown, so that equal counts are cut by code."""

_SENT_ALONG: Final = 60
"""Rows up to which what is stored of the records comes with the answer, which saves a trip; where
languages are mixed there are hundreds of rows, of which few are shown."""

_GIVE_UP: Final = "10s"
_LANGUAGES: Final = 64

_COLUMNS: Final = (names.KEY, names.FAMILY, names.TONGUES)
"""What is read of each row. They stand behind what really sorts: the cluster returns the values of
a row's sort keys, and reads nothing else of it, which is many times as quick for hundreds of rows.
"""

_SORTS: Final[Mapping[Sort, list[dict[str, str]]]] = {
    sort: [*keys, *({name: "asc"} for name in _COLUMNS)]
    for sort, keys in (
        (Sort.RELEVANCE, [{"_score": "desc"}, {names.WHEN: "desc"}]),
        (Sort.NEWEST, [{names.WHEN: "desc"}]),
        (Sort.OLDEST, [{names.WHEN: "asc"}]),
        (Sort.TITLE, [{names.TITLE_NUMBER: "asc"}, {names.TITLE_KEY: "asc"}]),
    )
}
_BEFORE_ALL: Final[Mapping[str, object]] = {
    names.TITLE_KEY: "", names.KEY: "", names.FAMILY: 0, names.TONGUES: 0
}  # fmt: skip
"""Values that come before those of any record."""

_SINCE: Final = "lonja:since"


class VanishedError(Exception):
    """A record of an answer was deleted before it could be read: ask again."""


@dataclass(frozen=True, slots=True)
class Found:
    """A record of an answer; the same record whatever came with it."""

    key: str
    columns: Mapping[str, int] = field(compare=False)
    stored: bytes = field(compare=False, repr=False)


class OpenSearchView:
    """Answers questions from what is visible when they are asked.

    There is no lasting state on a cluster that could be held for free. A later question of the same
    request may see a later commit; keys of records stay the same, and who reads a record that was
    deleted in between asks again (`VanishedError`).
    """

    def __init__(self, server: Server, indexes: names.Names) -> None:
        self._server = server
        self._names = indexes
        self._frequencies: dict[tuple[str, str], int] = {}

    @cached_property
    def position(self) -> int:
        """Return the journal position of the index of the present layout."""
        return position_of(self._server, self._names.write)

    @property
    def languages(self) -> tuple[str, ...]:
        """Return the codes of the languages in which records have titles."""
        return tuple(sorted(_counts(self._totals, "codes")))

    @property
    def records(self) -> int:
        """Return how many records the index holds."""
        return _total(self._totals)

    def answer(self, asks: Sequence[Ask]) -> list[Answer]:
        """Answer several questions in one trip."""
        if not asks:
            return []
        answers = self._search([_body(ask) for ask in asks])
        return [_answer(ask, answer) for ask, answer in zip(asks, answers, strict=True)]

    def stored(self, handles: Sequence[Hashable]) -> list[bytes]:
        """Return what was stored of some records, in their order.

        Raises:
            VanishedError: one of them was deleted meanwhile.
        """
        found = list(_found(handles))
        missing = {one.key for one in found if not one.stored}
        read = self._read(sorted(missing)) if missing else {}
        try:
            return [one.stored or read[one.key] for one in found]
        except KeyError as error:
            raise VanishedError from error

    def column(self, name: str, handles: Sequence[Hashable]) -> list[int]:
        """Return a number of some records, in their order; 0 where a record has none."""
        return [one.columns[name] for one in _found(handles)]

    def frequencies(self, terms: Sequence[tuple[str, str]]) -> list[int]:
        """Return about how many records have each of some (text field, index term)."""
        unknown = [term for term in dict.fromkeys(terms) if term not in self._frequencies]
        if unknown:
            self._frequencies.update(self._looked_up(unknown))
        return [self._frequencies[term] for term in terms]

    def terms(self, field: str, prefix: str, limit: int) -> list[tuple[str, int]]:
        """Return (term, how many records have it) for the most frequent that begin like this."""
        counted = {
            "field": names.words_field(field),
            # OpenSearch 2.19 fails on a plain "prefix.*" that comes after all values; not on this.
            "include": re.sub(r"(\W)", r"\\\1", prefix) + "(.*)",
            "size": limit,
        }
        query = {"prefix": {field: {"value": prefix, "rewrite": "constant_score"}}}
        (answer,) = self._search(
            [{"query": query, "size": 0, "aggs": {"codes": {"terms": counted}}}]
        )
        found = list(_counts(answer, "codes").items())
        self._frequencies.update({(field, term): records for term, records in found})
        return found

    @cached_property
    def _totals(self) -> dict[str, Any]:
        counted = {"terms": {"field": facet_field("language"), "size": _LANGUAGES}}
        asked = {"query": EVERYTHING, "size": 0, "track_total_hits": True}
        return self._search([{**asked, "aggs": {"codes": counted}}])[0]

    def _search(self, bodies: Sequence[Mapping[str, object]]) -> list[dict[str, Any]]:
        # The same question goes to the same copy: copies may weigh deleted records differently,
        # and pages must fit together.
        told = orjson.dumps([body["query"] for body in bodies])
        header = {
            "index": self._names.read,
            "preference": hashlib.sha256(told).hexdigest()[:16],
            "allow_partial_search_results": False,
        }
        lines = [one for body in bodies for one in (header, {**body, "timeout": _GIVE_UP})]
        return self._server.ask(lines, cancel_after_time_interval=_GIVE_UP)

    def _read(self, keys: Sequence[str]) -> dict[str, bytes]:
        try:
            answer = self._server.send(
                "POST", f"/{self._names.read}/_mget", {"ids": list(keys)}, realtime="false"
            )
        except AnsweredError as error:
            raise VanishedError from error
        return {
            one["_id"]: one["_source"][names.STORED].encode()
            for one in answer["docs"]
            if one.get("found")
        }

    def _looked_up(self, terms: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """Look up terms in the dictionary of each field, all in one trip."""
        fields: dict[str, list[str]] = {}
        for name, term in terms:
            fields.setdefault(name, []).append(term)
        try:
            answer = self._server.send(
                "POST",
                f"/{self._names.read}/_termvectors",
                {
                    "doc": {name: " ".join(every) for name, every in fields.items()},
                    "term_statistics": True,
                    "field_statistics": False,
                    "positions": False,
                    "offsets": False,
                },
            )
        except AnsweredError:  # there is no index yet
            return dict.fromkeys(terms, 0)
        vectors = answer.get("term_vectors", {})
        return {
            (name, term): vectors.get(name, {}).get("terms", {}).get(term, {}).get("doc_freq", 0)
            for name, term in terms
        }


def position_of(server: Server, index: str) -> int:
    """Return the journal position that is visible in an index, 0 where there is none."""
    try:
        answer = server.send("GET", f"/{index}/_doc/{names.POSITION_ID}", realtime="false")
    except AnsweredError as error:
        if error.status == 404:
            return 0
        raise
    return int(answer["_source"][names.POSITION])


def _body(ask: Ask) -> dict[str, Any]:
    query = compiled(ask.query)
    body: dict[str, Any] = {"query": query, "size": 0, "track_total_hits": ask.total}
    counted: dict[str, Any] = {
        name: {"terms": {"field": facet_field(name), "size": _COUNTED_VALUES}}
        for name in ask.facets
    }
    if ask.since:
        spans = [{"range": {names.WHEN: {"gte": key}}} for key in ask.since]
        counted[_SINCE] = {"filters": {"filters": spans}}
    if counted:
        body["aggs"] = counted
    size = min(ask.limit, names.WINDOW - ask.skip)
    if size > 0:
        body |= {
            "size": size,
            "from": ask.skip,
            "sort": _SORTS[ask.sort],
        }
        if ask.limit > _SENT_ALONG:
            body |= {"_source": False, "stored_fields": "_none_"}
        if ask.after is not None and ask.sort is not Sort.RELEVANCE:
            # Behind the key and an empty text is where the first row with this key stands. Such a
            # place and `from` exclude each other, so the rows to pass over are few and dropped.
            largest = LARGEST[names.TITLE_NUMBER if ask.sort is Sort.TITLE else names.WHEN]
            after: list[object] = [min(ask.after, largest)]
            body |= {
                "size": ask.skip + size,
                "from": 0,
                "search_after": after
                + [_BEFORE_ALL[name] for key in _SORTS[ask.sort][1:] for name in key],
            }
    return body


def _answer(ask: Ask, answer: Mapping[str, Any]) -> Answer:
    hits = answer.get("hits", {}).get("hits", ())
    return Answer(
        [_row(ask.sort, hit) for hit in (hits if ask.after is None else hits[ask.skip :])],
        _total(answer) if ask.total else 0,
        [bucket["doc_count"] for bucket in _buckets(answer, _SINCE)] or [0] * len(ask.since),
        {name: _counts(answer, name) for name in ask.facets},
    )


def _row(sort: Sort, hit: Mapping[str, Any]) -> Row:
    stored = hit.get("_source", {}).get(names.STORED, "")
    key, family, tongues = hit["sort"][-len(_COLUMNS) :]
    found = Found(key, {names.FAMILY: family, names.TONGUES: tongues}, stored.encode())
    if sort is Sort.RELEVANCE:
        return Row(found, hit["sort"][0], 0)
    return Row(found, 0.0, int(hit["sort"][0]))


def _counts(answer: Mapping[str, Any], name: str) -> dict[str, int]:
    return {bucket["key"]: bucket["doc_count"] for bucket in _buckets(answer, name)}


def _buckets(answer: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = answer.get("aggregations", {}).get(name, {}).get("buckets", [])
    return found


def _total(answer: Mapping[str, Any]) -> int:
    return int(answer.get("hits", {}).get("total", {}).get("value", 0))


def _found(handles: Iterable[Hashable]) -> Iterable[Found]:
    return (handle for handle in handles if isinstance(handle, Found))
