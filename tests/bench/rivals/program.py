"""What the bench needs of a program that answers questions, and one open connection to a server."""

import http.client
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import psutil

from tests.bench.rivals.questions import Question, Row
from vocab.terms import JsonObject


@dataclass(frozen=True, slots=True)
class Answer:
    """What a program said: how many records, its counts, and the word it searched for instead."""

    total: int
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some records, as documents and as rows of a table: each store takes what it is made from."""

    documents: Sequence[JsonObject]
    rows: Sequence[Row]


class Store(Protocol):
    """Something that is filled with all records once."""

    name: str

    def add(self, batch: Batch) -> None:
        """Take records."""
        ...

    def finish(self) -> None:
        """Make everything durable and quick to search."""
        ...

    def megabytes(self) -> float:
        """Return what it takes on the disk."""
        ...


class Program(Protocol):
    """Something that is asked. Only `send` is timed: from the question to the whole answer.

    Attributes:
        name: what the report calls it.
        cannot: kinds of questions that it does not have.
    """

    name: str
    cannot: frozenset[str]

    def prepare(self, question: Question) -> Any:
        """Return the question as the program takes it."""
        ...

    def send(self, prepared: Any) -> Any:
        """Ask."""
        ...

    def read(self, raw: Any) -> Answer:
        """Return what was said."""
        ...


class Line:
    """One connection to a server on this machine, kept open, without compression."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)

    def get(self, path: str) -> bytes:
        """Return the body of an answer; a connection that the server has closed is opened again."""
        try:
            return self._get(path)
        except ConnectionError:
            return self._get(path)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _get(self, path: str) -> bytes:
        try:
            self._connection.request("GET", path)
            answer = self._connection.getresponse()
            body = answer.read()
        except OSError:
            self._connection.close()
            raise
        if answer.status != 200:
            raise AssertionError(f"{answer.status} for {path}: {body[:500]!r}")
        return body


@dataclass(frozen=True, slots=True)
class Memory:
    """Memory of a process and its children in megabytes, pages that they share once or each."""

    resident: float
    proportional: float


def memory_of(pid: int) -> Memory:
    """Return what a process and its children hold (RSS, PSS)."""
    root = psutil.Process(pid)
    infos = [one.memory_full_info() for one in (root, *root.children(recursive=True))]
    return Memory(sum(one.rss for one in infos) / 1e6, sum(one.pss for one in infos) / 1e6)
