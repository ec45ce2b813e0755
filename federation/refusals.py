"""The rules by which members are refused, as sentences for people."""

from pathlib import Path
from typing import Final

from federation.records import Refusal
from vocab.sentences import Catalogue

SENTENCES: Final = Catalogue(Path(__file__).parent / "sentences")
"""Sentences of every rule that may stand in a ledger: refusals and failed requests."""

RULES: Final = frozenset(
    {
        "unknown-origin",
        "unknown-key",
        "introduction-ended",
        "origin-quarantined",
        "origin-frozen",
        "no-envelope",
        "foreign-address",
        "foreign-key",
        "bad-proof",
        "not-canonical",
        "record-too-large",
        "not-json",
        "foreign-page",
        "endless-pages",
        "too-many-refusals",
        "bad-head",
        "lease-held",
        "lease-lost",
        "not-accepted",
        "peer-gone",
        "too-long",
        "internal",
        "journal",
        "duplicate-key",
        "not-a-document",
        "broken-chain",
        "equivocation",
        "erased",
        "bundle-damaged",
        "allowance-used",
    }
)
"""Rules that a member or a run can break."""


def refusal(rule: str, version_uri: str, *, pointer: str = "", detail: str = "") -> Refusal:
    """Return a refused member under one of `RULES`."""
    return Refusal(
        version_uri=version_uri,
        rule=rule,
        pointer=pointer,
        messages=SENTENCES.messages(rule),
        fixes=SENTENCES.fixes(rule),
        detail=detail,
    )
