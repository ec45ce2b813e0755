"""Read a file of JSON-LD: documents in Lonja's own context as they are, others as listed practices.

Foreign ones are pages of schema.org and DCAT catalogues.
"""

import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from typing import Final

import orjson

from node.services.imports.countries import country_code
from node.services.imports.making import Converted
from node.services.publish import Submission
from node.services.sentences import finding
from node.services.submissions import is_lines
from vocab.document import DocumentError, parse, parse_value
from vocab.findings import Severity
from vocab.foreign import drafts
from vocab.licences import licence_address
from vocab.terms import CONTEXT_URL, LOCAL_TYPES, SIGNED_BY_THE_NODE, JsonObject

_OUR_CONTEXT: Final = re.compile(re.escape(CONTEXT_URL).replace("/", r"\\?/").encode())


def is_own(document: object) -> bool:
    """Say whether a document is written in Lonja's own context."""
    return isinstance(document, dict) and document.get("@context") == CONTEXT_URL


def read_jsonld(data: bytes, name: str, base: str) -> Iterator[Converted | Submission]:
    """Yield the things of a file as documents, or as a submission that says what is wrong.

    A file is one object, an array, an object with `@graph`, or one object a line.

    Args:
        data: the bytes of the file.
        name: what its owner calls it.
        base: address of the node that would publish.
    """
    data = data.removeprefix(BOM_UTF8)
    if is_lines(data):
        for number, line in enumerate(data.splitlines(), start=1):
            if line.strip():
                yield from _read(line, f"{name}:{number}", base)
    else:
        yield from _read(data, name, base)


def own(document: JsonObject, label: str, base: str) -> Converted | Submission:
    """Return a document in our own context, or why it is not for this node to publish.

    It is matched with what is held by its address, without one by its identifier.
    """
    declared = document.get("type")
    names = declared if isinstance(declared, list) else [declared]
    if any(name in (*SIGNED_BY_THE_NODE, *LOCAL_TYPES) for name in names):
        wrong = finding("signed-by-the-node", "/type", record=label)
        return Submission(label, None, (wrong,))
    given = document.get("isVersionOf") or document.get("id")
    signed = "proof" in document or "origin" in document
    if signed and not (isinstance(given, str) and given.startswith(base + "/")):
        wrong = finding("signed-elsewhere", "/id", record=label, uri=given)
        return Submission(label, None, (wrong,))
    found = Converted(label, document)
    if given is None and "identifier" not in document:
        severity = Severity.WARNING
        found.findings.append(finding("own-unnumbered", "/identifier", severity, record=label))
    return found


def _read(data: bytes, label: str, base: str) -> Iterator[Converted | Submission]:
    """Read one JSON value; what is foreign in it is read as one graph, as it belongs together."""
    if not _OUR_CONTEXT.search(data):
        yield from _foreign(data, label)
        return
    try:
        value = parse_value(data, record=label)
    except DocumentError as error:
        yield Submission(label, None, tuple(error.findings))
        return
    if is_own(value) and isinstance(value, dict) and not isinstance(value.get("@graph"), list):
        yield _checked(value, label, base)
        return
    members = _members(value)
    for number, member in enumerate(members, start=1):
        if is_own(member):
            yield _checked(member, f"{label}:{number}", base)
    others = [member for member in members if not is_own(member)]
    if len(others) == len(members):
        yield from _foreign(data, label)
    elif others:
        yield from _foreign(orjson.dumps(others), label)


def _members(value: object) -> list[object]:
    """Return the members of an array or of an @graph, each with the context around it."""
    if isinstance(value, list):
        return value
    if isinstance(value, dict) and isinstance(value.get("@graph"), list):
        around = {"@context": value["@context"]} if "@context" in value else {}
        rest = {key: item for key, item in value.items() if key not in ("@context", "@graph")}
        beside = [rest] if rest.keys() - {"@id", "id"} else []
        inner: list[object] = [*beside, *value["@graph"]]
        return [{**around, **one} if isinstance(one, dict) else one for one in inner]
    return [value]


def _checked(document: object, label: str, base: str) -> Converted | Submission:
    try:
        return own(parse(orjson.dumps(document), record=label), label, base)
    except DocumentError as error:
        return Submission(label, None, tuple(error.findings))


def _foreign(data: bytes, name: str) -> Iterator[Converted | Submission]:
    for draft in drafts(data, name=name, country=country_code, licence=_licence):
        if draft.document is None:
            yield Submission(draft.label, None, draft.findings)
        else:
            yield Converted(draft.label, draft.document, list(draft.findings))


def _licence(code: str) -> str | None:
    return licence_address(code) or None
