"""What peers say of an erasure, in sentences: for the command and for the page."""

from node.services.erase import ErasureStatus, PeerAnswer
from node.services.sentences import SENTENCES
from vocab.findings import Finding, Severity


def said(rule: str, **values: object) -> Finding:
    """Return a sentence about an erasure, by its name in node/sentences."""
    return Finding(
        rule=rule,
        pointer="",
        severity=Severity.INFO,
        messages=SENTENCES.messages(rule, values),
        fixes=SENTENCES.fixes(rule, values),
    )


def answer_said(one: ErasureStatus, answer: PeerAnswer) -> Finding:
    """Return how far a peer has followed."""
    why = answer.error.messages if answer.error is not None else ""
    return said(
        f"erase-{answer.answer}",
        peer=answer.peer.url,
        number=answer.number,
        seq=one.entry.seq,
        why=why,
    )
