"""The making of one document out of one row: what is certain goes in, the rest is kept and told."""

import re
from dataclasses import dataclass, field
from typing import Final

from node.services.imports.columns import Row
from node.services.imports.values import read_day, read_number
from node.services.sentences import finding
from vocab import concepts
from vocab.findings import Finding, Severity
from vocab.language import LANGUAGES
from vocab.terms import CONTEXT_URL, JsonObject

_WEB: Final = re.compile(r"https?://[^\s<>\"{}|\\^`]+")
_FALLBACK: Final = "en"


def is_web(text: str) -> bool:
    """Say whether a text is an address of the web."""
    return bool(_WEB.fullmatch(text))


def _practice() -> JsonObject:
    return {"@context": CONTEXT_URL, "type": "Practice"}


@dataclass(slots=True)
class Converted:
    """A row as an authoring document, and what was noticed on the way."""

    label: str
    document: JsonObject = field(default_factory=_practice)
    findings: list[Finding] = field(default_factory=list)


class Making:
    """One row on its way to a document.

    Attributes:
        row: what has not been taken yet.
        result: the document and its findings.
        said_language: whether the row says the language of its texts.
        language: of texts that do not say theirs.
    """

    def __init__(self, row: Row, result: Converted, language: str) -> None:
        self.row = row
        self.result = result
        self.said_language = bool(language)
        self.language = language or _FALLBACK

    @property
    def document(self) -> JsonObject:
        """Return the document so far."""
        return self.result.document

    def note(self, text: str) -> None:
        """Keep a text that has no place of its own."""
        earlier = self.document.get("importNote")
        self.document["importNote"] = f"{earlier}; {text}" if earlier else text

    def tell(
        self, rule: str, pointer: str, severity: Severity = Severity.WARNING, **values: object
    ) -> None:
        """Note what a rule has to say of the row."""
        said = finding(rule, pointer, severity, record=self.result.label, detail="", **values)
        self.result.findings.append(said)

    def keep(
        self,
        name: str,
        value: str,
        rule: str = "value-unsure",
        pointer: str = "/importNote",
        **values: object,
    ) -> None:
        """Keep a value in the note because it is not certain what it means, and say so."""
        heading = self.row.called.get(name, name)
        self.note(f"{heading}: {value}")
        self.tell(rule, pointer, Severity.WARNING, column=heading, value=value, **values)

    def alone(self, name: str, other: str, value: str) -> None:
        """Keep a value in the note that means nothing without another column."""
        self.keep(name, value, "needs-other", other=self.row.called.get(other, other))

    def code(self, name: str, scheme: str, pointer: str) -> str:
        """Take the concept that a column names, "" where it names none; then it is kept."""
        written = self.row.text(name)
        if not written:
            return ""
        code = concepts.code_named(scheme, written)
        if code is None:
            known = {
                language: "; ".join(
                    concepts.label(scheme, one, language) for one in concepts.codes(scheme)
                )
                for language in LANGUAGES
            }
            self.keep(name, written, "concept-unsure", pointer, known=known)
        return code or ""

    def hint(self, name: str, scheme: str, word: str, pointer: str) -> None:
        """Say which concept a keyword may mean, where it is another word for just one."""
        near = [code for found, code in concepts.find(word) if found == scheme]
        if len(near) == 1:
            called = {code: concepts.label(scheme, near[0], code) for code in LANGUAGES}
            column = self.row.called.get(name, name)
            self.tell(
                "concept-near", pointer, Severity.INFO, column=column, value=word, name=called
            )

    def number(self, name: str, pointer: str, *, whole: bool = False) -> float | None:
        """Take a number; what is none is kept, and told."""
        written = self.row.number(name)
        if written is None:
            return None
        figure = read_number(written, whole=whole)
        if figure is None:
            self.keep(name, str(written), "number-unsure", pointer)
            return None
        if figure.doubtful:
            heading = self.row.called.get(name, name)
            read = f"{figure.value:.0f}"
            self.tell("number-read", pointer, column=heading, value=written, read=read)
        return figure.value

    def day(self, name: str, pointer: str) -> str:
        """Take a day as YYYY-MM-DD; a part of one, or what is none, is kept, and told."""
        written = self.row.text(name)
        if not written:
            return ""
        day = read_day(written)
        if day is None:
            self.keep(name, written, "date-unsure", pointer)
            return ""
        if day.doubtful:
            heading = self.row.called.get(name, name)
            self.tell("date-order", pointer, column=heading, value=written, read=day.iso)
        return day.iso
