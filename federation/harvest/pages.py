"""Reading root and pages of a peer's feed; everything in them is hostile until verified."""

from dataclasses import dataclass
from typing import Any, Final

import orjson

from federation.errors import FederationError
from vocab.terms import JsonObject

MAX_MEMBERS: Final = 1000


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
        document: the entry; anything that JSON can say, until it is verified.
        number: its number in the peer's feed, 0 when the page does not say.
    """

    document: object
    number: int

    @property
    def version_uri(self) -> str:
        """The address it claims, "" when it has none."""
        uri = self.document.get("id") if isinstance(self.document, dict) else None
        return uri if isinstance(uri, str) else ""


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its members in order, and further pages that it names."""

    members: list[Member]
    further: list[str]


def read_root(body: bytes) -> Root:
    """Return the entry page.

    Raises:
        PageError: it is no JSON object of a feed.
    """
    stream = _object(body)
    head, position, heads = (stream.get(key) for key in ("head", "position", "heads"))
    return Root(
        head=head if isinstance(head, dict) else None,
        position=position if isinstance(position, int) else 0,
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
    numbers = {
        node["id"]: node["receivedSeq"]
        for node in _nodes(stream)
        if isinstance(node.get("id"), str) and isinstance(node.get("receivedSeq"), int)
    }
    members = [Member(document, 0) for document in listed]
    numbered = [Member(one.document, numbers.get(one.version_uri, 0)) for one in members]
    return Page(numbered, _relations(stream))


def read_heads(body: bytes) -> list[JsonObject]:
    """Return relayed heads; what is not a JSON object among them is left out."""
    try:
        listed = orjson.loads(body)
    except orjson.JSONDecodeError:
        return []
    heads = listed if isinstance(listed, list) else []
    return [head for head in heads if isinstance(head, dict)]


def _object(body: bytes) -> dict[str, Any]:
    try:
        stream = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise PageError(f"it is not JSON: {error}") from error
    if not isinstance(stream, dict):
        raise PageError("it is no JSON object")
    return stream


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
