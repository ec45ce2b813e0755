"""Foreign JSON-LD (schema.org, DCAT) to drafts of `Practice`; nothing is invented, lost or fetched.

drafts(bytes) -> vocab.foreign.graph   the file as a graph, by pyld with bundled contexts
              -> records               which of its things are records
              -> vocab.foreign.parts   their values in our words
              -> vocab.foreign.note    what is left, as text without persons
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import orjson

from vocab.document import MAX_BYTES
from vocab.findings import Finding, Severity
from vocab.foreign.choose import Chosen
from vocab.foreign.graph import Node, read_graph
from vocab.foreign.make import Maker
from vocab.foreign.making import Making
from vocab.foreign.note import MAX_NOTE, Note, Reading, address_of, name_of
from vocab.foreign.rules import notice
from vocab.messages import finding
from vocab.terms import JsonObject

__all__ = ["Draft", "drafts"]


@dataclass(frozen=True, slots=True)
class Draft:
    """One thing of a foreign file as a practice.

    Attributes:
        document: the authoring document, None when the thing could not be read.
        findings: what was noticed on the way.
        label: how to name it to the owner of the file.
    """

    document: JsonObject | None
    findings: tuple[Finding, ...]
    label: str


def code_only(written: str) -> str | None:
    """Return what is written when it has the form of a country's code, else None."""
    return written if len(written) == 2 and written.isascii() and written.isupper() else None


def drafts(
    data: bytes | JsonObject,
    *,
    name: str = "",
    country: Callable[[str], str | None] = code_only,
    licence: Callable[[str], str | None] = lambda _code: None,
) -> Iterator[Draft]:
    """Yield the things of a JSON-LD file as drafts; whatever goes wrong is a finding.

    Args:
        data: the bytes of the file, or its JSON object.
        name: name of the file, for labels.
        country: gives the code of a country's name, None where it is not certain.
        licence: gives the address of a licence's code ("CC-BY-4.0"), None for others.
    """
    graph = read_graph(data, record=name)
    chosen = Chosen(graph)
    about_file = [item for item in graph.findings if item.severity is not Severity.VIOLATION]
    broken = [item for item in graph.findings if item.severity is Severity.VIOLATION]
    if chosen.left and chosen.records:
        about_file.append(
            replace(notice("foreign-left-out", types=chosen.left_types()), record=name)
        )
    if not chosen.records and not broken:
        types = chosen.left_types() or "—"
        broken.append(replace(notice("foreign-nothing", types=types), record=name))
    for item in broken:
        yield Draft(None, (item, *about_file), item.record)
        about_file = []
    known = {node for node, _ in chosen.records} | chosen.others
    used: Counter[str] = Counter()
    for number, (node, around) in enumerate(chosen.records, start=1):
        label = ":".join(filter(None, (name, _called(node) or str(number))))
        making = Making(Reading(node), label, Note(known), country, licence)
        yield _finish(Maker(making, around, used).run(), about_file)
        about_file = []


def _called(node: Node) -> str:
    return address_of(node) or name_of(node)


def _finish(making: Making, about_file: list[Finding]) -> Draft:
    """Return the draft with its note, or without document when that is too large for a record."""
    note, document = making.note, making.document
    if note.text:
        document["importNote"] = note.text
    if note.keys:
        making.tell("foreign-note", "/importNote", keys=", ".join(note.keys))
    if note.cut:
        making.tell("foreign-shortened", "/importNote", limit=MAX_NOTE)
    if note.private:
        making.tell("foreign-person", keys=", ".join(note.private))
    found = tuple(about_file + making.findings)
    if len(orjson.dumps(document)) > MAX_BYTES:
        large = replace(finding("too-large", "", limit=MAX_BYTES // 1024), record=making.label)
        return Draft(None, (large, *found), making.label)
    return Draft(document, found, making.label)
