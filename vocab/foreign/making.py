"""One record on its way from the foreign graph to our words."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from vocab.findings import Finding
from vocab.foreign.graph import Literal
from vocab.foreign.note import Note, Reading
from vocab.foreign.rules import notice
from vocab.foreign.text import UNKNOWN, one_line, tag
from vocab.terms import JsonObject, JsonValue


@dataclass(slots=True)
class Making:
    """One record on its way from the foreign graph to our words.

    Attributes:
        reading: the thing, with what was used of it.
        label: how findings name it.
        note: what becomes `importNote`.
        country: gives the code of a country, None where the name is not certain.
        licence: gives the address of a licence that is known by a code, None for others.
        language: language of texts without a tag.
        document: the record.
        findings: what was noticed.
    """

    reading: Reading
    label: str
    note: Note
    country: Callable[[str], str | None]
    licence: Callable[[str], str | None]
    language: str = UNKNOWN
    document: JsonObject = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def tell(self, rule: str, pointer: str = "", **values: object) -> None:
        """Add a finding."""
        self.findings.append(replace(notice(rule, pointer, **values), record=self.label))

    def tag_of(self, literal: Literal) -> str:
        """Return the language of a text, in canonical spelling."""
        return tag(literal.language) if literal.language else self.language


def names(making: Making, reading: Reading, *properties: str) -> dict[str, JsonValue]:
    """Return one line of text per language; the first of each language, the others to the note."""
    found: dict[str, JsonValue] = {}
    for name, literal in reading.literals(*properties):
        text, language = one_line(literal.text), making.tag_of(literal)
        if not text or found.get(language) == text:
            continue
        if language in found:
            making.note.add(name, [literal])
        elif language != UNKNOWN and found.get(UNKNOWN) == text:
            del found[UNKNOWN]
            found[language] = text
        elif language != UNKNOWN or text not in found.values():
            found[language] = text
    return found
