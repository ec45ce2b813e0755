"""The findings of the check: each rule with its weight, its sentences and how to mend it."""

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from vocab.findings import Finding, Severity
from vocab.sentences import Catalogue, shorten

__all__ = ["INFO", "SENTENCES", "VIOLATION", "WARNING", "did_you_mean", "finding", "shorten"]

VIOLATION: Final = Severity.VIOLATION
WARNING: Final = Severity.WARNING
INFO: Final = Severity.INFO

SENTENCES: Final = Catalogue(Path(__file__).parent / "sentences")
_MILDER: Final = frozenset(
    {
        *("unknown-concept", "recommended", "misplaced-key"),
        *("few-people", "few-women"),
    }
)
"""Rules that warn unless the caller says otherwise; all others refuse."""


def finding(
    rule: str,
    pointer: str,
    severity: Severity | None = None,
    mend: Mapping[str, str] | None = None,
    **values: object,
) -> Finding:
    """Return the finding of a rule with its sentences filled in.

    Args:
        rule: a rule of `SENTENCES`.
        pointer: JSON Pointer of the field.
        severity: when it weighs differently here than usual.
        mend: a better way to mend it than the rule's own, per language.
        values: what the sentences name in braces; a map is taken as text per language.
    """
    return Finding(
        rule=rule,
        pointer=pointer,
        severity=severity or (WARNING if rule in _MILDER else VIOLATION),
        messages=SENTENCES.messages(rule, values),
        fixes=dict(mend) if mend else SENTENCES.fixes(rule, values),
    )


def did_you_mean(value: str, known: Iterable[str]) -> dict[str, str] | None:
    """Return the advice to write the nearest known word, None when none is near."""
    near = difflib.get_close_matches(value, known, n=1, cutoff=0.75)
    return SENTENCES.messages("did-you-mean", {"near": near[0]}) if near else None
