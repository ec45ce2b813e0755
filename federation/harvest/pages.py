"""Reading root and pages of a peer's feed; everything in them is hostile until verified."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import orjson

from federation.errors import FederationError
from vocab.terms import JsonObject

MAX_MEMBERS: Final = 1000
MAX_VALUES: Final = 1_000_000
MAX_HEADS: Final = 2000
_LARGEST: Final = 2**53


class PageError(FederationError):
    """A page is not of the form that the feed promises."""

    code = "not-json"


@dataclass(frozen=True, slots=True)
class Root:
    """The entry page of a feed.

    Attributes:
        head: the signed head, None when there is none.
        position: journal position of the peer, 0 when it does not say.
        pages: addresses of the pages, in their order, each once.
        heads: address of relayed heads, "" when there are none.
    """

    head: JsonObject | None
    position: int
    pages: list[str]
    heads: str


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a page.

    Attributes:
        document: the entry; anything that a JSON object can say, until it is verified.
        number: its number in the peer's feed, 0 when the page does not say.
        problem: rule by which it cannot even be looked at, "" when it can.
    """

    document: JsonObject
    number: int = 0
    problem: str = ""

    @property
    def version_uri(self) -> str:
        """The address it claims, "" when it has none."""
        uri = self.document.get("id")
        return uri if isinstance(uri, str) else ""

    @property
    def record(self) -> str:
        """The address of the record that it claims to be a version of, "" when it has none."""
        uri = self.document.get("isVersionOf")
        return uri if isinstance(uri, str) else ""

    @property
    def version(self) -> int:
        """The number of the version that it claims to be, 0 when it has none."""
        return _number(self.document.get("version"))


@dataclass(frozen=True, slots=True)
class Page:
    """One page.

    Attributes:
        members: in their order.
        further: addresses of pages that it names.
        mark: stands for its bytes.
        consistent: whether it numbers just the members that it holds, if it numbers any.
    """

    members: list[Member]
    further: list[str]
    mark: str = ""
    consistent: bool = True

    @property
    def first_number(self) -> int:
        """The lowest number of its members in the peer's feed, 0 when the page says none."""
        return min((one.number for one in self.members if one.number), default=0)

    @property
    def last_number(self) -> int:
        """The highest number of its members in the peer's feed, 0 when the page says none."""
        return max((one.number for one in self.members), default=0)


def read_root(body: bytes) -> Root:
    """Return the entry page.

    Raises:
        PageError: it is no JSON object of a feed.
    """
    stream = _object(body)
    head, heads = stream.get("head"), stream.get("heads")
    return Root(
        head=head if isinstance(head, dict) else None,
        position=_number(stream.get("position")),
        pages=_relations(stream),
        heads=heads if isinstance(heads, str) else "",
    )


def read_page(body: bytes) -> Page:
    """Return a page.

    Raises:
        PageError: it is no JSON object of a feed, or has more than 1,000 members.
    """
    stream = _object(body)
    listed = stream.get("member", [])
    if isinstance(listed, dict):
        listed = [listed]
    if not isinstance(listed, list):
        raise PageError("the page lists no members")
    if len(listed) > MAX_MEMBERS:
        raise PageError(f"the page has {len(listed)} members, more than {MAX_MEMBERS}")
    doubtful = set() if _verbatim(listed, body) else _with_repeated_keys(body)
    numbers = {
        node["id"]: _number(node.get("receivedSeq"))
        for node in _nodes(stream)
        if isinstance(node.get("id"), str)
    }
    members = [
        _member(document, numbers, repeated=place in doubtful)
        for place, document in enumerate(listed)
    ]
    return Page(
        members,
        _relations(stream),
        mark=hashlib.sha256(body).hexdigest()[:40],
        consistent=_is_consistent(members, numbers),
    )


def _is_consistent(members: list[Member], numbers: dict[str, int]) -> bool:
    """Say whether receipts and members fit; nodes of another kind may write no receipts."""
    receipts = {uri for uri, number in numbers.items() if number}
    return not receipts or receipts == {one.version_uri for one in members}


def _member(document: object, numbers: dict[str, int], *, repeated: bool) -> Member:
    if not isinstance(document, dict):
        return Member({}, problem="not-a-document")
    uri = document.get("id")
    number = numbers.get(uri, 0) if isinstance(uri, str) else 0
    return Member(document, number, "duplicate-key" if repeated else "")


def read_heads(body: bytes) -> list[JsonObject]:
    """Return relayed heads; what is not a JSON object among them is left out."""
    if _values(body) > MAX_VALUES:
        return []
    try:
        listed = orjson.loads(body)
    except orjson.JSONDecodeError:
        return []
    heads = listed if isinstance(listed, list) else []
    return [head for head in heads[:MAX_HEADS] if isinstance(head, dict)]


def _object(body: bytes) -> dict[str, Any]:
    if _values(body) > MAX_VALUES:
        raise PageError(f"it holds more than {MAX_VALUES} values")
    try:
        stream = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise PageError(f"it is not JSON: {error}") from error
    if not isinstance(stream, dict):
        raise PageError("it is no JSON object")
    return stream


def _values(body: bytes) -> int:
    """Return about how many values JSON holds: each may take far more memory than its bytes."""
    return body.count(b",") + body.count(b"[") + body.count(b"{")


def _number(value: object) -> int:
    """Return a number of a feed, 0 for what is none."""
    return value if type(value) is int and 0 < value < _LARGEST else 0


def _verbatim(listed: list[Any], body: bytes) -> bool:
    """Say whether all members stand in the page just as they were read.

    Then no key can stand twice in one of them. Nodes write members in one form, so this is the
    rule; the careful way costs ten times as much.
    """
    position = 0
    for document in listed:
        written = orjson.dumps(document)
        position = body.find(written, position)
        if position < 0:
            return False
        position += len(written)
    return True


class _Repeated(dict[str, Any]):
    """An object in which a key stands twice: two readers could understand it differently."""


def _with_repeated_keys(body: bytes) -> set[int]:
    """Return the places of the members that hold a key twice.

    Raises:
        PageError: the page itself does, or is nested too deeply.
    """
    try:
        stream = json.loads(body, object_pairs_hook=_object_of)
    except (ValueError, RecursionError) as error:
        raise PageError(f"it is not JSON: {error}") from error
    if isinstance(stream, _Repeated):
        raise PageError("a key stands twice in the page")
    listed = stream.get("member", [])
    members = listed if isinstance(listed, list) else [listed]
    return {place for place, one in enumerate(members) if any(map(_is_repeated, _inside(one)))}


def _object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    return members if len(members) == len(pairs) else _Repeated(members)


def _is_repeated(value: object) -> bool:
    return isinstance(value, _Repeated)


def _inside(value: object) -> Iterator[object]:
    """Yield a value and everything in it."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        yield one
        if isinstance(one, dict):
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)


def _nodes(stream: dict[str, Any]) -> list[dict[str, Any]]:
    nodes = stream.get("entries")
    return [node for node in nodes if isinstance(node, dict)] if isinstance(nodes, list) else []


def _relations(stream: dict[str, Any]) -> list[str]:
    found: dict[str, None] = {}
    for node in _nodes(stream):
        relations = node.get("relation")
        for relation in relations if isinstance(relations, list) else []:
            target = relation.get("node") if isinstance(relation, dict) else None
            if isinstance(target, str):
                found[target] = None
    return list(found)
