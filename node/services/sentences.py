"""The node's own findings and phrases, in every language of the project."""

from importlib.resources import files
from pathlib import Path
from typing import Final

from vocab.findings import Finding, Severity
from vocab.sentences import Catalogue

SENTENCES: Final = Catalogue(Path(str(files("node").joinpath("sentences"))))


def finding(
    rule: str,
    pointer: str,
    severity: Severity = Severity.VIOLATION,
    *,
    record: str = "",
    detail: str = "",
    **values: object,
) -> Finding:
    """Return the finding of a rule of `SENTENCES` with its sentences filled in.

    Args:
        rule: a rule of `SENTENCES`.
        pointer: JSON Pointer of the field.
        severity: how much it weighs.
        record: how the record is named to its author.
        detail: the technical detail, in English.
        values: what the sentences name in braces.
    """
    return Finding(
        rule=rule,
        pointer=pointer,
        severity=severity,
        messages=SENTENCES.messages(rule, values),
        fixes=SENTENCES.fixes(rule, values),
        record=record,
        detail=detail,
    )
