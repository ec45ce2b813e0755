"""What the import of foreign JSON-LD has to say, and how much each rule weighs."""

from typing import Final

from vocab.findings import Finding, Severity
from vocab.messages import finding

_WARNINGS: Final = frozenset(
    {
        "foreign-dropped",
        "foreign-shortened",
        "foreign-licence",
        "foreign-licences",
        "foreign-country",
        "foreign-no-identifier",
        "foreign-same-identifier",
    }
)
_REMARKS: Final = frozenset(
    {
        "foreign-left-out",
        "foreign-note",
        "foreign-person",
        "foreign-licence-of-files",
        "foreign-date",
    }
)
"""Rules that refuse nothing; all the others do."""


def notice(rule: str, pointer: str = "", **values: object) -> Finding:
    """Return the finding of a rule of this package, with its sentences filled in."""
    severity = Severity.VIOLATION
    if rule in _WARNINGS:
        severity = Severity.WARNING
    elif rule in _REMARKS:
        severity = Severity.INFO
    return finding(rule, pointer, severity, None, **values)
