"""What a check found: one shape for the CLI, the API, forms and ledgers."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as default
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding weighs; the names are those of SHACL, section 2.1.4."""

    VIOLATION = "violation"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, missing or doubtful in one record.

    Attributes:
        rule: stable code of the broken rule, such as "required" or "end-before-start".
        pointer: JSON Pointer (RFC 6901) of the field, "" for the whole record.
        severity: a violation refuses the record, a warning and an info do not.
        messages: one plain sentence per language code; always "en" and "es".
        fixes: how to mend it, one sentence per language code; may be empty.
        record: URI, file and line, or title: whatever names the record best to its author.
        detail: the technical detail, in English, shown folded.
    """

    rule: str
    pointer: str
    severity: Severity
    messages: Mapping[str, str]
    fixes: Mapping[str, str] = default(default_factory=dict)
    record: str = ""
    detail: str = ""

    def message(self, language: str = "en") -> str:
        """Return the sentence in `language`, English where there is none."""
        return self.messages.get(language) or self.messages["en"]

    def fix(self, language: str = "en") -> str:
        """Return how to mend it in `language`, English or "" where there is none."""
        return self.fixes.get(language) or self.fixes.get("en", "")

    def field(self, language: str = "en") -> str:
        """Return what the field is called in `language`, parts last; "" for the whole record."""
        from vocab import glossary  # the ontology is read when a name is asked for

        known = glossary.entries()
        steps = [step for step in self.pointer.split("/") if step in known]
        return " / ".join(known[step].label(language) for step in steps)

    def as_json(self, language: str = "en") -> dict[str, str]:
        """Return the finding as the object of ARCHITECTURE section 7."""
        return {
            "record": self.record,
            "pointer": self.pointer,
            "field": self.field(language),
            "severity": str(self.severity),
            "rule": self.rule,
            "message": self.message(language),
            "fix": self.fix(language),
            "detail": self.detail,
        }


def violations(findings: "list[Finding]") -> "list[Finding]":
    """Return those findings that refuse a record."""
    return [finding for finding in findings if finding.severity is Severity.VIOLATION]
