"""A thing of a foreign file to a `Practice` document: everything finds a place, or the note."""

from collections import Counter
from itertools import count
from typing import Any, Final
from urllib.parse import urldefrag, urlsplit

from vocab.foreign.graph import Literal, Node, Value
from vocab.foreign.making import Making, names
from vocab.foreign.note import NAMES, TITLES, Reading, address_of, local
from vocab.foreign.parts import days, keywords, organisations, steps, texts
from vocab.foreign.place import place
from vocab.foreign.text import UNKNOWN, language_code, one_line, web
from vocab.terms import CONTEXT_URL

MAX_IDENTIFIER: Final = 490  # and room for a number after it
_LINKS: Final = (
    *("s:sameAs", "s:relatedLink", "s:significantLink", "s:subjectOf", "s:isBasedOn", "s:citation"),
    *("s:isBasedOnUrl", "s:discussionUrl", "s:distribution", "s:encoding", "s:associatedMedia"),
    *("s:codeRepository", "rdfs:seeAlso", "foaf:page", "foaf:homepage", "dct:relation"),
    *("dct:references", "dct:source", "dct:isReferencedBy", "dcat:distribution", "s:hasPart"),
)
_ADDRESSES: Final = (
    *("s:url", "s:contentUrl", "s:embedUrl", "dcat:downloadURL", "dcat:accessURL"),
    *("dcat:landingPage", "foaf:homepage"),
)
_LICENCES: Final = ("s:license", "dct:license")


class Maker:
    """The making of one record, part by part."""

    def __init__(self, making: Making, around: Node | None, used: Counter[str]) -> None:
        self._making = making
        self._around = around
        self._used = used
        self._read = making.reading
        self._note = making.note
        self._document = making.document
        self._see_also: dict[str, None] = {}

    def run(self) -> Making:
        """Fill the document and return the making."""
        making, document = self._making, self._document
        document["@context"] = CONTEXT_URL
        document["type"] = "Practice"
        self._languages()
        self._texts()
        keywords(making)
        place(making)
        days(making)
        steps(making)
        organisations(making, self._around)
        self._licence()
        self._origin()
        self._links()
        if self._see_also:
            document["seeAlso"] = [*self._see_also]
        if self._read.node.types.keys() <= {"s:ListItem"}:
            self._read.drop("s:position")
        for name, values in self._read.rest.items():
            self._note.add(name, values)
        types = ", ".join(local(kind) for kind in self._read.node.types)
        if types:
            self._note.line("type", types)
        return making

    def _languages(self) -> None:
        codes: dict[str, None] = {}
        for name, value in self._read.take("s:inLanguage", "dct:language"):
            written = value.text if isinstance(value, Literal) else _language(value)
            code = language_code(written.strip())
            codes.update({code: None} if code else {})
            if not code:
                self._note.add(name, [value])
        self._making.language = next(iter(codes)) if len(codes) == 1 else UNKNOWN
        if codes:
            self._document["language"] = [*codes]

    def _texts(self) -> None:
        making, document = self._making, self._document
        title = names(making, self._read, *TITLES)
        whole = texts(making, "s:articleBody", "s:text")
        summary = texts(making, "s:abstract", "dct:abstract")
        said = texts(making, "s:description", "dct:description")
        if whole and not summary:
            summary, said = said, {}
        body = {**said, **whole}
        for code in said.keys() & whole.keys():
            body[code] = f"{said[code]}\n\n{whole[code]}"
        for key, found in (("title", title), ("summary", summary), ("description", body)):
            if found:
                document[key] = found
        known = [code.split("-")[0] for code in title if code != UNKNOWN]
        if "language" not in document and known:
            document["language"] = [*dict.fromkeys(known)]

    def _licence(self) -> None:
        """Take the licence of the record, or the one of its files when they all have the same."""
        for name, value in self._read.take(*_LICENCES):
            self._one_licence(name, value)
        if "license" in self._document:
            return
        files = [v for v in self._read.node.get("dcat:distribution") if isinstance(v, Node)]
        addresses = {
            web(address_of(v) if isinstance(v, Node) else v.text)
            for file in files
            for v in file.get(*_LICENCES)
        }
        if len(addresses) == 1 and all(any(file.get(*_LICENCES)) for file in files):
            (address,) = addresses
            if address:
                self._document["license"] = address
                self._making.tell("foreign-licence-of-files", "/license")

    def _one_licence(self, name: str, value: Value) -> None:
        reading = Reading(value) if isinstance(value, Node) else None
        written = one_line(value.text) if isinstance(value, Literal) else value.id
        if reading is not None and not web(written):
            links = [v.text if isinstance(v, Literal) else v.id for _, v in reading.take("s:url")]
            called = [one_line(v.text) for _, v in reading.literals(*NAMES)]
            written = next((text for text in (*links, *called, written) if text), "")
        address = web(written) or self._making.licence(written)
        taken = bool(address) and self._document.setdefault("license", address) == address
        if written and not taken and not written.startswith("_:"):
            self._note.line(name, written)
            rule = "foreign-licences" if address else "foreign-licence"
            self._making.tell(rule, "/license", value=written)
        if reading is not None:
            self._note.add_rest(name, reading)

    def _origin(self) -> None:
        """Fill `source`, `landingPage`, `identifier`, and `credit` where nobody is named."""
        node, document = self._read.node, self._document
        landing = self._addresses("dcat:landingPage")
        pages = self._addresses("s:url", "s:mainEntityOfPage")
        if landing:
            document["landingPage"] = landing[0]
        own = web(node.id)
        found = [*landing[:1], *pages, *([own] if own else [])]
        if found:
            document["source"] = found[0]
        for other in (*landing[1:], *pages, *([own] if own else [])):
            if urldefrag(other).url != urldefrag(found[0]).url:
                self._see_also[other] = None
        self._identify(str(document.get("source", "")))
        if "credit" not in document and found:
            document["credit"] = found[0]

    def _identify(self, source: str) -> None:
        """Choose the identifier: what the file calls one, else the address of the thing."""
        host = urlsplit(source).hostname if source else None
        prefix = host or self._document.get("credit") or ""
        choices: dict[str, str] = {}
        for name, value in self._read.take("s:identifier", "dct:identifier", "adms:identifier"):
            written = one_line(value.text) if isinstance(value, Literal) else _identifier(value)
            if not written:
                self._note.add(name, [value])
                continue
            whole = ":" in written or not prefix
            choices[written if whole else f"{prefix}:{written}"] = written
        own = address_of(self._read.node)
        choices.update({text: text for text in (own, source) if ":" in text})
        fitting = [text for text in choices if len(text) <= MAX_IDENTIFIER]
        if not fitting:
            self._making.tell("foreign-no-identifier", "/identifier")
            return
        taken = next((text for text in fitting if text not in self._used), "")
        if not taken:
            numbers = count(self._used[fitting[0]] + 1)
            numbered = (f"{fitting[0]}#{number}" for number in numbers)
            taken = next(text for text in numbered if text not in self._used)
        if fitting[0] in self._used:
            self._making.tell(
                "foreign-same-identifier", "/identifier", value=fitting[0], other=taken
            )
        for text, written in choices.items():
            if text != taken and not (written in (own, source) and web(written)):
                self._note.keep("identifier", written)
        self._used.update({taken, fitting[0]})
        self._document["identifier"] = taken

    def _links(self) -> None:
        for name, value in self._read.take(*_LINKS):
            reading = Reading(value if isinstance(value, Node) else Node())
            written = value.text if isinstance(value, Literal) else value.id
            found = [web(written)] if web(written) else []
            inner: list[Any] = [v for _, v in reading.take(*_ADDRESSES)]
            found += filter(None, (web(_written(v)) for v in inner))
            self._see_also.update(dict.fromkeys(found))
            lost = [v for v in inner if not web(_written(v))]
            if isinstance(value, Literal):
                self._note.add(name, [] if found else [value])
            else:
                self._note.add(name, lost)
                self._note.add_rest(name, reading, address=not found)

    def _addresses(self, *properties: str) -> list[str]:
        """Return the web addresses of properties; what is none goes to the note."""
        found: dict[str, None] = {}
        for name, value in self._read.take(*properties):
            reading = Reading(value if isinstance(value, Node) else Node())
            address = web(_written(value))
            for _, inner in reading.take("s:url") if not address else ():
                address = address or web(_written(inner))
            if address:
                found[address] = None
                if not self._note.knows(value):
                    self._note.add_rest(name, reading)
            elif _written(value) != "true":
                self._note.add(name, [value])
        return [*found]


def _written(value: Value) -> str:
    return value.text if isinstance(value, Literal) else value.id


def _language(node: Node) -> str:
    names_ = (v.text for v in node.get("s:alternateName", "s:name") if isinstance(v, Literal))
    return next((text for text in (node.id, *names_) if language_code(text)), "")


def _identifier(node: Node) -> str:
    """Return the value of a PropertyValue or of an adms:Identifier, with its kind in front."""
    values = (v.text for v in node.get("s:value", "skos:notation") if isinstance(v, Literal))
    kinds = (_written(v) for v in node.get("s:propertyID"))
    value, kind = one_line(next(values, "")), next(kinds, "")
    if not value:
        return address_of(node)
    return value if ":" in value or not kind or web(kind) else f"{kind}:{value}"
