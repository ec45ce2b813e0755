"""What of a foreign record has no place in ours, as text; persons never become part of it."""

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from typing import Final

from vocab.foreign.graph import Literal, Node, Value
from vocab.foreign.text import clean, one_line

MAX_NOTE: Final = 20_000
_MAX_DEPTH: Final = 5
NAMES: Final = ("s:name", "dct:title", "skos:prefLabel", "rdfs:label", "foaf:name")
TITLES: Final = ("s:name", "s:headline", "s:title", *NAMES[1:])

ORGANISATIONS: Final = (
    *("s:publisher", "dct:publisher", "s:sourceOrganization", "s:provider", "s:funder"),
    *("s:sponsor", "s:parentOrganization"),
)
"""Properties whose value is an organisation, unless it is said to be a person."""

PERSONS: Final = (
    *("s:author", "s:creator", "dct:creator", "s:contributor", "dct:contributor", "s:editor"),
    *("s:translator", "s:illustrator", "s:accountablePerson", "s:maintainer", "s:producer"),
    *("s:copyrightHolder", "dct:rightsHolder", "s:member", "s:founder", "s:employee", "s:actor"),
    *("s:organizer", "s:performer", "s:participant", "s:reviewedBy", "s:instructor", "s:actors"),
    *("s:director", "s:character", "s:sdPublisher", "s:alumni", "s:recordedAs", "foaf:maker"),
    *("prov:wasAttributedTo", "prov:qualifiedAttribution", "s:attendee", "s:knows"),
)
"""Properties whose value may be a person: only what is said to be an organisation is taken."""

PRIVATE: Final = frozenset(
    (
        *("s:email", "s:telephone", "s:faxNumber", "s:contactPoint", "s:contactPoints"),
        *(
            "vcard:hasEmail",
            "vcard:hasTelephone",
            "dcat:contactPoint",
            "foaf:mbox",
            "adms:contactPoint",
        ),
        *("s:review", "s:reviews", "s:comment", "s:comments", "s:birthDate", "foaf:phone"),
    )
)
"""Properties that are never taken over: how to reach persons, and what they said."""

_ORGANISATION: Final = re.compile(
    r"[A-Za-z]*Organi[sz]ation|OrganizationalUnit|NGO|Corporation|Consortium|Cooperative"
    r"|CollegeOrUniversity|School|Library|Museum|LocalBusiness|GovernmentOffice|FundingAgency"
    r"|FundingScheme|PoliticalParty|AdministrativeArea|City|State|Country|Project|ResearchProject"
)


def local(name: str) -> str:
    """Return the last part of a type or property."""
    return re.split(r"[:/#]", name)[-1]


def is_person(node: Node) -> bool:
    """Say whether a thing is said to be a person."""
    return any(local(kind) in ("Person", "Individual", "Patient") for kind in node.types)


def is_organisation(node: Node) -> bool:
    """Say whether a thing is said to be an organisation, and no person."""
    found = any(_ORGANISATION.fullmatch(local(kind)) for kind in node.types)
    return found and not is_person(node)


def name_of(node: Node) -> str:
    """Return the first name of a thing in one line, "" where it has none."""
    texts = (value.text for value in node.get(*NAMES, "s:legalName") if isinstance(value, Literal))
    return next(filter(None, map(one_line, texts)), "")


def address_of(node: Node) -> str:
    """Return the address of a thing, "" where it has none outside of its file."""
    return "" if node.id.startswith("_:") else clean(node.id)


class Reading:
    """The properties of one thing, with a record of which were used."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self._rest = {name: list(values.values()) for name, values in node.values.items()}

    def take(self, *names: str) -> Iterator[tuple[str, Value]]:
        """Yield the values of properties, in the order of the arguments; they count as used."""
        for name in names:
            for value in self._rest.pop(name, ()):
                yield name, value

    def drop(self, *names: str) -> None:
        """Count properties as used that say nothing of their own."""
        for name in names:
            self._rest.pop(name, None)

    def literals(self, *names: str) -> list[tuple[str, Literal]]:
        """Return the texts of properties and leave whatever else they hold unused."""
        found: list[tuple[str, Literal]] = []
        for name in names:
            values = self._rest.pop(name, [])
            found += [(name, value) for value in values if isinstance(value, Literal)]
            others: list[Value] = [value for value in values if isinstance(value, Node)]
            if others:
                self._rest[name] = others
        return found

    @property
    def rest(self) -> Mapping[str, list[Value]]:
        """What was not used."""
        return self._rest


class Note:
    """The note of one record.

    Attributes:
        keys: properties that came to stand in the note without a finding of their own.
        private: properties of which something was left out, to protect persons.
        cut: whether there was more than fits.
    """

    def __init__(self, known: Set[Node]) -> None:
        self.keys: dict[str, None] = {}
        self.private: dict[str, None] = {}
        self.cut = False
        self._known = known
        self._told: set[Node] = set()
        self._lines: dict[str, None] = {}
        self._length = 0

    @property
    def text(self) -> str:
        """The whole note."""
        return "; ".join(self._lines)[:MAX_NOTE]

    def keep(self, key: str, text: str) -> None:
        """Add a line that needs a finding."""
        self.keys[_label(key)] = None
        self.line(key, text)

    def line(self, key: str, text: str) -> None:
        """Add a line that has its own finding, or needs none."""
        line = clean(f"{_label(key)}: {text}")
        if self._length <= MAX_NOTE:
            self._lines[line] = None
        self._length += len(line) + 2
        self.cut = self._length > MAX_NOTE

    def add(self, key: str, values: Iterable[Value]) -> None:
        """Add what a property says, as far as it is about no person."""
        text = self._values(key, values, _MAX_DEPTH)
        if text:
            self.keep(key, text)

    def add_rest(self, key: str, reading: Reading, *, address: bool = False) -> None:
        """Add what was not used of a thing that a property leads to."""
        text = self._parts(reading.rest, _MAX_DEPTH)
        if address and address_of(reading.node):
            text = f"{address_of(reading.node)} ({text})" if text else address_of(reading.node)
        if text:
            self.keep(key, text)

    def knows(self, value: Value) -> bool:
        """Say whether a value is a record, list or page of the file, and so told elsewhere."""
        return value in self._known

    def _values(self, key: str, values: Iterable[Value], depth: int) -> str:
        if key in PRIVATE:
            self.private[_label(key)] = None
            return ""
        texts = (self._value(key, value, depth) for value in values if not self.cut)
        return ", ".join(dict.fromkeys(filter(None, texts)))

    def _value(self, key: str, value: Value, depth: int) -> str:
        if (isinstance(value, Node) and is_person(value)) or (
            key in PERSONS and not (isinstance(value, Node) and is_organisation(value))
        ):
            self.private[_label(key)] = None
            return ""
        if isinstance(value, Literal):
            text = one_line(value.text)
            return f"{text} ({value.language})" if value.language and text else text
        head = address_of(value) or name_of(value)
        if value in self._told or value in self._known or depth == 0:
            return head
        self._told.add(value)
        types = " ".join(local(kind) for kind in value.types)
        inner = self._parts({k: list(v.values()) for k, v in value.values.items()}, depth - 1)
        start = " ".join(filter(None, (types, address_of(value))))
        return (f"{start} ({inner})" if start else f"({inner})") if inner else start

    def _parts(self, parts: Mapping[str, list[Value]], depth: int) -> str:
        lines = []
        for key, values in parts.items():
            text = self._values(key, values, depth)
            if text:
                lines.append(f"{_label(key)}: {text}")
        return ", ".join(lines)


def _label(key: str) -> str:
    known = re.fullmatch(r"(\^?)(?:[a-z]+:)?([A-Za-z][\w.-]*)", key)
    return (f"reverse of {known[2]}" if known[1] else known[2]) if known else key
