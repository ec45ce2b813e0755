"""Text written by strangers, made fit to be shown: harmless, and set in paragraphs."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

_BIDI_CONTROLS: Final = "\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069"
_INVISIBLE: Final = "\u00ad\u180e\u200b\u2060-\u2064\ufeff\ufff9-\ufffb"
_CONTROLS: Final = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
_HIDDEN = re.compile(f"[{_BIDI_CONTROLS}{_INVISIBLE}{_CONTROLS}]")
_SPACES = re.compile(r"\s+")
_HEADING = re.compile(r"^#{1,6}\s+(.*)$")
_BULLET = re.compile(r"^(?:[-*+•]|\d{1,3}[.)])\s+(.*)$")
_RULE = re.compile(r"^(?:[-*_=]\s*){3,}$")
_LINK = re.compile(r"\[([^\]\[]{1,300})\]\(([^()\s]{1,1000})\)")
_EMPHASIS = re.compile(r"(\*\*|__)(?=\S)(.{1,300}?)(?<=\S)\1")


@dataclass(frozen=True, slots=True)
class Span:
    """A run of characters inside a block; `href` is "" or an address fit for a link."""

    text: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of prose.

    Attributes:
        kind: "paragraph", "heading" or "list".
        lines: its lines (or list entries), each a sequence of spans.
    """

    kind: str
    lines: tuple[tuple[Span, ...], ...]


def one_line(text: str) -> str:
    """Return a text on one line, without characters that hide or turn what stands beside them.

    The stored bytes stay as they were signed; this is for display (CVE-2021-42574).
    """
    return _SPACES.sub(" ", _HIDDEN.sub("", text)).strip()


def safe_link(address: object) -> str:
    """Return an address that may become a link, "" for anything but http(s) and mailto."""
    if not isinstance(address, str):
        return ""
    text = address.strip()
    if _HIDDEN.search(text) or _SPACES.search(text):
        return ""
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    if parts.scheme in ("http", "https") and parts.hostname:
        return text
    return text if parts.scheme == "mailto" and "@" in parts.path else ""


def host_of(address: str) -> str:
    """Return the host (with port) of an address as it is to be shown, "" when it has none.

    A host that mixes scripts is shown in its ASCII form, so that look-alike letters are seen.
    """
    try:
        host = urlsplit(address).netloc.rsplit("@", 1)[-1]
    except ValueError:
        return ""
    if host.isascii():
        return host.lower()
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return one_line(host)


def blocks(text: str) -> tuple[Block, ...]:
    """Return prose as paragraphs, headings and lists.

    Catalogues hold plain text, often with the signs of Markdown. The few that are certain are
    understood, everything else stays as it was written; HTML is never interpreted.
    """
    found: list[Block] = []
    lines: list[tuple[Span, ...]] = []
    kind = "paragraph"

    def close() -> None:
        if lines:
            found.append(Block(kind, tuple(lines)))
            lines.clear()

    for raw in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        line = one_line(raw)
        heading, bullet = _HEADING.match(line), _BULLET.match(line)
        if not line or _RULE.match(line):
            close()
        elif heading:
            close()
            found.append(Block("heading", (_spans(heading.group(1).strip("#* ")),)))
        elif bullet:
            if kind != "list":
                close()
            kind = "list"
            lines.append(_spans(bullet.group(1)))
        else:
            if kind != "paragraph":
                close()
            kind = "paragraph"
            lines.append(_spans(line))
    close()
    return tuple(found)


def _spans(line: str) -> tuple[Span, ...]:
    spans: list[Span] = []
    at = 0
    for match in _LINK.finditer(line):
        href = safe_link(match.group(2))
        if not href:
            continue
        spans.append(Span(_plain(line[at : match.start()])))
        spans.append(Span(_plain(match.group(1)), href))
        at = match.end()
    spans.append(Span(_plain(line[at:])))
    return tuple(span for span in spans if span.text)


def _plain(text: str) -> str:
    return _EMPHASIS.sub(r"\2", text)
