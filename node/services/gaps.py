"""What a town wants to know before it repeats a practice, and whether the record says it.

The ten questions come from the templates of Interreg Europe, FAO, WOCAT, URBACT and others. They
measure how well a practice is described, not how good it is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from node.services.reading import Reader


@dataclass(frozen=True, slots=True)
class Answer:
    """One of the ten questions.

    Attributes:
        code: stable name of the question.
        degree: "yes", "partly" or "no".
    """

    code: str
    degree: str


def _degree(*said: bool) -> str:
    if all(said):
        return "yes"
    return "partly" if any(said) else "no"


def _resources(record: Reader) -> tuple[bool, ...]:
    kinds = {cost.string("costKind") for cost in record.many("cost")}
    return (
        bool(kinds) or bool(record.string("costBand")),
        record.number("staff") is not None,
        record.whole("setupMonths") is not None,
    )


_QUESTIONS: Final[dict[str, Callable[[Reader], tuple[bool, ...]]]] = {
    "need": lambda r: (bool(r.languages("problem")), bool(r.languages("solution"))),
    "evidence": lambda r: (bool(r.many("result")), bool(r.string("evidenceLevel"))),
    "steps": lambda r: (bool(r.many("step")),),
    "resources": _resources,
    "place": lambda r: (
        bool(r.one("place").document),
        r.one("place").whole("population") is not None,
        bool(r.one("place").string("settlement")),
    ),
    "conditions": lambda r: (bool(r.many("condition")),),
    "core": lambda r: (
        bool(r.languages("coreElement") or r.languages("kept")),
        bool(r.languages("adaptable") or r.languages("changed")),
    ),
    "candour": lambda r: (bool(r.languages("difficulty")), bool(r.languages("lesson"))),
    "material": lambda r: (bool(r.many("asset")),),
    "help": lambda r: (bool(r.one("mentoring").flag("available") or r.one("contact").document),),
}


def answers(record: Reader) -> tuple[Answer, ...]:
    """Return the ten questions with what a practice's record says to each."""
    return tuple(Answer(code, _degree(*said(record))) for code, said in _QUESTIONS.items())
