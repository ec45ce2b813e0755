"""The steps of a form: what a record cannot do without first, the rest by what it is about."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from node.forms.fields import FormField, fields_of
from vocab.terms import PRACTICE_TYPES

ESSENTIALS: Final = "essentials"
PROGRESS: Final = "progress"
REST: Final = "rest"
_FIRST: Final[tuple[str, ...]] = (
    *("title", "name", "adaptedFrom", "stage", "summary", "problem", "solution", "theme"),
    *("place", "startDate", "lead", "result", "kept", "changed", "evidenceLevel", "maturity"),
    *("contact", "license", "description"),
)
"""The order in which somebody would tell it."""
_GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "repeat": (
        *("step", "condition", "costBand", "cost", "setupMonths", "staff", "funding"),
        *("coreElement", "adaptable", "difficulty", "lesson", "competence", "legalBasis"),
        *("procurementModel", "mentoring"),
    ),
    "people": (
        *("targetGroup", "coCreation", "participation", "method", "partner", "organisationName"),
        *("incentive", "accountable", "privacy"),
    ),
    "proof": (
        *("evidence", "asset", "openData", "openness", "platform", "continuity", "commitment"),
        *("commitmentRating", "sdg"),
    ),
}
_PROGRESS: Final = ("stage", "changed", "setupMonths", "cost", "result", "difficulty", "lesson")
"""What there is to say of an adaptation while it goes on; each stands on another step too."""


@dataclass(frozen=True, slots=True)
class Step:
    """One page of a form: a code that names it, and its fields."""

    code: str
    fields: tuple[FormField, ...]

    @property
    def keys(self) -> frozenset[str]:
        """Return the keys of its fields."""
        return frozenset(field.key for field in self.fields)


@lru_cache(maxsize=64)
def steps_of(record_type: str, *, under_way: bool = False) -> tuple[Step, ...]:
    """Return the steps in which a record of a type is written.

    Args:
        record_type: its type.
        under_way: whether it is published already; an adaptation is then asked how it goes first.
    """
    fields = {field.key: field for field in fields_of(record_type)}
    practice = record_type in PRACTICE_TYPES
    groups = _GROUPS if practice else {}
    later = {key for keys in groups.values() for key in keys}
    first = [key for key in _FIRST if key in fields and key not in later]
    if not practice:
        first += [key for key, field in fields.items() if field.required and key not in first]
    elif record_type != "Adaptation":
        first = [key for key in first if key not in ("adaptedFrom", "stage", "kept", "changed")]
    progress = [fields[key] for key in _PROGRESS if key in fields]
    steps = [Step(ESSENTIALS, tuple(fields.pop(key) for key in first))]
    for code, keys in groups.items():
        steps.append(Step(code, tuple(fields.pop(key) for key in keys if key in fields)))
    if under_way and record_type == "Adaptation":
        steps.insert(0, Step(PROGRESS, tuple(progress)))
    if fields:
        steps.append(Step(REST, tuple(fields.values())))
    return tuple(step for step in steps if step.fields)


def step_of(record_type: str, pointer: str) -> str:
    """Return the code of the step on which the field of a JSON Pointer stands."""
    key = pointer.lstrip("/").partition("/")[0]
    found = (step.code for step in steps_of(record_type) if key in step.keys)
    return next(found, ESSENTIALS)
